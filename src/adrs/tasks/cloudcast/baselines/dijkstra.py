"""Dijkstra: the cheapest path by dollars a gigabyte, for each destination by itself; all parts take the same way.

The leaderboard's start program, and the one of this task.
"""

from heapq import heappop, heappush
from typing import Any


# EVOLVE-BLOCK-START
def cheapest_paths(nodes: list[str], price: dict[tuple[str, str], float], source: str) -> dict[str, str]:
    """Node -> the node before it on the cheapest path from the source."""
    far, before = {source: 0.0}, {}
    queue, done = [(0.0, source)], set()
    while queue:
        reach, node = heappop(queue)
        if node in done:
            continue
        done.add(node)
        for other in nodes:
            if other not in done and reach + price[node, other] < far.get(other, float("inf")):
                far[other] = reach + price[node, other]
                before[other] = node
                heappush(queue, (far[other], other))
    return before


def broadcast(problem: dict[str, Any]) -> dict[str, list[list[str]]]:
    source = problem["source"]
    price = {(u, v): dollars for u, v, dollars, _ in problem["edges"]}
    before = cheapest_paths(problem["nodes"], price, source)
    plan = {}
    for destination in problem["destinations"]:
        path = [destination]
        while path[-1] != source:
            path.append(before[path[-1]])
        plan[destination] = [path[::-1] for _ in range(problem["parts"])]
    return plan


# EVOLVE-BLOCK-END
