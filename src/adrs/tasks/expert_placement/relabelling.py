"""relabelling: the calls of timed play: every window under new expert numbers, so that no call can reuse an earlier answer.

Groups are permuted as a whole, and experts within their group: for a program the window is new and exactly as hard.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from adrs.tasks.expert_placement.series import Ints, Series

CALLS = 6
"""Fewest calls of timed play: a warm-up and five that are timed."""


@dataclass(frozen=True, eq=False)
class Call:
    """A window under new numbers.

    Args:
        window: its position in the series.
        old: (layers, experts) the old number of each new one.
        load: (layers, experts) tokens by new numbers.
    """

    window: int
    old: Ints
    load: Ints

    def translated(self, placement: Ints) -> Ints:
        """A placement with new numbers, translated to old ones."""
        return np.take_along_axis(self.old, placement, axis=1)


def calls(series: Series) -> Iterator[Call]:
    """Every window that is followed by another, in order of time; short series are repeated."""
    rounds = -(-CALLS // series.pairs)
    rng = np.random.default_rng(int(series.digest[:16], 16))
    for window in list(range(series.pairs)) * rounds:
        load = series.load[window]
        old = _numbers(rng, load.shape, series.cluster.groups)
        yield Call(window, old, np.take_along_axis(load, old, axis=1))


def _numbers(rng: np.random.Generator, shape: tuple[int, ...], groups: int) -> Ints:
    """(layers, experts) a random order of the experts in each layer, in which groups stay together."""
    layers, experts = shape
    size = experts // groups
    order = rng.random((layers, groups)).argsort(axis=1)
    inside = rng.random((layers, groups, size)).argsort(axis=2)
    return (order[:, :, None] * size + inside).reshape(layers, experts)
