"""sight: what a scheduler may know about a transaction before its release. After that it knows everything."""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal

from adrs.tasks.transactions.batches import Requests

Sight = Literal["full", "hot", "class"]

HOTTEST = 20
"""Number of keys of a stream whose accesses are visible under `hot`."""

Seen = dict[str, Any]


def seen(stream: Requests, sight: Sight) -> list[Seen]:
    """Every transaction of a stream as a scheduler sees it while it waits; `id` counts arrivals."""
    every = revealed(stream)
    if sight == "full":
        return every
    uses = Counter(key for each in every for _, key, _ in each["ops"])
    hottest = {key for key, _ in uses.most_common(HOTTEST)} if sight == "hot" else set()
    return [{**each, "ops": [op for op in each["ops"] if op[1] in hottest]} for each in every]


def revealed(stream: Requests) -> list[Seen]:
    """Every transaction as a scheduler sees it after its release."""
    return [
        {
            "id": number,
            "template": request.template,
            "length": request.length,
            "hot_class": request.hot_class,
            "ops": [list(op) for op in ops],
        }
        for number, (request, ops) in enumerate(zip(stream.requests, stream.batch.ops, strict=True))
    ]
