"""score: the leaderboard's score of a mean cost, and what on-demand instances alone cost. Nothing here sees a candidate."""

from __future__ import annotations

import math

from adrs.tasks.spot.rules import PRICE_OD, WORK_S

ANCHOR_OD = PRICE_OD * WORK_S / 3600
ANCHOR_SPOT = 0.9731 * WORK_S / 3600
"""Dollars at which the leaderboard's score is 0 and 100; both tasks use the single region's spot price."""


def leaderboard_score(cost: float) -> float:
    """The leaderboard's score of a mean cost in dollars, neither rounded nor clipped."""
    return 100 * (ANCHOR_OD - cost) / (ANCHOR_OD - ANCHOR_SPOT)


def on_demand_cost(restart_h: float, tick_s: float) -> float:
    """Dollars of a game that is played on demand from start to end, without a move."""
    return math.ceil((WORK_S + restart_h * 3600) / tick_s) * PRICE_OD * tick_s / 3600
