"""Greedy with restarts: the waiting transaction with the least priority comes next; the best of several noisy passes wins."""

import random

import numpy as np
from kit import Batch

PASSES = 4


# EVOLVE-BLOCK-START
def priority(start: float, length: float, makespan: float, delay: float, number: float, noise: float) -> float:
    end = start + length
    return max(end, makespan)


# EVOLVE-BLOCK-END


def greedy(batch: Batch, delays: np.ndarray, rng: random.Random) -> list[int]:
    """One pass. The numbers of a waiting transaction are those that it would have if it came next.

    start: its first time unit; makespan: of the order so far; delay: the units by which it would delay those that wait, on
    average; number: its place in the batch; noise: from 0 to 1, drawn for each transaction and pass.
    """
    earliest, lengths = np.ones(batch.n), [float(length) for length in batch.lengths]
    noise = [rng.random() for _ in lengths]
    waiting, makespan = list(range(batch.n)), 0.0
    order = []
    while waiting:
        mine = earliest[waiting]
        held = np.maximum(delays[np.ix_(waiting, waiting)] + mine[:, None] - mine, 0).sum(axis=1) / len(waiting)
        ranks = [
            priority(start, lengths[number], makespan, delay, float(number), noise[number])
            for number, start, delay in zip(waiting, mine.tolist(), held.tolist(), strict=True)
        ]
        number = waiting.pop(ranks.index(min(ranks)))
        order.append(number)
        makespan = max(makespan, earliest[number] + lengths[number] - 1)
        earliest = np.maximum(earliest, earliest[number] + delays[number])
    return order


def schedule(transactions: list[str], seconds: float) -> list[int]:
    batch, rng = Batch(transactions), random.Random(1)
    delays = batch.delays.astype(float)
    orders = [greedy(batch, delays, rng) for _ in range(PASSES)]
    return min(orders, key=batch.makespan)
