"""terms: quantities of a column within a group of rows, by name, for generators without a model. No decisions."""

from __future__ import annotations

from adrs.core.task import Term

TERMS = (
    Term("whole", "float", "rows * length", "characters of the column in this group", "characters"),
    Term("spent", "float", "distinct * spelled", "characters of its distinct cells, each sent at least once", "characters"),
    Term("repeats", "float", "rows / distinct", "mean number of rows with the same cell", "times"),
    Term("share", "float", "most / rows", "share of the rows that have the most frequent cell", "share", 0, 1),
)
"""Terms over the arguments of `worth` in the start program."""
