"""Shortest makespan first, over all that wait: the transaction that would end first comes next."""

from kit import Batch, Clocks


# EVOLVE-BLOCK-START
def schedule(transactions: list[str], seconds: float) -> list[int]:
    batch, clocks = Batch(transactions), Clocks()
    waiting = list(range(batch.n))
    order = []
    while waiting:
        number = min(waiting, key=lambda number: clocks.start(batch.needs[number]) + batch.lengths[number])
        clocks.append(batch.needs[number])
        waiting.remove(number)
        order.append(number)
    return order


# EVOLVE-BLOCK-END
