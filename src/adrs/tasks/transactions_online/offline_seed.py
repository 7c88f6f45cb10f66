"""Greedy on what can be seen: the waiting transaction with the least priority is released; quantities have names."""

import random
from collections import Counter
from typing import Any

from kit import Clocks, Needs, needs_of


# EVOLVE-BLOCK-START
def priority(start: float, length: float, makespan: float, waited: float, rivals: float, alike: float, noise: float) -> float:
    end = start + length
    return max(end, makespan)


# EVOLVE-BLOCK-END


class Scheduler:
    """Computes the arguments of `priority`.

    start: the first time unit of a transaction if it came next, as far as can be seen; makespan: of the released ones; waited:
    number released since it came; rivals: how often the window uses the keys that it visibly writes, and writes
    those that it visibly reads; alike: how many in the window have its hot-key class; noise: from 0 to 1.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self.rng = random.Random(settings["seed"])
        self.clocks = Clocks()
        self.needs: dict[int, Needs] = {}
        self.came: dict[int, int] = {}
        self.released = 0

    def pick(self, obs: dict[str, Any]) -> int:
        pending, last = obs["pending"], obs["last"]
        if last is not None:
            self.clocks.append(needs_of(last["length"], last["ops"]))
            self.released += 1
        reads: Counter[str] = Counter()
        writes: Counter[str] = Counter()
        classes = Counter(each["hot_class"] for each in pending)
        for each in pending:
            if each["id"] not in self.needs:
                self.needs[each["id"]] = needs_of(each["length"], each["ops"])
                self.came[each["id"]] = self.released
            reads.update(key for key, _ in self.needs[each["id"]].reads)
            writes.update(key for key, _ in self.needs[each["id"]].writes)
        ranks = [self.rank(each, reads, writes, classes[each["hot_class"]]) for each in pending]
        return ranks.index(min(ranks))

    def rank(self, transaction: dict[str, Any], reads: Counter[str], writes: Counter[str], alike: int) -> float:
        needs = self.needs[transaction["id"]]
        rivals = sum(reads[key] + writes[key] for key, _ in needs.writes) + sum(writes[key] for key, _ in needs.reads)
        return priority(
            float(self.clocks.start(needs)),
            float(needs.length),
            float(self.clocks.makespan),
            float(self.released - self.came[transaction["id"]]),
            float(rivals),
            float(alike),
            self.rng.random(),
        )
