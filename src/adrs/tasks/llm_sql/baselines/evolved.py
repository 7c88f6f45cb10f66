"""Evolved: QuickGreedy as the published search improved it: numbered cells, kept counts, larger blocks; 3 times as fast.

Source: Cheng et al., "Barbarians at the Gate: How AI is Upending Systems Research", 2025, and its case study, which name three
changes: values are counted lazily, the recursion starts from blocks of about 4,000 rows, and loops over rows became array
operations. Written from that description; cells are kept as they are.
"""

import numpy as np
from numpy.typing import NDArray

EARLY_STOP = 100_000
ROW_STOP = 4
COLUMN_STOP = 2
DISTINCT = 0.7
BLOCK_ROWS = 4_000

Integers = NDArray[np.int64]


def reorder(names: list[str], columns: list[list[str]]) -> list[tuple[list[int], list[int]]]:
    cells = sorted(set().union(*columns))
    number = {cell: at for at, cell in enumerate(cells)}
    table = np.array([[number[cell] for cell in column] for column in columns], np.int64).T
    lengths = np.array([len(cell) for cell in cells], np.int64)
    rows, width = table.shape

    scores = column_scores(table, lengths)
    by_score = np.argsort(-scores, kind="stable")
    distinct = np.array([len(np.unique(column)) for column in table.T])
    kept = by_score[distinct[by_score] <= DISTINCT * rows]
    aside = by_score[distinct[by_score] > DISTINCT * rows]

    ranked = sorted_rows(table[:, kept])
    orders = np.empty((rows, width), np.int64)
    orders[:, len(kept) :] = aside
    for block in np.array_split(ranked, -(-rows // BLOCK_ROWS)) if len(kept) else []:
        values = table[np.ix_(block, kept)]
        orders[block, : len(kept)] = kept[recurse(values, lengths, np.bincount(values.ravel(), minlength=len(cells)), 0, 0)]
    final = sorted_rows(np.take_along_axis(table, orders, axis=1))
    order_of = orders.tolist()
    return [(order_of[row], [row]) for row in final.tolist()]


def column_scores(table: Integers, lengths: Integers) -> NDArray[np.float64]:
    """Squared mean length times (rows / distinct - 1) of every column."""
    rows = len(table)
    distinct = np.array([np.count_nonzero(np.bincount(column)) for column in table.T])
    scores: NDArray[np.float64] = lengths[table].mean(axis=0) ** 2 * (rows / distinct - 1)
    return scores


def sorted_rows(table: Integers) -> Integers:
    return np.lexsort(table.T[::-1]) if table.shape[1] else np.arange(len(table))


def recurse(values: Integers, lengths: Integers, counts: Integers, row_depth: int, column_depth: int) -> Integers:
    """(rows, places) the order of places for each row. `counts` are those of `values`, and are changed."""
    rows, width = values.shape
    if rows and width and row_depth < ROW_STOP and column_depth < COLUMN_STOP:
        weights = lengths * lengths * (counts - 1)
        best = int(np.argmax(weights))
        if weights[best] >= EARLY_STOP:
            return split(values, lengths, counts, best, (row_depth, column_depth))
    places = np.argsort(-column_scores(values, lengths), kind="stable") if rows and width else np.arange(width)
    return np.tile(places, (rows, 1))


def split(values: Integers, lengths: Integers, counts: Integers, best: int, depths: tuple[int, int]) -> Integers:
    """Rows with the cell `best` put it first and continue with their other cells; other rows are grouped by another cell."""
    row_depth, column_depth = depths
    same = values == best
    inside = same.any(axis=1)
    orders = np.empty(values.shape, np.int64)

    places = np.argsort(~same[inside], axis=1, kind="stable")
    moved = np.take_along_axis(values[inside], places, axis=1)
    taken = np.bincount(moved.ravel(), minlength=len(counts))
    rest = taken.copy()
    rest[best] -= len(moved)
    later = recurse(moved[:, 1:], lengths, rest, row_depth, column_depth + 1)
    orders[inside] = np.column_stack([places[:, :1], np.take_along_axis(places[:, 1:], later, axis=1)])
    orders[~inside] = recurse(values[~inside], lengths, counts - taken, row_depth + 1, column_depth)
    return orders
