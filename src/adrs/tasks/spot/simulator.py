"""simulator: plays many games tick by tick, in lock-step, whatever their market. Prices and places belong to each market."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Generic, Protocol, TypeVar

import numpy as np

from adrs.tasks.spot.rules import NONE, ON_DEMAND, SPOT, Bools, Codes, Floats, Ints, Rules, guard, realise

COUNTS = ("spot", "on_demand", "preemptions", "up", "idle_up", "on_demand_up", "on_demand_early")
"""Ticks and events that are counted for each game; fields of `Results`. A market may count more after these."""


class AnyGames(Protocol):
    """The games of a stage: deadlines and overheads of shape (games,), all in seconds."""

    @property
    def deadline_s(self) -> Floats: ...
    @property
    def restart_s(self) -> Floats: ...
    @property
    def work_s(self) -> float: ...
    @property
    def tick_s(self) -> float: ...


@dataclass(frozen=True)
class Moment:
    """One tick as the running games see it before they decide; one value, or one row, for each of them.

    Args:
        who: positions of these games, ascending.
        done_s, pending_s: seconds of work done; seconds of restart overhead still to be worked off.
        last, current: what ran in the tick before; the same, but NONE after a preemption.
        up: whether spot is available in this tick: (games,), or (games, most regions).
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
    """The outcome of the games. Every array has the shape (games,) and counts ticks unless stated otherwise.

    Args:
        tick_s: seconds of a tick.
        late: whether the deadline was missed.
        finish: the tick at whose beginning the work was done; finish time = finish * tick_s.
        spot, on_demand: ticks billed at either price.
        preemptions: how often a spot instance was lost.
        up: ticks before the finish in which spot was available, in some region at least.
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


class Table:
    """The games that still run, one row each. A subclass adds the columns of its market."""

    def __init__(self, games: AnyGames, columns: int = len(COUNTS)) -> None:
        many = len(games.deadline_s)
        self.work_s, self.tick_s = games.work_s, games.tick_s
        self.who = np.arange(many)
        self.positions = self.who.tolist()
        self.deadline, self.restart = games.deadline_s, games.restart_s
        self.done, self.pending = np.zeros(many), np.zeros(many)
        self.last = np.zeros(many, np.int8)
        self.counts = np.zeros((many, columns), np.int64)

    def keep(self, rows: Bools) -> None:
        """Drop all other rows."""
        for name, column in vars(self).items():
            if isinstance(column, np.ndarray):
                setattr(self, name, column[rows])
        self.positions = self.who.tolist()

    @property
    def remaining(self) -> Floats:
        """Seconds of work still to do."""
        return self.work_s - self.done

    def lost(self, up: Bools) -> Bools:
        """Which spot instances are preempted, by the availability of this tick where they run."""
        lost: Bools = (self.last == SPOT) & ~up
        return lost

    def current(self, lost: Bools) -> Codes:
        """What still runs when a tick begins."""
        return np.where(lost, np.int8(NONE), self.last)

    def margin(self, tick: int) -> Floats:
        """Ticks to the deadline that the rest of the work and one restart do not need."""
        left = np.floor((self.deadline - tick * self.tick_s) / self.tick_s)
        return left - np.ceil((self.remaining + self.restart) / self.tick_s)

    def guarded(self, ask: Codes, margin: Floats, current: Codes, rules: Rules) -> Codes:
        """What the guard makes of the answers; the leaderboard's guard overlooks a preemption."""
        return guard(ask, margin, current if rules == "clean" else self.last, self.pending, self.remaining)

    def run(self, run: Codes, launch: Bools) -> None:
        """Let `run` be what runs in this tick, and begin the overhead of every launch."""
        self.pending = np.where(launch, self.restart, self.pending)
        self.last = run

    def tally(self, up: Bools, lost: Bools, margin: Floats) -> list[Bools]:
        """The columns of `COUNTS` for the tick that runs now.

        Args:
            up: (games,) whether spot is available, in some region at least.
        """
        on_demand = self.last == ON_DEMAND
        early = margin >= 3600 // self.tick_s
        return [self.last == SPOT, on_demand, lost, up, (self.last == NONE) & up, on_demand & up, on_demand & early]


Running = TypeVar("Running", bound=Table)


class Ended(Generic[Running]):
    """The results of games that are over, one row for each game of the stage."""

    def __init__(self, games: AnyGames, columns: int = len(COUNTS)) -> None:
        many = len(games.deadline_s)
        self.finish, self.counts = np.zeros(many, np.int64), np.zeros((many, columns), np.int64)
        self._deadline, self._tick_s = games.deadline_s, games.tick_s

    def take(self, table: Running, over: Bools, tick: int) -> None:
        """Move the games that are over when a tick begins out of the table."""
        at = table.who[over]
        self.finish[at], self.counts[at] = tick, table.counts[over]
        table.keep(~over)

    @property
    def late(self) -> Bools:
        """Which games missed their deadline."""
        return self.finish * self._tick_s > self._deadline + 1e-6


def lockstep(table: Running, ended: Ended[Running], turn: Callable[[int, Bools], None], *, farewell: bool = False) -> None:
    """Play all games of a table to their end.

    Args:
        turn: asks and runs one tick, given its number and which of the games are over; that is none without `farewell`.
        farewell: whether games that are over are asked once more before they leave.
    """
    for tick in count():
        over = np.zeros(len(table.who), bool)
        if tick:
            table.done, table.pending = realise(table.done, table.pending, table.last, table.work_s, table.tick_s)
            over = table.remaining <= 1e-8
        if over.any() and not farewell:
            ended.take(table, over, tick)
            over = np.zeros(len(table.who), bool)
        if not table.positions:
            return
        turn(tick, over)
        if over.any():
            ended.take(table, over, tick)
