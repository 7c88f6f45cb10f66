"""Shortest makespan first, on what can be seen: the transaction of the window that would end first; of several, the oldest."""

from typing import Any

from kit import Clocks, needs_of


# EVOLVE-BLOCK-START
class Scheduler:
    def __init__(self, settings: dict[str, Any]) -> None:
        self.clocks = Clocks()
        self.needs: dict[int, Any] = {}

    def pick(self, obs: dict[str, Any]) -> int:
        last = obs["last"]
        if last is not None:
            self.clocks.append(needs_of(last["length"], last["ops"]))
        ranks = []
        for waited in obs["pending"]:
            if waited["id"] not in self.needs:
                self.needs[waited["id"]] = needs_of(waited["length"], waited["ops"])
            start = self.clocks.start(self.needs[waited["id"]])
            ranks.append(start + waited["length"])
        return ranks.index(min(ranks))


# EVOLVE-BLOCK-END
