"""DeepSeek's greedy: expert groups to nodes, spare slots of a node to its hottest experts, replicas to the GPUs of the node."""

import numpy as np


# EVOLVE-BLOCK-START
def pack(weights: list[float], bins: int) -> list[list[int]]:
    """The contents of each bin: the heaviest first, into the lightest bin that has room; all bins hold equally many."""
    room = len(weights) // bins
    inside: list[list[int]] = [[] for _ in range(bins)]
    filled = [0.0] * bins
    for at in sorted(range(len(weights)), key=lambda at: -weights[at]):
        chosen = min((each for each in range(bins) if len(inside[each]) < room), key=lambda each: filled[each])
        inside[chosen].append(at)
        filled[chosen] += weights[at]
    return inside


def replicate(loads: list[float], slots: int) -> list[int]:
    """Replicas of each expert: one, then one more for the expert with most tokens per replica until slots run out."""
    counts = [1] * len(loads)
    for _ in range(slots - len(loads)):
        hottest = max(range(len(loads)), key=lambda at: loads[at] / counts[at])
        counts[hottest] += 1
    return counts


def place(loads: list[float], slots: int, gpus: int) -> list[int]:
    """The expert in each slot, GPU by GPU."""
    counts = replicate(loads, slots)
    held = list(range(len(loads)))
    held += [expert for expert, count in enumerate(counts) for _ in range(count - 1)]
    shares = [loads[expert] / counts[expert] for expert in held]
    return [held[at] for inside in pack(shares, gpus) for at in inside]


def place_layer(loads: list[float], slots: int, groups: int, nodes: int, gpus: int) -> list[int]:
    if groups % nodes:
        groups = nodes = 1
    size = len(loads) // groups
    totals = [sum(loads[group * size : (group + 1) * size]) for group in range(groups)]
    placement: list[int] = []
    for chosen in pack(totals, nodes):
        experts = [group * size + at for group in chosen for at in range(size)]
        inside = place([loads[expert] for expert in experts], slots // nodes, gpus // nodes)
        placement += [experts[at] for at in inside]
    return placement


def rebalance_experts(weight: np.ndarray, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int) -> np.ndarray:
    layers = [place_layer(loads, num_replicas, num_groups, num_nodes, num_gpus) for loads in weight.tolist()]
    return np.array(layers, dtype=np.int64)


# EVOLVE-BLOCK-END
