"""reference: the two placements that scores are measured from, on the trusted side: a blind one and DeepSeek's global greedy.

Both use the referee's own copy of `kit.py`. The programs that are played are `baselines/uniform.py` and
`baselines/deepseek_global.py`; tests compare them.
"""

from __future__ import annotations

import numpy as np

from adrs.tasks.expert_placement.kit import place
from adrs.tasks.expert_placement.series import Cluster, Ints


def uniform(load: Ints, cluster: Cluster) -> Ints:
    """The placement of DeepSeek's global greedy if every expert had the same load: it ignores the loads."""
    return deepseek_global(np.ones_like(load), cluster)


def deepseek_global(load: Ints, cluster: Cluster) -> Ints:
    """DeepSeek's EPLB with its global policy: replicas to the hottest, then the heaviest first to the emptiest GPU."""
    return place(load, cluster.slots, cluster.gpus)
