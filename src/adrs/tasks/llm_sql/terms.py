"""terms: quantities of a column within a group of rows, by name, for generators without a model. No decision is among them."""

from __future__ import annotations

from adrs.core.task import Term

TERMS = (
    Term("whole", "float", "rows * length", "characters of the column in this group", "characters"),
    Term("spent", "float", "distinct * spelled", "characters of its distinct cells: what has to be spelled", "characters"),
    Term("repeats", "float", "rows / distinct", "how often a cell stands there in the mean", "times"),
    Term("share", "float", "most / rows", "share of the rows that have the most frequent cell", "share", 0, 1),
)
"""Of the arguments that `worth` has in the start program."""
