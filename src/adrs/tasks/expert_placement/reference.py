"""reference: placements on the trusted side that scores are measured from: one that is blind, and DeepSeek's global greedy.

The programs that are played are `baselines/uniform.py` and `baselines/deepseek_global.py`; tests hold them equal.
"""

from __future__ import annotations

import numpy as np

from adrs.tasks.expert_placement.series import Cluster, Floats, Ints


def uniform(load: Ints, cluster: Cluster) -> Ints:
    """What DeepSeek's global greedy does when every expert is believed to have the same load: blind to the load."""
    return deepseek_global(np.ones_like(load), cluster)


def deepseek_global(load: Ints, cluster: Cluster) -> Ints:
    """DeepSeek's EPLB with its global policy: replicas to the hottest, then the heaviest first to the emptiest GPU."""
    experts, share = _replicated(load, cluster.slots)
    return _packed(experts, share, cluster.gpus)


def _replicated(load: Ints, slots: int) -> tuple[Ints, Floats]:
    """(layers, slots) experts and their tokens a replica: spare slots go, one by one, to the largest tokens a replica."""
    layers, experts = load.shape
    held = np.tile(np.arange(slots), (layers, 1))
    counts = np.ones((layers, experts))
    rows = np.arange(layers)
    for slot in range(experts, slots):
        hottest = (load / counts).argmax(axis=1)
        held[:, slot] = hottest
        counts[rows, hottest] += 1
    return held, np.take_along_axis(load / counts, held, axis=1)


def _packed(experts: Ints, share: Floats, gpus: int) -> Ints:
    """(layers, slots) the same experts, the heaviest first, each on the GPU with least load among those with room."""
    layers, slots = share.shape
    room = slots // gpus
    placement = np.zeros((layers, slots), np.int64)
    filled, used = np.zeros((layers, gpus)), np.zeros((layers, gpus), np.int64)
    rows = np.arange(layers)
    for at in np.argsort(-share, axis=1, kind="stable").T:
        gpu = np.where(used < room, filled, np.inf).argmin(axis=1)
        placement[rows, gpu * room + used[rows, gpu]] = experts[rows, at]
        filled[rows, gpu] += share[rows, at]
        used[rows, gpu] += 1
    return placement
