"""Iterated greedy: take a few transactions out of the order, put each back at its best place; keep the order if not worse.

Source: Ruiz and Stützle's iterated greedy for permutation flow shops, on makespans of all places at once. It counts its rounds,
so it scores the same every time: half of the budget on a core of 2024.
"""

import random

import numpy as np
from kit import Batch

OUT = 3


def schedule(transactions: list[str], seconds: float) -> list[int]:
    batch, rng = Batch(transactions), random.Random(42)
    n = batch.n
    rounds = int(seconds / (OUT * n * (9e-6 + 6e-10 * n * n)))
    order, best = greedy(batch)
    for _ in range(rounds):
        taken = rng.sample(order, min(OUT, n - 1))
        rest = [number for number in order if number not in taken]
        for number in taken:
            rest, cost = inserted(batch, rest, number, rng)
        if cost <= best:
            order, best = rest, cost
    return order


def greedy(batch: Batch) -> tuple[list[int], int]:
    """The transaction that may start first comes next, and of several the longest; or first come first served, if better."""
    earliest, length = np.ones(batch.n, np.int64), np.array(batch.lengths)
    waiting, order = np.ones(batch.n, bool), []
    for _ in range(batch.n):
        number = int(np.where(waiting, earliest * 1000 - length, 10**9).argmin())
        waiting[number] = False
        order.append(number)
        earliest = np.maximum(earliest, earliest[number] + batch.delays[number].astype(np.int64))
    return min((order, batch.makespan(order)), (list(range(batch.n)), batch.makespan(range(batch.n))), key=lambda pair: pair[1])


def inserted(batch: Batch, rest: list[int], number: int, rng: random.Random) -> tuple[list[int], int]:
    """The transaction at one of its best places, and the makespan of that order."""
    size = len(rest) + 1
    base = np.array([*rest, number])
    at, place = np.arange(size), np.arange(size)[:, None]
    costs = batch.makespans(base[np.where(at < place, at, np.where(at == place, size - 1, at - 1))])
    chosen = rng.choice(np.flatnonzero(costs == costs.min()).tolist())
    return [*rest[:chosen], number, *rest[chosen:]], int(costs[chosen])
