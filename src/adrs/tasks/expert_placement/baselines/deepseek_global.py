"""DeepSeek's EPLB, global: spare slots to the hottest experts, then the heaviest replica first to the emptiest GPU (LPT)."""

import numpy as np


def replicate(load: np.ndarray, slots: int) -> tuple[np.ndarray, np.ndarray]:
    """(rows, slots) experts and their tokens a replica: spare slots go, one by one, to the largest tokens a replica."""
    rows, experts = load.shape
    held = np.tile(np.arange(slots), (rows, 1))
    counts = np.ones((rows, experts))
    each = np.arange(rows)
    for slot in range(experts, slots):
        hottest = (load / counts).argmax(axis=1)
        held[:, slot] = hottest
        counts[each, hottest] += 1
    return held, np.take_along_axis(load / counts, held, axis=1)


def pack(weight: np.ndarray, bins: int) -> np.ndarray:
    """(rows, bins, places) what lies in each bin: the heaviest first, into the lightest bin that has room."""
    rows, count = weight.shape
    places = count // bins
    inside = np.zeros((rows, bins, places), np.int64)
    filled, used = np.zeros((rows, bins)), np.zeros((rows, bins), np.int64)
    each = np.arange(rows)
    for at in np.argsort(-weight, axis=1, kind="stable").T:
        chosen = np.where(used < places, filled, np.inf).argmin(axis=1)
        inside[each, chosen, used[each, chosen]] = at
        filled[each, chosen] += weight[each, at]
        used[each, chosen] += 1
    return inside


def rebalance_experts(weight: np.ndarray, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int) -> np.ndarray:
    held, share = replicate(weight, num_replicas)
    slots = pack(share, num_gpus).reshape(len(weight), num_replicas)
    return np.take_along_axis(held, slots, axis=1)
