"""synthetic: expert loads of made-up services that drift and jump like a measured one. It contains no numbers of a real trace.

The log-popularity of an expert is a draw of its layer plus one of its group; it wanders about a mean, and where the traffic
changes it jumps and the mean moves with it. A window is a multinomial draw of its tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from adrs.tasks.expert_placement.series import Cluster, Ints, Series

GROUP_SPREAD = 0.15
PULL = 0.97
"""The factor of a distance from the mean from one window to the next."""


@dataclass(frozen=True)
class Model:
    """A model and its traffic.

    Args:
        tokens: of a window, times the experts that a token is sent to; windows have 0.8 to 1.2 of it.
        spread: standard deviation of the log-popularity in a layer, of which layers have 0.75 to 1.25.
        drift: standard deviation of its step from one window to the next.
        jumps: window -> what is added to the drift after it.
    """

    layers: int
    experts: int
    cluster: Cluster
    windows: int
    tokens: int
    spread: float
    drift: float
    jumps: Mapping[int, float] = field(default_factory=dict)


LARGE = Model(
    layers=58,
    experts=256,
    cluster=Cluster(slots=288, groups=8, nodes=4, gpus=32),
    windows=13,
    tokens=8 * 100 * 4096,
    spread=0.6,
    drift=0.21,
    jumps={0: 0.3, 8: 0.7, 9: 0.2, 10: 0.12, 11: 0.12},
)
"""The shape of DeepSeek-V3 with 32 spare slots on 32 GPUs."""

SMALL = Model(
    layers=24,
    experts=128,
    cluster=Cluster(slots=160, groups=4, nodes=2, gpus=16),
    windows=9,
    tokens=6 * 100 * 2048,
    spread=0.9,
    drift=0.25,
    jumps={4: 0.6},
)


def series(model: Model, seed: int | Sequence[int], layers: int | None = None) -> Series:
    """A series from a seed.

    Args:
        layers: number of layers; None: all of the model.
    """
    rng = np.random.default_rng(seed)
    rows = model.layers if layers is None else layers
    shape = (rows, model.experts)
    spread = model.spread * rng.uniform(0.75, 1.25, rows)[:, None]
    groups = GROUP_SPREAD * rng.standard_normal((rows, model.cluster.groups))
    mean = spread * rng.standard_normal(shape) + np.repeat(groups, model.experts // model.cluster.groups, axis=1)
    popularity = mean
    windows: list[Ints] = []
    for window in range(model.windows):
        tokens = int(model.tokens * rng.uniform(0.8, 1.2))
        chance = np.exp(popularity)
        windows.append(rng.multinomial(tokens, chance / chance.sum(axis=1, keepdims=True)))
        jump = model.jumps.get(window, 0.0)
        popularity = mean + PULL * (popularity - mean) + (model.drift + jump) * rng.standard_normal(shape)
        if jump:
            mean = popularity
    return Series(np.array(windows, np.int64), model.cluster)
