"""leaderboard: the ADRS leaderboard's score of makespans: 0 for first come first served, 1 near the longest transaction.

Its far end is the longest transaction and a tenth of the way from there to first come first served; no order gets there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from adrs.tasks.scale import share
from adrs.tasks.transactions.batches import Requests

MARGIN = 0.1

Metrics = Mapping[str, float | str]


def published(requests: Requests) -> dict[str, float]:
    """The numbers that the score needs in addition to makespans."""
    return {"longest": float(max(requests.batch.lengths))}


def published_score(batches: Sequence[Metrics]) -> float:
    """The score of the sum of all makespans; the leaderboard prints it times 100, clamped to 0 and 100."""
    first, makespan, longest = (
        math.fsum(float(each[name]) for each in batches) for name in ("first_come", "makespan", "longest")
    )
    return share(first, makespan, longest + MARGIN * (first - longest))
