"""relocation: the exact optimum where moving a model has a cost. It sees no candidate.

Let D(T) be the fewest GB that must move so that no pressure exceeds T; it falls in steps as T grows, and steps lie where some
set of models on some GPU has pressure T. The least cost is the minimum of T + move_cost * D(T) over these values. For a
range of them, T_low + move_cost * D(T_high) is a lower bound, so ranges are halved, the most promising first, until no range
can hold anything cheaper than the best cost known.

D(T) comes from joining GPUs one by one: least[set] = fewest GB that must move so that exactly the models of this set are on the
GPUs so far. Only sets count with which a GPU's pressure is at most T and which waste no more room than all GPUs together
have to waste. There are 2^models sets, so this is for a dozen models.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from adrs.tasks.model_placement.instance import UNIT, Instance, priced

MOST_MODELS = 15

Masks = NDArray[np.int64]
NEVER = 1 << 40
"""More GB than any instance has."""


def least_cost(instance: Instance, start: Sequence[int]) -> float:
    """The cost of the cheapest placement.

    Args:
        start: any placement that leaves every GPU some memory; a cheap one saves time.
    """
    if len(instance.models) > MOST_MODELS:
        raise ValueError(f"{len(instance.models)} models are too many: all their sets would have to be listed")
    sets = _Sets(instance)
    best = min(instance.cost(start), instance.cost(instance.stay))
    steps = sets.steps(best)
    known: dict[int, int | None] = {}

    def cost(pressure_at: int, moved_at: int) -> float:
        if moved_at not in known:
            known[moved_at] = sets.fewest_moved(float(steps[moved_at]))
        moved = known[moved_at]
        return math.inf if moved is None else priced(float(steps[pressure_at]), instance.move_cost, moved)

    ranges = [(cost(0, len(steps) - 1), 0, len(steps) - 1)]
    while ranges:
        bound, low, high = heapq.heappop(ranges)
        if bound >= best:
            break
        best = min(best, cost(high, high))
        if low == high:
            continue
        middle = (low + high) // 2
        for first, last in ((low, middle), (middle + 1, high)):
            heapq.heappush(ranges, (cost(first, last), first, last))
    return best


@dataclass(frozen=True)
class _Sets:
    """All sets of models, by bit mask."""

    instance: Instance

    @cached_property
    def weight(self) -> Masks:
        return _sums(self.instance.weights)

    @cached_property
    def size(self) -> Masks:
        return _sums(self.instance.sizes)

    @cached_property
    def pressure(self) -> list[NDArray[np.float64]]:
        """For each GPU the pressure of every set, infinite where no memory is left; the same floats as the referee's."""
        found = []
        for memory in self.instance.memory_gb:
            free = memory - self.size
            with np.errstate(divide="ignore"):
                found.append(np.where(free > 0, self.weight / (UNIT * free), np.inf))
        return found

    @cached_property
    def moved(self) -> list[Masks]:
        """For each GPU the GB that must move so that a set is on it."""
        masks = np.arange(len(self.size))
        homes = [0] * len(self.instance.memory_gb)
        for at, gpu in enumerate(self.instance.stay):
            homes[gpu] |= 1 << at
        return [self.size[masks & ~home] for home in homes]

    def steps(self, most: float) -> NDArray[np.float64]:
        """All pressures from the pooled one to `most`, ascending; above `most` nothing is cheaper."""
        every = np.unique(np.concatenate(self.pressure))
        lowest = self.instance.pooled() * (1 - 1e-12)
        return every[(every >= lowest) & (every <= most)]

    def fewest_moved(self, limit: float) -> int | None:
        """The fewest GB that must move so that no pressure exceeds `limit`; None if that is impossible."""
        rooms = [limit * (memory - self.size) - self.weight / UNIT for memory in self.instance.memory_gb]
        everything = len(self.size) - 1
        slack = sum(float(room[0]) for room in rooms) - float(self.weight[everything]) / UNIT
        slack = slack - limit * float(self.size[everything]) + 1e-6
        kept = [
            np.flatnonzero((pressure <= limit) & (room <= slack)) for pressure, room in zip(self.pressure, rooms, strict=True)
        ]
        masks, least = kept[0], self.moved[0][kept[0]]
        for gpu in range(1, len(kept) - 1):
            masks, least = self._join(masks, least, gpu, kept[gpu])
        last = np.full(len(self.size), NEVER)
        last[kept[-1]] = self.moved[-1][kept[-1]]
        fewest = int((least + last[everything ^ masks]).min(initial=NEVER))
        return fewest if fewest < NEVER else None

    def _join(self, masks: Masks, least: Masks, gpu: int, more: Masks) -> tuple[Masks, Masks]:
        """Sets that go onto the GPUs so far and the next one, and the fewest GB that must move for each."""
        joined = np.full(len(self.size), NEVER)
        moved = self.moved[gpu]
        for each in more.tolist():
            apart = (masks & each) == 0
            np.minimum.at(joined, masks[apart] | each, least[apart] + moved[each])
        found = np.flatnonzero(joined < NEVER)
        return found, joined[found]


def _sums(values: Sequence[int]) -> Masks:
    """The sum over every set."""
    sums = np.zeros(1, np.int64)
    for value in values:
        sums = np.concatenate([sums, sums + value])
    return sums
