"""Earliest start: the transaction of the window that may start first, as far as can be seen; of several, the oldest.

One word differs from SMF over the whole window, and it is much better: it does not leave long transactions to the end.
"""

from typing import Any

from kit import Clocks, Needs, needs_of


class Scheduler:
    def __init__(self, settings: dict[str, Any]) -> None:
        self.clocks = Clocks()
        self.needs: dict[int, Needs] = {}

    def pick(self, obs: dict[str, Any]) -> int:
        if obs["last"] is not None:
            self.clocks.append(needs_of(obs["last"]["length"], obs["last"]["ops"]))
        starts = [self.start(transaction) for transaction in obs["pending"]]
        return starts.index(min(starts))

    def start(self, transaction: dict[str, Any]) -> int:
        number: int = transaction["id"]
        if number not in self.needs:
            self.needs[number] = needs_of(transaction["length"], transaction["ops"])
        start: int = self.clocks.start(self.needs[number])
        return start
