"""feedback: how one window's money was spent, in a few lines that help to write the next policy. Never more than one window."""

from __future__ import annotations

import numpy as np

from adrs.tasks.spot.rules import Floats
from adrs.tasks.spot_single_region.simulator import Results
from adrs.tasks.spot_single_region.windows import RESTARTS_H, Window

LONGEST = 300
"""Characters."""


def feedback(window: Window, results: Results, games: slice, optimal: Floats) -> str:
    """A few lines about one window.

    Args:
        results: of all games that were played together; `games` are those of this window.
        optimal: (games of the window,) dollars of the clairvoyant optimum.
    """
    cost = results.cost[games]
    cells = (len(window.pools), len(window.deadlines_h), len(RESTARTS_H))
    above = (cost - optimal).reshape(cells).mean(axis=2)
    pool, deadline = np.unravel_index(int(above.argmax()), above.shape)
    hours = {
        name: float(getattr(results, name)[games].mean()) * results.tick_s / 3600
        for name in ("idle_up", "on_demand_up", "on_demand_early")
    }
    seen, used = results.up[games].sum(), results.spot[games].sum()
    share = 100 * used / max(seen, 1)
    return (
        f"${cost.mean():.2f} a game, optimum ${optimal.mean():.2f}. Most lost: {window.pools[pool]} at "
        f"{window.deadlines_h[deadline]} h, ${above[pool, deadline]:.2f} above. A game: {hours['idle_up']:.1f} h idle and "
        f"{hours['on_demand_up']:.1f} h on demand while spot was up, {hours['on_demand_early']:.1f} h on demand "
        f"with over 1 h of slack, {results.preemptions[games].mean():.1f} preemptions; {share:.0f} % of spot ticks used."
    )[:LONGEST]
