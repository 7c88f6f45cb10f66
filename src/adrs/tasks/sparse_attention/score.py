"""score: errors and densities of choices, and the policies that they are compared with. `asking` asks players."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from adrs.tasks.cache import cached, digest
from adrs.tasks.sparse_attention.asking import Call, Reading, Track, ask
from adrs.tasks.sparse_attention.baselines import sink_window, vattention
from adrs.tasks.sparse_attention.estimate import draw, error, output
from adrs.tasks.sparse_attention.heads import Floats, Head, Layer
from adrs.tasks.sparse_attention.hindsight import best

VERSION = "2"
"""Raise it when a change may change a cached number."""
DRAWS = 2
"""Draws of the referee for each query; errors and densities are means over them."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a policy on a layer.

    Args:
        kinds: of each head.
        errors: (heads, queries, draws) relative errors, not clipped.
        densities: (heads, queries) share of the keys that were read.
        looked: (heads, queries) share of the keys that were read before the choice.
    """

    kinds: tuple[str, ...]
    errors: Floats
    densities: Floats
    looked: Floats

    def by_kind(self, kinds: Sequence[str]) -> Floats:
        """(kinds, 2) mean error, clipped to 1 for each draw, and mean density."""
        clipped, names = np.minimum(self.errors, 1.0), np.array(self.kinds)
        return np.array([(clipped[names == kind].mean(), self.densities[names == kind].mean()) for kind in kinds])

    @property
    def over_heads(self) -> float:
        """The combined score with equal weight for every head."""
        return -float(np.minimum(self.errors, 1.0).mean() + self.densities.mean()) / 2


def combined(by_kind: Floats) -> float:
    """-(error + density) / 2 of means over kinds."""
    return -float(by_kind.mean(axis=0).sum()) / 2


def play(call: Call, layer: Layer, track: Track) -> Outcome:
    """Ask a policy for every head of a layer and draw from its choices.

    Raises:
        Foul: an answer was illegal.
    """
    kinds, errors, densities, looked = [], [], [], []
    for number, head in enumerate(layer.make()):
        reading = ask(call, head, track)
        found, density = drawn(head, reading, (*layer.seed, number, head.fingerprint))
        kinds.append(head.kind)
        errors.append(found)
        densities.append(density)
        looked.append(reading.looked.mean(axis=1))
    return Outcome(tuple(kinds), np.array(errors), np.array(densities), np.array(looked))


def drawn(head: Head, reading: Reading, seed: tuple[int, ...]) -> tuple[Floats, Floats]:
    """(queries, draws) errors and (queries,) densities of the choices for a head's queries."""
    starts = np.random.default_rng((*seed, 1)).random((len(reading.choices), DRAWS))
    dense, length = head.outputs, head.logits.shape[1]
    errors, densities = np.empty(starts.shape), np.empty(starts.shape)
    for query, choice in enumerate(reading.choices):
        logits, looked = head.logits[query], reading.looked[query]
        for turn, start in enumerate(starts[query]):
            at = draw(choice.probabilities, start)
            keys = choice.keys[at]
            errors[query, turn] = error(output(logits, head.values, keys, choice.probabilities[at]), dense[query])
            densities[query, turn] = (looked.sum() + (~looked[keys]).sum()) / length
    return errors, densities.mean(axis=1)


@dataclass(frozen=True)
class References:
    """(kinds, 2) error and density of the trivial baseline, of vAttention on this track, and of the best in hindsight."""

    trivial: Floats
    vattention: Floats
    hindsight: Floats


def references(layer: Layer, track: Track) -> References:
    """The reference values of a layer's score, computed once on a machine."""
    key = digest(VERSION, track, layer.digest)
    shape = (3, len(layer.kinds), 2)
    return References(*cached("sparse_attention", key, shape, lambda: _references(layer, track)))


def _references(layer: Layer, track: Track) -> Floats:
    trivial, known = (play(trusted(module), layer, track) for module in (sink_window, vattention))
    found = [(head.kind, *best(head, (*layer.seed, number, head.fingerprint))) for number, head in enumerate(layer.make())]
    errors, densities = (np.array([each[at] for each in found]) for at in (1, 2))
    hindsight = Outcome(tuple(kind for kind, *_ in found), errors[:, :, None], densities, np.zeros_like(densities))
    return np.stack([outcome.by_kind(layer.kinds) for outcome in (trivial, known, hindsight)])


def trusted(module: ModuleType) -> Call:
    """A program of ours as a policy, in this process."""

    def call(function: str, *arguments: object, expect: object) -> object:  # noqa: ARG001
        return getattr(module, function)(*arguments)

    return call
