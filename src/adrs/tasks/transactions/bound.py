"""bound: lower bounds on the makespan of any order of a batch, proven by relaxation. It finds no order.

* The longest transaction.
* One key: from its first access of a key to its last write of it, a writer has that key for itself (`single_key`).
* A set of transactions in which every two conflict: in any order each starts a known delay after the one before it, so the
  makespan is at least the cheapest path through all of them, and so at least the cheapest assignment of successors (`clique`).
"""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from adrs.tasks.cache import cached, digest
from adrs.tasks.transactions.kit import Batch

Ints = NDArray[np.int64]

VERSION = "1"
"""Raise it when a bound may change: cached numbers are then discarded."""


def lower_bound(batch: Batch, key: str) -> int:
    """The best bound that is known for a batch, cached by its digest."""
    parts = (VERSION, key)
    return int(cached("transactions", digest(*parts), (1,), lambda: np.array([float(_lower_bound(batch))]))[0])


def _lower_bound(batch: Batch) -> int:
    return max(*batch.lengths, single_key(batch), clique(batch))


def single_key(batch: Batch) -> int:
    """The largest bound that one key gives.

    A writer of the key cannot begin its block, first access to last write, before its own position in the transaction allows,
    blocks are disjoint in time, and after a block the rest of its transaction follows. Always running the released block with
    the longest rest, and preempting it for a longer one, gives the least time in which all of this can be done (Jackson's
    rule).
    """
    blocks: dict[str, list[tuple[int, int, int]]] = {}
    for length, needs in zip(batch.lengths, batch.needs, strict=True):
        reads = dict(needs.reads)
        wrote = dict(needs.wrote)
        for key, offset in needs.writes:
            first = 2 - max(offset, reads.get(key, offset))
            blocks.setdefault(key, []).append((first - 1, wrote[key] + 2 - first, length - wrote[key] - 1))
    return max(map(_jackson, blocks.values()), default=0)


def _jackson(blocks: list[tuple[int, int, int]]) -> int:
    """(release, duration, rest) of blocks on one machine -> the least time after which every rest is over, with preemption."""
    waiting = sorted(blocks)
    ready: list[tuple[int, int]] = []
    now = latest = at = 0
    while at < len(waiting) or ready:
        if not ready:
            now = max(now, waiting[at][0])
        while at < len(waiting) and waiting[at][0] <= now:
            heapq.heappush(ready, (-waiting[at][2], waiting[at][1]))
            at += 1
        rest, left = heapq.heappop(ready)
        until = now + left if at == len(waiting) else min(now + left, waiting[at][0])
        if until < now + left:
            heapq.heappush(ready, (rest, now + left - until))
        else:
            latest = max(latest, until - rest)
        now = until
    return latest


def clique(batch: Batch) -> int:
    """The bound from a large set of transactions of which every two conflict.

    In any order o1, o2, … of them, start(o[i+1]) >= start(o[i]) + delays[o[i], o[i+1]]. Summed up, and with the length of the
    last one, that is the cost of a path; an assignment of a successor to each may also form cycles, so it never costs more.
    """
    members = _pairwise(batch.delays > batch.never)
    if len(members) < 2:
        return 0
    size = len(members)
    costs = np.zeros((size + 1, size + 1), np.int64)
    costs[:size, :size] = batch.delays[np.ix_(members, members)]
    costs[:size, size] = np.array(batch.lengths)[members]
    too_dear = int(np.abs(costs).sum()) + 1
    np.fill_diagonal(costs, too_dear)
    return cheapest_assignment(costs)


def _pairwise(conflict: NDArray[np.bool_]) -> Ints:
    """Members of a set in which every two conflict: the member with the fewest conflicts leaves until that holds."""
    members = np.arange(len(conflict))
    agree = conflict & conflict.T
    while len(members):
        lacking = len(members) - 1 - agree[np.ix_(members, members)].sum(axis=1)
        if not lacking.any():
            break
        members = np.delete(members, int(lacking.argmax()))
    return members


def cheapest_assignment(costs: Ints) -> int:
    """The least sum of one entry in each row and column of a square matrix: shortest augmenting paths (Jonker, Volgenant)."""
    size = len(costs)
    padded = np.zeros((size + 1, size + 1), np.int64)
    padded[1:, 1:] = costs
    of_row, of_column = np.zeros(size + 1, np.int64), np.zeros(size + 1, np.int64)
    row_of = np.zeros(size + 1, np.int64)
    for row in range(1, size + 1):
        row_of[0] = row
        column = 0
        least = np.full(size + 1, np.iinfo(np.int64).max // 4)
        came_from = np.zeros(size + 1, np.int64)
        done = np.zeros(size + 1, bool)
        while row_of[column]:
            done[column] = True
            at = row_of[column]
            reduced = padded[at] - of_row[at] - of_column
            better = ~done & (reduced < least)
            least[better] = reduced[better]
            came_from[better] = column
            nearest = int(np.where(done, np.iinfo(np.int64).max, least).argmin())
            step = least[nearest]
            of_row[row_of[done]] += step
            of_column[done] -= step
            least[~done] -= step
            column = nearest
        while column:
            row_of[column] = row_of[came_from[column]]
            column = int(came_from[column])
    return int(costs[row_of[1:] - 1, np.arange(size)].sum())
