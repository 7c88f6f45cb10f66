"""Uniform: every expert is believed to have the same load, so the placement is blind."""

import numpy as np
from kit import place


def rebalance_experts(weight: np.ndarray, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int) -> np.ndarray:
    placement: np.ndarray = place(np.ones(weight.shape), num_replicas, num_gpus)
    return placement
