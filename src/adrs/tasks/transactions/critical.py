"""critical: why a schedule ends when it does: the chain of transactions that delayed one another, and by which keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from adrs.tasks.transactions.kit import Batch


@dataclass(frozen=True)
class Chain:
    """Transactions that each start as early as the one before allows; the last one ends the schedule.

    Args:
        members: numbers of transactions, in time.
        units: key -> time units by which it delayed the chain.
    """

    members: tuple[int, ...]
    units: dict[str, int]

    def worst(self, most: int) -> str:
        """The keys that delay most, "key 2 for 60 units, key 4 for 31"."""
        kept = Counter(self.units).most_common(most)
        return ", ".join(f"key {key} for {units} units" for key, units in kept if units > 0) or "no key"


def chain(batch: Batch, order: Sequence[int], starts: Sequence[int]) -> Chain:
    """The chain behind the transaction that ends last.

    Args:
        starts: of the transactions, in schedule order.
    """
    ends = [start + batch.lengths[number] for number, start in zip(order, starts, strict=True)]
    at = ends.index(max(ends))
    members, units = [order[at]], Counter[str]()
    while starts[at] > 1:
        delays = batch.delays[:, order[at]]
        before = next(place for place in range(at) if starts[place] + int(delays[order[place]]) == starts[at])
        units[_key(batch, order[before], order[at])] += starts[at] - starts[before]
        at = before
        members.append(order[at])
    return Chain(tuple(reversed(members)), dict(units))


def _key(batch: Batch, first: int, second: int) -> str:
    """The key by which one transaction delays another the longest."""
    before, after = batch.needs[first], batch.needs[second]
    wrote, used = dict(before.wrote), dict(before.read)
    used = {key: max(used.get(key, 0), wrote.get(key, 0)) for key in used.keys() | wrote.keys()}
    held = [(wrote[key] + offset, key) for key, offset in after.reads if key in wrote]
    held += [(used[key] + offset, key) for key, offset in after.writes if key in used]
    return max(held)[1]
