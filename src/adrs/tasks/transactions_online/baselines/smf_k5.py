"""SMF with k = 5: of 5 transactions drawn from the window, the one with the least makespan, as far as can be seen.

Source: Cheng et al., "Towards Optimal Transaction Scheduling" (VLDB 2024); the paper proposes a small constant k.
"""

import random
from typing import Any

from kit import Clocks, Needs, needs_of

SAMPLE = 5


class Scheduler:
    def __init__(self, settings: dict[str, Any]) -> None:
        self.rng = random.Random(42)
        self.clocks = Clocks()
        self.needs: dict[int, Needs] = {}

    def pick(self, obs: dict[str, Any]) -> int:
        if obs["last"] is not None:
            self.clocks.append(needs_of(obs["last"]["length"], obs["last"]["ops"]))
        pending: list[dict[str, Any]] = obs["pending"]
        drawn = self.rng.sample(range(len(pending)), min(SAMPLE, len(pending)))
        makespans = [max(self.clocks.makespan, self.end(pending[place])) for place in drawn]
        return drawn[makespans.index(min(makespans))]

    def end(self, transaction: dict[str, Any]) -> int:
        number: int = transaction["id"]
        if number not in self.needs:
            self.needs[number] = needs_of(transaction["length"], transaction["ops"])
        end: int = self.clocks.start(self.needs[number]) + self.needs[number].length - 1
        return end
