"""champion: always the same parent: the shortest of the programs that are as good as the best. For shrinking and for tuning."""

from __future__ import annotations

import random

from adrs.core.parts import SolutionSelector
from adrs.core.program import size
from adrs.core.selection import Selection
from adrs.core.trial import Trial


class Champion(SolutionSelector):
    """Of the complete trials within `tolerance` of the best score: the one with the smallest syntax tree, then the least text.

    Args:
        tolerance: score that a shorter program may lack; 0.0005 of a 0..1 scale is a twentieth of a point of 100.
    """

    def __init__(self, *, tolerance: float = 0.0005) -> None:
        self.tolerance = tolerance
        self._near: list[tuple[int, int, float, int, Trial]] = []
        self._best = float("-inf")

    def tell(self, trial: Trial) -> None:
        if trial.breeds and trial.score is not None and trial.score >= self._best - self.tolerance:
            self._best = max(self._best, trial.score)
            floor = self._best - self.tolerance
            self._near = [row for row in self._near if -row[2] >= floor]
            source = trial.candidate.source
            self._near.append((size(source), len(source), -trial.score, trial.number, trial))

    def ask(self, rng: random.Random) -> Selection:  # noqa: ARG002 - nothing is left to chance
        return Selection(min(self._near, key=lambda row: row[:4])[4])
