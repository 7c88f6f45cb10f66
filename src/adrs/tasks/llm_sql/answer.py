"""answer: checks that blocks are an order of all rows with all columns in each. It does not score them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from adrs.core.failure import Foul
from adrs.tasks.llm_sql.metrics import Block
from adrs.tasks.llm_sql.table import Table

Answer = list[tuple[list[int], list[int]]]
"""The answer of a player."""


def check(blocks: Sequence[Block], table: Table) -> None:
    """Check that nothing is missing, repeated or invented: every block permutes the columns, all blocks together the rows.

    Raises:
        Foul: `illegal_answer`, with the first block, column or row that is wrong.
    """
    width = len(table.names)
    every = list(range(width))
    sound: set[tuple[int, ...]] = set()
    for place, (order, block) in enumerate(blocks):
        if not block:
            raise Foul("illegal_answer", f"block {place} has no rows: leave it out")
        known = tuple(order)
        if known not in sound and sorted(order) != every:
            raise Foul("illegal_answer", f"block {place}: {_wrong(order, width, 'column')}")
        sound.add(known)
    rows = [row for _, block in blocks for row in block]
    if len(rows) != table.rows or sorted(rows) != list(range(table.rows)):
        raise Foul("illegal_answer", f"the blocks' rows: {_wrong(rows, table.rows, 'row')}")


def _wrong(numbers: Sequence[int], count: int, what: str) -> str:
    """The first reason why numbers are not 0 to count - 1, each once."""
    for number in numbers:
        if not 0 <= number < count:
            return f"there is no {what} {number}; they go from 0 to {count - 1}"
    times = Counter(numbers)
    for number, often in times.items():
        if often > 1:
            return f"{what} {number} appears {often} times"
    missing = next(number for number in range(count) if number not in times)
    return f"{what} {missing} is missing"
