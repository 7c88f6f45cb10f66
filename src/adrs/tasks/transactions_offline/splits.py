"""splits: which batches are for training, for validation and for the test, and how many CPU seconds each may take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from adrs.core.task import SPLITS, SeedOf, Split, Workload
from adrs.tasks.transactions import real
from adrs.tasks.transactions.batches import Requests, draw

Size = Literal["small", "large"]
Rules = Literal["clean", "leaderboard"]
Data = Literal["synthetic", "real"]

SIZE = 100
LEADERBOARD_SECONDS = 600.0 / 3
"""The leaderboard gives its three batches ten minutes together."""
FIRST_LOOK = 0.8
"""Most CPU seconds of the first batch of train: every program is played on it first, under short limits."""
BUDGET = {"small": 0.25, "large": 0.8}
"""CPU seconds for a hundred transactions."""

OPEN = ("zipf16", "zipf16", "alternating")
"""Families with the largest gains come more often; for the others a good local search finds the optimum."""
ORDER = ("alternating", "tpcc", "zipf16", "taobench", "tpcc_mini", "smallbank", "epinions", "ycsb")
"""The first and the first third of a split are played first; they should resemble the whole."""
TEST_SIZES = (100, 100, 400)
LARGE_SIZES = (100, 300, 500)
PUBLISHED = ("alternating", "zipf16", "tpcc_mini")


def longest(data: Data, rules: Rules, size: Size) -> float:
    """The most CPU seconds that any batch may take."""
    if rules == "leaderboard":
        return LEADERBOARD_SECONDS
    sizes = (SIZE,) if data == "real" else LARGE_SIZES if size == "large" else TEST_SIZES
    return BUDGET[size] * max(sizes) / SIZE


@dataclass(frozen=True, eq=False)
class Job:
    """A batch and the CPU seconds in which its order must be found."""

    requests: Requests
    seconds: float


def synthetic(seed_of: SeedOf, size: Size) -> Iterator[Workload[Job]]:
    """Every batch has its own seed: (random seed of the split, split, number)."""
    for split in SPLITS:
        sizes = LARGE_SIZES if size == "large" else TEST_SIZES if split == "test" else (SIZE,)
        families = [(family, many) for many in sizes for family in ORDER]
        families += [(family, SIZE) for family in OPEN]
        yield from _jobs(split, families, seed_of, BUDGET[size])


def published(seed_of: SeedOf, rules: Rules, size: Size) -> Iterator[Workload[Job]]:
    """The test is the leaderboard's; train and validation have the same three kinds."""
    families = [(family, SIZE) for _ in range(4 if size == "small" else 12) for family in PUBLISHED]
    for split in SPLITS[:2]:
        yield from _jobs(split, families, seed_of, BUDGET[size], LEADERBOARD_SECONDS if rules == "leaderboard" else 0)
    seconds = LEADERBOARD_SECONDS if rules == "leaderboard" else BUDGET[size]
    for name, requests in real.leaderboard().items():
        yield Workload(name, Job(requests, seconds), "test")


def _jobs(
    split: Split, families: Sequence[tuple[str, int]], seed_of: SeedOf, budget: float, fixed: float = 0.0
) -> Iterator[Workload[Job]]:
    """Batches in the given order.

    Args:
        budget: CPU seconds for a hundred transactions.
        fixed: CPU seconds for any batch; 0: by the budget.
    """
    for number, (family, many) in enumerate(families):
        seconds = fixed or budget * many / SIZE
        if split == "train" and number == 0:
            seconds = min(seconds, FIRST_LOOK)
        job = Job(draw(family, many, f"{seed_of(split)} {split} {number}"), seconds)
        yield Workload(f"{split}-{number:02d}-{family}-{many}", job, split, family)
