"""synthetic: made-up wide-area networks and their traffic. Sizes, degrees, rates and the spread of sound counters are fitted.

Routers are points in a square. A minimum spanning tree connects them, most routers with one link get a second, and further
links join near routers, preferably those that have many links already. Demands follow a gravity model with an hour of the day.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adrs.tasks.telemetry_repair.network import Floats, Link, Network, Routes, anonymous, loads, network, routes
from adrs.tasks.telemetry_repair.snapshot import Traffic

LEAVES = 0.1
"""Chance that a router with one link in the tree gets no second one."""
REACH = 0.15
"""Length, in sides of the square, over which the chance of a further link falls to 1/e."""
RICH = 1.3
"""Exponent with which that chance grows in the sum of two routers' links."""
MEAN_LOAD = 200.0
"""Mbit/s on a directed link in an ordinary network at an ordinary hour."""
MASS, PAIR, SIZE = 1.0, 0.3, 0.35
"""Standard deviations of logarithms: of the routers' masses, of each demand about its gravity, of the networks' traffic."""
DAY = 0.4
"""Amplitude of the daily rhythm."""
LINK_SPREAD, COUNTER_SPREAD = 0.006, 0.02
"""A flow deviates from its demands by a normal factor, and every counter from its flow by a uniform one."""
LINK_LIMIT = 0.014


def links(routers: int, count: int, rng: np.random.Generator) -> tuple[Floats, list[Link]]:
    """A connected network.

    Args:
        count: of the links, at least one less than routers.

    Returns:
        ((routers, 2) places in the unit square, links with the smaller router first).
    """
    places = _places(routers, rng)
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    found = _tree(apart)
    degree = np.bincount(np.array(sorted(found)).ravel(), minlength=routers)
    for router in np.flatnonzero(degree == 1).tolist():
        if degree[router] > 1 or len(found) >= count or rng.random() < LEAVES:
            continue
        near = [other for other in np.argsort(apart[router])[1:].tolist() if _link(router, other) not in found]
        found.add(_link(router, near[0]))
        degree[[router, near[0]]] += 1
    while len(found) < min(count, routers * (routers - 1) // 2):
        free = [(a, b) for a in range(routers) for b in range(a + 1, routers) if (a, b) not in found]
        ends = np.array(free).T
        chance = np.exp(-apart[ends[0], ends[1]] / REACH) * (degree[ends[0]] + degree[ends[1]]) ** RICH
        a, b = free[int(rng.choice(len(free), p=chance / chance.sum()))]
        found.add((a, b))
        degree[[a, b]] += 1
    return places, sorted(found)


def usual_links(routers: int, rng: np.random.Generator) -> int:
    """Number of links of a network of that size: mean degrees of published networks grow with the logarithm of their size."""
    mean = 1.5 + 0.52 * float(np.log(routers)) + float(rng.uniform(-0.2, 0.2))
    return max(routers, round(routers * mean / 2))


def traffics(net: Network, count: int, rng: np.random.Generator) -> list[Traffic]:
    """Several moments of one network; routers keep their masses and demands their routes."""
    known = routes(net, rng)
    masses = rng.lognormal(0.0, MASS, len(net.routers))
    usual = MEAN_LOAD * float(rng.lognormal(0.0, SIZE))
    return [_traffic(net, known, masses, usual, rng) for _ in range(count)]


def made(size: tuple[int, int | None], count: int, rng: np.random.Generator) -> list[Traffic]:
    """Several moments of a new network.

    Args:
        size: routers and links; None: as many links as usual for that size.
    """
    routers, many = size
    _, joined = links(routers, usual_links(routers, rng) if many is None else many, rng)
    return traffics(network(anonymous(routers), joined), count, rng)


def _traffic(net: Network, known: Routes, masses: Floats, usual: float, rng: np.random.Generator) -> Traffic:
    size = len(net.routers)
    demands = np.outer(masses, masses) * rng.lognormal(0.0, PAIR, (size, size))
    np.fill_diagonal(demands, 0.0)
    hour = 1 + DAY * float(np.cos(rng.uniform(0, 2 * np.pi)))
    demands *= usual * hour / loads(net, demands, known).mean()
    return Traffic(net, demands, known, *spread(net, rng))


def spread(net: Network, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Factors of sound counters: (interfaces, 2) of received and sent rates, (routers, 2) of external ones."""

    def flows(shape: Sequence[int]) -> Floats:
        return 1 + np.clip(rng.normal(0.0, LINK_SPREAD, shape), -LINK_LIMIT, LINK_LIMIT)

    def counters(shape: Sequence[int]) -> Floats:
        return rng.uniform(1 - COUNTER_SPREAD, 1 + COUNTER_SPREAD, shape)

    flow = flows([len(net.ends)])
    inner = np.stack([flow[net.partner], flow], axis=1) * counters([len(net.ends), 2])
    outer = [len(net.routers), 2]
    return inner, flows(outer) * counters(outer)


def _places(routers: int, rng: np.random.Generator) -> Floats:
    """Points that keep some distance: of four random points, the one farthest from the others is taken each time."""
    places = [rng.random(2)]
    while len(places) < routers:
        tried = rng.random((4, 2))
        lonely = [min(float(np.linalg.norm(point - place)) for place in places) for point in tried]
        places.append(tried[int(np.argmax(lonely))])
    return np.array(places)


def _tree(apart: Floats) -> set[Link]:
    """The shortest tree over all points (Prim)."""
    near, by = apart[0].copy(), np.zeros(len(apart), int)
    joined = np.zeros(len(apart), bool)
    joined[0] = True
    found: set[Link] = set()
    while not joined.all():
        new = int(np.where(joined, np.inf, near).argmin())
        found.add(_link(new, int(by[new])))
        joined[new] = True
        closer = apart[new] < near
        near[closer], by[closer] = apart[new][closer], new
    return found


def _link(a: int, b: int) -> Link:
    return (min(a, b), max(a, b))
