"""Two windows: the global greedy on the mean of this window and the one before."""

import numpy as np
from kit import place

before: dict[str, np.ndarray] = {}


def rebalance_experts(weight: np.ndarray, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int) -> np.ndarray:
    expected = (weight + before.get("weight", weight)) / 2
    before["weight"] = weight
    placement: np.ndarray = place(expected, num_replicas, num_gpus)
    return placement
