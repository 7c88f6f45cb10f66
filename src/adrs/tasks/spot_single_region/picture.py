"""picture: one game of Uniform Progress, tick by tick: availability, what ran, and the work done."""

from __future__ import annotations

import numpy as np
import svg

from adrs.tasks.drawing import COLOURS, PALE, block, page, text
from adrs.tasks.spot.drawing import LEFT, RAN, WIDTH, Chart, legend
from adrs.tasks.spot.rules import WORK_S, Codes
from adrs.tasks.spot.simulator import Moment
from adrs.tasks.spot_single_region.reference import uniform_progress
from adrs.tasks.spot_single_region.simulator import TICK_S, play
from adrs.tasks.spot_single_region.windows import Window, together

BOTTOM = 352
STRIPS = (("spot available", 290), ("what ran", 330))
IDLE = ("waiting, or finished", "#e4e7eb")


def picture(window: Window) -> str:
    """Draw the game in `window` with the long deadline in which availability changes most often."""
    chosen = max(
        (at for at, game in enumerate(window.games) if game.deadline_h == max(window.deadlines_h)),
        key=lambda at: int(np.diff(window.up[window.games[at].pool].astype(int)).astype(bool).sum()),
    )
    game = window.games[chosen]
    moments: list[tuple[bool, float, int]] = []

    def watched(moment: Moment) -> Codes:
        if chosen in moment.who:
            at = moment.who.index(chosen)
            moments.append((bool(moment.up[at]), float(moment.done_s[at]) / WORK_S, int(moment.last[at])))
        return uniform_progress(moment)

    results = play(together([window]), watched)
    ran = [last for _, _, last in moments[1:]]
    up, done = [int(available) for available, _, _ in moments], [share for _, share, _ in moments]
    ticks, cost = round(game.deadline_h * 3600 / TICK_S), float(results.cost[chosen])
    chart = Chart(ticks, right=20, floor=260, bottom=BOTTOM)
    shapes: list[svg.Element] = [
        block(LEFT, STRIPS[1][1], ticks * chart.across, 22, IDLE[1]),
        text(LEFT, 30, f"One game: {window.pools[game.pool]}, {game.deadline_h} h for 48 h of work", size=16),
        *chart.progress(done),
    ]
    shapes += [text(LEFT - 12, top + 15, words, anchor="end") for words, top in STRIPS]
    shapes += chart.bars(up, {1: COLOURS[0]}, STRIPS[0][1], 22)
    shapes += chart.bars(ran, {kind: colour for kind, (_, colour) in RAN.items()}, STRIPS[1][1], 22)
    shapes += [text(chart.x(hour * 6), 372, f"{hour} h", anchor="middle") for hour in range(0, game.deadline_h - 2, 12)]
    shapes += legend((*RAN.values(), IDLE), 392)
    shapes.append(text(LEFT, 50, f"Uniform Progress pays ${cost:.2f}; on demand alone costs $147.39", fill=PALE))
    return page(WIDTH, 425, "A game of Can't Be Late, tick by tick", shapes)
