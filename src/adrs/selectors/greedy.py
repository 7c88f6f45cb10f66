"""greedy: the parent is always the best program on train. Never goes back, so it can get stuck in a local optimum."""

from __future__ import annotations

import random

from adrs.core.failure import Refusal
from adrs.core.parts import SolutionSelector
from adrs.core.selection import Selection
from adrs.core.trial import Trial
from adrs.selectors.archive import Population


class Greedy(SolutionSelector):
    """Selects the best program so far as the parent, and the next best with other verdicts as inspirations.

    Args:
        inspirations: programs shown in addition to the parent.
    """

    def __init__(self, *, inspirations: int = 2) -> None:
        if inspirations < 0:
            raise Refusal(f"selector greedy: inspirations is {inspirations}: give 0 or more")
        self._best = Population(capacity=1 + inspirations, penalty=0.0)

    def tell(self, trial: Trial) -> None:
        if trial.candidate.phase != "shrink":
            self._best.add(trial)

    def ask(self, rng: random.Random) -> Selection:  # noqa: ARG002 - deterministic
        parent, *others = self._best.members
        return Selection(parent, tuple(others))
