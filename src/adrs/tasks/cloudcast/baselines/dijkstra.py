"""Dijkstra: the cheapest path by dollars a gigabyte, each destination by itself; the leaderboard's start program."""

from heapq import heappop, heappush
from typing import Any


def broadcast(problem: dict[str, Any]) -> dict[str, list[list[str]]]:
    price = {(u, v): dollars for u, v, dollars, _ in problem["edges"]}
    source, nodes = problem["source"], problem["nodes"]
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
    plan = {}
    for destination in problem["destinations"]:
        path = [destination]
        while path[-1] != source:
            path.append(before[path[-1]])
        plan[destination] = [path[::-1]] * problem["parts"]
    return plan
