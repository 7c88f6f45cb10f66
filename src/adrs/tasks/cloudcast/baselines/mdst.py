"""MDST: the cheapest tree over source and destinations, without relays (Chu and Liu 1965, Edmonds 1967); all parts on it."""

from collections.abc import Hashable
from typing import Any

TIE = 1e-9
"""Ties go to the faster edge."""

Prices = dict[tuple[Hashable, Hashable], float]


def arborescence(nodes: list[Hashable], root: Hashable, price: Prices) -> dict[Hashable, Hashable]:
    """Node -> its parent in the cheapest tree that leads from the root to all nodes."""
    parent = {node: min((u for u in nodes if u != node), key=lambda u: price[u, node]) for node in nodes if node != root}
    cycle = find_cycle(parent, root)
    if not cycle:
        return parent
    ring = frozenset(cycle)
    rest = [node for node in nodes if node not in ring]
    into: dict[Hashable, Hashable] = {}  # node outside -> where in the ring its edge ends
    out_of: dict[Hashable, Hashable] = {}  # node outside -> where in the ring its edge begins
    merged = {(u, v): price[u, v] for u in rest for v in rest if v not in (u, root)}
    for node in rest:
        into[node] = min(cycle, key=lambda v: price[node, v] - price[parent[v], v])
        merged[node, ring] = price[node, into[node]] - price[parent[into[node]], into[node]]
        if node != root:
            out_of[node] = min(cycle, key=lambda u: price[u, node])
            merged[ring, node] = price[out_of[node], node]
    inner = arborescence([*rest, ring], root, merged)
    tree = {node: parent[node] for node in cycle}
    for node, above in inner.items():
        if node == ring:
            tree[into[above]] = above
        else:
            tree[node] = out_of[node] if above == ring else above
    return tree


def find_cycle(parent: dict[Hashable, Hashable], root: Hashable) -> list[Hashable]:
    """Nodes of a cycle, or []."""
    for start in parent:
        trail = [start]
        while trail[-1] != root and parent[trail[-1]] not in trail:
            trail.append(parent[trail[-1]])
        if trail[-1] != root:
            return trail[trail.index(parent[trail[-1]]) :]
    return []


def broadcast(problem: dict[str, Any]) -> dict[str, list[list[str]]]:
    source = problem["source"]
    price: Prices = {(u, v): dollars + TIE / gbit_s for u, v, dollars, gbit_s in problem["edges"]}
    parent = arborescence([source, *problem["destinations"]], source, price)
    plan = {}
    for destination in problem["destinations"]:
        path = [destination]
        while path[-1] != source:
            path.append(parent[path[-1]])
        plan[destination] = [path[::-1]] * problem["parts"]
    return plan
