"""splits: which series are for training, validation and test, and why no split reveals anything about another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from adrs.core.task import SPLITS, SeedOf, Split, Workload
from adrs.tasks.expert_placement import real
from adrs.tasks.expert_placement.series import Series
from adrs.tasks.expert_placement.synthetic import LARGE, SMALL, Model, series

Size = Literal["small", "large"]

MODELS: dict[Split, tuple[Model, ...]] = {
    "train": (SMALL, LARGE),
    "validation": (SMALL, LARGE),
    "test": (SMALL, LARGE, LARGE),
}
"""Two shapes in every split, so that programs cannot specialise in one of them."""

FEW_LAYERS = 24
"""Layers of a series of size "small"."""

REAL_WINDOWS: dict[Split, tuple[int, int | None]] = {"train": (0, 5), "validation": (5, 8), "test": (8, None)}
"""First window, and the window after the last, of a split; no window is in two of them."""


def synthetic_series(seed_of: SeedOf, size: Size, splits: tuple[Split, ...] = SPLITS) -> Iterator[Workload[Series]]:
    """Every series has its own seed, so no split reveals anything about another."""
    layers = FEW_LAYERS if size == "small" else None
    for number, split in enumerate(SPLITS):
        if split in splits:
            for at, model in enumerate(MODELS[split]):
                made = series(model, (seed_of(split), number, at), layers)
                yield Workload(f"{split}-{model.experts}-{at}", made, split, f"{model.experts} experts")


def real_series() -> Iterator[Workload[Series]]:
    """The measured windows in order of time: train, then validation, then test."""
    whole = real.series()
    for split, (first, end) in REAL_WINDOWS.items():
        yield Workload(f"real-{split}", Series(whole.load[first:end], whole.cluster), split)


def leaderboard_series(seed_of: SeedOf, size: Size) -> Iterator[Workload[Series]]:
    """The test is the leaderboard's workload with all its windows; so train and validation are synthetic."""
    yield from synthetic_series(seed_of, size, ("train", "validation"))
    yield Workload("leaderboard", real.series(), "test")
