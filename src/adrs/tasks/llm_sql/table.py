"""table: a table of strings, as the referee holds it and as a player sees it. Reading and making tables is elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from adrs.tasks.cache import digest

Columns = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class Table:
    """Cells by column; all columns have as many cells as there are rows.

    Args:
        name: the kind of table, "beer".
        names: of the columns.
        columns: (columns, rows) cells.
    """

    name: str
    names: tuple[str, ...]
    columns: Columns

    @property
    def rows(self) -> int:
        return len(self.columns[0])

    @cached_property
    def lengths(self) -> list[int]:
        """Characters of every row, whatever the order of its cells."""
        return [sum(map(len, row)) for row in zip(*self.columns, strict=True)]

    @cached_property
    def characters(self) -> int:
        return sum(self.lengths)

    @cached_property
    def distinct(self) -> list[str]:
        """Every cell that is not empty, once; sorted."""
        return sorted({cell for column in self.columns for cell in set(column)} - {""})

    @cached_property
    def digest(self) -> str:
        """A text that changes with any cell, name or boundary."""
        return digest(self.name, *self.names, *("".join(f"{len(cell)}:{cell}" for cell in column) for column in self.columns))


@dataclass(frozen=True, eq=False)
class Sheet:
    """The data of a workload: a table that is made or read when it is first needed.

    Args:
        key: a text that names its content; equal keys are equal tables.
        make: the table before columns are merged.
        groups: columns to be merged, as `merged` takes them.
        ranked: whether the parts of a merged column are joined as the published programs do it, by descending `column_score`;
            else as listed.
    """

    key: str
    make: Callable[[], Table]
    groups: tuple[tuple[str, ...], ...]
    ranked: bool = False

    @cached_property
    def table(self) -> Table:
        """The table as it is played."""
        if not self.ranked:
            return self.listed
        raw = self.make()
        at = dict(zip(raw.names, raw.columns, strict=True))
        ranked = [sorted(group, key=lambda name: -column_score(at[name])) for group in self.groups]
        return merged(raw, ranked)

    @cached_property
    def listed(self) -> Table:
        """The table with the parts of merged columns as listed; its original order is the leaderboard's zero."""
        return merged(self.make(), self.groups)


def column_score(cells: Sequence[str]) -> float:
    """QuickGreedy's score of a column: squared mean length times (rows / distinct cells - 1)."""
    return (sum(map(len, cells)) / len(cells)) ** 2 * (len(cells) / len(set(cells)) - 1)


def merged(table: Table, groups: Sequence[Sequence[str]]) -> Table:
    """The table with each group of columns joined into one, which comes last and is named after its parts.

    Args:
        groups: names of columns that determine one another, in the order in which their cells are joined.
    """
    at = dict(zip(table.names, table.columns, strict=True))
    inside = {name for group in groups for name in group}
    names = [name for name in table.names if name not in inside]
    columns = [at[name] for name in names]
    for group in groups:
        names.append("_".join(group))
        columns.append(tuple(map("".join, zip(*(at[name] for name in group), strict=True))))
    return Table(table.name, tuple(names), tuple(columns))
