"""kit: the quantiser, as the referee runs it: segments of columns, one scale a row and segment, error feedback.

`quantise` turns one layer into its stored form, `stored_bits` counts the bits, `damage` estimates the added loss.
The referee ignores these results in the sandbox: it quantises with its own copy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CLIPS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Shares of a row's largest weight that the outermost level may represent; the best is taken."""
DAMPING = 0.01
SCALE_BITS = 8
SCALES_AN_OCTAVE = 8
TABLE_BITS = 16
"""For each symbol that a layer's entropy code has at one width: its length and itself."""


class Stored(NamedTuple):
    """A quantised layer.

    Args:
        weights: (rows, columns) the weights after decoding, in the layer's own order of columns.
        symbols: (rows, columns) the stored integers, columns in `order`.
        order, bits: as requested: columns, and bits of each segment of them.
        segment: columns of a segment.
    """

    weights: Floats
    symbols: Ints
    order: list[int]
    bits: list[int]
    segment: int


def quantise(
    weights: Floats, hessian: Floats, order: Sequence[int], bits: Sequence[int], segment: int, feedback: bool = True
) -> Stored:
    """Quantise a layer: columns in `order`, `bits[k]` bits for the k-th `segment` of them.

    Args:
        weights: (rows, columns).
        hessian: (columns, columns) mean of x x^T over the layer's inputs x.
        bits: 0 drops a segment, 1 to 8 give 2^bits evenly spaced levels around 0.
        feedback: whether each column's error is compensated in the columns after it (GPTQ), or not (round to nearest).
    """
    at = np.asarray(order, dtype=np.int64)
    rest = np.array(weights, dtype=np.float64)[:, at]
    after = _after(np.asarray(hessian, dtype=np.float64)[np.ix_(at, at)]) if feedback else None
    decoded = np.zeros_like(rest)
    symbols = np.zeros(rest.shape, dtype=np.int64)
    for number, width in enumerate(bits):
        first, end = number * segment, (number + 1) * segment
        scale = _scale(rest[:, first:end], width) if width else None
        for column in range(first, end):
            if scale is not None:
                half = 2 ** (width - 1)
                symbol = np.clip(np.floor(rest[:, column] / scale), -half, half - 1)
                symbols[:, column] = symbol
                decoded[:, column] = (symbol + 0.5) * scale
            if after is not None:
                error = (rest[:, column] - decoded[:, column]) / after[column, column]
                rest[:, column + 1 :] -= np.outer(error, after[column, column + 1 :])
    back = np.empty_like(decoded)
    back[:, at] = decoded
    return Stored(back, symbols, list(order), list(bits), segment)


def stored_bits(stored: Stored, entropy: bool = False) -> float:
    """Bits that a layer takes: symbols, one scale a row and segment of at least 1 bit, the order unless it is the layer's own,
    3 bits for each segment to store its width.

    Args:
        entropy: symbols of equal width share one ideal code with its table, instead of `width` bits each.
    """
    rows, columns = stored.symbols.shape
    kept = sum(1 for width in stored.bits if width)
    total = float(kept * rows * SCALE_BITS + 3 * len(stored.bits))
    if stored.order != list(range(columns)):
        total += columns * math.ceil(math.log2(columns))
    return total + (entropy_bits(stored) if entropy else code_bits(stored))


def code_bits(stored: Stored) -> float:
    """Bits of the symbols alone, each of its segment's width."""
    return float(stored.symbols.shape[0] * stored.segment * sum(stored.bits))


def entropy_bits(stored: Stored) -> float:
    """Bits of the symbols with one ideal code for each width, and the codes' tables."""
    total = 0.0
    widths = np.repeat(np.asarray(stored.bits), stored.segment)
    for width in sorted(set(stored.bits) - {0}):
        _, counts = np.unique(stored.symbols[:, widths == width], return_counts=True)
        total -= float((counts * np.log2(counts / counts.sum())).sum())
        total += TABLE_BITS * len(counts)
    return total


def damage(layer: dict[str, Any], stored: Stored) -> float:
    """An estimate of the loss that a stored layer adds, in nats a byte: squared output errors by squared gradients, halved."""
    error = np.asarray(layer["weights"]) - stored.weights
    lost = np.einsum("rc,cd,rd->r", error, np.asarray(layer["hessian"]), error)
    return float(0.5 * (np.asarray(layer["sensitivity"]) * lost).sum())


def _after(hessian: Floats) -> Floats:
    """Upper Cholesky factor of the damped inverse: the best compensation of an error in one column by later ones."""
    size = len(hessian)
    damped = hessian + np.eye(size) * max(DAMPING * float(np.trace(hessian)) / size, 1e-12)
    factor: Floats = np.linalg.cholesky(np.linalg.inv(damped)).T
    return factor


def _scale(block: Floats, width: int) -> Floats:
    """(rows,) distance of two levels: of all clips the one with the least squared error, a power of 2^(1/8)."""
    half = 2 ** (width - 1)
    largest = np.maximum(np.abs(block).max(axis=1), 1e-12)
    wanted = np.multiply.outer(np.array(CLIPS), largest) / (half - 0.5)
    scales = 2.0 ** (np.ceil(SCALES_AN_OCTAVE * np.log2(wanted)) / SCALES_AN_OCTAVE)
    symbols = np.clip(np.floor(block / scales[:, :, None]), -half, half - 1)
    errors = (((symbols + 0.5) * scales[:, :, None] - block) ** 2).sum(axis=2)
    best: Floats = np.take_along_axis(scales, errors.argmin(axis=0)[None], axis=0)[0]
    return best
