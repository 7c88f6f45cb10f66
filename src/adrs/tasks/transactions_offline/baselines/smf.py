"""SMF, shortest makespan first: of ten waiting transactions drawn at random, the one with the least makespan comes next.

Source: Cheng et al., "Towards Optimal Transaction Scheduling" (VLDB 2024), as the ADRS leaderboard runs it
with seed 42, random draws included; the human state of the art.
"""

import random

from kit import Batch, Clocks

SAMPLE = 10


def schedule(transactions: list[str], seconds: float) -> list[int]:
    batch, clocks, rng = Batch(transactions), Clocks(), random.Random(42)
    waiting = list(range(batch.n))
    order = [waiting.pop(rng.randint(0, batch.n - 1))]
    clocks.append(batch.needs[order[0]])
    while waiting:
        rng.random()  # the published program draws one number here that has no effect
        drawn: list[int] = []
        while len(drawn) < SAMPLE and waiting:
            drawn.append(waiting.pop(rng.randint(0, len(waiting) - 1) if len(waiting) > 1 else 0))
        makespans = [max(clocks.makespan, clocks.start(batch.needs[each]) + batch.lengths[each] - 1) for each in drawn]
        best = drawn.pop(makespans.index(min(makespans)))
        waiting += drawn
        order.append(best)
        clocks.append(batch.needs[best])
    return order
