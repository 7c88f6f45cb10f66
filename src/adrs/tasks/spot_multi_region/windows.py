"""windows: what a workload holds, the games that are played on it, and their form in the simulator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adrs.tasks.cache import digest
from adrs.tasks.spot.rules import Bools
from adrs.tasks.spot.windows import Span
from adrs.tasks.spot_multi_region.simulator import TICK_S, Games

Prices = NDArray[np.int32]
"""Ten-thousandths of a dollar an hour: spot prices have four decimals, so these are exact."""

ZONES = (
    "us-east-1a",
    "us-east-1c",
    "us-east-1d",
    "us-east-1f",
    "us-east-2a",
    "us-east-2b",
    "us-west-2a",
    "us-west-2b",
    "us-west-2c",
)

LEADERBOARD_SETS = {
    "2_zones_same_region": ("us-east-1a", "us-east-1c"),
    "2_regions_east_west": ("us-east-2a", "us-west-2a"),
    "3_regions_diverse": ("us-east-1a", "us-east-2b", "us-west-2c"),
    "3_zones_same_region": ("us-east-1a", "us-east-1c", "us-east-1d"),
    "5_regions_high_diversity": ("us-east-1a", "us-east-1f", "us-west-2a", "us-west-2b", "us-east-2b"),
    "all_9_regions": (
        "us-east-2a",
        "us-west-2c",
        "us-east-1d",
        "us-east-2b",
        "us-west-2a",
        "us-east-1f",
        "us-east-1a",
        "us-west-2b",
        "us-east-1c",
    ),
}
"""The leaderboard's sets of zones; a job begins in the first."""

SETS = {
    **LEADERBOARD_SETS,
    "2_zones_scarce": ("us-east-1d", "us-east-1f"),
    "4_zones_east": ("us-east-1c", "us-east-2b", "us-east-1f", "us-east-2a"),
}
"""All sets: two more are played in training and validation, so that programs cannot fit the six sets."""

LENGTH = 1107
"""Ticks of a window of real data: 59.96 h."""


@dataclass(frozen=True)
class Game:
    """One run of a job: a set of zones, a deadline and a restart overhead in hours."""

    zones: str
    deadline_h: float
    restart_h: float


@dataclass(frozen=True, eq=False)
class Window(Span):
    """A start time: one deadline and one overhead, a game for each set of zones. Times are in seconds.

    Args:
        sets: names of the sets of zones, each once.
        up: (zones, ticks) spot availability, zones as in `ZONES`.
        price: (zones, ticks).
        weights: of the games in means; () for equal ones.
    """

    sets: tuple[str, ...]
    up: Bools
    price: Prices
    deadline_h: float = 52
    restart_h: float = 0.2
    weights: tuple[float, ...] = ()

    @property
    def games(self) -> tuple[Game, ...]:
        return tuple(Game(zones, self.deadline_h, self.restart_h) for zones in self.sets)

    @property
    def ticks(self) -> int:
        """Ticks of which a game may see anything: to the deadline, and one by which the leaderboard's guard can be late."""
        return int(self.deadline_h * 3600 // TICK_S) + 2

    @property
    def end(self) -> int:
        return self.start + round(self.ticks * TICK_S)

    @property
    def digest(self) -> str:
        """A text that changes with anything in the games."""
        shown = slice(self.ticks)
        rest = repr([(zones, SETS[zones]) for zones in self.sets]) + repr((self.deadline_h, self.restart_h, self.ticks))
        return digest(self.up[:, shown].tobytes(), self.price[:, shown].astype(np.int32).tobytes(), rest)

    def traces(self, zones: str) -> list[int]:
        """Rows of `up` and `price` of a set of zones."""
        return [ZONES.index(zone) for zone in SETS[zones]]


def together(windows: Sequence[Window]) -> Games:
    """All games of some windows in the simulator's form, window by window."""
    longest = max(window.ticks for window in windows)
    columns = len(ZONES) * len(windows)
    up, price = np.zeros((longest, columns + 1), bool), np.zeros((longest, columns + 1))
    games = [(at, window, game) for at, window in enumerate(windows) for game in window.games]
    most = max(len(SETS[game.zones]) for _, _, game in games)
    traces = np.full((len(games), most), columns)
    for at, window in enumerate(windows):
        mine = slice(len(ZONES) * at, len(ZONES) * (at + 1))
        up[: window.ticks, mine] = window.up[:, : window.ticks].T
        price[: window.ticks, mine] = window.price[:, : window.ticks].T / 1e4
    for row, (at, window, game) in enumerate(games):
        rows = window.traces(game.zones)
        traces[row, : len(rows)] = np.array(rows) + len(ZONES) * at
    deadlines = np.array([game.deadline_h * 3600.0 for _, _, game in games])
    restarts = np.array([game.restart_h * 3600.0 for _, _, game in games])
    return Games(up, price, traces, deadlines, restarts)
