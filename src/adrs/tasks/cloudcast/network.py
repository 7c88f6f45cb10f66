"""network: regions with prices and bandwidths between them, and one transfer over them; as arrays, and as a player sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adrs.tasks.cache import digest

Floats = NDArray[np.float64]

VMS = 2
VM_DOLLARS_PER_HOUR = 0.54

Limits = dict[str, float]
"""Gbit/s of one VM, by cloud."""

INGRESS: Limits = {"aws": 10.0, "gcp": 16.0, "azure": 16.0}
EGRESS: Limits = {"aws": 5.0, "gcp": 7.0, "azure": 16.0}
LOW_INGRESS: Limits = dict.fromkeys(INGRESS, 2.0)
LOW_EGRESS: Limits = dict.fromkeys(EGRESS, 1.0)


@dataclass(frozen=True, eq=False)
class Network:
    """All regions; every region can send to every other.

    Args:
        names: "cloud:region".
        dollars: (from, to) dollars a gigabyte; the diagonal is 0.
        gbit_s: (from, to) Gbit/s of one VM; the diagonal is 0.
    """

    names: tuple[str, ...]
    dollars: Floats
    gbit_s: Floats

    @property
    def clouds(self) -> tuple[str, ...]:
        """(regions,) the cloud of each."""
        return tuple(name.split(":", 1)[0] for name in self.names)


@dataclass(frozen=True, eq=False)
class Transfer:
    """A workload: the source sends `volume_gb` gigabytes to every destination, cut into equal parts.

    Args:
        source, destinations: positions in `network.names`.
        ingress, egress: limits of one VM by cloud.
        published: whether it is one of the five published configurations.
    """

    network: Network
    source: int
    destinations: tuple[int, ...]
    volume_gb: float = 300.0
    parts: int = 10
    ingress: Limits = field(default_factory=lambda: INGRESS)
    egress: Limits = field(default_factory=lambda: EGRESS)
    published: bool = False

    def limits(self, by_cloud: Limits) -> list[float]:
        """(regions,) Gbit/s of all VMs of each region."""
        return [VMS * by_cloud[cloud] for cloud in self.network.clouds]

    def problem(self) -> dict[str, Any]:
        """The problem as a player sees it; plain values."""
        names = self.network.names
        prices, rates = self.network.dollars.tolist(), (VMS * self.network.gbit_s).tolist()
        several = range(len(names))
        return {
            "nodes": list(names),
            "edges": [[names[i], names[j], prices[i][j], rates[i][j]] for i in several for j in several if i != j],
            "source": names[self.source],
            "destinations": [names[at] for at in self.destinations],
            "parts": self.parts,
            "volume_gb": self.volume_gb,
            "ingress_gbit_s": dict(zip(names, self.limits(self.ingress), strict=True)),
            "egress_gbit_s": dict(zip(names, self.limits(self.egress), strict=True)),
            "vms": VMS,
            "vm_dollars_per_hour": VM_DOLLARS_PER_HOUR,
        }

    @property
    def digest(self) -> str:
        """A text that changes with anything in the problem."""
        net = self.network
        rest = (net.names, self.source, self.destinations, self.volume_gb, self.parts, self.ingress, self.egress)
        return digest(net.dollars.tobytes(), net.gbit_s.tobytes(), repr(rest))
