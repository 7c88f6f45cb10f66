"""Zigzag, hierarchical: as DeepSeek, but groups and replicas are dealt out back and forth instead of one by one."""

import numpy as np
from kit import place_by_node, zigzag


def rebalance_experts(weight: np.ndarray, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int) -> np.ndarray:
    placement: np.ndarray = place_by_node(weight, num_replicas, num_groups, num_nodes, num_gpus, zigzag)
    return placement
