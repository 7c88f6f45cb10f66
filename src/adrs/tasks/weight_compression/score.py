"""score: what an allocation stores, how well the network still predicts, and one number for both. No checks of allocations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from adrs.tasks.cache import Numbers, cached, digest
from adrs.tasks.weight_compression.kit import code_bits, damage, quantise, stored_bits
from adrs.tasks.weight_compression.network import loss
from adrs.tasks.weight_compression.subject import DRAWS, Bench, Layer

Track = Literal["columns", "entropy"]
WIDTHS: dict[Track, tuple[int, ...]] = {"columns": (2, 4), "entropy": (0, 2, 3, 4, 8)}
HOME, AWAY, BITS = 0.5, 0.3, 0.2
RANGE = 0.6
"""Bits a weight above the smallest at which the size term is 0."""
ENTROPY_MARGIN = 0.5
"""Bits a weight by which the best size of the entropy track lies below 2 bits everywhere: segments may be dropped."""
TRIVIAL: dict[Track, tuple[int, ...]] = {"columns": (2,), "entropy": (0, 2)}
"""Bits of all segments for the reference of score 0, rounded to nearest; of two, the better one counts."""
VERSION = "2"


@dataclass(frozen=True)
class Choice:
    """How one layer is stored: columns in `order`, bits of each segment of them, error feedback or not."""

    order: list[int]
    bits: list[int]
    feedback: bool = True


@dataclass(frozen=True)
class Outcome:
    """The outcome of one allocation.

    Args:
        home, away: perplexities of a byte on the held-out texts.
        stored, code: bits a weight, of everything stored, and of the symbols alone.
        damages: of every layer, estimated from the calibration draw, in nats a byte.
    """

    home: float
    away: float
    stored: float
    code: float
    damages: list[float]


@dataclass(frozen=True)
class Marks:
    """Reference values of a workload: perplexities in full precision, smallest bits a weight, utilities."""

    home: float
    away: float
    smallest: float
    trivial: float
    usual: float


def outcome(subject: Bench, layers: Sequence[Layer], choices: Sequence[Choice], track: Track) -> Outcome:
    """Quantise every layer as chosen and measure the result on the held-out texts."""
    weights = dict(subject.weights)
    total = code = count = 0.0
    damages = []
    for layer, choice in zip(layers, choices, strict=True):
        kept = quantise(layer.weights, layer.hessian, choice.order, choice.bits, subject.subject.segment, choice.feedback)
        weights[layer.name] = kept.weights
        total += stored_bits(kept, track == "entropy")
        code += code_bits(kept)
        count += layer.weights.size
        damages.append(damage(layer.shown(), kept))
    home, away = (
        math.exp(min(loss(subject.subject.shape, weights, subject.held_out(domain)), 50.0)) for domain in ("home", "away")
    )
    return Outcome(home, away, total / count, code / count, damages)


def utility(got: Outcome, home: float, away: float, smallest: float) -> float:
    """0.5 and 0.3 for perplexities as in full precision, 0.2 for the smallest size; none of the three goes higher.

    Args:
        home, away: perplexities in full precision; twice that gives a term of 0, four times -1, and more falls slowly.
        smallest: bits a weight that give 0.2; 0.6 more give 0.
    """
    size = min(1.0, 1 - (got.stored - smallest) / RANGE)
    return HOME * _worth(got.home, home) + AWAY * _worth(got.away, away) + BITS * size


def _worth(perplexity: float, full: float) -> float:
    """1 at full precision or better, 0 at twice that, -1 at four times, and from there on a tenth as steep."""
    octaves = 1 - math.log2(perplexity / full)
    return min(1.0, octaves) if octaves > -1 else -1 + (octaves + 1) / 10


def marks(subject: Bench, track: Track) -> Marks:
    """The reference values of a workload, cached on disk."""
    key = digest(VERSION, subject.subject.digest, track)
    return Marks(*cached("weight_compression", key, (5,), lambda: _marks(subject, track)).tolist())


def plain(layer: Layer, segment: int, width: int, feedback: bool = True) -> Choice:
    """The same bits for every segment, columns in their own order."""
    columns = layer.weights.shape[1]
    return Choice(list(range(columns)), [width] * (columns // segment), feedback)


def by_hessian(layer: Layer, segment: int) -> Choice:
    """Columns by the diagonal of the Hessian, the first segment with 4 bits, the others with 2."""
    order = np.argsort(-np.diag(layer.hessian), kind="stable").tolist()
    return Choice(order, [4] + [2] * (len(order) // segment - 1))


def _marks(subject: Bench, track: Track) -> Numbers:
    shape, segment = subject.subject.shape, subject.subject.segment
    home, away = (math.exp(loss(shape, subject.weights, subject.held_out(domain))) for domain in ("home", "away"))

    def over_draws(choose: Callable[[Layer], Choice]) -> list[Outcome]:
        draws = [subject.layers(draw) for draw in range(DRAWS)]
        return [outcome(subject, layers, [choose(layer) for layer in layers], track) for layers in draws]

    def rounded(width: int) -> list[Outcome]:
        return over_draws(lambda layer: plain(layer, segment, width, feedback=False))

    smallest = min(got.stored for got in over_draws(lambda layer: plain(layer, segment, 2)) + rounded(2))
    if track == "entropy":
        smallest -= ENTROPY_MARGIN

    def useful(outcomes: Sequence[Outcome]) -> float:
        return float(np.mean([utility(got, home, away, smallest) for got in outcomes]))

    trivial = max(useful(rounded(width)) for width in TRIVIAL[track])
    return np.array([home, away, smallest, trivial, useful(over_draws(lambda layer: by_hessian(layer, segment)))])
