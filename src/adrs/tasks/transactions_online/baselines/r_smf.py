"""R-SMF: SMF that knows only the hot-key class of a waiting transaction, and keeps one clock for each class.

Source: Cheng et al., "Towards Optimal Transaction Scheduling" (VLDB 2024), there with classes predicted from the request. The
transactions of a class are expected to run one after another; class 0 has no hot key and never waits.
"""

import random
from typing import Any

SAMPLE = 5


class Scheduler:
    def __init__(self, settings: dict[str, Any]) -> None:
        self.rng = random.Random(42)
        self.next_start: dict[int, int] = {}
        self.makespan = 0

    def pick(self, obs: dict[str, Any]) -> int:
        last = obs["last"]
        if last is not None:
            self.makespan = max(self.makespan, last["start"] + last["length"] - 1)
            if last["hot_class"]:
                self.next_start[last["hot_class"]] = last["start"] + 1
        pending: list[dict[str, Any]] = obs["pending"]
        drawn = self.rng.sample(range(len(pending)), min(SAMPLE, len(pending)))
        makespans = [max(self.makespan, self.end(pending[place])) for place in drawn]
        return drawn[makespans.index(min(makespans))]

    def end(self, transaction: dict[str, Any]) -> int:
        length: int = transaction["length"]
        return self.next_start.get(transaction["hot_class"], 1) + length - 1
