"""best_of_n: n proposals from one parent; the best of them and the parent is the next parent. Keeps no archive."""

from __future__ import annotations

import random

from adrs.core.failure import Refusal
from adrs.core.parts import SolutionSelector
from adrs.core.selection import Selection
from adrs.core.trial import Trial


class BestOfN(SolutionSelector):
    """Works in rounds of n attempts, fouls included. Attempts in flight at the end of a round compete in the next round.

    Args:
        n: attempts per round.
    """

    def __init__(self, *, n: int = 8) -> None:
        if n < 1:
            raise Refusal(f"selector best_of_n: n is {n}: give 1 or more")
        self.n = n
        self._parent: Trial | None = None
        self._best: Trial | None = None
        self._attempts = 0

    def tell(self, trial: Trial) -> None:
        if trial.candidate.phase == "shrink":
            return
        if trial.breeds and (self._best is None or trial.evaluation.rank > self._best.evaluation.rank):
            self._best = trial
        self._attempts += trial.candidate.phase == "search"
        if trial.candidate.phase == "seed" or self._attempts == self.n or self._parent is None:
            self._parent, self._attempts = self._best, 0

    def ask(self, rng: random.Random) -> Selection:  # noqa: ARG002 - deterministic
        if self._parent is None:
            raise IndexError("ask() was called before a complete trial arrived")
        return Selection(self._parent)
