"""variants: tables as hard as a given one that share no text with it, so that run time is measured on new inputs."""

from __future__ import annotations

import statistics
import string
from collections.abc import Sequence

import numpy as np

from adrs.tasks.llm_sql.table import Table

COUNT = 6
"""Inputs of a timed workload: the table itself, and others that are timed."""

CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits)


LONG = 6
"""Least length of a cell that may get one more character: if flags and marks did, columns would change their rank."""


def disguised(table: Table, seed: int) -> Table:
    """A disguise of the table: recognising anything in it takes as much work as ordering it.

    Rows and columns are shuffled, letters and digits are replaced by others of their class, one to one, and every second
    distinct cell that is not short gets one more character, the same wherever it occurs. Equal cells stay equal, and nearly
    all common prefixes are as long as before; lengths of cells and rows no longer identify a row.
    """
    random = np.random.default_rng(np.random.SeedSequence([int(table.digest[:12], 16), seed]))
    mapping: dict[int, str] = {}
    for letters in CLASSES:
        mapping |= {ord(letter): letters[at] for letter, at in zip(letters, random.permutation(len(letters)), strict=True)}
    order, places = random.permutation(table.rows).tolist(), random.permutation(len(table.names)).tolist()
    tails = [
        "" if tail >= len(CLASSES[0]) else CLASSES[0][tail] for tail in random.integers(0, 52, len(table.distinct)).tolist()
    ]
    other = {"": ""}
    for cell, tail in zip(table.distinct, tails, strict=True):
        other[cell] = cell.translate(mapping) + (tail if len(cell) >= LONG else "")
    columns = tuple(tuple(other[table.columns[place][row]] for row in order) for place in places)
    return Table(table.name, tuple(f"column {number}" for number in range(len(places))), columns)


def kept(plain: float, others: Sequence[float]) -> float:
    """The share of the gain on the table itself that is also reached on its disguises, which are what is timed.

    Args:
        plain, others: shares of the way from the original order to the bound, of the table and of its disguises.
    """
    if plain <= 0:
        return 1.0
    return min(1.0, statistics.fmean(others) / plain)
