"""First fit: fill the first GPU, then the next; SkyDiscover's naive start. GPUs that are completely full cost 1,000,000."""

from typing import Any


def place(memory_gb: list[int], models: list[dict[str, Any]], move_cost: float) -> list[int]:
    free = list(memory_gb)
    placement = []
    for model in models:
        gpu = next(gpu for gpu in range(len(free)) if model["size_gb"] <= free[gpu])
        free[gpu] -= model["size_gb"]
        placement.append(gpu)
    return placement
