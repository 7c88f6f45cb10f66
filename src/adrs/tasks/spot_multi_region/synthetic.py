"""synthetic: availability and prices of nine made-up spot zones that behave like nine real ones.

Availability is the process of `spot/availability.py`, as in the single-region task, with one thing more: the zones of a region
share a *weather*, an autoregressive process that makes stretches without spot longer or shorter for all of them. A tick of
195 s shows the state of its beginning. Prices are those of a region: they drift slowly, each zone changes its own a few times
a day, and none is ever below a floor. `bench/multi_region_fit.py` fits all numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adrs.tasks.spot import availability
from adrs.tasks.spot.availability import RUN_IN, STEP_S, Pool
from adrs.tasks.spot.rules import Bools, Floats
from adrs.tasks.spot_multi_region.simulator import TICK_S
from adrs.tasks.spot_multi_region.windows import Prices

FLOOR = 0.918
"""Dollars an hour; no spot price is below 30 % of the on-demand price."""

LASTS = 72
"""Steps of 600 s after which 1/e of a weather is left."""

CHANGES = 110
"""Ticks between two changes of a zone's price."""


@dataclass(frozen=True)
class Zone:
    """One zone.

    Args:
        pool: its availability.
        price, spread: dollars an hour, mean and standard deviation over windows, before the floor.
        drift: standard deviation of the change over 1,107 ticks.
    """

    pool: Pool
    price: float
    spread: float
    drift: float

    @property
    def region(self) -> str:
        """ "us-east-1" of "us-east-1a"."""
        return self.pool.name[:-1]


WEATHER = {"us-east-1": 1.05, "us-east-2": 2.59, "us-west-2": 1.42}
"""Standard deviation of a region's weather in the log factor."""

ZONES = (
    Zone(Pool("us-east-1a", (2.36, 80.75), (1.9, 8.02), (0.69, 0.95), (0.55, 0.89), -0.69, 0.0, 0.0, 0.0), 1.745, 0.061, 0.083),
    Zone(
        Pool("us-east-1c", (1.81, 21.15), (2.2, 14.37), (0.59, 0.76), (0.45, 0.34), -0.33, 0.0, 0.0, 0.0), 1.212, 0.015, 0.022
    ),
    Zone(Pool("us-east-1d", (4.7, 62.44), (3.48, 23.06), (0.76, 0.89), (0.78, 0.76), -0.3, 0.0, 0.0, 0.0), 1.161, 0.011, 0.026),
    Zone(
        Pool("us-east-1f", (2.07, 26.26), (2.35, 23.2), (0.65, 0.51), (0.73, 0.29), -0.08, 0.0, 0.0, 0.0), 1.191, 0.026, 0.041
    ),
    Zone(Pool("us-east-2a", (1.0, 30.55), (7.21, 108.68), (0.89, 0.46), (0.28, 0.21), 0.68, 0.0, 0.0, 0.0), 0.918, 0.0, 0.001),
    Zone(Pool("us-east-2b", (1.28, 19.8), (2.73, 48.53), (0.77, 0.51), (0.31, 0.19), 0.45, 0.0, 0.0, 0.0), 0.935, 0.024, 0.032),
    Zone(Pool("us-west-2a", (2.7, 13.73), (5.35, 103.78), (0.65, 0.64), (0.6, 0.66), 0.67, 0.0, 0.0, 0.0), 0.918, 0.0, 0.0),
    Zone(Pool("us-west-2b", (3.82, 12.82), (4.22, 145.42), (0.63, 0.63), (0.57, 0.35), 0.67, 0.0, 0.0, 0.0), 0.918, 0.0, 0.0),
    Zone(Pool("us-west-2c", (1.92, 13.44), (2.65, 75.46), (0.52, 0.81), (0.6, 0.66), 0.7, 0.48, 0.0, 0.0), 0.918, 0.0, 0.0),
)
"""Named after the zones that they behave like, in the order of `windows.ZONES`."""


def windows(seeds: Sequence[Sequence[int]], ticks: int, zones: Sequence[Zone] = ZONES) -> tuple[Bools, Prices]:
    """Windows of independent series.

    Args:
        seeds: for each window the numbers from which its randomness comes; equal numbers give equal windows.
        ticks: length of a window.

    Returns:
        (windows, zones, ticks) True = spot available; and the same of prices.
    """
    steps = int((ticks - 1) * TICK_S // STEP_S) + 1
    rngs = [np.random.default_rng(np.random.SeedSequence([*seed, 1])) for seed in seeds]
    regions = list(dict.fromkeys(zone.region for zone in zones))
    home = [regions.index(zone.region) for zone in zones]
    weather = _weather(rngs, RUN_IN + steps, [WEATHER[region] for region in regions])[:, :, home]
    up = availability.windows(seeds, steps, [zone.pool for zone in zones], weather)
    shown = (np.arange(ticks) * TICK_S // STEP_S).astype(np.int64)
    return up[:, :, shown], np.stack([_prices(rng, ticks, zones, home) for rng in rngs])


def _weather(rngs: Sequence[np.random.Generator], steps: int, sizes: Sequence[float]) -> Floats:
    """(steps, windows, regions) stationary autoregressive processes."""
    keep = np.exp(-1 / LASTS)
    noise: Floats = np.array([rng.standard_normal((steps, len(sizes))) for rng in rngs]).transpose(1, 0, 2)
    noise[1:] *= np.sqrt(1 - keep**2)
    for step in range(1, steps):
        noise[step] += keep * noise[step - 1]
    noise *= np.array(sizes)
    return noise


def _prices(rng: np.random.Generator, ticks: int, zones: Sequence[Zone], home: Sequence[int]) -> Prices:
    """(zones, ticks) prices of one window."""
    level, slope = rng.standard_normal((2, max(home) + 1))[:, home]
    phase = rng.random(len(zones))[:, None]
    changed = np.maximum(np.floor(np.arange(ticks) / CHANGES + phase) - phase, 0) * CHANGES / 1107
    columns = [np.array(column)[:, None] for column in zip(*((z.price, z.spread, z.drift) for z in zones), strict=True)]
    price, spread, drift = columns
    dollars = np.maximum(price + spread * level[:, None] + drift * slope[:, None] * (changed - 0.5), FLOOR)
    found: Prices = np.round(dollars * 1e4).astype(np.int32)
    return found
