"""Weighted paths: part by part, the next destination by its cheapest path; both "next" and "cheapest" can be changed.

The two functions of the block decide; unchanged, the plan is that of Dijkstra's algorithm for each destination by itself.
"""

import random
from itertools import pairwise
from typing import Any

from kit import Model


# EVOLVE-BLOCK-START
def weight(price: float, fresh: float, seconds: float, leaving: float, relay: float, noise: float) -> float:
    """The weight of an edge for one part on its way to one destination; the cheapest path is taken.

    price: dollars a gigabyte. fresh: 0 if this part crosses the edge already, else 1. seconds: how long the edge is busy with
    what it carries so far, at its own bandwidth; leaving: how long its tail is busy with what it sends so far, at its egress
    limit; both as a share of the least time of the transfer. relay: 1 if the edge leads to a region that is not in use yet and
    is not a destination, else 0. noise: 0 to 1, drawn for each edge and part.
    """
    return price


def rank(paid: float, price: float, noise: float) -> float:
    """The rank of a destination that a part has not reached yet; the lowest is connected next.

    paid: weights along its cheapest path. price: dollars a gigabyte directly from the source. noise: 0 to 1.
    """
    return paid


# EVOLVE-BLOCK-END

TREES = 20
ROUNDS = 2

Hop = tuple[str, str]


class Search:
    """The trees of one problem, part by part, and the load that they put on edges and regions."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.source, self.destinations = problem["source"], problem["destinations"]
        self.price = {(here, there): price for here, there, price, _ in problem["edges"]}
        gigabits = 8 * problem["volume_gb"] / problem["parts"]
        limit = problem["egress_gbit_s"]
        least = gigabits * problem["parts"] / limit[self.source]
        self.edge_time = {(here, there): gigabits / gbit_s / least for here, there, _, gbit_s in problem["edges"]}
        self.node_time = {name: gigabits / limit[name] / least for name in problem["nodes"]}
        self.seconds = dict.fromkeys(self.price, 0.0)
        self.leaving = dict.fromkeys(problem["nodes"], 0.0)
        self.used = {self.source, *self.destinations}
        self.touching: dict[str, list[Hop]] = {name: [] for name in problem["nodes"]}
        for hop in self.price:
            self.touching[hop[0]].append(hop)
            self.touching[hop[1]].append(hop)
        self.rng = random.Random(0)

    def tree(self) -> dict[str, list[str]]:
        """The paths of one more part."""
        self.noise = {hop: self.rng.random() for hop in self.price}
        crossed: set[Hop] = set()
        cost = {hop: self.weigh(hop, crossed) for hop in self.price}
        waiting, paths = dict.fromkeys(self.destinations), {}
        while waiting:
            paid, before = self.cheapest_paths(cost)
            ranks = {end: rank(paid[end], self.price[self.source, end], self.noise[self.source, end]) for end in waiting}
            end = min(waiting, key=ranks.__getitem__)
            del waiting[end]
            path = [end]
            while path[-1] != self.source:
                path.append(before[path[-1]])
            paths[end] = path[::-1]
            for hop in pairwise(paths[end]):
                if hop not in crossed:
                    crossed.add(hop)
                    self.seconds[hop] += self.edge_time[hop]
                    self.leaving[hop[0]] += self.node_time[hop[0]]
                    self.used.add(hop[1])
            for name in path:
                cost.update({hop: self.weigh(hop, crossed) for hop in self.touching[name]})
        return paths

    def cheapest_paths(self, cost: dict[Hop, float]) -> tuple[dict[str, float], dict[str, str]]:
        """(price of the cheapest path to a region, the region before it)."""
        paid, before = {self.source: 0.0}, {}
        todo = list(self.node_time)
        while todo:
            here = min(todo, key=lambda name: paid.get(name, float("inf")))
            todo.remove(here)
            reach = paid[here]
            for there in todo:
                along = reach + cost[here, there]
                if there not in paid or along < paid[there]:
                    paid[there] = along
                    before[there] = here
        return paid, before

    def weigh(self, hop: Hop, crossed: set[Hop]) -> float:
        here, there = hop
        relay = float(there not in self.used)
        return weight(self.price[hop], float(hop not in crossed), self.seconds[hop], self.leaving[here], relay, self.noise[hop])


def broadcast(problem: dict[str, Any]) -> dict[str, list[list[str]]]:
    """Put all parts on the best of several trees, then move parts to other trees as long as that is cheaper."""
    search, parts, several = Search(problem), range(problem["parts"]), range(TREES)
    trees = [search.tree() for _ in several]
    model = Model(problem)

    def plan(taken: list[int]) -> dict[str, list[list[str]]]:
        return {end: [trees[tree][end] for tree in taken] for end in search.destinations}

    def bill(taken: list[int]) -> float:
        dollars: float = model.bill(plan(taken)).dollars
        return dollars

    best = min(([tree for _ in parts] for tree in several), key=bill)
    least = bill(best)
    for _ in range(ROUNDS):
        for part in parts:
            others = [[*best[:part], tree, *best[part + 1 :]] for tree in several]
            other = min(others, key=bill)
            if bill(other) < least:
                best, least = other, bill(other)
    return plan(best)
