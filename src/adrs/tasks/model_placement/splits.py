"""splits: which instances are for training, validation and test, and why no split reveals anything about another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.random import RandomState

from adrs.core.task import SPLITS, SeedOf, Split, Workload
from adrs.tasks.cache import digest
from adrs.tasks.model_placement.baselines import kvpr_greedy
from adrs.tasks.model_placement.instance import FULL, Instance
from adrs.tasks.model_placement.synthetic import FAMILIES, Family, two_per_gpu

BATCHES: dict[Split, int] = {"train": 2, "validation": 2, "test": 2}
"""Workloads of each family; three times as many where one family is chosen alone."""

INSTANCES: dict[Split, int] = {"train": 10, "validation": 10, "test": 20}
"""Instances of a workload."""

PUBLISHED_SEED, PUBLISHED = 42, 50


@dataclass(frozen=True)
class Batch:
    """A workload: instances of one family, each placed independently."""

    family: Family
    instances: tuple[Instance, ...]

    @cached_property
    def digest(self) -> str:
        """A text that changes with anything that its numbers depend on."""
        return digest(self.family, *(instance.digest for instance in self.instances))


def synthetic(families: Sequence[Family], seed_of: SeedOf, scale: int) -> Iterator[Workload[Batch]]:
    """Every workload has a seed of its own: (seed of the split, family, split, number).

    Args:
        scale: factor on the number of GPUs of the families in which moving is free.
    """
    times = 3 if len(families) == 1 else 1
    for place, split in enumerate(SPLITS):
        for number in range(BATCHES[split] * times):
            for family in families:
                seed = (seed_of(split), list(FAMILIES).index(family), place, number, scale)
                rng = RandomState(np.random.MT19937(np.random.SeedSequence(seed)))
                instances = tuple(draw(family, rng, scale) for _ in range(INSTANCES[split]))
                yield Workload(f"{split}-{family}-{number}", Batch(family, instances), split, family)


def draw(family: Family, rng: RandomState, scale: int) -> Instance:
    """Draw one instance, again if greedy finds no place for a model or fills a GPU, so that greedy has a valid score."""
    while True:
        instance = FAMILIES[family](rng, scale)
        try:
            placement = kvpr_greedy.place(*instance.shown)
        except ValueError:  # nothing fits
            continue
        if instance.cost(placement) < FULL:
            return instance


def leaderboard(seed_of: SeedOf) -> Iterator[Workload[Batch]]:
    """The test is the public evaluators' fifty instances; train and validation use the same generator with other seeds."""
    for workload in synthetic(["two_per_gpu"], seed_of, 1):
        if workload.split != "test":
            yield workload
    published = tuple(two_per_gpu(rng) for rng in [RandomState(PUBLISHED_SEED)] for _ in range(PUBLISHED))
    for number in range(0, PUBLISHED, 10):
        instances = published[number : number + 10]
        yield Workload(f"leaderboard-{number:02d}-{number + 9:02d}", Batch("two_per_gpu", instances), "test")
