"""feedback: how one window's money was spent, in a few lines that help to write the next policy. Never more than one window."""

from __future__ import annotations

from adrs.tasks.spot.rules import Floats
from adrs.tasks.spot_multi_region.simulator import Results
from adrs.tasks.spot_multi_region.windows import SETS, Window

LONGEST = 300
"""Characters."""


def feedback(window: Window, results: Results, games: slice, optimal: Floats) -> str:
    """A few lines about one window.

    Args:
        results: of all games that were played together; `games` are those of this window.
        optimal: (games of the window,) dollars of the clairvoyant optimum.
    """
    cost = results.cost[games]
    worst = int((cost - optimal).argmax())
    at = games.start + worst
    names = ("idle_up", "on_demand_up", "on_demand_early")
    idle, paid, early = (float(getattr(results, name)[at]) * results.tick_s / 3600 for name in names)
    game = window.games[worst]
    return (
        f"Most lost: {len(SETS[game.zones])} regions {game.zones}, {game.deadline_h:g} h: ${cost[worst]:.2f}, optimum "
        f"${optimal[worst]:.2f}. There {idle:.1f} h idle and {paid:.1f} h on demand while some region had spot, {early:.1f} h "
        f"on demand with 1 h of slack, {results.preemptions[at]} preemptions, {results.launches[at]} launches; "
        f"${results.above_cheapest[at]:.2f} above the cheapest spot."
    )[:LONGEST]
