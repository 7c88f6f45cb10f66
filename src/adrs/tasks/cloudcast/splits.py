"""splits: which transfers are for training, validation and test, and why no split reveals anything about another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from adrs.core.task import SPLITS, SeedOf, Split, Workload
from adrs.tasks.cloudcast import real, synthetic
from adrs.tasks.cloudcast.network import Transfer
from adrs.tasks.cloudcast.transfers import KINDS, Kind, draw

Size = Literal["small", "large"]

COUNTS: dict[Size, dict[Split, int]] = {
    "small": {"train": 8, "validation": 8, "test": 16},
    "large": {"train": 24, "validation": 24, "test": 48},
}
"""Transfers of a split; every second one is "tight". The real test split is the five published ones."""

REGIONS: dict[Size, int | None] = {"small": 8, "large": None}
"""Regions of each cloud in a synthetic network; None for 71 in all."""


def synthetic_transfers(seed_of: SeedOf, size: Size) -> Iterator[Workload[Transfer]]:
    """Draw every transfer on its own network, from its own seed."""
    for split in SPLITS:
        for name, kind, rng in _draws(seed_of, size, split):
            transfer = None
            while transfer is None:
                network = synthetic.network(rng, REGIONS[size])
                transfer = draw(rng, network, kind, range(len(network.names)))
            yield Workload(name, transfer, split, kind)


def real_transfers(seed_of: SeedOf, size: Size) -> Iterator[Workload[Transfer]]:
    """Use the one measured network; no two splits share a source, and the test is the five published transfers.

    Of the other regions, every second one of the price list is a source of train, the rest are sources of validation.
    """
    network = real.network()
    published = real.published(network)
    free = [at for at in range(real.REGIONS) if at not in {transfer.source for _, transfer in published}]
    sources: dict[Split, list[int]] = {"train": free[::2], "validation": free[1::2]}
    for split, regions in sources.items():
        for name, kind, rng in _draws(seed_of, size, split):
            transfer = draw(rng, network, kind, regions)
            if transfer is None:
                raise RuntimeError(f"no transfer of the kind {kind} begins in any of {len(regions)} regions")
            yield Workload(name, transfer, split, kind)
    for name, transfer in published:
        yield Workload(name, transfer, "test")


def _draws(seed_of: SeedOf, size: Size, split: Split) -> Iterator[tuple[str, Kind, np.random.Generator]]:
    for number in range(COUNTS[size][split]):
        kind = KINDS[number % len(KINDS)]
        rng = np.random.default_rng(np.random.SeedSequence((seed_of(split), SPLITS.index(split), number)))
        yield f"{split}-{number:02d}-{kind}", kind, rng
