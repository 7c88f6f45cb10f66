"""feedback: why one batch ended when it did, in a few lines that help to write the next program."""

from __future__ import annotations

from collections.abc import Sequence

from adrs.tasks.transactions.batches import Requests
from adrs.tasks.transactions.critical import chain

LONGEST = 300
"""Characters."""


def feedback(requests: Requests, order: Sequence[int], starts: Sequence[int], makespan: int) -> str:
    """A few lines about one batch.

    Args:
        starts: of the transactions, in that order.
    """
    batch = requests.batch
    behind = chain(batch, order, starts)
    last = behind.members[-1]
    where = list(order).index(last)
    return (
        f"{requests.family}, {batch.n} transactions: makespan {makespan}, first come {requests.first_come}, bound "
        f"{requests.bound}. "
        f"The chain that ends last has {len(behind.members)} transactions, held up by {behind.worst(3)}; it ends with "
        f"number {last}, {batch.lengths[last]} long, at place {where} of the order."
    )[:LONGEST]
