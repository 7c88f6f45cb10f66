"""windows: what a workload holds, the games that are played on it, and which windows may share a process."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adrs.tasks.bounds import digest
from adrs.tasks.spot_single_region.simulator import TICK_S, Bools, Games

DEADLINES_H = (52, 70)
RESTARTS_H = (0.02, 0.05, 0.1)

LENGTH = 421
"""Ticks of a window: 70 h, and the one tick by which the leaderboard's guard can make a run late."""

MOST_TOGETHER = 3
"""Windows in one process: few enough to keep two cores busy, many enough to save messages."""


@dataclass(frozen=True)
class Game:
    """One run of a job: a pool (position), a deadline and a restart overhead in hours."""

    pool: int
    deadline_h: int
    restart_h: float


@dataclass(frozen=True, eq=False)
class Span(ABC):
    """A stretch of time from which games are shown, tick by tick.

    Args:
        series: which time `start` counts in; series tell nothing about one another.
        start: when all games begin.
    """

    series: str
    start: int

    @property
    @abstractmethod
    def games(self) -> Sequence[Any]:
        """The games that begin here."""

    @property
    @abstractmethod
    def digest(self) -> str:
        """A text that changes with anything that the games are made of."""

    @property
    @abstractmethod
    def end(self) -> int:
        """The first moment that no game shows any more, in the unit of `start`."""

    def may_share(self, other: Span) -> bool:
        """Whether a process may play both in lock-step: neither shows the other what is still to come."""
        if self.series != other.series or self.start == other.start:
            return True
        return self.end <= other.start or other.end <= self.start


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
        """A text that changes with anything that the games are made of."""
        shown = self.up[:, : self.ticks]
        return digest(shown.tobytes(), repr((shown.shape, self.pools, self.deadlines_h, RESTARTS_H)))


def pack(windows: Sequence[Span]) -> list[int]:
    """A label for each window; those with equal labels may share a process, and there are at most `MOST_TOGETHER` of them.

    First fit in order of the starts, which needs the fewest labels when only time forbids sharing.
    """
    groups: list[list[int]] = []
    labels = [0] * len(windows)
    for position in sorted(range(len(windows)), key=lambda i: windows[i].start):
        window = windows[position]
        fits = (len(group) < MOST_TOGETHER and all(window.may_share(windows[i]) for i in group) for group in groups)
        label = next((label for label, fit in enumerate(fits) if fit), len(groups))
        if label == len(groups):
            groups.append([])
        groups[label].append(position)
        labels[position] = label
    return labels


def together(windows: Sequence[Window]) -> Games:
    """All games of some windows as the simulator takes them, window by window."""
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
