"""tournament: the parent is the best of a few programs drawn from a small population of different behaviours. Has no niches."""

from __future__ import annotations

import random

from adrs.core.parts import SolutionSelector
from adrs.core.selection import Selection
from adrs.core.trial import Trial
from adrs.selectors.archive import PENALTY, Population


class Tournament(SolutionSelector):
    """Tournament selection; the inspiration is another member, drawn uniformly.

    Args:
        among: members drawn for each parent; 1 means uniform choice, a large number is nearly greedy.
        capacity: maximal number of members of the population.
        penalty: score penalty per syntax-tree node in the ranking.
    """

    def __init__(self, *, among: int = 3, capacity: int = 30, penalty: float = PENALTY) -> None:
        self.among = among
        self.population = Population(capacity, penalty)

    def tell(self, trial: Trial) -> None:
        if trial.candidate.phase != "shrink":  # a resumed search uses only its own programs as parents
            self.population.add(trial)

    def ask(self, rng: random.Random) -> Selection:
        parent = self.population.draw(rng, self.among)
        companion = self.population.companion(parent, rng)
        return Selection(parent, () if companion is None else (companion,))
