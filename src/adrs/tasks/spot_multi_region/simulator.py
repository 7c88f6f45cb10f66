"""simulator: the rules of Can't Be Late over several regions, tick by tick, over many games at once. No policy, no score.

Source: the evaluator of the ADRS leaderboard, problem "cant_be_late_multi", whose rules `rules="leaderboard"` reproduces:
there only a change of kind is a launch, so running instances hop between regions free of charge; the whole run is billed at
the price of tick 0 in the region where the job stands at the end; and the guard overlooks a preemption.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from adrs.tasks.spot import simulator
from adrs.tasks.spot.rules import NONE, ON_DEMAND, PRICE_OD, SPOT, WORK_S, Bools, Codes, Floats, Ints, Rules, binding
from adrs.tasks.spot.simulator import lockstep

TICK_S = 195.0

COUNTS = (*simulator.COUNTS, "launches")


@dataclass(frozen=True)
class Games:
    """The games of a stage.

    Args:
        up: (ticks, traces) spot availability, True = available; the last trace is never available.
        price: (ticks, traces) dollars an hour.
        traces: (games, most regions) the column of each region; the last column where a game has fewer regions.
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
class Moment(simulator.Moment):
    """One tick as the running games see it before they decide; one value, or one row, for each of them.

    Args:
        region: where the job stands.
        price: (games, most regions) dollars an hour in this tick; `up` has the same shape.
    """

    region: Ints
    price: Floats


Policy = Callable[[Moment], tuple[Ints, Codes]]
"""The region and the action code that each of `moment.who` asks for."""


@dataclass(frozen=True)
class Results(simulator.Results):
    """The outcome of the games. Every array has the shape (games,).

    Args:
        launches: how often an instance was started, anywhere.
        cost: dollars; a tick in which an instance is up is billed in full.
        above_cheapest: dollars paid for spot above the cheapest spot of the same tick, by the prices of the ticks.
    """

    launches: Ints
    cost: Floats
    above_cheapest: Floats


class _Table(simulator.Table):
    """The games that still run, with places and bills."""

    def __init__(self, games: Games) -> None:
        super().__init__(games, len(COUNTS))
        many = len(games.traces)
        self.traces, self.region = games.traces, np.zeros(many, np.int64)
        self.paid, self.above = np.zeros(many), np.zeros(many)


def play(games: Games, decide: Policy, rules: Rules = "clean") -> Results:
    """Play all games to their end in lock-step.

    Args:
        decide: the policy, asked once a tick; it must name a region that the game has. Under "leaderboard" it is asked once
            more when the work is done: the region that it names then sets the price of the whole run.

    Raises:
        IndexError: a game is not over when its trace is.
    """
    table, ended = _Table(games), _Ended(games, rules)
    lockstep(table, ended, lambda tick, over: _turn(games, table, tick, over, (decide, rules)), farewell=rules == "leaderboard")
    counts = dict(zip(COUNTS, ended.counts.T, strict=True))
    return Results(games.tick_s, ended.late, ended.finish, **counts, cost=ended.cost, above_cheapest=ended.above)


def _turn(games: Games, table: _Table, tick: int, over: Bools, way: tuple[Policy, Rules]) -> None:
    """Ask, overrule and run one tick; games that are over are only asked for their region."""
    (decide, rules), rows = way, np.arange(len(table.who))
    up, price = games.up[tick][table.traces], games.price[tick][table.traces]
    lost = table.lost(up[rows, table.region])
    current = table.current(lost)
    state = (table.positions, table.done, table.pending, table.last, current)
    terms = (table.deadline, table.restart, table.region, price)
    region, ask = decide(Moment(tick, tick * games.tick_s, *state, up, *terms))
    margin = table.margin(tick)
    ask = table.guarded(ask, margin, current, rules)
    moved = np.zeros(len(rows), bool)
    if rules == "clean":
        region = np.where(binding(margin, table.remaining), table.region, region)
        moved = region != table.region
    run = np.where(over | ((ask == SPOT) & ~up[rows, region]), np.int8(NONE), ask)
    launch = (run != NONE) & ((run != current) | moved)
    table.run(run, launch)
    table.region = region
    somewhere = up.any(axis=1)
    rate, least = price[rows, region], np.where(up, price, np.inf).min(axis=1)
    table.paid += np.where(run == SPOT, rate, np.where(run == ON_DEMAND, PRICE_OD, 0.0))
    table.above += np.where(run == SPOT, rate - np.where(somewhere, least, rate), 0.0)
    table.counts += np.stack([*table.tally(somewhere, lost, margin), launch], axis=1) & ~over[:, None]


class _Ended(simulator.Ended[_Table]):
    """The results of games that are over, with their bills in dollars."""

    def __init__(self, games: Games, rules: Rules) -> None:
        super().__init__(games, len(COUNTS))
        self._games, self._rules = games, rules
        self.cost, self.above = np.zeros(len(games.traces)), np.zeros(len(games.traces))

    def take(self, table: _Table, over: Bools, tick: int) -> None:
        """Move the games that are over when a tick begins out of the table."""
        at, hours = table.who[over], self._games.tick_s / 3600
        spot, on_demand = (table.counts[over, COUNTS.index(name)] for name in ("spot", "on_demand"))
        first = self._games.price[0][table.traces[over, table.region[over]]]
        whole = (spot * first + on_demand * PRICE_OD) * hours
        self.cost[at] = whole if self._rules == "leaderboard" else table.paid[over] * hours
        self.above[at] = table.above[over] * hours
        super().take(table, over, tick)
