"""metrics: how many characters a prefix cache has already, for given orders of rows and cells.

Three caches: one that never evicts, character by character (the published prefix hit rate), one that holds only the previous
row, and one of whole blocks with room for few of them, as in inference servers.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from adrs.tasks.llm_sql.table import Table

Block = tuple[list[int], list[int]]
"""An order of all columns, and the rows that use it, in the order in which they are served."""

HEAD = 128
"""Characters of a row that are compared with many rows at once."""

BLOCK = 64
"""Characters of a cache block: 16 tokens of about four characters."""


def lines(table: Table, blocks: Iterable[Block]) -> list[str]:
    """The requests: every row as one string, without separators, in the order in which the rows are served."""
    made: list[str] = []
    for order, rows in blocks:
        chosen = [table.columns[column] for column in order]
        made += ["".join([column[row] for column in chosen]) for row in rows]
    return made


def shared(one: str, other: str) -> int:
    """Characters of the longest common prefix, by bisection: comparing slices is faster than comparing characters."""
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low


def prefix_hits(sent: Sequence[str]) -> int:
    """Characters that the longest common prefix with any earlier row covers, summed over the rows.

    A trie of all rows has one node for each other character; in sorted order each row adds its length minus the prefix that it
    shares with its neighbour. So the number does not depend on the order of the rows.
    """
    return consecutive_hits(sorted(sent))


def consecutive_hits(sent: Sequence[str]) -> int:
    """Characters of the longest common prefix with the row before, summed over the rows.

    The first characters of all rows are compared at once; only rows that agree in all of them are compared one by one.
    """
    if len(sent) < 2:
        return 0
    heads = np.array([line[:HEAD] for line in sent], f"U{HEAD}").view(np.uint32).reshape(len(sent), HEAD)
    differ = heads[1:] != heads[:-1]
    lengths = np.array([len(line) for line in sent])
    shorter = np.minimum(lengths[1:], lengths[:-1])
    hits = np.minimum(np.where(differ.any(axis=1), differ.argmax(axis=1), HEAD), shorter)
    long = np.flatnonzero((hits == HEAD) & (shorter > HEAD)).tolist()
    return int(hits.sum()) + sum(shared(sent[place], sent[place + 1]) - HEAD for place in long)


def lru_hits(sent: Iterable[str], room: int) -> int:
    """Characters found in a cache of whole blocks that evicts the least recently used one.

    A block is `BLOCK` characters and everything before them in its row; a remainder at the end of a row is never cached. A
    row hits the blocks from its start up to the first one that is missing, and leaves all its blocks in the cache, its
    first one as the most recently used: so a block never outlives the one before it.

    Args:
        room: blocks that the cache holds.
    """
    cache: OrderedDict[tuple[int, str], None] = OrderedDict()
    numbers: dict[tuple[int, str], int] = {}
    hits = 0
    for line in sent:
        keys = list(_chain(line, numbers))
        known = next((place for place, key in enumerate(keys) if key not in cache), len(keys))
        hits += known * BLOCK
        for key in reversed(keys):
            cache[key] = None
            cache.move_to_end(key)
        while len(cache) > room:
            cache.popitem(last=False)
    return hits


def _chain(line: str, numbers: dict[tuple[int, str], int]) -> Iterator[tuple[int, str]]:
    """The keys of a row's blocks: a block's own characters, and the number of the block before it."""
    before = 0
    for start in range(0, len(line) - BLOCK + 1, BLOCK):
        key = (before, line[start : start + BLOCK])
        before = numbers.setdefault(key, len(numbers) + 1)
        yield key
