"""optimum: the cheapest schedule with all traces known, by dynamic programming. An exact lower bound.

A *run* is a stretch of ticks on one instance, from its launch on. A run of m ticks does max(0, m * tick - restart) seconds of
work. Runs that do none are left out of a cheapest schedule: waiting instead is cheaper and takes nothing from other runs, each
of which pays for its own launch. So a schedule with L launches and A active ticks does A * tick - L * restart seconds of work
wherever its runs lie, and the job is done once A = ceil((work + L * restart) / tick). The cost of a schedule depends on which
ticks are active and where. One forward pass keeps

    least[instance running, launches, ticks idled so far] = fewest ten-thousandths of a dollar an hour, summed over active
    ticks,

in integers, and the answer is the cheapest entry with as many active ticks as its launches need. Nothing is lost by leaving out

* idling more than fits between the deadline and the work, and more launches than that time pays for;
* active ticks beyond those needed: a schedule is cut off where the work is done;
* where on-demand instances stand: they cost the same in all regions and are always available, so moving one buys nothing;
* the guard: it only takes choices away.

Under the leaderboard's rules a running instance moves free of charge from region to region, and all spot ticks are billed at
one price, which can be the first price of any region, by going there at the end. So there is one spot market: available
where any region is; a run goes on into a tick if some region is available in it and in the tick before. Its faulty guard can
make a run late, but no cheaper than this: with an overhead longer than a tick, the tick after a preemption that it wastes is
followed by on-demand to the end; without that tick the same run is on time and costs no more. All settings have such overheads.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adrs.tasks.spot.rules import PRICE_OD, WORK_S, Bools, Rules
from adrs.tasks.spot_multi_region.simulator import TICK_S
from adrs.tasks.spot_multi_region.windows import Prices

NEVER = np.int32(1 << 29)
"""More than any schedule pays; twice as much still fits int32."""

ON_DEMAND_PRICE = round(PRICE_OD * 1e4)


@dataclass(frozen=True)
class Market:
    """The instances that may run, tick by tick.

    Args:
        price: (ticks, instances) of each tick, `NEVER` where none is available.
        broken: (ticks, instances) whether what ran in the tick before cannot go on into this one.
    """

    price: Prices
    broken: Bools


def market(up: Bools, price: Prices, rules: Rules) -> Market:
    """The instances of a game: spot by region, or one spot market for all of them, and on-demand last.

    Args:
        up, price: (ticks, regions).
    """
    if rules == "leaderboard":
        hop = np.concatenate([np.zeros((1, 1), bool), (up[1:] & up[:-1]).any(axis=1, keepdims=True)])
        up, price = np.asarray(up.any(axis=1, keepdims=True)), np.full((len(up), 1), price[0].min())
    else:
        hop = up
    always = np.ones((len(up), 1), bool)
    spot = np.where(up, price, NEVER)
    return Market(
        np.concatenate([spot, np.full((len(up), 1), ON_DEMAND_PRICE)], axis=1).astype(np.int32),
        ~np.concatenate([hop, always], axis=1),
    )


def optimal_cost(offers: Market, deadline_s: float, restart_s: float, work_s: float = WORK_S, tick_s: float = TICK_S) -> float:
    """The least dollars for which the job can be done in time, with the future known; infinity if that is impossible.

    Args:
        restart_s: above 0.
    """
    horizon = int(deadline_s // tick_s)
    spare = horizon * tick_s - work_s
    if spare < restart_s - 1e-6:
        return float("inf")
    most = int((spare + 1e-6) // restart_s)
    launches = np.arange(most + 1)
    active = np.ceil((work_s + launches * restart_s) / tick_s - 1e-9).astype(np.int64)
    least = _least(offers, horizon, most, int(horizon - active[0]))
    costs = [least[row, : horizon - need + 1].min() for row, need in enumerate(active) if row and need <= horizon]
    found = min(costs, default=NEVER)
    return float(found) / 1e4 * tick_s / 3600 if found < NEVER else float("inf")


def _least(offers: Market, horizon: int, launches: int, idle: int) -> NDArray[np.int32]:
    """(launches, idle ticks) the least price of a schedule of that many ticks, `NEVER` where none exists."""
    instances = offers.price.shape[1]
    runs = np.full((instances, launches + 1, idle + 1), NEVER, np.int32)
    waiting = np.full((launches + 1, idle + 1), NEVER, np.int32)
    launched = waiting.copy()
    waiting[0, 0] = 0
    for tick in range(horizon):
        free = np.minimum(runs.min(axis=0), waiting)
        launched[1:] = free[:-1]
        waiting[:, 1:] = free[:, :-1]
        waiting[:, 0] = NEVER
        runs[offers.broken[tick]] = NEVER
        np.minimum(runs, launched, out=runs)
        runs += offers.price[tick][:, None, None]
        np.minimum(runs, NEVER, out=runs)
    found: NDArray[np.int32] = np.minimum(runs.min(axis=0), waiting)
    return found
