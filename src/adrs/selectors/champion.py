"""champion: the parent is the shortest program that is as good as the best. Used for shrinking and tuning."""

from __future__ import annotations

import random

from adrs.core.parts import SolutionSelector
from adrs.core.program import size
from adrs.core.selection import Selection
from adrs.core.trial import Trial


class Champion(SolutionSelector):
    """Selects the smallest syntax tree, then the shortest text, among the complete trials within `tolerance` of the best score.

    Args:
        tolerance: score that a shorter program may lose; 0.0005 on a 0..1 scale is 0.05 % of the scale.
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

    def ask(self, rng: random.Random) -> Selection:  # noqa: ARG002 - deterministic
        return Selection(min(self._near, key=lambda row: row[:4])[4])
