"""Round robin: GPU after GPU, skipping those without room. Where all GPUs are alike, this is the present placement."""

from typing import Any


def place(memory_gb: list[int], models: list[dict[str, Any]], move_cost: float) -> list[int]:
    free = list(memory_gb)
    placement = []
    for i, model in enumerate(models):
        turn = [(i + step) % len(free) for step in range(len(free))]
        gpu = next(gpu for gpu in turn if model["size_gb"] < free[gpu])
        free[gpu] -= model["size_gb"]
        placement.append(gpu)
    return placement
