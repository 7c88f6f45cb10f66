"""series: what a workload holds: windows of expert loads, and the cluster that serves them. No placement, no score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adrs.tasks.cache import digest

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cluster:
    """The machines of a workload.

    Args:
        slots: physical expert slots of a layer; those of a GPU lie side by side, slot p on GPU p // (slots / gpus).
        groups: of experts, for the router; the experts of a group lie side by side.
        nodes: machines; the GPUs of a node lie side by side.
    """

    slots: int
    groups: int
    nodes: int
    gpus: int

    def fits(self, experts: int) -> bool:
        """Whether that many experts fit, and everything divides."""
        divides = self.slots % self.gpus == 0 and self.gpus % self.nodes == 0 and experts % self.groups == 0
        return divides and 0 < experts <= self.slots


@dataclass(frozen=True, eq=False)
class Series:
    """Windows of one model in one service, in order of time.

    Args:
        load: (windows, layers, experts) tokens.
    """

    load: Ints
    cluster: Cluster

    @property
    def pairs(self) -> int:
        """Number of windows that are followed by another one."""
        return len(self.load) - 1

    @property
    def digest(self) -> str:
        """A text that changes with anything in it."""
        return digest(np.ascontiguousarray(self.load, "<i8").tobytes(), repr((self.load.shape, self.cluster)))
