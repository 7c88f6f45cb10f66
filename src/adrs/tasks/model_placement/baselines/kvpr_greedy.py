"""KVPR greedy: the busiest model first, each onto the GPU that is under the least pressure so far; the human baseline.

Source: ADRS-Leaderboard, problem "prism"; the same rule as the seed. It considers neither the cost of moving nor the past.
"""

from typing import Any


def place(memory_gb: list[int], models: list[dict[str, Any]], move_cost: float) -> list[int]:
    load = [0.0] * len(memory_gb)
    free = list(memory_gb)
    placement = [0] * len(models)
    pressure = [model["req_rate"] / model["slo"] for model in models]
    for i in sorted(range(len(models)), key=lambda i: -pressure[i]):
        fitting = [gpu for gpu in range(len(memory_gb)) if models[i]["size_gb"] <= free[gpu]]
        best = min(fitting, key=lambda gpu: load[gpu] / free[gpu])
        placement[i] = best
        load[best] += pressure[i]
        free[best] -= models[i]["size_gb"]
    return placement
