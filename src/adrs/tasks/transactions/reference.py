"""reference: SMF, shortest makespan first, on the trusted side, for `gap_closed`; the program itself is a baseline.

The published procedure: one random transaction, then repeatedly the best of k drawn from those that wait.
"""

from __future__ import annotations

from random import Random

from adrs.tasks.transactions.kit import Batch, Clocks

SAMPLE = 10
SEED = 42
"""The leaderboard's k."""


def smf(batch: Batch, rng: Random, sample: int = SAMPLE) -> list[int]:
    """An order."""
    waiting = list(range(batch.n))
    clocks = Clocks()
    order = [waiting.pop(rng.randint(0, batch.n - 1))]
    clocks.append(batch.needs[order[0]])
    while waiting:
        rng.random()  # the published program draws one number here that has no effect
        drawn: list[int] = []
        while len(drawn) < sample and waiting:
            drawn.append(waiting.pop(rng.randint(0, len(waiting) - 1) if len(waiting) > 1 else 0))
        ends = [max(clocks.makespan, clocks.start(batch.needs[number]) + batch.lengths[number] - 1) for number in drawn]
        best = drawn.pop(ends.index(min(ends)))
        waiting += drawn
        order.append(best)
        clocks.append(batch.needs[best])
    return order


def window_smf(batch: Batch, rng: Random, window: int, sample: int) -> list[int]:
    """An order of a scheduler that sees only the first `window` transactions that have arrived and are not released yet."""
    waiting, arrived = list(range(min(window, batch.n))), min(window, batch.n)
    clocks = Clocks()
    order = []
    while waiting:
        drawn = rng.sample(range(len(waiting)), min(sample, len(waiting)))
        ends = [clocks.start(batch.needs[waiting[at]]) + batch.lengths[waiting[at]] - 1 for at in drawn]
        number = waiting.pop(
            min(zip(ends, range(len(drawn)), drawn, strict=True), key=lambda each: (max(each[0], clocks.makespan), each[1]))[2]
        )
        clocks.append(batch.needs[number])
        order.append(number)
        if arrived < batch.n:
            waiting.append(arrived)
            arrived += 1
    return order
