"""synthetic: six made-up spot pools that behave like six real ones. Only fitted numbers come from those.

`bench/spot_synthetic_fit.py` fits the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from adrs.tasks.spot import availability
from adrs.tasks.spot.availability import Pool
from adrs.tasks.spot.rules import Bools

POOLS = (
    Pool("us-west-2a_k80_8", (4.94, 49.27), (3.93, 19.16), (0.62, 0.57), (0.81, 0.8), -0.02, 0.47, 0.25, 13.6),
    Pool("us-west-2b_k80_1", (1.62, 282.1), (5.22, 94.23), (0.95, 0.82), (0.86, 0.14), -0.15, 0.37, 0.0, 0.0),
    Pool("us-west-2b_k80_8", (1.07, 15.84), (4.76, 10.24), (0.96, 0.2), (0.81, 0.09), -0.05, 0.5, 0.34, 12.6),
    Pool("us-west-2a_v100_1", (2.33, 17.21), (3.23, 58.61), (0.71, 0.62), (0.76, 0.55), 0.0, 0.0, 0.29, 12.0),
    Pool("us-west-2a_v100_8", (1.97, 19.74), (2.34, 33.74), (0.84, 0.93), (0.62, 0.92), -0.04, 0.39, 0.14, 15.5),
    Pool("us-west-2b_v100_1", (1.16, 14.2), (1.89, 19.73), (0.05, 0.6), (0.13, 0.75), 0.03, 0.41, 0.0, 0.0),
)
"""Named after the pools that they behave like."""


def windows(seeds: Sequence[Sequence[int]], ticks: int) -> Bools:
    """(windows, pools, ticks) True = spot available; windows of independent series. See `availability.windows`."""
    return availability.windows(seeds, ticks, POOLS)
