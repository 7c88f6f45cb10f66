"""Stay: leave every model where it is; the trivial baseline, score 0."""

from typing import Any


def place(memory_gb: list[int], models: list[dict[str, Any]], move_cost: float) -> list[int]:
    return [model["gpu"] for model in models]
