"""availability: made-up spot pools that behave like real ones: the process only; each task has its own numbers.

A pool alternates between stretches with and without spot. Every stretch is of a short or a long kind, and its length is
geometric; which kind comes next depends on the kind that ends. Three things change the chance that a stretch ends: a constant
shift, a season (a normal draw that one window keeps) and the hour of the day. A caller may add a fourth, the weather.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np

from adrs.tasks.spot.rules import Bools, Floats

STEP_S = 600.0
"""Seconds of a step: availability changes at most that often, as in the measurements."""

DAY = 144
"""Steps of a day."""

RUN_IN = 7 * DAY
"""Steps of a series before a window begins."""

Pair = tuple[float, float]


@dataclass(frozen=True)
class Pool:
    """One pool. Pairs are (of the short kind, of the long kind).

    Args:
        down, up: mean steps of a stretch without, with spot.
        after_down, after_up: chance that the stretch after one of this kind is short.
        shift, season: mean and standard deviation, over windows, of the log factor by which stretches without spot end sooner
            and stretches with spot later.
        rhythm, peak: the same factor's daily amplitude, and the hour in which it is highest (hour 0 is the same for all pools,
            and any hour of the day where a window begins).
    """

    name: str
    down: Pair
    up: Pair
    after_down: Pair
    after_up: Pair
    shift: float
    season: float
    rhythm: float
    peak: float


def windows(seeds: Sequence[Sequence[int]], ticks: int, pools: Sequence[Pool], weather: Floats | None = None) -> Bools:
    """Windows of independent series.

    Args:
        seeds: for each window the numbers that seed it; equal numbers give equal windows.
        ticks: steps of a window.
        weather: (RUN_IN + ticks, windows, pools) added to the log factor, tick by tick; pools may share theirs.

    Returns:
        (windows, pools, ticks), True = spot available.
    """
    rngs = [np.random.default_rng(np.random.SeedSequence(seed)) for seed in seeds]
    _, *columns = (np.array(column) for column in zip(*(astuple(pool) for pool in pools), strict=True))
    down, up, after_down, after_up, shift, season, rhythm, peak = columns
    length, short = np.stack([down, up]), np.stack([after_down, after_up])  # (state, pool, kind)
    pool = np.arange(len(pools))

    start = np.array([rng.random() for rng in rngs])[:, None] * DAY
    level = shift + season * np.array([rng.standard_normal(len(pools)) for rng in rngs])
    chance = np.array([rng.random((RUN_IN + ticks, 2, len(pools))) for rng in rngs]).transpose(1, 2, 0, 3)
    state, kind = (chance[0] < 0.5).astype(np.int64)
    out = np.empty((len(rngs), len(pools), ticks), bool)
    for tick in range(1, RUN_IN + ticks):
        hour = 2 * np.pi * (start + tick - peak * DAY / 24) / DAY
        shifts = level + rhythm * np.cos(hour)
        if weather is not None:
            shifts = shifts + weather[tick]
        factor = np.exp(shifts * np.where(state == 1, -1, 1))
        ends = chance[tick, 0] * length[state, pool, kind] < factor
        kind = np.where(ends, chance[tick, 1] >= short[state, pool, kind], kind).astype(np.int64)
        state ^= ends
        if tick >= RUN_IN:
            out[:, :, tick - RUN_IN] = state == 1
    return out
