"""splits: which windows are for training, validation and test, and why no split reveals anything about another."""

from __future__ import annotations

from collections.abc import Iterator

from adrs.core.task import SPLITS, SeedOf, Split, Workload
from adrs.tasks.spot_single_region import real, synthetic
from adrs.tasks.spot_single_region.windows import LENGTH, Window

SYNTHETIC_WINDOWS: dict[Split, int] = {"train": 10, "validation": 10, "test": 30}
TRAIN_STARTS = tuple(round(1767 + 222 * k / 9) for k in range(10))
"""Real ticks 1767 to 2409, after the leaderboard's windows."""
VALIDATION_STARTS = {2410: (52, 70), 2464: (52,), 2518: (52,)}
"""Real ticks 2410 to 2830; windows shorter than 70 h are played with the 52 h deadline only."""


def synthetic_windows(seed_of: SeedOf) -> Iterator[Workload[Window]]:
    """Every window is from its own series, so no split reveals anything about another."""
    names = tuple(pool.name for pool in synthetic.POOLS)
    for number, split in enumerate(SPLITS):
        seeds = [(seed_of(split), number, window) for window in range(SYNTHETIC_WINDOWS[split])]
        for window, up in enumerate(synthetic.windows(seeds, LENGTH)):
            name = f"{split}-{window:02d}"
            yield Workload(name, Window(name, 0, names, up), split)


def real_windows() -> Iterator[Workload[Window]]:
    """The test is the leaderboard's; train and validation overlap neither it nor each other in any tick that a game may see."""
    whole = real.series()

    def window(start: int, deadlines: tuple[int, ...] = (52, 70)) -> Window:
        return Window("aws-2022-10-26", start, real.POOLS, whole[:, start : start + LENGTH], deadlines)

    for number, start in enumerate(TRAIN_STARTS):
        yield Workload(f"train-{number:02d}", window(start), "train")
    for number, (start, deadlines) in enumerate(VALIDATION_STARTS.items()):
        yield Workload(f"validation-{number:02d}", window(start, deadlines), "validation")
    for key, up in real.leaderboard(whole).items():
        start = real.LEADERBOARD[key]
        yield Workload(f"leaderboard-{key}", Window("aws-2022-10-26", start, real.POOLS, up[:, :LENGTH]), "test")
