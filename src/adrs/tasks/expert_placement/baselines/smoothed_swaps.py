"""Smoothed LPT and swaps: loads to the power 0.9, because hot experts tend to cool down; then as LPT and swaps."""

import numpy as np
from kit import arrange, exchange, pack, replicate


def rebalance_experts(weight: np.ndarray, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int) -> np.ndarray:
    held, share = replicate(weight**0.9, num_replicas)
    places = pack(share, num_gpus)
    placement: np.ndarray = exchange(arrange(held, places), arrange(share, places), num_gpus)
    return placement
