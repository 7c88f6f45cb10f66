"""bound: a balance that no placement can beat, from the loads alone, by counting. It need not be reachable.

The fullest GPU of a layer holds at least the mean over GPUs, and at least the largest share of a slot, which is at least the
minimum over all numbers of replicas. The sum over layers of the larger of the two is at most the sum of
the maxima of any placement, and the sum of means is the same for all.
"""

from __future__ import annotations

import numpy as np

from adrs.tasks.expert_placement.series import Cluster, Floats, Ints


def best_balance(load: Ints, cluster: Cluster) -> float:
    """An upper bound on the balance of one window.

    Args:
        load: (layers, experts) tokens.
    """
    mean = load.sum(axis=1) / cluster.gpus
    least = float(np.maximum(mean, least_share(load, cluster.slots)).sum())
    return float(mean.sum()) / least if least else 1.0


def least_share(load: Ints, slots: int) -> Floats:
    """(layers,) the least maximum of tokens in a slot, over all numbers of replicas: the greedy choice is optimal.

    Repeatedly giving one more replica to the expert with the largest share minimises the largest share: as long as
    it is above the optimum, that expert has fewer replicas than in an optimal choice.
    """
    layers, experts = load.shape
    counts = np.ones((layers, experts))
    rows = np.arange(layers)
    for _ in range(slots - experts):
        counts[rows, (load / counts).argmax(axis=1)] += 1
    return np.asarray((load / counts).max(axis=1), np.float64)
