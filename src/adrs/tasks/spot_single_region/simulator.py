"""simulator: Can't Be Late in one region, tick by tick, over many games at once. No policy, no score.

Source: "Can't Be Late: Optimizing Spot Instance Savings under Deadlines" (NSDI 2024) and the evaluator of the ADRS
leaderboard, problem "cant_be_late"; `adrs.tasks.spot` holds the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from adrs.tasks.spot import simulator
from adrs.tasks.spot.rules import NONE, PRICE_OD, SPOT, WORK_S, Bools, Codes, Floats, Ints, Rules
from adrs.tasks.spot.simulator import COUNTS, Ended, Moment, lockstep

TICK_S = 600.0
PRICE_SPOT = 0.9731
"""Dollars an hour; the same spot price for every pool, as in the leaderboard's workload."""


@dataclass(frozen=True)
class Games:
    """The games of a stage.

    Args:
        up: (ticks, traces) spot availability, True = available.
        trace: (games,) the column of `up` that a game is played on.
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
class Results(simulator.Results):
    """The outcome of the games, and their cost at one spot price."""

    @property
    def cost(self) -> Floats:
        """(games,) dollars; a tick in which an instance is up is billed in full."""
        return dollars(self.spot, self.on_demand, self.tick_s)


def dollars(spot: Ints, on_demand: Ints, tick_s: float = TICK_S) -> Floats:
    """The dollars of given numbers of ticks on spot and on demand."""
    cost: Floats = (spot * PRICE_SPOT + on_demand * PRICE_OD) * tick_s / 3600
    return cost


class _Table(simulator.Table):
    """The games that still run, with the column of `up` that each is played on."""

    def __init__(self, games: Games) -> None:
        super().__init__(games)
        self.trace = games.trace


def play(games: Games, decide: Callable[[Moment], Codes], rules: Rules = "clean") -> Results:
    """Play all games to their end in lock-step.

    Args:
        decide: the policy: the action codes it asks for, one for each of `moment.who`; asked once a tick.
        rules: under "leaderboard" the guard looks at the instance of the tick before, even if it was just preempted; that
            costs one tick and the deadline, which is reported in `late` and has no other consequence.

    Raises:
        IndexError: a game is not over when its trace is.
    """
    table = _Table(games)
    ended = Ended[_Table](games)

    def turn(tick: int, over: Bools) -> None:
        del over
        up = games.up[tick][table.trace]
        lost = table.lost(up)
        current = table.current(lost)
        state = (table.positions, table.done, table.pending, table.last, current)
        ask = decide(Moment(tick, tick * games.tick_s, *state, up, table.deadline, table.restart))
        margin = table.margin(tick)
        ask = table.guarded(ask, margin, current, rules)
        run = np.where((ask == SPOT) & ~up, np.int8(NONE), ask)
        table.run(run, (run != NONE) & (run != current))
        table.counts += np.stack(table.tally(up, lost, margin), axis=1)

    lockstep(table, ended, turn)
    return Results(games.tick_s, ended.late, ended.finish, **dict(zip(COUNTS, ended.counts.T, strict=True)))
