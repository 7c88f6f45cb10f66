"""simulator: the rules of Can't Be Late in one region, tick by tick, over many games at once. No policy, no score.

Source: "Can't Be Late: Optimizing Spot Instance Savings under Deadlines" (NSDI 2024) and the evaluator of the ADRS
leaderboard, whose rules `rules="leaderboard"` reproduces, its faulty guard included.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
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

TICK_S = 600.0
WORK_S = 48 * 3600.0
PRICE_OD = 3.06
PRICE_SPOT = 0.9731
"""Dollars an hour; the same spot price for every pool, as in the leaderboard's workload."""

AN_HOUR = 6
"""Ticks of margin before the guard binds, from which on on-demand counts as bought early."""


@dataclass(frozen=True)
class Games:
    """The games of a stage.

    Args:
        up: (ticks, traces) spot availability, True = available.
        trace: (games,) which column of `up` a game is played on.
        deadline_s, restart_s: (games,) seconds.
        work_s, tick_s: seconds of work of a job, seconds of a tick.
    """

    up: Bools
    trace: Ints
    deadline_s: Floats
    restart_s: Floats
    work_s: float = WORK_S
    tick_s: float = TICK_S


@dataclass(frozen=True)
class Moment:
    """One tick as the games that still run see it, before they decide; one value for each of them.

    Args:
        who: positions of these games, ascending.
        done_s, pending_s: seconds of work done; seconds of restart overhead still to be worked off.
        last, current: what ran in the tick before; the same after a preemption was noticed.
        up: whether spot is available in this tick.
    """

    tick: int
    elapsed_s: float
    who: list[int]
    done_s: Floats
    pending_s: Floats
    last: Codes
    current: Codes
    up: Bools
    deadline_s: Floats
    restart_s: Floats


@dataclass(frozen=True)
class Results:
    """How the games went; every array is (games,) and counts ticks, if nothing else is said.

    Args:
        tick_s: seconds of a tick.
        late: whether the deadline was missed.
        finish: the tick at whose beginning the work was done; finish time = finish * tick_s.
        spot, on_demand: ticks billed at either price.
        preemptions: how often a spot instance was lost.
        up: ticks with spot available before the finish.
        idle_up: waited although spot was available.
        on_demand_up: ran on demand although spot was available.
        on_demand_early: ran on demand at least an hour before the guard would have forced it.
    """

    tick_s: float
    late: Bools
    finish: Ints
    spot: Ints
    on_demand: Ints
    preemptions: Ints
    up: Ints
    idle_up: Ints
    on_demand_up: Ints
    on_demand_early: Ints

    @property
    def cost(self) -> Floats:
        """Dollars; a tick in which an instance is up is billed in full."""
        return dollars(self.spot, self.on_demand, self.tick_s)


def dollars(spot: Ints, on_demand: Ints, tick_s: float = TICK_S) -> Floats:
    """The price of so many ticks of either kind."""
    cost: Floats = (spot * PRICE_SPOT + on_demand * PRICE_OD) * tick_s / 3600
    return cost


def play(games: Games, decide: Callable[[Moment], Codes], rules: Rules = "clean") -> Results:
    """Play all games to their end in lock-step.

    Args:
        decide: the policy: the action codes it asks for, one for each of `moment.who`; asked once a tick.
        rules: under "leaderboard" the guard looks at the instance of the tick before, even if it was just preempted; one
            tick is then lost and the deadline missed by it, which the results say (`late`) and nobody punishes.

    Raises:
        IndexError: a game is not over when its trace is.
    """
    work, gap = games.work_s, games.tick_s
    who = np.arange(len(games.trace))
    trace, deadline, restart = games.trace, games.deadline_s, games.restart_s
    done, pending, last = np.zeros(len(who)), np.zeros(len(who)), np.zeros(len(who), np.int8)
    counts = np.zeros((7, len(who)), np.int64)
    finish, totals = np.zeros(len(who), np.int64), counts.copy()
    positions = who.tolist()
    for tick in count():
        if tick:
            done, pending = realise(done, pending, last, work, gap)
            over = work - done <= 1e-8
            if over.any():
                finish[who[over]], totals[:, who[over]] = tick, counts[:, over]
                left = ~over
                who, trace, deadline, restart = who[left], trace[left], deadline[left], restart[left]
                done, pending, last, counts = done[left], pending[left], last[left], counts[:, left]
                positions = who.tolist()
        if not positions:
            break
        up = games.up[tick][trace]
        lost = (last == SPOT) & ~up
        current = np.where(lost, np.int8(NONE), last)
        ask = decide(Moment(tick, tick * gap, positions, done, pending, last, current, up, deadline, restart))
        margin = np.floor((deadline - tick * gap) / gap) - np.ceil((work - done + restart) / gap)
        ask = guard(ask, margin, current if rules == "clean" else last, pending, work - done)
        run = np.where((ask == SPOT) & ~up, np.int8(NONE), ask)
        pending = np.where((run != NONE) & (run != current), restart, pending)
        _tally(counts, run, up, lost, margin)
        last = run
    return Results(gap, finish * gap > games.deadline_s + 1e-6, finish, *totals)


def realise(done: Floats, pending: Floats, last: Codes, work: float, gap: float) -> tuple[Floats, Floats]:
    """Work and overhead after the tick in which `last` ran: overhead is worked off first, progress is never lost."""
    worked = np.maximum(gap - pending, 0.0)
    worked[last == NONE] = 0.0
    rest = np.where(last == NONE, pending, pending - (gap - worked))
    rest[rest < 1e-3] = 0.0
    return done + np.minimum(worked, work - done), rest


def binding(margin: Floats, remaining: Floats) -> Bools:
    """Whether waiting any longer could miss the deadline: margin in ticks, seconds of work that remain."""
    return (margin <= 0) & (remaining > 1e-3)


def guard(ask: Codes, margin: Floats, instance: Codes, pending: Floats, remaining: Floats) -> Codes:
    """What runs instead of `ask` where the guard binds: a healthy spot instance, or on demand."""
    forced = binding(margin, remaining)
    if not forced.any():
        return ask
    healthy = (instance == SPOT) & (pending < 1e-3)
    return np.where(forced, np.where(healthy, np.int8(SPOT), np.int8(ON_DEMAND)), ask)


def _tally(counts: Ints, run: Codes, up: Bools, lost: Bools, margin: Floats) -> None:
    """Count one tick; the rows are the counters of `Results`, in its order."""
    on_demand = run == ON_DEMAND
    counts[0] += run == SPOT
    counts[1] += on_demand
    counts[2] += lost
    counts[3] += up
    counts[4] += (run == NONE) & up
    counts[5] += on_demand & up
    counts[6] += on_demand & (margin >= AN_HOUR)
