"""network: routers, links, the routes that traffic takes, and the load that follows. No errors in it yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Path = tuple[int, ...]
Link = tuple[int, int]
Routes = Mapping[Link, tuple[tuple[Path, float], ...]]
"""(source, destination) -> paths and the share of the demand that each carries; shares add up to 1."""

SPLIT = 0.1
"""Share of the pairs of routers whose demand takes two paths of equal length, where two exist."""


@dataclass(frozen=True, eq=False)
class Network:
    """Routers and their interfaces. A link is an interface at each of its ends.

    Args:
        routers: names.
        ends: (local, remote) router of every interface, as positions.
    """

    routers: tuple[str, ...]
    ends: tuple[Link, ...]

    @cached_property
    def at(self) -> Mapping[Link, int]:
        """(local, remote) -> position of the interface."""
        return {end: position for position, end in enumerate(self.ends)}

    @cached_property
    def partner(self) -> Ints:
        """(interfaces,) position of the interface at the other end of the link."""
        return np.array([self.at[b, a] for a, b in self.ends])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of the interfaces: "A_to_B"."""
        return tuple(f"{self.routers[a]}_to_{self.routers[b]}" for a, b in self.ends)

    @cached_property
    def neighbours(self) -> tuple[tuple[int, ...], ...]:
        """Router -> routers that it has a link to."""
        beside: list[list[int]] = [[] for _ in self.routers]
        for a, b in self.ends:
            beside[a].append(b)
        return tuple(map(tuple, beside))

    @cached_property
    def own(self) -> tuple[tuple[int, ...], ...]:
        """Router -> positions of its interfaces."""
        return tuple(tuple(self.at[a, b] for b in beside) for a, beside in enumerate(self.neighbours))


def network(routers: Sequence[str], links: Iterable[Link]) -> Network:
    """The network with these links, each given once; interfaces are in order of their routers."""
    both = {end for a, b in links for end in ((a, b), (b, a))}
    return Network(tuple(routers), tuple(sorted(both)))


def anonymous(routers: int) -> list[str]:
    """Names without a meaning: "R01", "R02", …"""
    return [f"R{router:02d}" for router in range(1, routers + 1)]


def distances(net: Network, source: int, without: Collection[Link] = ()) -> list[int]:
    """Hops from a router to every other; -1 where there is no path.

    Args:
        without: (local, remote) pairs that carry nothing.
    """
    hops = [-1] * len(net.routers)
    hops[source] = 0
    queue = [source]
    for router in queue:
        for neighbour in net.neighbours[router]:
            if hops[neighbour] < 0 and (router, neighbour) not in without:
                hops[neighbour] = hops[router] + 1
                queue.append(neighbour)
    return hops


def shortest(net: Network, hops: Sequence[int], target: int, rank: Sequence[int], without: Collection[Link] = ()) -> Path:
    """A shortest path to `target`; among equal ones the routers of low rank win.

    Args:
        hops: from the source, as `distances` returns them.
    """
    path = [target]
    while hops[path[-1]] > 0:
        here = path[-1]
        before = [n for n in net.neighbours[here] if hops[n] == hops[here] - 1 and (n, here) not in without]
        path.append(min(before, key=rank.__getitem__))
    return tuple(reversed(path))


def routes(net: Network, rng: np.random.Generator) -> Routes:
    """Shortest paths by hops between all pairs; some demands are split over two of equal length."""
    size = len(net.routers)
    found: dict[Link, tuple[tuple[Path, float], ...]] = {}
    forked: list[tuple[Link, Path]] = []
    for source in range(size):
        hops = distances(net, source)
        one, two = rng.permutation(size).tolist(), rng.permutation(size).tolist()
        for target in range(size):
            if target == source:
                continue
            path = shortest(net, hops, target, one)
            found[source, target] = ((path, 1.0),)
            if (other := shortest(net, hops, target, two)) != path:
                forked.append(((source, target), other))
    for place in rng.permutation(len(forked))[: round(SPLIT * size * (size - 1))].tolist():
        pair, other = forked[place]
        found[pair] = ((found[pair][0][0], 0.5), (other, 0.5))
    return found


def rerouted(net: Network, known: Routes, down: Collection[Link], rng: np.random.Generator) -> Routes:
    """The routes after some links have failed: traffic that crossed them takes a shortest path around them."""
    found = dict(known)
    for (source, target), paths in known.items():
        if any(hop in down for path, _ in paths for hop in pairwise(path)):
            hops = distances(net, source, down)
            rank = rng.permutation(len(net.routers)).tolist()
            found[source, target] = ((shortest(net, hops, target, rank, down), 1.0),)
    return found


def loads(net: Network, demands: Floats, known: Routes) -> Floats:
    """(interfaces,) Mbit/s that leave through each interface.

    Args:
        demands: (routers, routers) Mbit/s from the first to the second.
    """
    carried = [0.0] * len(net.ends)
    for (source, target), paths in known.items():
        rate = float(demands[source, target])
        for path, share in paths:
            for hop in pairwise(path):
                carried[net.at[hop]] += rate * share
    return np.array(carried)


def dispensable(net: Network, down: Collection[Link] = ()) -> list[Link]:
    """Links (smaller router first) that may fail without cutting off any router.

    Args:
        down: links that have failed already, both directions of them.
    """
    found = []
    for a, b in net.ends:
        if a < b and (a, b) not in down and min(distances(net, 0, {*down, (a, b), (b, a)})) >= 0:
            found.append((a, b))
    return found
