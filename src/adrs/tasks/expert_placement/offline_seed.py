"""The global greedy in four small rules: the expected load, who gets a spare slot, who is placed first, and where."""

from heapq import heapify, heapreplace

import numpy as np


# EVOLVE-BLOCK-START
def expected(load: float, mean: float, highest: float) -> float:
    """Tokens to plan for, of an expert with `load` of them in this window; mean and highest are over the layer's experts."""
    return load


def hotness(load: float, mean: float, replicas: int) -> float:
    """The hottest expert gets the next spare slot."""
    return load / replicas


def heaviness(share: float, mean: float, replicas: int) -> float:
    """The heaviest replica is placed first."""
    return share


def pressure(filled: float, share: float, used: int, places: int) -> float:
    """A replica goes to the GPU with the least pressure that has room: `used` of its `places` hold `filled` tokens."""
    return filled


# EVOLVE-BLOCK-END


def place_layer(loads: list[float], slots: int, gpus: int) -> list[int]:
    mean, highest = sum(loads) / len(loads), max(loads)
    loads = [expected(load, mean, highest) for load in loads]
    counts = [1] * len(loads)
    hottest = [(-hotness(load, mean, 1), expert) for expert, load in enumerate(loads)]
    heapify(hottest)
    for _ in range(slots - len(loads)):
        expert = hottest[0][1]
        counts[expert] += 1
        heapreplace(hottest, (-hotness(loads[expert], mean, counts[expert]), expert))
    held = [expert for expert, count in enumerate(counts) for _ in range(count)]
    places = slots // gpus
    inside: list[list[int]] = [[] for _ in range(gpus)]
    filled = [0.0] * gpus
    for expert in sorted(held, key=lambda expert: -heaviness(loads[expert] / counts[expert], mean, counts[expert])):
        share = loads[expert] / counts[expert]
        free = [gpu for gpu in range(gpus) if len(inside[gpu]) < places]
        pressures = [pressure(filled[gpu], share, len(inside[gpu]), places) for gpu in free]
        chosen = free[pressures.index(min(pressures))]
        inside[chosen].append(expert)
        filled[chosen] += share
    return [expert for gpu in inside for expert in gpu]


def rebalance_experts(weight: np.ndarray, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int) -> np.ndarray:
    return np.array([place_layer(loads, num_replicas, num_gpus) for loads in weight.tolist()], dtype=np.int64)
