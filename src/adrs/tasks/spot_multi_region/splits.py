"""splits: which windows are for training, validation and test, and why no split reveals anything about another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from adrs.core.task import SPLITS, SeedOf, Split, Workload
from adrs.tasks.spot_multi_region import real, synthetic
from adrs.tasks.spot_multi_region.windows import LEADERBOARD_SETS, SETS, Window

Size = Literal["small", "large"]

LEADERBOARD_SETTING = (52, 0.2)
SETTINGS = (LEADERBOARD_SETTING, (56, 0.2), LEADERBOARD_SETTING, (52, 0.1))
"""Deadline and restart overhead in hours, in turn over the windows of training and validation."""

SYNTHETIC_WINDOWS: dict[Size, dict[Split, int]] = {
    "small": {"train": 6, "validation": 6, "test": 16},
    "large": {"train": 24, "validation": 16, "test": 40},
}
LENGTH = 1036
"""Ticks of a synthetic window: as many as a deadline of 56 h shows."""

TRAIN = (91, 57, 40, 19, 86, 52, 94, 15, 39, 43, 97, 48, 47, 89, 10)
"""Real windows of 2023-02-16 to 02-23, before the first of the leaderboard's begins."""
SMALL_TRAIN = (91, 19, 94, 97, 48, 10)
VALIDATION = {60: (52, 0.2), 96: (56, 0.2), 56: (52, 0.1), 31: (52, 0.2), 78: (52, 0.2)}
"""Real windows of 2023-02-25 to 03-08, in two gaps between windows of the leaderboard; the last two fit 52 h only."""

LEADERBOARD_WINDOWS = dict(zip(LEADERBOARD_SETS, (8, 8, 6, 6, 4, 2), strict=True))
"""Set of zones -> number of windows on which it is played, from window 0."""


def synthetic_windows(seed_of: SeedOf, size: Size) -> Iterator[Workload[Window]]:
    """Every window is from its own series, so no split reveals anything about another."""
    for number, split in enumerate(SPLITS):
        seeds = [(seed_of(split), number, window) for window in range(SYNTHETIC_WINDOWS[size][split])]
        for window, (up, price) in enumerate(zip(*synthetic.windows(seeds, LENGTH), strict=True)):
            name = f"{split}-{window:02d}"
            sets, setting = tuple(SETS), SETTINGS[window % len(SETTINGS)]
            if split == "test":
                sets, setting = tuple(LEADERBOARD_SETS), LEADERBOARD_SETTING
            yield Workload(name, Window(name, 0, sets, up, price, *setting), split)


def real_windows(size: Size) -> Iterator[Workload[Window]]:
    """The test is the leaderboard's; train and validation share no moment that a game may see with it or each other."""
    measured = real.traces()

    def window(key: int, sets: tuple[str, ...], setting: tuple[float, float], weights: tuple[float, ...] = ()) -> Window:
        at = real.IDS.index(key)
        up, price = measured.up[:, at], measured.price[:, at]
        return Window("aws-2023-02-16", measured.start[key], sets, up, price, *setting, weights)

    for number, key in enumerate(TRAIN if size == "large" else SMALL_TRAIN):
        yield Workload(f"train-{key}", window(key, tuple(SETS), SETTINGS[number % len(SETTINGS)]), "train")
    for key, setting in VALIDATION.items():
        yield Workload(f"validation-{key}", window(key, tuple(SETS), setting), "validation")
    for key in range(max(LEADERBOARD_WINDOWS.values())):
        played = {name: 1 / many for name, many in LEADERBOARD_WINDOWS.items() if key < many}
        whole = window(key, tuple(played), LEADERBOARD_SETTING, tuple(played.values()))
        yield Workload(f"leaderboard-{key}", whole, "test")
