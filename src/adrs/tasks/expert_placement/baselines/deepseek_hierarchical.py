"""DeepSeek's EPLB, hierarchical: groups to nodes, replicas inside a node, then to its GPUs; global if groups do not divide."""

import numpy as np
from kit import place_by_node


def rebalance_experts(weight: np.ndarray, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int) -> np.ndarray:
    placement: np.ndarray = place_by_node(weight, num_replicas, num_groups, num_nodes, num_gpus)
    return placement
