"""kit: the rule by which transactions start, to search with. The referee scores with its own copy of this file.

An order is a serialisation: one transaction after another gets the earliest start that is after all earlier ones that it
conflicts with. Each key has two clocks: when it was last written, and when it was last read or written.

    batch = Batch(transactions)            # texts "r-17 w-5 * r-3"
    batch.makespan(order)                  # one order
    batch.makespans(orders)                # many orders at once: int array (orders, n) -> int array (orders,)
    clocks = Clocks()                      # one transaction after another
    clocks.start(batch.needs[7])           # first time unit of transaction 7 if it came next
    clocks.append(batch.needs[7])          # let it come next

`batch.delays[a, b]` says how many units after a's start b may start at the earliest, if a comes before b.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

NEVER, NEVER_WIDE = -16_000, -(1 << 29)
"""A delay between transactions that do not conflict: it never delays anything. In 16 bits, and in 32."""
ROOM = 15_000
"""Batches of up to this many tokens are computed in 16 bits, larger ones in 32."""
TOGETHER = 1024
"""Orders whose makespans are computed side by side."""


class Needs(NamedTuple):
    """A transaction as the clocks see it: of each key only its first and last use count.

    Args:
        length: time units from its start to its end.
        reads, writes: (key, 2 - position) of the first read and the first write of a key; positions count from 1.
        read, wrote: (key, position - 1) of the last read and the last write of a key.
    """

    length: int
    reads: tuple[tuple[str, int], ...]
    writes: tuple[tuple[str, int], ...]
    read: tuple[tuple[str, int], ...]
    wrote: tuple[tuple[str, int], ...]


def operations(text: str) -> list[tuple[str, str, int]]:
    """(kind "r" or "w", key, position from 1) of every token except private ones, `*`."""
    tokens = enumerate(text.split(" "), 1)
    return [(token[0], token[2:], position) for position, token in tokens if token != "*"]


def needs_of(length: int, ops: Iterable[Sequence[object]]) -> Needs:
    """A transaction of that length with these operations: (kind, key, position), in ascending order of position."""
    first: dict[str, dict[str, int]] = {"r": {}, "w": {}}
    last: dict[str, dict[str, int]] = {"r": {}, "w": {}}
    for kind, key, position in ops:
        first[str(kind)].setdefault(str(key), 2 - int(str(position)))
        last[str(kind)][str(key)] = int(str(position)) - 1
    return Needs(length, *(tuple(uses.items()) for uses in (first["r"], first["w"], last["r"], last["w"])))


class Clocks:
    """The state after some transactions: the last write and the last use of each key, and the makespan.

    A copy takes time in the number of keys; an append takes time in the length of the transaction.
    """

    def __init__(self) -> None:
        self.written: dict[str, int] = {}
        self.used: dict[str, int] = {}
        self.makespan = 0

    def start(self, needs: Needs) -> int:
        """The first time unit of a transaction, if it came next; the very first is 1."""
        written, used, start = self.written.get, self.used.get, 1
        for key, offset in needs.reads:
            if (least := written(key, 0) + offset) > start:
                start = least
        for key, offset in needs.writes:
            if (least := used(key, 0) + offset) > start:
                start = least
        return start

    def append(self, needs: Needs) -> int:
        """Let a transaction come next; returns its start."""
        start = self.start(needs)
        written, used = self.written, self.used
        for key, offset in needs.read:
            if used.get(key, 0) < start + offset:
                used[key] = start + offset
        for key, offset in needs.wrote:
            written[key] = start + offset
            if used.get(key, 0) < start + offset:
                used[key] = start + offset
        self.makespan = max(self.makespan, start + needs.length - 1)
        return start

    def copy(self) -> Clocks:
        """A copy of these clocks."""
        twin = Clocks()
        twin.written, twin.used, twin.makespan = self.written.copy(), self.used.copy(), self.makespan
        return twin


class Batch:
    """Transactions to be ordered.

    Args:
        transactions: texts of tokens with one blank between them: `r-KEY`, `w-KEY`, or `*`.
    """

    def __init__(self, transactions: Sequence[str]) -> None:
        self.n = len(transactions)
        self.lengths = [text.count(" ") + 1 for text in transactions]
        self.ops = [operations(text) for text in transactions]
        users = Counter(key for ops in self.ops for key in {key for _, key, _ in ops})
        shared = {key for ops in self.ops for kind, key, _ in ops if kind == "w" and users[key] > 1}
        self.needs = [
            needs_of(length, [op for op in ops if op[1] in shared]) for length, ops in zip(self.lengths, self.ops, strict=True)
        ]
        """Transactions in the form that the clocks take; keys that cannot delay anything are left out."""
        self.never = NEVER if sum(self.lengths) < ROOM else NEVER_WIDE
        self.delays = self._delays(self.never)
        """int array (n, n): b starts at least `delays[a, b]` units after a, if a comes before b; `never` without a conflict."""

    def _delays(self, never: int) -> NDArray[np.signedinteger]:
        uses: dict[str, list[tuple[int, int, int, int, int]]] = {}
        for number, needs in enumerate(self.needs):
            reads, writes, read, wrote = (dict(pairs) for pairs in (needs.reads, needs.writes, needs.read, needs.wrote))
            for key in sorted(read.keys() | wrote.keys()):
                read_first, write_first = reads.get(key, never), writes.get(key, never)
                read_last, write_last = read.get(key, never), wrote.get(key, never)
                row = (number, max(read_first, write_first), write_first, max(read_last, write_last), write_last)
                uses.setdefault(key, []).append(row)
        delays = np.full((self.n, self.n), never, np.int32)
        for rows in uses.values():
            number, use_first, write_first, use_last, write_last = np.array(rows, np.int32).T
            delay = np.maximum(use_last[:, None] + write_first, write_last[:, None] + use_first)
            where = np.ix_(number, number)
            delays[where] = np.maximum(delays[where], delay)
        np.fill_diagonal(delays, never)
        delays[delays < never // 2] = never  # two reads of a key
        return delays.astype(np.int16) if never == NEVER else delays

    def starts(self, order: Sequence[int]) -> list[int]:
        """First time units, in that order; it may be a part of a batch."""
        clocks = Clocks()
        return [clocks.append(self.needs[number]) for number in order]

    def makespan(self, order: Sequence[int]) -> int:
        """The time unit in which the last transaction ends; the order may be a part of a batch."""
        clocks = Clocks()
        for number in order:
            clocks.append(self.needs[number])
        return clocks.makespan

    def makespans(self, orders: NDArray[np.integer]) -> Ints:
        """Makespans of many orders at once: (orders, transactions in each) -> (orders,). Best for some hundred."""
        orders = np.asarray(orders)
        chunks = [self._makespans(orders[at : at + TOGETHER]) for at in range(0, len(orders), TOGETHER)]
        return np.concatenate([np.zeros(0, np.int64), *chunks])

    def _makespans(self, orders: NDArray[np.integer]) -> Ints:
        """Evaluate orders side by side, one transaction of each at a time: each start delays what conflicts with it."""
        after = np.array(self.lengths, self.delays.dtype) - 1
        earliest = np.ones((len(orders), self.n), self.delays.dtype)
        held = np.empty_like(earliest)
        makespans = np.zeros(len(orders), self.delays.dtype)
        rows = np.arange(len(orders))
        for numbers in orders.T:
            start = earliest[rows, numbers]
            np.maximum(makespans, start + after[numbers], out=makespans)
            np.take(self.delays, numbers, axis=0, out=held, mode="clip")
            np.add(held, start[:, None], out=held)
            np.maximum(earliest, held, out=earliest)
        return makespans.astype(np.int64)
