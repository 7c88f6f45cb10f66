"""hindsight: for each query the best of many simple choices by their actual cost. Not a bound on all policies.

A choice takes the k keys with the greatest logits with certainty and, of the others, a sample of about b: uniform, or in
proportion to their weights. A better way of sampling can beat the best of these.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from adrs.tasks.sparse_attention.estimate import draw, error
from adrs.tasks.sparse_attention.heads import Floats, Head, Ints

CERTAIN = (0, 1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024)
SAMPLED = (0, 8, 16, 32, 64, 128, 256)
TIMES = 2
"""Draws over which a choice's error is averaged."""


def best(head: Head, seed: tuple[int, ...], *, weighted: bool = True, times: int = TIMES) -> tuple[Floats, Floats]:
    """(queries,) errors and (queries,) densities of the best choice of each query.

    Args:
        weighted: whether samples in proportion to the weights are among the choices.
        times: draws over which an error is averaged; with one draw the best is also the luckiest.
    """
    rng = np.random.default_rng((*seed, 2))
    found = [_best(head.logits[query], head.values, rng, weighted, times) for query in range(len(head.logits))]
    return np.array([each[1] for each in found]), np.array([each[2] for each in found])


def _best(logits: Floats, values: Floats, rng: np.random.Generator, weighted: bool, times: int) -> tuple[float, float, float]:
    order = np.argsort(-logits)
    weights = np.exp(logits[order] - logits.max())
    moved = values[order]
    sums = np.cumsum(weights[:, None] * moved, axis=0)
    masses = np.cumsum(weights)
    dense = sums[-1] / masses[-1]
    length = len(order)
    best = (np.inf, 1.0, 1.0)
    for sure in CERTAIN:
        if sure >= length:
            break
        top, mass = (sums[sure - 1], masses[sure - 1]) if sure else (np.zeros_like(dense), 0.0)
        for samples in _samples(weights, sure, rng, weighted, times):
            errors, read = [], []
            for taken, probabilities in samples:
                share = weights[taken] / probabilities
                total = mass + share.sum()  # 0 where all weights that were drawn are too small for a float
                errors.append(min(error((top + share @ moved[taken]) / total, dense), 1.0) if total > 0 else 1.0)
                read.append((sure + len(taken)) / length)
            wrong, density = float(np.mean(errors)), float(np.mean(read))
            best = min(best, (wrong + density, wrong, density))
    return best


def _samples(
    weights: Floats, sure: int, rng: np.random.Generator, weighted: bool, times: int
) -> Iterator[list[tuple[Ints, Floats]]]:
    """For each kind of sample of the keys after the first `sure`: drawn ranks and their probabilities, `times` times."""
    rest = np.arange(sure, len(weights))
    left = weights[rest].sum()
    chances = weights[rest] / left if left > 0 else np.zeros(len(rest))
    shuffled = [rng.permutation(rest) for _ in range(times)]
    for count in SAMPLED:
        if count + sure == 0 or count > len(rest):
            continue
        rate = np.full(count, count / len(rest))
        yield [(order[:count], rate) for order in shuffled[: times if count else 1]]
        if weighted and count and left > 0:
            liked = np.minimum(1.0, count * chances)
            drawn = [draw(liked, start) for start in rng.random(times)]
            yield [(rest[at], liked[at]) for at in drawn if len(at)] or [(rest, np.ones(len(rest)))]
