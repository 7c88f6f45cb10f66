"""training: weights of a network from a seed, in seconds, without downloads, and cached. Nothing about quantisation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from adrs.tasks.cache import cached, digest
from adrs.tasks.weight_compression.language import text
from adrs.tasks.weight_compression.network import Floats, Parameters, Shape, gradients, logits, nats

VERSION = "1"
GRID = 2.0**12
"""Trained weights are rounded to multiples of 1 / GRID, which removes the float noise between machines."""


@dataclass(frozen=True)
class Recipe:
    """The training of a network.

    Args:
        steps, batch: updates, and windows of each.
        rate: highest learning rate of Adam; up over a tenth of the steps, then down to a tenth of it along a cosine.
        letters: length of the training text.
    """

    shape: Shape
    steps: int
    batch: int
    rate: float
    letters: int


SMALL = Recipe(Shape(blocks=2, width=48, heads=4, hidden=96, window=32), 350, 16, 1e-2, 40_000)
LARGE = Recipe(Shape(blocks=2, width=96, heads=4, hidden=384, window=64), 1500, 16, 4e-3, 400_000)
RECIPES = {"small": SMALL, "large": LARGE}


@cache
def trained(recipe: Recipe, seed: tuple[int, ...]) -> Parameters:
    """The weights of a network; the same for the same recipe and seed on every machine. Do not change them."""
    sizes = recipe.shape.sizes()
    count = sum(int(np.prod(size)) for size in sizes.values())
    key = digest(VERSION, repr(recipe), repr(seed))
    flat = cached("weight_compression", key, (count,), lambda: _flat(train(recipe, seed)))
    ends = np.cumsum([int(np.prod(size)) for size in sizes.values()])
    pieces = np.split(flat, ends[:-1])
    return {name: piece.reshape(size) for (name, size), piece in zip(sizes.items(), pieces, strict=True)}


def train(recipe: Recipe, seed: tuple[int, ...]) -> Parameters:
    """Train from scratch with Adam on the language's own text."""
    shape = recipe.shape
    letters = text(seed, "home", 0, recipe.letters)
    rng = np.random.default_rng([*seed, 303])
    weights: Parameters = {}
    for name, size in shape.sizes().items():
        plain = rng.standard_normal(size) / np.sqrt(size[-1])
        weights[name] = np.ones(size) if "gain" in name else plain * (0.5 if "position" in name else 1.0)
    first = {name: np.zeros_like(value) for name, value in weights.items()}
    second = {name: np.zeros_like(value) for name, value in weights.items()}
    for step in range(1, recipe.steps + 1):
        windows = letters[rng.integers(len(letters) - shape.window, size=recipe.batch)[:, None] + np.arange(shape.window + 1)]
        scores, trace = logits(shape, weights, windows[:, :-1])
        _, by_scores = nats(scores, windows[:, 1:])
        found, _ = gradients(shape, weights, trace, by_scores / windows[:, 1:].size)
        rate = recipe.rate * min(step / (0.1 * recipe.steps), 0.55 + 0.45 * np.cos(np.pi * step / recipe.steps))
        for name, gradient in found.items():
            first[name] = 0.9 * first[name] + 0.1 * gradient
            second[name] = 0.98 * second[name] + 0.02 * gradient**2
            moved = first[name] / (1 - 0.9**step) / (np.sqrt(second[name] / (1 - 0.98**step)) + 1e-8)
            weights[name] = weights[name] - rate * moved
    return {name: np.round(value * GRID) / GRID for name, value in weights.items()}


def _flat(weights: Parameters) -> Floats:
    return np.concatenate([value.ravel() for value in weights.values()])
