"""Bisection: find the least T for which best-fit decreasing finds a placement with all pressures at most T.

Pressure at most T on a GPU means load + T * size <= T * memory, so a model is an item of load + T * size, a GPU a bin of
T * memory. It considers neither the cost of moving nor the past.
"""

from typing import Any

HALVINGS = 30


def place(memory_gb: list[int], models: list[dict[str, Any]], move_cost: float) -> list[int]:
    load = [model["req_rate"] / model["slo"] for model in models]
    size = [model["size_gb"] for model in models]

    def fits(limit: float) -> list[int] | None:
        item = [load[i] + limit * size[i] for i in range(len(models))]
        room = [limit * memory for memory in memory_gb]
        free = list(memory_gb)
        placement = [0] * len(models)
        for i in sorted(range(len(models)), key=lambda i: -item[i]):
            fitting = [gpu for gpu in range(len(room)) if item[i] <= room[gpu] and size[i] < free[gpu]]
            if not fitting:
                return None
            best = min(fitting, key=lambda gpu: room[gpu])
            placement[i] = best
            room[best] -= item[i]
            free[best] -= size[i]
        return placement

    best = [model["gpu"] for model in models]
    low = sum(load) / (sum(memory_gb) - sum(size))
    high = 8 * low
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        found = fits(middle)
        if found is None:
            low = middle
        else:
            best, high = found, middle
    return best
