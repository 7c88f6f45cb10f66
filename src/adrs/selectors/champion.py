"""champion: always the same parent: the shortest of the programs that are as good as the best. For shrinking and for tuning."""

from __future__ import annotations

import random

from adrs.core.parts import Selection, SolutionSelector
from adrs.core.trial import Trial
from adrs.selectors.population import size


class Champion(SolutionSelector):
    """Of the complete trials whose score is within `tolerance` of the best one: the one with the smallest syntax tree.

    Args:
        tolerance: score that a shorter program may lack; 0.0005 of a 0..1 scale is a twentieth of a point of 100.
    """

    def __init__(self, *, tolerance: float = 0.0005) -> None:
        self.tolerance = tolerance
        self._near: list[tuple[int, float, int, Trial]] = []
        self._best = float("-inf")

    def tell(self, trial: Trial) -> None:
        if trial.breeds and trial.score is not None and trial.score >= self._best - self.tolerance:
            self._best = max(self._best, trial.score)
            floor = self._best - self.tolerance
            self._near = [row for row in self._near if -row[1] >= floor]
            self._near.append((size(trial.candidate.source), -trial.score, trial.number, trial))

    def ask(self, rng: random.Random) -> Selection:  # noqa: ARG002 - nothing is left to chance
        return Selection(min(self._near, key=lambda row: row[:3])[3])
