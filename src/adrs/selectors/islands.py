"""islands: several populations that evolve separately and sometimes copy their best programs to the next one in a ring.

Separate islands explore different optima; along the ring (Tanese 1989; FunSearch, Nature 2024) good programs spread slowly.
"""

from __future__ import annotations

import random
from typing import Literal

from adrs.core.failure import Refusal
from adrs.core.parts import SolutionSelector
from adrs.core.selection import Selection
from adrs.core.trial import Trial
from adrs.selectors.archive import PENALTY, Population


class Islands(SolutionSelector):
    """Tournament selection within an island that is drawn for each question; a child belongs to the island of its parent.

    Start programs belong to every island. A program without a known niche (one that a user submitted) goes to the island
    given by its number.

    Args:
        count: number of islands.
        migrate: trials between two migrations.
        emigrants: programs that every island copies to the next one in a migration, best first.
        among: members drawn for each parent.
        capacity: maximal number of members of an island.
        penalty: score penalty per syntax-tree node in the ranking.
    """

    def __init__(
        self,
        *,
        count: Literal[3, 4, 5] = 4,
        migrate: int = 20,
        emigrants: int = 1,
        among: int = 3,
        capacity: int = 10,
        penalty: float = PENALTY,
    ) -> None:
        for name, value in (("migrate", migrate), ("emigrants", emigrants), ("among", among), ("capacity", capacity)):
            if value < 1:
                raise Refusal(f"selector islands: {name} is {value}: give 1 or more")
        self.migrate = migrate
        self.emigrants = emigrants
        self.among = among
        self.islands = [Population(capacity, penalty) for _ in range(count)]
        self._attempts = 0

    def tell(self, trial: Trial) -> None:
        phase = trial.candidate.phase
        if phase == "seed":
            for island in self.islands:
                island.add(trial)
        elif phase == "search":
            self.islands[self._home(trial)].add(trial)
            self._attempts += 1
            if self._attempts % self.migrate == 0:
                self._migrate()

    def ask(self, rng: random.Random) -> Selection:
        settled = [number for number, island in enumerate(self.islands) if len(island)]
        home = rng.choice(settled)
        parent = self.islands[home].draw(rng, self.among)
        companion = self.islands[home].companion(parent, rng)
        return Selection(parent, () if companion is None else (companion,), niche=str(home))

    def _home(self, trial: Trial) -> int:
        niche = trial.candidate.niche
        known = niche.isdecimal() and int(niche) < len(self.islands)
        return int(niche) if known else trial.number % len(self.islands)

    def _migrate(self) -> None:
        """Choose all emigrants before adding any, so that no program moves two islands at once."""
        leaving = [island.members[: self.emigrants] for island in self.islands]
        for number, programs in enumerate(leaving):
            for trial in programs:
                self.islands[(number + 1) % len(self.islands)].add(trial)
