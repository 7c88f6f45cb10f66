"""disguise: changes of a network's weights that keep its function, but change how it quantises.

Outlier channels as in large models: a channel's gain goes up, and the next layer's column down by the same factor. Channels are
also put in another order, so that positions in one workload reveal nothing about another.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from adrs.tasks.weight_compression.network import Floats, Parameters, Shape

OUTLIERS = 1 / 16
"""Share of a layer's input channels."""
FACTORS = (6.0, 30.0)


def disguised(shape: Shape, weights: Mapping[str, Floats], rng: np.random.Generator) -> Parameters:
    """The same network in disguise; every linear layer's input gets its own outliers."""
    changed = _reordered(shape, weights, rng)
    wide = shape.width
    for block in range(shape.blocks):
        for gain, layer in (("gain1", "qkv"), ("gain2", "up")):
            factors = _factors(wide, rng)
            changed[f"{block}.{gain}"] *= factors
            changed[f"{block}.{layer}"] /= factors
        factors = _factors(wide, rng)
        changed[f"{block}.qkv"][2 * wide :] *= factors[:, None]
        changed[f"{block}.out"] /= factors
        factors = _factors(shape.hidden, rng)
        changed[f"{block}.up"] *= factors[:, None]
        changed[f"{block}.down"] /= factors
    return changed


def _factors(size: int, rng: np.random.Generator) -> Floats:
    factors = np.ones(size)
    chosen = rng.choice(size, max(1, round(OUTLIERS * size)), replace=False)
    factors[chosen] = rng.uniform(*FACTORS, size=len(chosen))
    return factors


def _reordered(shape: Shape, weights: Mapping[str, Floats], rng: np.random.Generator) -> Parameters:
    """Channels of the model's width and of each hidden layer in a random order."""
    changed = {name: value.copy() for name, value in weights.items()}
    wide = rng.permutation(shape.width)
    for name in changed:
        kind = name.rpartition(".")[2]
        if kind in ("embedding", "position", "qkv", "up", "head") or "gain" in kind:
            changed[name] = changed[name][..., wide]
        elif kind in ("out", "down"):
            changed[name] = changed[name][wide]
    for block in range(shape.blocks):
        hidden = rng.permutation(shape.hidden)
        changed[f"{block}.up"] = changed[f"{block}.up"][hidden]
        changed[f"{block}.down"] = changed[f"{block}.down"][:, hidden]
    return changed
