"""variants: tables that are as hard as another and share no text with it, so that run time is measured on new inputs."""

from __future__ import annotations

import string

import numpy as np

from adrs.tasks.llm_sql.table import Table

COUNT = 6
"""Inputs of a timed workload: the table itself, and others that are timed."""

CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits)


def disguised(table: Table, seed: int) -> Table:
    """The table with its rows shuffled, and letters and digits replaced by others of their class, one to one.

    All lengths, equal cells and common prefixes stay as they are, so the same orders have the same hits.
    """
    random = np.random.default_rng(np.random.SeedSequence([int(table.digest[:12], 16), seed]))
    mapping: dict[int, str] = {}
    for letters in CLASSES:
        mapping |= {ord(letter): letters[at] for letter, at in zip(letters, random.permutation(len(letters)), strict=True)}
    order = random.permutation(table.rows).tolist()
    translated = ([cell.translate(mapping) for cell in column] for column in table.columns)
    return Table(table.name, table.names, tuple(tuple(column[row] for row in order) for column in translated))
