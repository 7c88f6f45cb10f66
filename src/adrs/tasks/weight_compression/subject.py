"""subject: one network to be compressed: what a candidate may see of it, and what only the referee has.

Texts come in parts that share no random numbers: 0 is the network's own training text, 1 and 2 the held-out home and away
texts, 10 and up the calibration draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from adrs.tasks.cache import digest
from adrs.tasks.weight_compression.disguise import disguised
from adrs.tasks.weight_compression.language import Domain, Tokens, text
from adrs.tasks.weight_compression.network import Floats, Parameters, Shape, gradients, logits, nats, products
from adrs.tasks.weight_compression.training import GRID, RECIPES, VERSION, Recipe, trained

SEGMENTS = {"small": 8, "large": 24}
CALIBRATION = {"small": 48, "large": 64}
HELD_OUT = {"small": 96, "large": 256}
"""Windows of a draw, and of each domain."""
DRAWS = 3


@dataclass(frozen=True)
class Subject:
    """A network in a disguise.

    Args:
        size: name of the recipe.
        language: seed of the language and of the network that was trained on it.
        number: selects the disguise, the calibration draws and the held-out texts.
    """

    size: str
    language: tuple[int, ...]
    number: int

    @property
    def recipe(self) -> Recipe:
        return RECIPES[self.size]

    @property
    def shape(self) -> Shape:
        return self.recipe.shape

    @property
    def segment(self) -> int:
        """Columns that share their bits."""
        return SEGMENTS[self.size]

    @property
    def digest(self) -> str:
        return digest(VERSION, repr(self), repr(self.recipe), repr((self.segment, CALIBRATION, HELD_OUT, GRID)))


@dataclass(frozen=True)
class Layer:
    """The statistics of a linear layer from calibration.

    Args:
        weights: (rows, columns).
        hessian: (columns, columns) mean of x x^T over inputs x.
        kurtosis: of the root mean squares of the input channels.
        sensitivity: (rows,) mean squared gradient of a byte's loss by the output of a row.
    """

    name: str
    weights: Floats
    hessian: Floats
    kurtosis: float
    sensitivity: Floats

    def shown(self) -> dict[str, Any]:
        """The layer as a candidate gets it, with derived numbers."""
        diagonal = np.diag(self.hessian).copy()
        return {
            "name": self.name,
            "rows": self.weights.shape[0],
            "columns": self.weights.shape[1],
            "weights": self.weights,
            "hessian": self.hessian,
            "sensitivity": self.sensitivity,
            "hessian_score": diagonal,
            "magnitude_score": np.abs(self.weights).mean(axis=0),
            "weight_kurtosis": kurtosis(self.weights.ravel()),
            "input_kurtosis": self.kurtosis,
        }


class Bench:
    """A subject with everything derived from it, computed on first use."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self._draws: dict[int, list[Layer]] = {}

    @cached_property
    def weights(self) -> Parameters:
        own = np.random.default_rng([*self.subject.language, 404, self.subject.number])
        return disguised(self.subject.shape, trained(self.subject.recipe, self.subject.language), own)

    def held_out(self, domain: Domain) -> Tokens:
        """(windows, bytes + 1) of text that no candidate sees."""
        return self._windows(domain, 1, HELD_OUT[self.subject.size])

    def layers(self, draw: int) -> list[Layer]:
        """The statistics of every linear layer from a calibration draw, from the input on."""
        if draw not in self._draws:
            self._draws[draw] = self._calibrated(self._windows("home", 10 + draw, CALIBRATION[self.subject.size]))
        return self._draws[draw]

    def _windows(self, domain: Domain, part: int, count: int) -> Tokens:
        long = self.subject.shape.window + 1
        own = 100 * (self.subject.number + 1) + part
        return text(self.subject.language, domain, own, count * long).reshape(count, long)

    def _calibrated(self, windows: Tokens) -> list[Layer]:
        shape, weights = self.subject.shape, self.weights
        scores, trace = logits(shape, weights, windows[:, :-1])
        _, by_outputs = gradients(shape, weights, trace, nats(scores, windows[:, 1:])[1])
        layers = []
        for name in shape.layers:
            inputs = trace.inputs[name]
            count = inputs.shape[0] * inputs.shape[1]
            moments = products(inputs, inputs) / count
            peaked = kurtosis(np.sqrt(np.diag(moments)))
            layers.append(Layer(name, weights[name], moments, peaked, (by_outputs[name] ** 2).mean(axis=(0, 1))))
        return layers


@cache
def bench(subject: Subject) -> Bench:
    """The one bench of a subject in this process."""
    return Bench(subject)


def kurtosis(values: Floats) -> float:
    """Fourth moment around the mean in squared variances; 3 for a normal distribution."""
    away = values - values.mean()
    return float((away**4).mean() / max(float((away**2).mean()) ** 2, 1e-300))
