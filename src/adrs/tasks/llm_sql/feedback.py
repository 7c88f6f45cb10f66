"""feedback: which columns of one table could have more hits, in a few lines that help to write the next program."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from adrs.tasks.llm_sql.metrics import Block, lines, shared
from adrs.tasks.llm_sql.score import Metric
from adrs.tasks.llm_sql.table import Table

LONGEST = 300
"""Characters."""

NAME = 28
"""Characters of a column's name that are shown."""


def feedback(table: Table, blocks: Sequence[Block], metric: Metric, values: Sequence[float]) -> str:
    """A few lines about one table.

    Args:
        values: rates by `metric` of the answer, of QuickGreedy, and of the bound.
    """
    spared = by_column(table, blocks)
    repeated = [sum(map(len, column)) - sum(map(len, set(column))) for column in table.columns]
    missed = [again - hit for again, hit in zip(repeated, spared, strict=True)]
    worst = sorted((column for column, count in enumerate(missed) if count > 0), key=lambda column: -missed[column])[:2]
    where = "; ".join(
        f"{table.names[column][:NAME]} repeats {100 * repeated[column] / table.characters:.1f} %, "
        f"of which {100 * spared[column] / repeated[column]:.0f} % hit, mean place {_place(blocks, column):.1f}"
        for column in worst
    )
    rate, greedy, most = values
    said = f"{metric} {rate:.4f}, QuickGreedy {greedy:.4f}, bound {most:.4f}."
    return (f"{said} Most missed: {where} of {len(table.names)}." if worst else said)[:LONGEST]


def by_column(table: Table, blocks: Sequence[Block]) -> list[int]:
    """Characters of each column inside a prefix that an earlier row of the sorted table shares."""
    sent = lines(table, blocks)
    orders = [order for order, rows in blocks for _ in rows]
    numbers = [row for _, rows in blocks for row in rows]
    ranked = sorted(range(len(sent)), key=sent.__getitem__)
    hits = [0] * len(table.names)
    for before, at in pairwise(ranked):
        left = shared(sent[before], sent[at])
        for column in orders[at]:
            length = min(left, len(table.columns[column][numbers[at]]))
            hits[column] += length
            left -= length
            if not left:
                break
    return hits


def _place(blocks: Sequence[Block], column: int) -> float:
    """Mean position, from 1, of a column over the rows."""
    total = sum((order.index(column) + 1) * len(rows) for order, rows in blocks)
    return total / max(1, sum(len(rows) for _, rows in blocks))
