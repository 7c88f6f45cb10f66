"""picture: one game of Uniform Progress with any region, tick by tick: what was to be had, and where the job ran."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import svg

from adrs.tasks.drawing import COLOURS, INK, PALE, block, line, page, text
from adrs.tasks.spot_multi_region.reference import uniform_progress_any_region
from adrs.tasks.spot_multi_region.score import on_demand_cost
from adrs.tasks.spot_multi_region.simulator import TICK_S, Moment, play
from adrs.tasks.spot_multi_region.windows import SETS, Window, together
from adrs.tasks.spot_single_region.simulator import ON_DEMAND, SPOT, WORK_S, Codes, Ints

WIDTH, LEFT, RIGHT = 860, 150, 90
CURVE, FLOOR, TOP, ROW = 80, 250, 275, 34
ZONES = "4_zones_east"
RAN = {SPOT: ("spot", COLOURS[2]), ON_DEMAND: ("on demand", COLOURS[1])}
AVAILABLE = "#bcd3e4"


def picture(windows: Sequence[Window]) -> str:
    """The game on four regions in which the job changes its place or its instance most often."""
    drawn = [_watched(window) for window in windows]
    window, rows, cost = max(drawn, key=lambda each: sum(1 for _ in groupby(each[1], key=lambda row: row[2:])))
    return _drawn(window, rows, cost)


Row = tuple[Sequence[bool], float, int, int]
"""Availability by region, share of the work done, what ran in the tick, and where."""


def _watched(window: Window) -> tuple[Window, list[Row], float]:
    chosen = window.sets.index(ZONES)
    seen: list[tuple[Sequence[bool], float, int, int]] = []

    def watched(moment: Moment) -> tuple[Ints, Codes]:
        if chosen in moment.who:
            at = moment.who.index(chosen)
            up = moment.up[at, : len(SETS[ZONES])].tolist()
            seen.append((up, float(moment.done_s[at]) / WORK_S, int(moment.last[at]), int(moment.region[at])))
        return uniform_progress_any_region(moment)

    results = play(together([window]), watched)
    ran = [*((kind, where) for *_, kind, where in seen[1:]), (0, 0)]
    rows = [(up, done, *what) for (up, done, *_), what in zip(seen, ran, strict=True)]
    return window, rows, float(results.cost[chosen])


def _drawn(window: Window, rows: Sequence[Row], cost: float) -> str:
    zones, hours = SETS[ZONES], window.deadline_h
    alone = on_demand_cost(window.games[window.sets.index(ZONES)])
    ticks = hours * 3600 / TICK_S
    across = (WIDTH - LEFT - RIGHT) / ticks
    bottom = TOP + ROW * len(zones)

    def x(tick: float) -> float:
        return LEFT + tick * across

    def y(share: float) -> float:
        return FLOOR - share * (FLOOR - CURVE)

    shapes: list[svg.Element] = [
        text(LEFT, 30, f"One game on four regions, {hours:g} h for 48 h of work", size=16),
        text(LEFT, 50, f"Uniform Progress with any region pays ${cost:.2f}; on demand alone costs ${alone:.2f}", fill=PALE),
        text(LEFT - 12, y(1) + 5, "all work done", anchor="end"),
        text(LEFT - 12, y(0) + 5, "work done", anchor="end"),
        line([(x(0), y(0)), (x(ticks), y(1))], PALE, dashes=(5, 4)),
        line([(x(tick), y(row[1])) for tick, row in enumerate(rows)], INK, width=2),
        line([(x(ticks), CURVE - 10), (x(ticks), bottom)], COLOURS[3]),
        text(x(ticks) - 6, CURVE - 14, "deadline", fill=COLOURS[3], anchor="end"),
        text(x(ticks * 0.5), y(0.5) - 12, "uniform progress", fill=PALE, anchor="end"),
    ]
    for at, zone in enumerate(zones):
        top = TOP + ROW * at
        price = np.mean(window.price[window.traces(ZONES)[at]]) / 1e4
        shapes += [text(LEFT - 12, top + 17, zone, anchor="end"), text(x(ticks) + 8, top + 17, f"${price:.2f}/h")]
        shapes += [block(x(a), top, (b - a) * across, 25, AVAILABLE) for a, b, up in _stretches([r[0][at] for r in rows]) if up]
        ran = [kind if where == at else 0 for *_, kind, where in rows]
        shapes += [block(x(a), top + 6, (b - a) * across, 13, RAN[kind][1]) for a, b, kind in _stretches(ran) if kind in RAN]
    shapes += [text(x(hour * 3600 / TICK_S), bottom + 16, f"{hour} h", anchor="middle") for hour in range(0, 49, 12)]
    legend = (("spot to be had", AVAILABLE), ("ran on spot", RAN[SPOT][1]), ("ran on demand", RAN[ON_DEMAND][1]))
    shapes += [block(LEFT + 160 * at, bottom + 34, 14, 14, colour) for at, (_, colour) in enumerate(legend)]
    shapes += [text(LEFT + 160 * at + 20, bottom + 46, words) for at, (words, _) in enumerate(legend)]
    return page(WIDTH, bottom + 66, "A game of Can't Be Late on four regions, tick by tick", shapes)


def _stretches(values: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """(first tick, tick after the last, value) of every stretch of equal values."""
    start = 0
    for value, group in groupby(values):
        end = start + len(list(group))
        yield start, end, value
        start = end
