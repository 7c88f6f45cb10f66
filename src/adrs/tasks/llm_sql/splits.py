"""splits: which tables are for training, for validation and for the test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Literal

from adrs.core.failure import Refusal
from adrs.core.task import SPLITS, SeedOf, Split, Workload
from adrs.tasks.downloads import folder
from adrs.tasks.llm_sql import real, synthetic
from adrs.tasks.llm_sql.table import Sheet

Size = Literal["small", "large"]

ROWS: Mapping[Size, Mapping[str, int]] = {
    "small": {"beer": 2_000, "pdmx": 400, "movies": 600, "products": 500, "bird": 300},
    "large": {"beer": 28_479, "pdmx": 10_000, "movies": 15_000, "products": 15_000, "bird": 15_000},
}
"""Rows of a made-up table, by size and kind, the cheapest first; "large" has the sizes of the published tables."""

TABLES: Mapping[Split, int] = {"train": 1, "validation": 1, "test": 2}
"""Made-up tables of each kind."""


def synthetic_tables(seed_of: SeedOf, size: Size, ranked: bool) -> Iterator[Workload[Sheet]]:
    """Made-up tables, each from its own seed, so no split reveals anything about another."""
    for split_number, split in enumerate(SPLITS):
        for kind_number, (kind, rows) in enumerate(ROWS[size].items()):
            for number in range(TABLES[split]):
                seed = (seed_of(split), split_number, kind_number, number)
                name = f"{split}-{kind}" + (f"-{number}" if TABLES[split] > 1 else "")
                make = partial(synthetic.made, kind, rows, seed)
                yield Workload(name, Sheet(f"{kind} {rows} {seed}", make, real.PUBLISHED[kind].groups, ranked), split, kind)


def real_tables(seed_of: SeedOf, size: Size) -> Iterator[Workload[Sheet]]:
    """Real beer replaces the synthetic one in train; other available tables are added to the test.

    Raises:
        Refusal: the beer table is missing, or a file has other content.
    """
    others = [name for name in real.at_hand() if name != "beer"]
    known = list(synthetic_tables(seed_of, size, False))
    yield from (workload for workload in known if workload.split == "train" and workload.name != "train-beer")
    yield _real("beer", "train", False)
    yield from (workload for workload in known if workload.split != "train")
    yield from (_real(name, "test", False) for name in others)


def leaderboard_tables(seed_of: SeedOf, size: Size) -> Iterator[Workload[Sheet]]:
    """The test has the leaderboard's tables that are available; train and validation are made up.

    Raises:
        Refusal: none of the five tables is available, or a file has other content.
    """
    there = [name for name in real.LEADERBOARD if name in real.at_hand()]
    if not there:
        raise Refusal(
            f"rules=leaderboard with data=real needs beer.csv or another of the five tables in {folder()}: "
            f"run `adrs data fetch {real.TASK}`, or set ADRS_DATA to the folder that holds them"
        )
    yield from (workload for workload in synthetic_tables(seed_of, size, True) if workload.split != "test")
    yield from (_real(name, "test", True) for name in there)


def _real(name: str, split: Split, ranked: bool) -> Workload[Sheet]:
    table = real.read(name)
    return Workload(f"real-{name}", Sheet(table.digest, lambda: table, real.PUBLISHED[name].groups, ranked), split)


def example(seed_of: SeedOf) -> Sheet:
    """A table of beers for the picture, the same whatever the other options are."""
    return next(w.data for w in synthetic_tables(seed_of, "small", False) if w.name == "train-beer")
