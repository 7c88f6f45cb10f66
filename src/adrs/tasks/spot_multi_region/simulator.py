"""simulator: the rules of Can't Be Late over several regions, tick by tick, over many games at once. No policy, no score.

Source: the evaluator of the ADRS leaderboard, problem "cant_be_late_multi", whose rules `rules="leaderboard"` reproduces:
there only a change of kind is a launch, so running instances hop between regions free of charge; the whole run is billed at
the price of tick 0 in the region where the job stands at the end; and the guard overlooks a preemption.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import numpy as np

from adrs.tasks.spot_single_region.simulator import (
    NONE,
    ON_DEMAND,
    PRICE_OD,
    SPOT,
    WORK_S,
    Bools,
    Codes,
    Floats,
    Ints,
    Rules,
    binding,
    guard,
    realise,
)

TICK_S = 195.0

AN_HOUR = 18
"""Ticks of margin before the guard binds, from which on on-demand counts as bought early."""


@dataclass(frozen=True)
class Games:
    """The games of a stage.

    Args:
        up: (ticks, traces) spot availability, True = available; the last trace is never available.
        price: (ticks, traces) dollars an hour.
        traces: (games, most regions) which column a game's region is; the last column where it has no such region.
        deadline_s, restart_s: (games,) seconds.
        work_s, tick_s: seconds of work of a job, seconds of a tick.
    """

    up: Bools
    price: Floats
    traces: Ints
    deadline_s: Floats
    restart_s: Floats
    work_s: float = WORK_S
    tick_s: float = TICK_S


@dataclass(frozen=True)
class Moment:
    """One tick as the games that still run see it, before they decide; one value, or one row, for each of them.

    Args:
        who: positions of these games, ascending.
        done_s, pending_s: seconds of work done; seconds of restart overhead still to be worked off.
        last, current: what ran in the tick before; the same after a preemption was noticed.
        region: where the job stands.
        up, price: (games, most regions) spot of this tick.
    """

    tick: int
    elapsed_s: float
    who: list[int]
    done_s: Floats
    pending_s: Floats
    last: Codes
    current: Codes
    region: Ints
    up: Bools
    price: Floats
    deadline_s: Floats
    restart_s: Floats


Policy = Callable[[Moment], tuple[Ints, Codes]]
"""The region and the action code that each of `moment.who` asks for."""

COUNTS = ("spot", "on_demand", "launches", "preemptions", "up", "idle_up", "on_demand_up", "on_demand_early")


@dataclass(frozen=True)
class Results:
    """How the games went; every array is (games,) and counts ticks, if nothing else is said.

    Args:
        tick_s: seconds of a tick.
        cost: dollars; a tick in which an instance is up is billed in full.
        dear: dollars paid for spot above the cheapest spot of the same tick, by the prices of the ticks.
        late: whether the deadline was missed.
        finish: the tick at whose beginning the work was done; finish time = finish * tick_s.
        spot, on_demand: ticks billed.
        launches: how often an instance was started, anywhere.
        preemptions: how often a spot instance was lost.
        up: ticks with spot in some region before the finish.
        idle_up: waited although some region had spot.
        on_demand_up: ran on demand although some region had spot.
        on_demand_early: ran on demand at least an hour before the guard would have forced it.
    """

    tick_s: float
    cost: Floats
    dear: Floats
    late: Bools
    finish: Ints
    spot: Ints
    on_demand: Ints
    launches: Ints
    preemptions: Ints
    up: Ints
    idle_up: Ints
    on_demand_up: Ints
    on_demand_early: Ints


class _Table:
    """The games that still run, one row each."""

    def __init__(self, games: Games) -> None:
        many = len(games.traces)
        self.who = np.arange(many)
        self.traces, self.deadline, self.restart = games.traces, games.deadline_s, games.restart_s
        self.done, self.pending, self.paid, self.dear = (np.zeros(many) for _ in range(4))
        self.last, self.region = np.zeros(many, np.int8), np.zeros(many, np.int64)
        self.counts = np.zeros((many, len(COUNTS)), np.int64)
        self.positions = self.who.tolist()

    def keep(self, rows: Bools) -> None:
        """Drop all other rows."""
        for name, column in vars(self).items():
            if isinstance(column, np.ndarray):
                setattr(self, name, column[rows])
        self.positions = self.who.tolist()


def play(games: Games, decide: Policy, rules: Rules = "clean") -> Results:
    """Play all games to their end in lock-step.

    Args:
        decide: the policy, asked once a tick; regions must be such as the game has. Under "leaderboard" it is asked once
            more when the work is done: where it stands then decides the price of the whole run.

    Raises:
        IndexError: a game is not over when its trace is.
    """
    ended = _Ended(games, rules)
    table = _Table(games)
    for tick in count():
        over = np.zeros(len(table.who), bool)
        if tick:
            table.done, table.pending = realise(table.done, table.pending, table.last, games.work_s, games.tick_s)
            over = games.work_s - table.done <= 1e-8
        if rules == "clean" and over.any():
            ended.take(table, over, tick)
            over = np.zeros(len(table.who), bool)
        if not table.positions:
            return ended.results()
        _turn(games, table, tick, over, (decide, rules))
        if over.any():
            ended.take(table, over, tick)
    raise AssertionError


def _turn(games: Games, table: _Table, tick: int, over: Bools, way: tuple[Policy, Rules]) -> None:
    """Ask, overrule and run one tick; games that are over are only asked where they stand."""
    (decide, rules), gap, rows = way, games.tick_s, np.arange(len(table.who))
    up, price = games.up[tick][table.traces], games.price[tick][table.traces]
    lost = (table.last == SPOT) & ~up[rows, table.region]
    current = np.where(lost, np.int8(NONE), table.last)
    state = (table.done, table.pending, table.last, current, table.region)
    region, ask = decide(Moment(tick, tick * gap, table.positions, *state, up, price, table.deadline, table.restart))
    remaining = games.work_s - table.done
    margin = np.floor((table.deadline - tick * gap) / gap) - np.ceil((remaining + table.restart) / gap)
    ask = guard(ask, margin, current if rules == "clean" else table.last, table.pending, remaining)
    moved = np.zeros(len(rows), bool)
    if rules == "clean":
        region = np.where(binding(margin, remaining), table.region, region)
        moved = region != table.region
    run = np.where(over | ((ask == SPOT) & ~up[rows, region]), np.int8(NONE), ask)
    launch = (run != NONE) & ((run != current) | moved)
    table.pending = np.where(launch, table.restart, table.pending)
    table.last, table.region = run, region
    spot, on_demand, somewhere = run == SPOT, run == ON_DEMAND, up.any(axis=1)
    rate, least = price[rows, region], np.where(up, price, np.inf).min(axis=1)
    table.paid += np.where(spot, rate, np.where(on_demand, PRICE_OD, 0.0))
    table.dear += np.where(spot, rate - np.where(somewhere, least, rate), 0.0)
    unused = ((run == NONE) & somewhere, on_demand & somewhere, on_demand & (margin >= AN_HOUR))
    table.counts += np.stack([spot, on_demand, launch, lost, somewhere, *unused], axis=1) & ~over[:, None]


class _Ended:
    """What is known of the games that are over."""

    def __init__(self, games: Games, rules: Rules) -> None:
        many = len(games.traces)
        self._games, self._rules = games, rules
        self._counts = np.zeros((many, len(COUNTS)), np.int64)
        self._cost, self._dear, self._finish = np.zeros(many), np.zeros(many), np.zeros(many, np.int64)

    def take(self, table: _Table, over: Bools, tick: int) -> None:
        """Take the games that are over when a tick begins out of the table."""
        at, hours = table.who[over], self._games.tick_s / 3600
        spot, on_demand = table.counts[over, 0], table.counts[over, 1]
        first = self._games.price[0][table.traces[over, table.region[over]]]
        whole = (spot * first + on_demand * PRICE_OD) * hours
        self._cost[at] = whole if self._rules == "leaderboard" else table.paid[over] * hours
        self._dear[at] = table.dear[over] * hours
        self._finish[at] = tick
        self._counts[at] = table.counts[over]
        table.keep(~over)

    def results(self) -> Results:
        gap = self._games.tick_s
        late = self._finish * gap > self._games.deadline_s + 1e-6
        return Results(gap, self._cost, self._dear, late, self._finish, *self._counts.T)
