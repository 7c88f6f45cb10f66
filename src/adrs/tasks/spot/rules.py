"""rules: actions, prices, restart overhead and the guard, the same for one spot market and for several. No tick, no market.

Source: "Can't Be Late: Optimizing Spot Instance Savings under Deadlines" (NSDI 2024) and the evaluator of the ADRS
leaderboard, whose rules `rules="leaderboard"` reproduces, its faulty guard included.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Action = Literal["SPOT", "ON_DEMAND", "NONE"]
Rules = Literal["clean", "leaderboard"]
Codes = NDArray[np.int8]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

NONE, SPOT, ON_DEMAND = 0, 1, 2
NAMES = np.array(["NONE", "SPOT", "ON_DEMAND"], dtype=object)
CODE = {str(name): code for code, name in enumerate(NAMES)}

WORK_S = 48 * 3600.0
"""Seconds of work of a job."""

PRICE_OD = 3.06
"""Dollars an hour of an on-demand instance, in every pool and region."""


def realise(done: Floats, pending: Floats, last: Codes, work: float, gap: float) -> tuple[Floats, Floats]:
    """Work done and overhead pending after the tick in which `last` ran: overhead is worked off first, progress is never lost.

    Args:
        done, pending: (games,) seconds before the tick.
        work, gap: seconds of work of a job, seconds of a tick.
    """
    worked = np.maximum(gap - pending, 0.0)
    worked[last == NONE] = 0.0
    rest = np.where(last == NONE, pending, pending - (gap - worked))
    rest[rest < 1e-3] = 0.0
    return done + np.minimum(worked, work - done), rest


def binding(margin: Floats, remaining: Floats) -> Bools:
    """Whether waiting any longer could miss the deadline.

    Args:
        margin: (games,) ticks to the deadline that the rest of the work and one restart do not need.
        remaining: (games,) seconds of work still to do.
    """
    return (margin <= 0) & (remaining > 1e-3)


def guard(ask: Codes, margin: Floats, instance: Codes, pending: Floats, remaining: Floats) -> Codes:
    """What runs instead of `ask` where the guard binds: a healthy spot instance runs on, anything else becomes on demand.

    Args:
        instance: (games,) the instance that the guard assumes; the leaderboard's takes the one of the tick before.
    """
    forced = binding(margin, remaining)
    if not forced.any():
        return ask
    healthy = (instance == SPOT) & (pending < 1e-3)
    return np.where(forced, np.where(healthy, np.int8(SPOT), np.int8(ON_DEMAND)), ask)
