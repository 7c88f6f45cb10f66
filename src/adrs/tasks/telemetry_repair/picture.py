"""picture: a network of the train split with what its counters report, and three flows in detail."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import svg

from adrs.tasks.drawing import COLOURS, INK, PALE, block, dot, line, page, text
from adrs.tasks.telemetry_repair.network import Bools, Floats, Network, distances, loads
from adrs.tasks.telemetry_repair.snapshot import RX, TX, Snapshot

WIDTH, HEIGHT = 880, 470
LEFT, TOP, SIDE = 50, 105, 320
RIGHT = 470
WRONG = COLOURS[3]
BARS = (("sent", COLOURS[0]), ("received", COLOURS[2]), ("predicted", COLOURS[1]))


def picture(snapshots: Sequence[Snapshot]) -> str:
    """Draw the snapshot with the largest number of wrong counters."""
    chosen = max(snapshots, key=lambda snapshot: int((snapshot.kinds > 0).sum()))
    reported, net = chosen.reported, chosen.reported.network
    wrong: Bools = np.any(chosen.kinds > 0, axis=1)
    shapes: list[svg.Element] = [
        text(40, 32, "One snapshot: which interfaces can be believed?", size=16),
        text(
            40, 54, f"{len(net.routers)} routers, {len(net.ends) // 2} links; {int(wrong.sum())} interfaces report", fill=PALE
        ),
        text(40, 71, "something wrong", fill=PALE),
        *_map(net, places(net), wrong, chosen.true.up),
        dot(46, HEIGHT - 22, 5, WRONG),
        text(58, HEIGHT - 18, "an interface whose counters are wrong"),
        line([(318, HEIGHT - 22), (342, HEIGHT - 22)], INK, dashes=(4, 4)),
        text(350, HEIGHT - 18, "a failed link"),
    ]
    load = loads(net, reported.demands, reported.routes)
    rates = [
        (float(reported.rates[at, TX]), float(reported.rates[net.partner[at], RX]), float(load[at]))
        for at in range(len(net.ends))
    ]
    shapes += [
        text(RIGHT, 32, "Three flows, each with three readings", size=16),
        text(RIGHT, 54, "Mbit/s sent by one router, received by the next,", fill=PALE),
        text(RIGHT, 71, "and predicted from demands and paths", fill=PALE),
    ]
    flows = _telling(wrong, net, np.array(rates))
    longest = max(max(rates[at]) for at in flows)
    for row, at in enumerate(flows):
        a, b = net.ends[at]
        y = 105 + 115 * row
        shapes.append(text(RIGHT, y, f"{net.routers[a]} to {net.routers[b]}"))
        for place, ((label, colour), rate) in enumerate(zip(BARS, rates[at], strict=True)):
            top = y + 12 + 24 * place
            shapes += [
                text(RIGHT + 70, top + 13, label, anchor="end", fill=INK),
                block(RIGHT + 80, top, max(1.5, 220 * rate / longest), 16, colour),
                text(RIGHT + 88 + 220 * rate / longest, top + 13, f"{rate:.1f}"),
            ]
    return page(WIDTH, HEIGHT, "A network whose counters cannot all be believed", shapes)


def _telling(wrong: Bools, net: Network, rates: Floats) -> list[int]:
    """Three flows: one on which all readings agree, and the two with the largest errors that still fit the scale."""
    usual = 4 * float(np.median(rates))
    spread = np.where(rates.max(axis=1) < usual, rates.max(axis=1) - rates.min(axis=1), -1.0)
    flawed = wrong | wrong[net.partner]
    idle = rates.max(axis=1) == 0
    sound = int(np.where(flawed | idle, np.inf, spread + (spread < 0) * 1e9).argmin())
    return [sound, *np.argsort(np.where(flawed, -spread, np.inf))[:2].tolist()]


def _map(net: Network, where: Floats, wrong: Bools, up: Bools) -> list[svg.Element]:
    at = np.array([LEFT, TOP]) + where * SIDE
    shapes: list[svg.Element] = [
        line([tuple(at[a]), tuple(at[b])], PALE if up[net.at[a, b]] else INK, dashes=() if up[net.at[a, b]] else (4, 4))
        for a, b in net.ends
        if a < b
    ]
    for place, (a, b) in enumerate(net.ends):
        if wrong[place]:
            way = at[b] - at[a]
            x, y = at[a] + way / np.linalg.norm(way) * 24
            shapes.append(dot(float(x), float(y), 5, WRONG))
    for name, (x, y) in zip(net.routers, at.tolist(), strict=True):
        shapes += [dot(x, y, 15, "#e4e7eb"), text(x, y + 4, name, size=11, anchor="middle")]
    return shapes


def places(net: Network) -> Floats:
    """(routers, 2) places in the unit square: routers are as far apart as their hops say, as nearly as can be (stress)."""
    hops = np.array([distances(net, router) for router in range(len(net.routers))], dtype=float)
    angle = 2 * np.pi * np.arange(len(hops)) / len(hops)
    at = np.stack([np.cos(angle), np.sin(angle)], axis=1) * hops.max() / 2
    weight = 1 / np.maximum(hops, 1) ** 2
    np.fill_diagonal(weight, 0.0)
    for _ in range(300):
        way = at[:, None] - at[None]
        apart = np.maximum(np.linalg.norm(way, axis=2), 1e-9)
        wish = at[None] + way * (hops / apart)[:, :, None]
        at = (weight[:, :, None] * wish).sum(axis=1) / weight.sum(axis=1)[:, None]
    low, high = at.min(axis=0), at.max(axis=0)
    spread: Floats = (at - low) / np.maximum(high - low, 1e-9)
    return spread
