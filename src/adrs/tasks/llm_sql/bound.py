"""bound: a proven lower bound on the characters that any order of cells must send anew. It is not always reached.

All rows together form a trie, and a character is a hit if its node exists already; so the number of nodes must be bounded. Take
every distinct cell y once, in any one place where it stands: its characters are a downward path of |y| nodes. Take these paths
by the depth at which they begin. Two downward paths that meet have in common what lies below the deeper of their two
beginnings, without a gap: so what the path of y shares with those before it is a prefix of y, and that prefix stands somewhere
inside another cell. With m(y) the length of the longest prefix of y that stands in another cell or once more in its own,

    nodes >= sum over distinct cells y of (|y| - m(y)),

whatever the orders are. There are also at least as many nodes as the longest row has characters. A cache that evicts, or that
holds whole blocks only, has no more hits; one of blocks never has hits at the end of a row that does not fill a block.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adrs.tasks.llm_sql.metrics import BLOCK
from adrs.tasks.llm_sql.table import Table

Integers = NDArray[np.int64]

CLASSES = 256
"""Classes of characters: the end of a cell, the 254 most frequent ones, and all others, which are treated as equal."""


def most_hits(table: Table) -> tuple[int, int]:
    """Upper bounds of hits: (characters in a cache that never evicts, characters in a cache of blocks)."""
    cells = table.distinct
    distinct = int(sum(map(len, cells)) - repeated_prefixes(cells).sum())
    fresh = max(distinct, *table.lengths)
    ends = sum(length % BLOCK for length in table.lengths)
    return table.characters - fresh, table.characters - max(fresh, ends)


def repeated_prefixes(cells: Sequence[str]) -> Integers:
    """For every cell the length of its longest prefix that also occurs elsewhere, in another cell or in itself.

    Extends all prefixes by one character in each round, and keeps the places at which one of them occurs. Rare characters are
    treated as equal, which can only make a prefix longer, and the bound weaker.

    Args:
        cells: distinct and not empty.
    """
    found = np.zeros(len(cells), np.int64)
    text = _classes(cells)
    lengths = np.array([len(cell) for cell in cells], np.int64)
    starts = np.cumsum(lengths + 1) - lengths - 1
    places, group = np.flatnonzero(text), np.zeros(np.count_nonzero(text), np.int64)
    who, own = np.arange(len(cells)), np.zeros(len(cells), np.int64)
    groups, length = 1, 0
    while len(who):
        keys = own * CLASSES + text[starts[who] + length]
        known, own = np.unique(keys, return_inverse=True)
        lookup = np.full(groups * CLASSES, -1, np.int64)
        lookup[known] = np.arange(len(known))
        group = lookup[group * CLASSES + text[places + length]]
        places, group = places[group >= 0], group[group >= 0]
        length += 1
        many = np.bincount(group, minlength=len(known)) > 1
        found[who[many[own]]] = length
        still = many[own] & (lengths[who] > length)
        who, own, groups = who[still], own[still], len(known)
        going = many[group] & (text[places + length] > 0)
        places, group = places[going], group[going]
    return found


def _classes(cells: Sequence[str]) -> NDArray[np.uint8]:
    """The class of every character of all cells, an end after each."""
    raw = "\n".join([*cells, ""]).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(raw, np.uint32)
    counts = np.bincount(codes, minlength=1)
    frequent = np.argsort(-counts, kind="stable")[: CLASSES - 2]
    lookup = np.full(len(counts), CLASSES - 1, np.uint8)
    lookup[frequent] = np.arange(1, len(frequent) + 1)
    text = lookup[codes]
    ends = np.cumsum([len(cell) + 1 for cell in cells], dtype=np.int64) - 1
    text[ends] = 0
    return text
