"""leaderboard: the ADRS leaderboard's score of a makespan: 0 for first come first served, 100 near the longest transaction.

Its far end is the longest transaction and a tenth of the way from there to first come first served; no order gets there.
"""

from __future__ import annotations

from collections.abc import Mapping

from adrs.tasks.scale import share
from adrs.tasks.transactions.batches import Requests

MARGIN = 0.1


def published(requests: Requests) -> dict[str, float]:
    """What the score needs besides makespans."""
    return {"longest": float(max(requests.batch.lengths))}


def weight(metrics: Mapping[str, float | str]) -> float:
    """Time units from first come first served to the far end; the published score weighs batches by it."""
    first, longest = float(metrics["first_come"]), float(metrics["longest"])
    return first - (longest + MARGIN * (first - longest))


def published_score(metrics: Mapping[str, float | str]) -> float:
    """The score of one batch, from 0 to 1; at most 1, as the leaderboard clamps it."""
    first = float(metrics["first_come"])
    return min(1.0, share(first, float(metrics["makespan"]), first - weight(metrics)))
