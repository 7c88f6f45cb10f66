"""transfers: draws transfers that can be improved on: relays pay off, or limits make time expensive.

For most random transfers the cheapest tree without relays is best. Relays pay off where leaving the source's cloud is
expensive and the destinations lie in other clouds, in regions that are expensive to send from; so these are drawn, and kept
when the cheapest tree without relays costs at least `RELAYS_PAY` more than the cheapest with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from adrs.tasks.cloudcast.baselines.mdst import Prices, arborescence
from adrs.tasks.cloudcast.bound import steiner_price
from adrs.tasks.cloudcast.network import EGRESS, INGRESS, LOW_EGRESS, LOW_INGRESS, Floats, Network, Transfer

Kind = Literal["relay", "tight"]
KINDS: tuple[Kind, ...] = ("relay", "tight")

RELAYS_PAY = 0.02
FEWEST, MOST = 5, 8
"""Destinations."""

VOLUMES_GB = (200.0, 300.0, 400.0)
PARTS = (8, 10, 12)
TRIES = 50


def draw(rng: np.random.Generator, network: Network, kind: Kind, sources: Sequence[int]) -> Transfer | None:
    """A transfer of a kind, or None if many tries found none on this network.

    Args:
        kind: "relay": relays pay off, and limits are the usual ones. "tight": sources and destinations are any, and a VM
            receives 2 Gbit/s and sends 1, so that instances are some 5 to 10 % of the bill and compete with egress.
        sources: regions that may be the source.
    """
    volume, parts = float(rng.choice(VOLUMES_GB)), int(rng.choice(PARTS))
    if kind == "tight":
        source, ends = _anywhere(rng, len(network.names), sources)
        return Transfer(network, source, ends, volume, parts, LOW_INGRESS, LOW_EGRESS)
    for _ in range(TRIES):
        source, ends = _far_away(rng, network, sources)
        if tree_price(network.dollars, source, ends) >= (1 + RELAYS_PAY) * steiner_price(network.dollars, source, ends):
            return Transfer(network, source, ends, volume, parts, INGRESS, EGRESS)
    return None


def tree_price(prices: Floats, source: int, destinations: Sequence[int]) -> float:
    """The least price of a tree over source and destinations alone."""
    nodes = [source, *destinations]
    price: Prices = {(u, v): float(prices[u, v]) for u in nodes for v in nodes if u != v}
    return sum(price[above, node] for node, above in arborescence(list(nodes), source, price).items())


def _anywhere(rng: np.random.Generator, regions: int, sources: Sequence[int]) -> tuple[int, tuple[int, ...]]:
    source = int(rng.choice(sources))
    others = [at for at in range(regions) if at != source]
    return source, _some(rng, others)


def _far_away(rng: np.random.Generator, network: Network, sources: Sequence[int]) -> tuple[int, tuple[int, ...]]:
    """A source among the third of regions that are most expensive to leave, and ends in expensive regions of other clouds."""
    clouds = np.array(network.clouds)
    leaving = {at: float(network.dollars[at, clouds != clouds[at]].mean()) for at in sources}
    expensive = sorted(sources, key=lambda at: -leaving[at])[: max(1, len(sources) // 3)]
    source = int(rng.choice(expensive))
    sending = network.dollars.sum(axis=1)
    abroad = np.flatnonzero(clouds != clouds[source])
    ends = abroad[sending[abroad] >= 0.9 * np.median(sending[abroad])]
    return source, _some(rng, ends.tolist())


def _some(rng: np.random.Generator, among: Sequence[int]) -> tuple[int, ...]:
    count = int(rng.integers(FEWEST, MOST + 1))
    return tuple(int(at) for at in rng.permutation(among)[:count])
