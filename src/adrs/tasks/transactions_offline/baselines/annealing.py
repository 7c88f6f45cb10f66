"""Simulated annealing: chains side by side from first come first served; each moves, swaps or reverses a piece of its order.

It counts its steps, so it scores the same every time: half of the budget on a core of 2024.
"""

import numpy as np
from kit import Batch

CHAINS = 32
HOT, COLD = 3.0, 0.15
MOVE, SWAP = 0.6, 0.25
LONGEST_TURN = 10


def schedule(transactions: list[str], seconds: float) -> list[int]:
    batch, rng = Batch(transactions), np.random.default_rng(42)
    n = batch.n
    steps = int(seconds / (n * (9e-6 + 6e-10 * CHAINS * n)))
    orders = np.tile(np.arange(n), (CHAINS, 1))
    costs = batch.makespans(orders)
    best, order = int(costs[0]), orders[0].copy()
    for step in range(steps):
        temperature = HOT * (COLD / HOT) ** (step / steps)
        tried = changed(orders, rng)
        new = batch.makespans(tried)
        accepted = rng.random(CHAINS) < np.exp(np.minimum(0, costs - new) / temperature)
        orders[accepted], costs[accepted] = tried[accepted], new[accepted]
        if costs.min() < best:
            best, order = int(costs.min()), orders[costs.argmin()].copy()
    return [int(number) for number in order]


def changed(orders: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One change of every order, as positions to read it from."""
    count, n = orders.shape
    kind, either = rng.random((2, count, 1))
    ends = np.sort(rng.integers(0, n, (2, count, 1)), axis=0)
    low, high = ends[0], ends[1]
    at = np.arange(n)
    forward = np.where((at >= low) & (at < high), at + 1, np.where(at == high, low, at))
    backward = np.where((at > low) & (at <= high), at - 1, np.where(at == low, high, at))
    moved = np.where(either < 0.5, forward, backward)
    swapped = np.where(at == low, high, np.where(at == high, low, at))
    end = np.minimum(high, low + LONGEST_TURN - 1)
    turned = np.where((at >= low) & (at <= end), low + end - at, at)
    source = np.where(kind < MOVE, moved, np.where(kind < MOVE + SWAP, swapped, turned))
    return np.take_along_axis(orders, source, axis=1)
