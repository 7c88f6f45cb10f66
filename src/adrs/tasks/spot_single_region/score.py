"""score: from dollars to scores, and the schedules that dollars are compared with. Nothing here sees a candidate."""

from __future__ import annotations

import math

import numpy as np

from adrs.tasks.bounds import digest, remembered
from adrs.tasks.spot_single_region.optimum import optimal_costs
from adrs.tasks.spot_single_region.reference import uniform_progress
from adrs.tasks.spot_single_region.simulator import PRICE_OD, PRICE_SPOT, TICK_S, WORK_S, Floats, dollars, play
from adrs.tasks.spot_single_region.windows import RESTARTS_H, Game, Window, together

ANCHOR_OD = PRICE_OD * WORK_S / 3600
ANCHOR_SPOT = PRICE_SPOT * WORK_S / 3600
"""Dollars between which the leaderboard's score runs from 0 to 100."""

VERSION = "1"
"""Raise it when a change to optimum.py or reference.py may change a number: remembered numbers are then forgotten."""


def leaderboard_score(cost: float) -> float:
    """The leaderboard's score of a mean cost in dollars, neither rounded nor clipped."""
    return 100 * (ANCHOR_OD - cost) / (ANCHOR_OD - ANCHOR_SPOT)


def on_demand_cost(game: Game) -> float:
    """Dollars of a game that is played on demand from start to end."""
    ticks = math.ceil((WORK_S + game.restart_h * 3600) / TICK_S)
    return float(dollars(np.array(0), np.array(ticks)))


def references(window: Window) -> Floats:
    """(2, games) dollars of the clairvoyant optimum and of Uniform Progress, computed once a window and machine."""
    key = digest(VERSION, window.digest)
    return remembered("spot_single_region", key, (2, len(window.games)), lambda: _references(window))


def _references(window: Window) -> Floats:
    restarts = [restart * 3600 for restart in RESTARTS_H]
    deadlines = [deadline * 3600.0 for deadline in window.deadlines_h]
    optimal = np.array([optimal_costs(up, deadlines, restarts) for up in window.up]).ravel()
    return np.stack([optimal, play(together([window]), uniform_progress).cost])
