"""packing: the exact minimum of the largest pressure over all placements, where moving is free. It sees no candidate.

All pressures are at most T = p/q if and only if on every GPU sum(q * weight + p * size) <= p * memory. So a threshold asks
whether some items go into some bins, in whole numbers, and bin completion answers it: fill one bin after another, only with
sets to which no remaining item could be added (an item that fits may as well be here as elsewhere), the fullest
first; stop when more room is wasted than there is to waste; remember sets that failed. Smaller bins come first: few sets fit
them, so waste shows early; among bins of one capacity it is always the bin of the heaviest item that is left. Thresholds are
bisected; at the end one strictly below the best placement found must be impossible, so the result is an exact fraction, not
one up to a tolerance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from adrs.tasks.model_placement.instance import UNIT

STEPS = 1_000_000
"""Items that are tried for one threshold before it is left open."""

FINENESS = 1 << 30
"""Denominator of thresholds that are tried."""

CLOSE = Fraction(1, 2000)
"""Relative distance of the bounds at which bisection gives way to "strictly better than the best"."""


@dataclass(frozen=True)
class Optimum:
    """Proven bounds of the minimal largest pressure: `low` <= minimum <= `high`, equal if the search finished.

    Args:
        placement: one whose largest pressure is `high`.
    """

    low: Fraction
    high: Fraction
    placement: tuple[int, ...]


def least_pressure(
    weights: Sequence[int], sizes: Sequence[int], memory_gb: Sequence[int], start: Sequence[int], steps: int = STEPS
) -> Optimum:
    """The optimum of placing models on GPUs.

    Args:
        weights: positive, in units of 1/2520.
        start: any placement that leaves every GPU some memory.
        steps: how long to search at one threshold. For an open one, a further bisection raises the lower bound.
    """
    high, best = largest(weights, sizes, memory_gb, start), tuple(start)
    low = Fraction(sum(weights), UNIT * (sum(memory_gb) - sum(sizes)))
    roomiest = max(memory_gb)
    low = max(low, *(Fraction(weight, UNIT * (roomiest - size)) for weight, size in zip(weights, sizes, strict=True)))
    top = high  # thresholds from here on are open, or known to work
    while low < top:
        close = top - low <= CLOSE * top
        if close and top < high:
            break
        threshold = high if close else Fraction(round((low + top) / 2 * FINENESS), FINENESS)
        try:
            found = _pack(weights, sizes, memory_gb, threshold * UNIT, close, [steps])
        except _TooLong:
            if close:
                break
            top = threshold
            continue
        if found is None:
            low = threshold
        else:
            best, high = found, largest(weights, sizes, memory_gb, found)
            top = min(top, high)
    return Optimum(low, high, best)


def largest(weights: Sequence[int], sizes: Sequence[int], memory_gb: Sequence[int], placement: Sequence[int]) -> Fraction:
    """The largest pressure of a placement that leaves every GPU some memory."""
    weight, free = [0] * len(memory_gb), list(memory_gb)
    for each, size, gpu in zip(weights, sizes, placement, strict=True):
        weight[gpu] += each
        free[gpu] -= size
    return max(Fraction(w, UNIT * f) for w, f in zip(weight, free, strict=True))


class _TooLong(Exception):  # noqa: N818
    """The search has no steps left."""


def _pack(
    weights: Sequence[int], sizes: Sequence[int], memory_gb: Sequence[int], limit: Fraction, strict: bool, left: list[int]
) -> tuple[int, ...] | None:
    """A placement with all pressures at most (strictly: below) `limit`, in units of 1/2520; None when none exists."""
    p, q = limit.numerator, limit.denominator
    values = [q * weight + p * size for weight, size in zip(weights, sizes, strict=True)]
    order = sorted(range(len(values)), key=lambda at: -values[at])
    capacities = sorted({p * memory - strict for memory in memory_gb})
    bins = tuple(sum(p * memory - strict == capacity for memory in memory_gb) for capacity in capacities)
    search = _Completion([values[at] for at in order], capacities, left)
    if not search.fill((1 << len(values)) - 1, bins, sum(p * memory - strict for memory in memory_gb) - sum(values)):
        return None
    gpus = {
        capacity: [gpu for gpu, memory in enumerate(memory_gb) if p * memory - strict == capacity] for capacity in capacities
    }
    placement = [0] * len(values)
    for kind, members in search.filled:
        gpu = gpus[capacities[kind]].pop()
        for member in members:
            placement[order[member]] = gpu
    return tuple(placement)


@dataclass
class _Completion:
    """One search: `values` in descending order, `capacities` ascending, `left` steps shared with other searches."""

    values: list[int]
    capacities: list[int]
    left: list[int]
    filled: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    failed: set[tuple[int, tuple[int, ...]]] = field(default_factory=set)

    def fill(self, rest: int, bins: tuple[int, ...], slack: int) -> bool:
        """Whether the items in the mask `rest` fit into the bins, whose number is given for each capacity; `filled` says how.

        Args:
            slack: capacity of these bins minus what is to go into them.
        """
        if not rest:
            return True
        if slack < 0 or (rest, bins) in self.failed:
            return False
        items = [at for at in range(len(self.values)) if rest >> at & 1]
        kind = next(kind for kind, count in enumerate(bins) if count)
        first = kind == len(bins) - 1  # all bins that are left are alike, so the heaviest item may go into this one
        fewer = (*bins[:kind], bins[kind] - 1, *bins[kind + 1 :])
        for waste, members in sorted(self._completions(items, self.capacities[kind], slack, first)):
            self.filled.append((kind, members))
            if self.fill(rest & ~sum(1 << at for at in members), fewer, slack - waste):
                return True
            self.filled.pop()
        self.failed.add((rest, bins))
        return False

    def _completions(self, items: list[int], capacity: int, slack: int, first: bool) -> Iterator[tuple[int, tuple[int, ...]]]:
        """(waste, members) of all sets to which no other item could be added; of those with the first item only if `first`."""
        values = [self.values[at] for at in items]
        least = values[-1]
        after = [0] * (len(values) + 1)
        for at in range(len(values) - 1, -1, -1):
            after[at] = after[at + 1] + values[at]

        def grow(at: int, room: int, passed: int, chosen: tuple[int, ...]) -> Iterator[tuple[int, tuple[int, ...]]]:
            """`passed` is the least value that was left out although it fits, 0 if there is no such value."""
            self.left[0] -= 1
            if self.left[0] < 0:
                raise _TooLong
            while at < len(values) and values[at] > room:
                at += 1
            if room - after[at] > slack:
                return
            if room < least or at == len(values):
                if not passed or passed > room:
                    yield room, chosen
                return
            value = values[at]
            if passed != value:  # of equal items the earlier ones are taken
                yield from grow(at + 1, room - value, passed, (*chosen, items[at]))
            yield from grow(at + 1, room, value, chosen)

        if not first:
            yield from grow(0, capacity, 0, ())
        elif values[0] <= capacity:
            yield from grow(1, capacity - values[0], 0, (items[0],))
