"""LPT and swaps: the global greedy, then slots of the fullest GPU are exchanged as long as that lowers its load."""

import numpy as np
from kit import arrange, exchange, pack, replicate


def rebalance_experts(weight: np.ndarray, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int) -> np.ndarray:
    held, share = replicate(weight, num_replicas)
    places = pack(share, num_gpus)
    placement: np.ndarray = exchange(arrange(held, places), arrange(share, places), num_gpus)
    return placement
