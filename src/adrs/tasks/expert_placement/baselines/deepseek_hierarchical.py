"""DeepSeek's EPLB, hierarchical: groups to nodes, replicas inside a node, then to its GPUs; global if groups do not divide."""

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
    if num_groups % num_nodes:
        num_groups = num_nodes = 1
    layers, experts = weight.shape
    group = experts // num_groups
    groups = pack(weight.reshape(layers, num_groups, group).sum(axis=2), num_nodes)
    inside = (groups[..., None] * group + np.arange(group)).reshape(layers * num_nodes, experts // num_nodes)
    load = np.take_along_axis(np.repeat(weight, num_nodes, axis=0), inside, axis=1)
    held, share = replicate(load, num_replicas // num_nodes)
    slots = pack(share, num_gpus // num_nodes).reshape(layers * num_nodes, -1)
    chosen = np.take_along_axis(held, slots, axis=1)
    return np.take_along_axis(inside, chosen, axis=1).reshape(layers, num_replicas)
