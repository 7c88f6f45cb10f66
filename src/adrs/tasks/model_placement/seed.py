"""KVPR greedy: the busiest model first, each onto the GPU that is under the least pressure so far."""

from typing import Any


# EVOLVE-BLOCK-START
def place(memory_gb: list[int], models: list[dict[str, Any]], move_cost: float) -> list[int]:
    load = [0.0] * len(memory_gb)
    free = list(memory_gb)
    placement = [model["gpu"] for model in models]

    def priority(i: int) -> float:
        return float(models[i]["req_rate"] / models[i]["slo"])

    for i in sorted(range(len(models)), key=priority, reverse=True):
        size = models[i]["size_gb"]
        fitting = [gpu for gpu in range(len(memory_gb)) if size <= free[gpu]]
        best = min(fitting, key=lambda gpu: load[gpu] / free[gpu])
        placement[i] = best
        load[best] += priority(i)
        free[best] -= size
    return placement


# EVOLVE-BLOCK-END
