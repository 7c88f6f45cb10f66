"""windows: what a workload holds, the games that are played on it, and their form in the simulator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adrs.tasks.cache import digest
from adrs.tasks.spot.rules import Bools
from adrs.tasks.spot.windows import Span
from adrs.tasks.spot_single_region.simulator import TICK_S, Games

DEADLINES_H = (52, 70)
RESTARTS_H = (0.02, 0.05, 0.1)

LENGTH = 421
"""Ticks of a window: 70 h, and the one tick by which the leaderboard's guard can make a run late."""


@dataclass(frozen=True)
class Game:
    """One run of a job: a pool (position), a deadline and a restart overhead in hours."""

    pool: int
    deadline_h: int
    restart_h: float


@dataclass(frozen=True, eq=False)
class Window(Span):
    """A start time: all pools, deadlines and restart overheads from there on. Times are in ticks.

    Args:
        pools: names.
        up: (pools, ticks) spot availability.
    """

    pools: tuple[str, ...]
    up: Bools
    deadlines_h: tuple[int, ...] = DEADLINES_H

    @property
    def games(self) -> tuple[Game, ...]:
        """The games, pool by pool, then deadline by deadline."""
        return tuple(
            Game(pool, deadline, restart)
            for pool in range(len(self.pools))
            for deadline in self.deadlines_h
            for restart in RESTARTS_H
        )

    @property
    def ticks(self) -> int:
        """Ticks of which a game may see the availability."""
        return int(max(self.deadlines_h) * 3600 / TICK_S) + 1

    @property
    def end(self) -> int:
        return self.start + self.ticks

    @property
    def digest(self) -> str:
        """A text that changes with anything in the games."""
        shown = self.up[:, : self.ticks]
        return digest(shown.tobytes(), repr((shown.shape, self.pools, self.deadlines_h, RESTARTS_H)))


def together(windows: Sequence[Window]) -> Games:
    """All games of some windows in the simulator's form, window by window."""
    longest = max(window.ticks for window in windows)
    up = np.zeros((longest, sum(len(window.pools) for window in windows)), bool)
    traces: list[int] = []
    first = 0
    for window in windows:
        up[: window.ticks, first : first + len(window.pools)] = window.up[:, : window.ticks].T
        traces += [first + game.pool for game in window.games]
        first += len(window.pools)
    games = [game for window in windows for game in window.games]
    deadlines = np.array([game.deadline_h * 3600.0 for game in games])
    restarts = np.array([game.restart_h * 3600.0 for game in games])
    return Games(up, np.array(traces), deadlines, restarts)
