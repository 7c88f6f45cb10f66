"""picture: one game of Uniform Progress, tick by tick: what the market had, what ran, and how far the work was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import svg

from adrs.tasks.drawing import COLOURS, INK, PALE, block, line, page, text
from adrs.tasks.spot_single_region.reference import uniform_progress
from adrs.tasks.spot_single_region.simulator import ON_DEMAND, SPOT, TICK_S, WORK_S, Codes, Moment, play
from adrs.tasks.spot_single_region.windows import Window, together

WIDTH, LEFT, RIGHT = 860, 150, 20
CURVE, FLOOR = 80, 260
STRIPS = (("spot available", 290), ("what ran", 330))
RAN = {SPOT: ("spot", COLOURS[2]), ON_DEMAND: ("on demand", COLOURS[1])}
IDLE = ("waiting, or finished", "#e4e7eb")


def picture(window: Window) -> str:
    """The game in `window` with the long deadline in which availability changes most often."""
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
    ticks = round(game.deadline_h * 3600 / TICK_S)
    across = (WIDTH - LEFT - RIGHT) / ticks

    def x(tick: float) -> float:
        return LEFT + tick * across

    def y(share: float) -> float:
        return FLOOR - share * (FLOOR - CURVE)

    shapes: list[svg.Element] = [
        block(x(0), STRIPS[1][1], ticks * across, 22, IDLE[1]),
        text(LEFT, 30, f"One game: {window.pools[game.pool]}, {game.deadline_h} h for 48 h of work", size=16),
        text(LEFT - 12, y(1) + 5, "all work done", anchor="end"),
        text(LEFT - 12, y(0) + 5, "work done", anchor="end"),
        line([(x(0), y(0)), (x(ticks), y(1))], PALE, dashes=(5, 4)),
        line([(x(tick), y(done)) for tick, (_, done, _) in enumerate(moments)], INK, width=2),
        line([(x(ticks), CURVE - 10), (x(ticks), 352)], COLOURS[3]),
        text(x(ticks) - 6, CURVE - 14, "deadline", fill=COLOURS[3], anchor="end"),
        text(x(ticks * 0.5), y(0.5) - 12, "uniform progress", fill=PALE, anchor="end"),
    ]
    shapes += [text(LEFT - 12, top + 15, words, anchor="end") for words, top in STRIPS]
    up = [available for available, _, _ in moments]
    shapes += [block(x(a), STRIPS[0][1], (b - a) * across, 22, COLOURS[0]) for a, b, there in _stretches(up) if there]
    shapes += [block(x(a), STRIPS[1][1], (b - a) * across, 22, RAN[kind][1]) for a, b, kind in _stretches(ran) if kind in RAN]
    shapes += [text(x(hour * 6), 372, f"{hour} h", anchor="middle") for hour in range(0, game.deadline_h - 2, 12)]
    legend = (*RAN.values(), IDLE)
    shapes += [block(LEFT + 160 * at, 392, 14, 14, colour) for at, (_, colour) in enumerate(legend)]
    shapes += [text(LEFT + 160 * at + 20, 404, words) for at, (words, _) in enumerate(legend)]
    cost = float(results.cost[chosen])
    shapes.append(text(LEFT, 50, f"Uniform Progress pays ${cost:.2f}; on demand alone costs $147.39", fill=PALE))
    return page(WIDTH, 425, "A game of Can't Be Late, tick by tick", shapes)


def _stretches(flags: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """(first tick, tick after the last, value) of every stretch of equal values."""
    start = 0
    for value, group in groupby(flags):
        end = start + len(list(group))
        yield start, end, value
        start = end
