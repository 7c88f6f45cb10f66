"""answer: what a repair must contain for every interface, checked and put into arrays. The score is elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypedDict

import numpy as np
from msgspec import Meta

from adrs.core.failure import Foul
from adrs.tasks.telemetry_repair.network import Bools, Floats, Network

Rate = Annotated[float, Meta(ge=0)]
Confidence = Annotated[float, Meta(ge=0, le=1)]
Status = Literal["up", "down"]


class Repaired(TypedDict):
    """One interface: (as reported, repaired, confidence); the first of the three is never read."""

    rx_rate: tuple[float, Rate, Confidence]
    tx_rate: tuple[float, Rate, Confidence]
    interface_status: tuple[str, Status, Confidence]


Answer = dict[str, Repaired]
"""What a player must return."""


@dataclass(frozen=True, eq=False)
class Repair:
    """An answer as arrays.

    Args:
        rates: (interfaces, 2) Mbit/s received and sent.
        sure: (interfaces, 2) confidence in each of these.
        up: (interfaces,) repaired status.
    """

    rates: Floats
    sure: Floats
    up: Bools


def repair(net: Network, said: Mapping[str, Any]) -> Repair:
    """The answer in the network's order of interfaces.

    Raises:
        Foul: `illegal_answer`, an interface is missing, or is not one of this network.
    """
    for name in net.names:
        if name not in said:
            raise Foul("illegal_answer", f"the answer lacks {name}: repair all {len(net.names)} interfaces, not {len(said)}")
    if len(said) > len(net.names):
        stranger = next(name for name in said if name not in set(net.names))
        raise Foul("illegal_answer", f"the answer repairs {stranger[:60]!r}, which is not an interface of this network")
    counters = np.array([[said[name][rate][1:] for rate in ("rx_rate", "tx_rate")] for name in net.names], dtype=np.float64)
    up = np.array([said[name]["interface_status"][1] == "up" for name in net.names])
    return Repair(counters[:, :, 0], counters[:, :, 1], up)
