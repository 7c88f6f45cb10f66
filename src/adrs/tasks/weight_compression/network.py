"""network: a small byte transformer in numpy: predictions, gradients, linear layers. No training.

Pre-norm with RMSNorm, causal attention, ReLU. Double precision throughout, so that machines agree to far more digits than are
printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adrs.tasks.weight_compression.language import ALPHABET, Tokens

Floats = NDArray[np.float64]
Parameters = dict[str, Floats]
LINEAR = ("qkv", "out", "up", "down")
EPSILON = 1e-6


@dataclass(frozen=True)
class Shape:
    """Sizes of a network: blocks, model width, attention heads, hidden width, context length in bytes."""

    blocks: int
    width: int
    heads: int
    hidden: int
    window: int

    @property
    def layers(self) -> list[str]:
        """Names of the layers that are quantised, from the input on."""
        return [f"{block}.{kind}" for block in range(self.blocks) for kind in LINEAR]

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """Name -> shape of every parameter; a linear layer is (rows = outputs, columns = inputs)."""
        wide, hidden = self.width, self.hidden
        named: dict[str, tuple[int, ...]] = {"embedding": (len(ALPHABET), wide), "position": (self.window, wide)}
        for block in range(self.blocks):
            named |= {
                f"{block}.gain1": (wide,),
                f"{block}.qkv": (3 * wide, wide),
                f"{block}.out": (wide, wide),
                f"{block}.gain2": (wide,),
                f"{block}.up": (hidden, wide),
                f"{block}.down": (wide, hidden),
            }
        return named | {"gain": (wide,), "head": (len(ALPHABET), wide)}


@dataclass
class Trace:
    """Values of a forward pass that the backward pass needs: name -> array; inputs of linear layers under the layer's name."""

    inputs: dict[str, Floats]
    saved: dict[str, Any]


def logits(shape: Shape, parameters: Mapping[str, Floats], tokens: Tokens) -> tuple[Floats, Trace]:
    """(windows, bytes, alphabet) scores of the next byte for (windows, bytes) tokens."""
    trace = Trace({}, {"tokens": tokens})
    x = parameters["embedding"][tokens] + parameters["position"][: tokens.shape[1]]
    for block in range(shape.blocks):
        x = x + _attention(shape, parameters, f"{block}.", x, trace)
        normed = _norm(x, parameters[f"{block}.gain2"], trace, f"{block}.norm2")
        trace.inputs[f"{block}.up"] = normed
        hidden = np.maximum(normed @ parameters[f"{block}.up"].T, 0.0)
        trace.inputs[f"{block}.down"] = hidden
        x = x + hidden @ parameters[f"{block}.down"].T
    last = _norm(x, parameters["gain"], trace, "norm")
    trace.inputs["head"] = last
    scores: Floats = last @ parameters["head"].T
    return scores, trace


def nats(scores: Floats, targets: Tokens) -> tuple[Floats, Floats]:
    """(windows, bytes) loss of every byte, and its gradient by the scores."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    odds = np.exp(shifted)
    total = odds.sum(axis=-1, keepdims=True)
    loss: Floats = np.log(total[..., 0]) - np.take_along_axis(shifted, targets[..., None], axis=-1)[..., 0]
    gradient = odds / total
    np.put_along_axis(gradient, targets[..., None], np.take_along_axis(gradient, targets[..., None], -1) - 1.0, -1)
    return loss, gradient


def loss(shape: Shape, parameters: Mapping[str, Floats], windows: Tokens) -> float:
    """Mean nats a byte over (windows, bytes + 1) text."""
    scores, _ = logits(shape, parameters, windows[:, :-1])
    return float(nats(scores, windows[:, 1:])[0].mean())


def gradients(
    shape: Shape, parameters: Mapping[str, Floats], trace: Trace, by_scores: Floats
) -> tuple[Parameters, dict[str, Floats]]:
    """Gradients of the summed loss: by every parameter, and by the outputs (windows, bytes, rows) of every linear layer."""
    found: Parameters = {}
    outputs: dict[str, Floats] = {}

    def linear(name: str, by_output: Floats) -> Floats:
        outputs[name] = by_output
        found[name] = products(by_output, trace.inputs[name])
        by_input: Floats = by_output @ parameters[name]
        return by_input

    x = _unnorm(linear("head", by_scores), parameters["gain"], trace, "norm", found, "gain")
    for block in reversed(range(shape.blocks)):
        hidden = linear(f"{block}.down", x) * (trace.inputs[f"{block}.down"] > 0)
        normed = linear(f"{block}.up", hidden)
        x = x + _unnorm(normed, parameters[f"{block}.gain2"], trace, f"{block}.norm2", found, f"{block}.gain2")
        mixed = linear(f"{block}.out", x)
        normed = linear(f"{block}.qkv", _unmix(shape, mixed, trace, f"{block}."))
        x = x + _unnorm(normed, parameters[f"{block}.gain1"], trace, f"{block}.norm1", found, f"{block}.gain1")
    tokens = trace.saved["tokens"]
    position = np.zeros_like(parameters["position"])
    position[: tokens.shape[1]] = x.sum(axis=0)
    embedding = np.zeros_like(parameters["embedding"])
    np.add.at(embedding, tokens.ravel(), x.reshape(-1, shape.width))
    return found | {"position": position, "embedding": embedding}, outputs


def products(left: Floats, right: Floats) -> Floats:
    """(rows, columns) sum of l r^T over all bytes; window by window, because small products do not need threads."""
    summed: Floats = (left.transpose(0, 2, 1) @ right).sum(axis=0)
    return summed


def _norm(x: Floats, gain: Floats, trace: Trace, name: str) -> Floats:
    root = np.sqrt((x * x).mean(axis=-1, keepdims=True) + EPSILON)
    unit: Floats = x / root
    trace.saved[name] = (unit, root)
    return unit * gain


def _unnorm(by: Floats, gain: Floats, trace: Trace, name: str, found: Parameters, gain_name: str) -> Floats:
    unit, root = trace.saved[name]
    found[gain_name] = (by * unit).sum(axis=(0, 1))
    scaled = by * gain
    by_x: Floats = (scaled - unit * (scaled * unit).mean(axis=-1, keepdims=True)) / root
    return by_x


def _attention(shape: Shape, parameters: Mapping[str, Floats], prefix: str, x: Floats, trace: Trace) -> Floats:
    windows, length, wide = x.shape
    normed = _norm(x, parameters[f"{prefix}gain1"], trace, f"{prefix}norm1")
    trace.inputs[f"{prefix}qkv"] = normed
    parts = (normed @ parameters[f"{prefix}qkv"].T).reshape(windows, length, 3, shape.heads, wide // shape.heads)
    query, key, value = parts.transpose(2, 0, 3, 1, 4)
    scores = query @ key.transpose(0, 1, 3, 2) / np.sqrt(wide / shape.heads)
    scores = scores + np.triu(np.full((length, length), -1e9), 1)
    odds = np.exp(scores - scores.max(axis=-1, keepdims=True))
    odds /= odds.sum(axis=-1, keepdims=True)
    mixed = (odds @ value).transpose(0, 2, 1, 3).reshape(windows, length, wide)
    trace.saved[f"{prefix}attention"] = (query, key, value, odds)
    trace.inputs[f"{prefix}out"] = mixed
    added: Floats = mixed @ parameters[f"{prefix}out"].T
    return added


def _unmix(shape: Shape, by_mixed: Floats, trace: Trace, prefix: str) -> Floats:
    """Gradient by the outputs of the qkv layer."""
    query, key, value, odds = trace.saved[f"{prefix}attention"]
    windows, length, wide = by_mixed.shape
    by = by_mixed.reshape(windows, length, shape.heads, wide // shape.heads).transpose(0, 2, 1, 3)
    by_odds = by @ value.transpose(0, 1, 3, 2)
    by_scores = odds * (by_odds - (by_odds * odds).sum(axis=-1, keepdims=True)) / np.sqrt(wide / shape.heads)
    parts = np.stack([by_scores @ key, by_scores.transpose(0, 1, 3, 2) @ query, odds.transpose(0, 1, 3, 2) @ by])
    by_output: Floats = parts.transpose(1, 3, 0, 2, 4).reshape(windows, length, 3 * wide)
    return by_output
