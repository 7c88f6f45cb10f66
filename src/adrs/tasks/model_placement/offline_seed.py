"""Greedy in three small functions of numbers, with restarts; `noise` is drawn anew for each restart."""

import random
from typing import Any

RESTARTS = 20


# EVOLVE-BLOCK-START
def expected(now: float, before: float) -> float:
    """The load to plan for: now, and on average in the epochs before; requests a second per latency target."""
    return now


def priority(load: float, size: float, noise: float) -> float:
    """The model with the highest comes first; size in GB, noise uniform from 0 to 1."""
    return load


def strain(load: float, size: float, gpu_load: float, gpu_free: float, moving: float, noise: float) -> float:
    """The GPU with the lowest gets the model; gpu_free in GB before it comes, moving: the cost of bringing it there."""
    return gpu_load / gpu_free


# EVOLVE-BLOCK-END


def place(memory_gb: list[int], models: list[dict[str, Any]], move_cost: float) -> list[int]:
    rng = random.Random(0)
    stay = [model["gpu"] for model in models]
    sizes = [model["size_gb"] for model in models]
    loads = []
    for model in models:
        past = model["history"] or [model["req_rate"]]
        loads.append(expected(model["req_rate"] / model["slo"], sum(past) / len(past) / model["slo"]))
    best, least = stay, float("inf")
    for _ in range(RESTARTS):
        noise = [rng.random() for _ in models]
        order = sorted(range(len(models)), key=lambda i: -priority(loads[i], sizes[i], noise[i]))
        load, free, placement = [0.0] * len(memory_gb), [float(memory) for memory in memory_gb], list(stay)
        for i in order:
            fitting = [gpu for gpu in range(len(free)) if sizes[i] < free[gpu]]
            if not fitting:
                break
            price = move_cost * sizes[i]
            gpu = min(
                fitting,
                key=lambda gpu: strain(
                    loads[i], sizes[i], load[gpu], free[gpu], price if gpu != stay[i] else 0.0, rng.random()
                ),
            )
            placement[i] = gpu
            load[gpu] += loads[i]
            free[gpu] -= sizes[i]
        else:
            moved = sum(sizes[i] for i in range(len(models)) if placement[i] != stay[i])
            cost = max(w / f for w, f in zip(load, free, strict=True)) + move_cost * moved
            if cost < least:
                best, least = placement, cost
    return best
