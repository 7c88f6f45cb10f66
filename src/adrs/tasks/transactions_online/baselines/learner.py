"""Learner: the earliest start, with predicted operations: those of most earlier requests of the same template and class.

It does not need to see operations: it remembers those of released requests. Templates that write while others wait for them
(`alternating`) come first.
"""

from typing import Any

from kit import Clocks, Needs, needs_of

FIRST = ("WriteHigh", "WriteLow")


class Scheduler:
    def __init__(self, settings: dict[str, Any]) -> None:
        self.clocks = Clocks()
        self.counts: dict[tuple[str, int], int] = {}
        self.touched: dict[tuple[str, int], dict[tuple[str, int], list[int]]] = {}

    def pick(self, obs: dict[str, Any]) -> int:
        if obs["last"] is not None:
            self.learn(obs["last"])
        if obs["pending"][0]["template"] in FIRST:
            return 0
        starts = [self.clocks.start(self.foretold(each)) for each in obs["pending"]]
        return starts.index(min(starts))

    def learn(self, last: dict[str, Any]) -> None:
        self.clocks.append(needs_of(last["length"], last["ops"]))
        group = last["template"], last["hot_class"]
        self.counts[group] = self.counts.get(group, 0) + 1
        touched = self.touched.setdefault(group, {})
        for kind, key, place in last["ops"]:
            times, _ = touched.get((kind, key), (0, 0))
            touched[kind, key] = [times + 1, place]

    def foretold(self, request: dict[str, Any]) -> Needs:
        """The needs of a request with the operations that more than half of its kind had."""
        group = request["template"], request["hot_class"]
        half, length = self.counts.get(group, 0) / 2, request["length"]
        likely = [
            (kind, key, min(place, length))
            for (kind, key), (times, place) in self.touched.get(group, {}).items()
            if times > half
        ]
        return needs_of(length, sorted(likely, key=lambda operation: operation[2]))
