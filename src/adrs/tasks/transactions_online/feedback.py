"""feedback: why one stream ended when it did, in a few lines that help to write the next scheduler."""

from __future__ import annotations

from collections import Counter

from adrs.tasks.transactions.critical import chain
from adrs.tasks.transactions_online.play import Stream

LONGEST = 300
"""Characters."""


def feedback(stream: Stream) -> str:
    """A few lines about one stream."""
    requests = stream.requests
    behind = chain(requests.batch, stream.order, stream.starts)
    waited = [place - number for place, number in enumerate(stream.order)]
    templates = Counter(requests.requests[number].template for number in behind.members).most_common(2)
    kinds = ", ".join(f"{count} {template}" for template, count in templates)
    return (
        f"{requests.family}, {requests.batch.n} transactions: makespan {stream.clocks.makespan}, first come "
        f"{requests.first_come}, bound {requests.bound}. The chain that ends last has {len(behind.members)} transactions "
        f"({kinds}), held up by {behind.worst(2)}. Longest passed over: {max(waited)} releases."
    )[:LONGEST]
