"""splits: which streams are for training, for validation and for the test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from adrs.core.task import SPLITS, SeedOf, Workload
from adrs.tasks.transactions.batches import Requests, draw

Size = Literal["small", "large"]

ORDER = ("alternating", "zipf16", "tpcc", "taobench", "tpcc_mini", "smallbank", "epinions", "ycsb")
"""The first stream and the first third of them are played first; they should resemble the whole."""
SHORT, LONG = 200, 500


def streams(seed_of: SeedOf, size: Size) -> Iterator[Workload[Requests]]:
    """Every stream has its own seed: (random seed of the split, split, number)."""
    for split in SPLITS:
        length = LONG if size == "large" or split == "test" else SHORT
        for number, family in enumerate(ORDER * (2 if size == "large" or split == "test" else 1)):
            stream = draw(family, length, f"online {seed_of(split)} {split} {number}")
            yield Workload(f"{split}-{number:02d}-{family}-{length}", stream, split, family)
