"""estimate: draws keys by their inclusion probabilities, and computes the attention output from them. Players never draw.

Systematic sampling (Madow 1949): the probabilities are laid end to end in the order of the list, and a ruler with one mark a
unit and a random start is laid over them. Every key is drawn with exactly its probability, whatever the order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adrs.tasks.sparse_attention.heads import Floats, Ints

CERTAIN = 1 - 1e-12


@dataclass(frozen=True)
class Choice:
    """The choice of one query: distinct keys, and for each the probability with which it is drawn."""

    keys: Ints
    probabilities: Floats


def draw(probabilities: Floats, start: float) -> Ints:
    """Positions that are drawn.

    Args:
        start: uniform in [0, 1).
    """
    open_ended = np.flatnonzero(probabilities < CERTAIN)
    marks = np.floor(np.cumsum(probabilities[open_ended]) - start)
    drawn = open_ended[np.diff(marks, prepend=np.floor(-start)) > 0]
    found = np.concatenate([np.flatnonzero(probabilities >= CERTAIN), drawn])
    return found if len(found) else open_ended[-1:]  # a sum that rounding left below 1


def output(logits: Floats, values: Floats, keys: Ints, probabilities: Floats) -> Floats:
    """The self-normalised estimate (sum of w v / p) / (sum of w / p) over the drawn keys, w = exp(logit)."""
    exponents = logits[keys] - np.log(probabilities)
    weights = np.exp(exponents - exponents.max())
    estimate: Floats = weights @ values[keys] / weights.sum()
    return estimate


def error(estimate: Floats, dense: Floats) -> float:
    """Relative error in the Euclidean norm, not clipped."""
    return float(np.linalg.norm(estimate - dense) / max(float(np.linalg.norm(dense)), 1e-12))
