"""DeepSeek's EPLB, global: spare slots to the hottest experts, then the heaviest replica first to the emptiest GPU (LPT)."""

import numpy as np
from kit import place


def rebalance_experts(weight: np.ndarray, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int) -> np.ndarray:
    placement: np.ndarray = place(weight, num_replicas, num_gpus)
    return placement
