"""splits: which contexts are for training, validation and test, and how large they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from adrs.core.task import SPLITS, SeedOf, Split, Workload
from adrs.tasks.sparse_attention.heads import Layer
from adrs.tasks.sparse_attention.synthetic import Shape, layer

Size = Literal["small", "large"]

SHAPES: dict[Size, dict[Split, tuple[Shape, ...]]] = {
    "small": {
        "train": (Shape(2048, 6, (2, 2, 2, 2)),) * 3,
        "validation": (Shape(2048, 6, (2, 3, 2, 2)),) * 2 + (Shape(4096, 6, (2, 3, 2, 2)),) * 2,
        "test": tuple(Shape(keys, 6, (3, 2, 2, 3)) for keys in (2048, 2048, 4096, 4096, 8192, 8192)),
    },
    "large": {
        "train": (Shape(4096, 12, (3, 5, 6, 2)),) * 3,
        "validation": tuple(Shape(keys, 12, (4, 4, 4, 4)) for keys in (2048, 4096, 8192)),
        "test": tuple(Shape(keys, 12, (5, 3, 4, 4)) for keys in (2048, 8192, 16384)),
    },
}
"""Held-out contexts are also longer, with another mix of heads."""


def synthetic_layers(size: Size, seed_of: SeedOf) -> Iterator[Workload[Layer]]:
    """Every context has its own seed."""
    for number, split in enumerate(SPLITS):
        for place, shape in enumerate(SHAPES[size][split]):
            yield Workload(
                f"{split}-{place}-{shape.keys}", layer(shape, (seed_of(split), number, place)), split, f"{shape.keys} keys"
            )
