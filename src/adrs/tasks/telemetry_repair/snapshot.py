"""snapshot: a network at one moment: what is true, what is reported, and what a player receives. No score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adrs.tasks.telemetry_repair.network import Bools, Floats, Network, Routes, anonymous, loads, network

RX, TX = 0, 1
"""Columns of rates."""
DECIMALS = 3
"""Decimals of all rates in a message under clean rules, in Mbit/s."""
Kinds = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Traffic:
    """The traffic of a network, and how much its sound counters deviate from it.

    Args:
        demands: (routers, routers) Mbit/s.
        factors: (interfaces, 2) reading / load of a sound counter.
        external_factors: (routers, 2) the same of the counters to the world outside.
    """

    network: Network
    demands: Floats
    routes: Routes
    factors: Floats
    external_factors: Floats


@dataclass(frozen=True, eq=False)
class State:
    """Everything that a controller receives. The true state and the reported one have the same form.

    Args:
        rates: (interfaces, 2) Mbit/s received and sent.
        up: (interfaces,) whether the status is "up".
        external: (routers, 2) Mbit/s that enter (origination) and leave (termination) the network at each router.
        demands: (routers, routers) Mbit/s.
    """

    network: Network
    rates: Floats
    up: Bools
    external: Floats
    demands: Floats
    routes: Routes

    def copy(self) -> State:
        """A copy with arrays of its own."""
        arrays = {name: getattr(self, name).copy() for name in ("rates", "up", "external", "demands")}
        return replace(self, **arrays)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One call of the player.

    Args:
        true, reported: the true state, and the reported one.
        kinds: (interfaces, 2) what was done to each counter: a position in `corruption.KINDS`, 0 for nothing.
        bugs: what is wrong, in words.
        full: whether the player also gets external counters, demands and paths.
    """

    true: State
    reported: State
    kinds: Kinds
    bugs: tuple[str, ...]
    full: bool = True

    @cached_property
    def message(self) -> tuple[Any, ...]:
        """The arguments of `run_repair`: they contain only what is reported."""
        reported, net = self.reported, self.reported.network

        def listed(numbers: Floats) -> list[Any]:
            """Round rates: measured counters have three decimals, so a multiplied one would be recognised by having more."""
            return list((np.round(numbers, DECIMALS) if self.full else numbers).tolist())

        telemetry = {
            name: {
                "interface_status": "up" if up else "down",
                "rx_rate": rx,
                "tx_rate": tx,
                "connected_to": net.names[partner],
                "local_router": net.routers[a],
                "remote_router": net.routers[b],
            }
            for name, (a, b), partner, (rx, tx), up in zip(
                net.names, net.ends, net.partner.tolist(), listed(reported.rates), reported.up.tolist(), strict=True
            )
        }
        topology = {router: [net.names[at] for at in own] for router, own in zip(net.routers, net.own, strict=True)}
        if not self.full:
            return telemetry, topology
        external = {
            router: {"origination": enters, "termination": leaves}
            for router, (enters, leaves) in zip(net.routers, listed(reported.external), strict=True)
        }
        demands: dict[str, dict[str, float]] = {router: {} for router in net.routers}
        paths: dict[str, dict[str, Any]] = {router: {} for router in net.routers}
        rates = listed(reported.demands)
        for (source, target), known in reported.routes.items():
            demands[net.routers[source]][net.routers[target]] = rates[source][target]
            ways = [[[net.routers[router] for router in path], share] for path, share in known]
            paths[net.routers[source]][net.routers[target]] = ways
        return telemetry, topology, external, demands, paths


def renamed(moments: Sequence[Traffic], rng: np.random.Generator) -> list[Traffic]:
    """Shuffle the routers of some moments of one network and rename them; the same order for all."""
    old = moments[0].network
    new = rng.permutation(len(old.routers)).tolist()
    net = network(anonymous(len(new)), [(new[a], new[b]) for a, b in old.ends])
    back = np.argsort(new)
    order = np.array([old.at[int(back[a]), int(back[b])] for a, b in net.ends])
    return [
        Traffic(
            net,
            moment.demands[np.ix_(back, back)],
            {
                (new[source], new[target]): tuple((tuple(new[router] for router in path), share) for path, share in ways)
                for (source, target), ways in moment.routes.items()
            },
            moment.factors[order],
            moment.external_factors[back],
        )
        for moment in moments
    ]


def state(traffic: Traffic) -> State:
    """The true state of a network with this traffic, all links up."""
    net = traffic.network
    load = loads(net, traffic.demands, traffic.routes)
    rates = np.stack([load[net.partner], load], axis=1) * traffic.factors
    external = np.stack([traffic.demands.sum(axis=1), traffic.demands.sum(axis=0)], axis=1) * traffic.external_factors
    return State(net, rates, np.ones(len(net.ends), bool), external, traffic.demands, traffic.routes)
