"""multi_region_games: the leaderboard's workload and its greedy policy over several regions, for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adrs.tasks.spot.rules import NONE, ON_DEMAND, SPOT, WORK_S, Codes, Floats, Ints
from adrs.tasks.spot_multi_region.simulator import TICK_S, Moment
from adrs.tasks.spot_multi_region.splits import real_windows
from adrs.tasks.spot_multi_region.windows import LEADERBOARD_SETS, Window


def leaderboard_windows() -> list[Window]:
    return [workload.data for workload in real_windows("small") if workload.split == "test"]


def by_set(windows: Sequence[Window], column: Floats) -> dict[str, float]:
    """Set of zones -> mean over its games."""
    names = [game.zones for window in windows for game in window.games]
    return {name: float(np.mean([x for x, n in zip(column, names, strict=True) if n == name])) for name in LEADERBOARD_SETS}


def leaderboard_mean(windows: Sequence[Window], column: Floats) -> float:
    """Mean over sets of zones of the means over their games."""
    return float(np.mean(list(by_set(windows, column).values())))


def greedy(moment: Moment, regions: Ints, end: Ints | None = None) -> tuple[Ints, Codes]:
    """The leaderboard's baseline.

    Args:
        regions: (games,) how many regions each game has.
        end: (games,) a region to go to when the work is done.
    """
    rows, here = np.arange(len(moment.who)), moment.region
    remaining = WORK_S - moment.done_s
    left = np.floor((moment.deadline_s - moment.elapsed_s) / TICK_S)
    need, twice = (np.ceil((remaining + k * moment.restart_s) / TICK_S) for k in (1, 2))
    has, was = moment.up[rows, here], moment.last == SPOT
    action = np.where(has, SPOT, NONE)
    action = np.where(twice >= left, np.where(was & has, SPOT, ON_DEMAND), action)
    action = np.where(need >= left, np.where(was & (moment.pending_s < 1e-3), SPOT, ON_DEMAND), action)
    over = remaining <= 1e-3
    action = np.where(over, NONE, action)
    region = np.where(has | (twice >= left) | over, here, (here + 1) % regions[moment.who])
    if end is not None:
        region = np.where(over, end[moment.who], region)
    return region, action.astype(np.int8)
