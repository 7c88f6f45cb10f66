"""picture: one game of Uniform Progress with any region, tick by tick: availability, and where the job ran."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import svg

from adrs.tasks.drawing import PALE, page, text
from adrs.tasks.spot.drawing import LEFT, RAN, WIDTH, Chart, legend
from adrs.tasks.spot.rules import ON_DEMAND, SPOT, WORK_S, Codes, Ints
from adrs.tasks.spot.score import on_demand_cost
from adrs.tasks.spot_multi_region.reference import uniform_progress_any_region
from adrs.tasks.spot_multi_region.simulator import TICK_S, Moment, play
from adrs.tasks.spot_multi_region.windows import SETS, Window, together

TOP, ROW = 275, 34
ZONES = "4_zones_east"
AVAILABLE = "#bcd3e4"


def picture(windows: Sequence[Window]) -> str:
    """Draw the game on four regions in which the job changes its place or its instance most often."""
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
    alone = on_demand_cost(window.restart_h, TICK_S)
    bottom = TOP + ROW * len(zones)
    chart = Chart(hours * 3600 / TICK_S, right=90, floor=250, bottom=bottom)
    shapes: list[svg.Element] = [
        text(LEFT, 30, f"One game on four regions, {hours:g} h for 48 h of work", size=16),
        text(LEFT, 50, f"Uniform Progress with any region pays ${cost:.2f}; on demand alone costs ${alone:.2f}", fill=PALE),
        *chart.progress([row[1] for row in rows]),
    ]
    for at, zone in enumerate(zones):
        top = TOP + ROW * at
        price = np.mean(window.price[window.traces(ZONES)[at]]) / 1e4
        shapes += [text(LEFT - 12, top + 17, zone, anchor="end"), text(chart.x(chart.ticks) + 8, top + 17, f"${price:.2f}/h")]
        shapes += chart.bars([int(row[0][at]) for row in rows], {1: AVAILABLE}, top, 25)
        ran = [kind if where == at else 0 for *_, kind, where in rows]
        shapes += chart.bars(ran, {kind: colour for kind, (_, colour) in RAN.items()}, top + 6, 13)
    hour_ticks = 3600 / TICK_S
    shapes += [text(chart.x(hour * hour_ticks), bottom + 16, f"{hour} h", anchor="middle") for hour in range(0, 49, 12)]
    entries = (("spot available", AVAILABLE), ("ran on spot", RAN[SPOT][1]), ("ran on demand", RAN[ON_DEMAND][1]))
    shapes += legend(entries, bottom + 34)
    return page(WIDTH, bottom + 66, "A game of Can't Be Late on four regions, tick by tick", shapes)
