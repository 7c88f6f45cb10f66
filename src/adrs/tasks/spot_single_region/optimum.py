"""optimum: the cheapest schedule with the whole trace known, by dynamic programming. An exact lower bound.

A schedule with L launches and A active ticks does A * tick - L * restart seconds of work, wherever the launches lie; so a
job needs A = ceil((work + L * restart) / tick) active ticks, and the only question is how few of them must be on demand.
That number does not depend on the restart overhead or the work, and one forward pass over the ticks answers it for all
deadlines: least[type running, launches, ticks idled so far] = fewest on-demand ticks.

What is left out, and why nothing is lost:

* Idling more than deadline - work ticks: the job could not be done in time.
* More than two launches for each stretch of availability, and one more. Two spot launches in one stretch can be joined: fill
  the pause with spot if it was on demand, else move the later part up to the earlier; that is as early, as cheap, and one
  launch less. Two on-demand launches with no spot between them are joined in the same way. So there are at most as many spot
  launches as stretches, and at most one on-demand launch more than that.
* More active ticks than needed: cut the schedule off where the work is done.
* Runs shorter than a restart overhead (possible only if it exceeds a tick): they do no work, and leaving them out is cheaper.

The guard of the simulator is not in it: the deadline is kept by construction. Nor can a policy gain from the leaderboard's
faulty guard: a run that it makes late waits for one tick and then runs on demand to the end, and the same run without that
tick is on time and costs as much.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adrs.tasks.spot.rules import WORK_S, Bools, Floats
from adrs.tasks.spot_single_region.simulator import TICK_S, dollars

Counts = NDArray[np.int16]
NEVER = np.int16(20_000)
"""More on-demand ticks than any schedule has; adding one a tick to it stays within int16."""


def optimal_costs(
    up: Bools, deadlines_s: Sequence[float], restarts_s: Sequence[float], work_s: float = WORK_S, tick_s: float = TICK_S
) -> Floats:
    """The least dollars for which the job can be done in time, with the future known.

    Args:
        up: (ticks,) availability, at least as long as the latest deadline.

    Returns:
        (deadlines, restarts) dollars; infinity where the job cannot be done in time.
    """
    ends = [int(deadline // tick_s) for deadline in deadlines_s]
    work_ticks = int(np.ceil(work_s / tick_s))
    least = fewest_on_demand(up, ends, max(0, max(ends) - work_ticks))
    costs = np.full((len(ends), len(restarts_s)), np.inf)
    for row, end in enumerate(ends):
        table = least[end]
        for column, restart in enumerate(restarts_s):
            launches = np.arange(len(table))
            active = np.ceil((work_s + launches * restart) / tick_s - 1e-9).astype(np.int64)
            possible = np.flatnonzero((active <= end) & (end - active < table.shape[1]))
            on_demand = table[possible, end - active[possible]].astype(np.int64)
            possible, on_demand = possible[on_demand < NEVER], on_demand[on_demand < NEVER]
            if len(possible):
                costs[row, column] = dollars(active[possible] - on_demand, on_demand, tick_s).min()
    return costs


def fewest_on_demand(up: Bools, ends: Sequence[int], idle: int) -> dict[int, Counts]:
    """Tick -> table (launches, idle ticks) of the fewest on-demand ticks before it, `NEVER` or more where impossible.

    Args:
        up: (ticks,) availability.
        ends: the ticks of the tables that are returned.
        idle: the most idle ticks that matter.
    """
    horizon = max(ends)
    stretches = np.cumsum(up[:horizon] & ~np.concatenate([[False], up[: horizon - 1]]))
    rows = 2 * int(stretches[-1]) + 2 if horizon else 1
    shape = (rows, idle + 1)
    waiting, spot, on_demand = (np.full(shape, NEVER, np.int16) for _ in range(3))
    waiting[0, 0] = 0
    tables = {}
    for tick in range(horizon + 1):
        if tick in ends:
            tables[tick] = np.minimum(np.minimum(waiting, spot), on_demand)
        if tick == horizon:
            break
        used = min(rows, 2 * int(stretches[tick]) + 2)
        _step(bool(up[tick]), waiting[:used], spot[:used], on_demand[:used])
    return tables


def _step(up: bool, waiting: Counts, spot: Counts, on_demand: Counts) -> None:
    """One tick, in place; a launch moves a row down, idling a column to the right."""
    without = np.minimum(waiting, spot)
    paused = np.minimum(waiting, on_demand)
    np.minimum(without, on_demand, out=waiting)
    waiting[:, 1:] = waiting[:, :-1]
    waiting[:, 0] = NEVER
    if up:
        np.minimum(spot[1:], paused[:-1], out=spot[1:])
    else:
        spot.fill(NEVER)
    np.minimum(on_demand[1:], without[:-1], out=on_demand[1:])
    on_demand += 1
