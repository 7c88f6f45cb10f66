"""corruption: what goes wrong with a snapshot: counters, demands, paths, statuses, and links that fail. No score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np

from adrs.tasks.telemetry_repair.network import (
    Bools,
    Floats,
    Link,
    Network,
    Routes,
    dispensable,
    distances,
    rerouted,
    shortest,
)
from adrs.tasks.telemetry_repair.snapshot import Snapshot, State, Traffic, state

KINDS = ("sound", "drop", "scale", "router drop", "router scale", "stale", "unit", "swap")
"""What can be wrong with a counter; a counter's kind is a position here."""
Family = Literal["mixed", "statuses", "odd", "counters", "routers", "demands"]
FAMILIES: tuple[Family, ...] = ("mixed", "statuses", "odd", "counters", "routers", "demands")
COUNTER_BUGS: Mapping[Family, tuple[str, ...]] = {
    "counters": ("drop", "scale"),
    "routers": ("router drop", "router scale"),
    "odd": ("stale", "unit", "swap"),
    "demands": ("drop", "scale"),
    "statuses": ("drop",),
    "mixed": KINDS[1:],
}
"""Each snapshot has one of these; no player knows which."""

RATES = (0.1, 0.2, 0.3)
"""Share of interfaces, or of routers, that a bug hits."""
DOWN_BY, UP_BY = (0.5, 0.8), (1.2, 1.5)
UNITS = (8.0, 1 / 8, 1000.0)
ENTRY, ENTRIES = (0.5, 1.5), (0.1, 0.3)
ALL_DEMANDS = 0.8
LIES_DOWN, LIES_UP = 0.1, 0.5
"""Chances that an interface which is up is reported down, and the reverse."""


def corrupted(family: Family, number: int, traffic: Traffic, other: Traffic, rng: np.random.Generator) -> Snapshot:
    """A snapshot and what is reported of it.

    Args:
        number: the share that is hit depends on it in turn, and demands that can be right are wrong for odd numbers; a
            workload's snapshots have the numbers from 0 on in an order that no player knows.
        other: the same network at another moment, whose counters a stale interface shows.
    """
    net, rate = traffic.network, RATES[number % len(RATES)]
    failed: tuple[Link, ...] = ()
    if family in ("statuses", "mixed"):
        traffic, failed = fail(traffic, int(rng.integers(1, 3)) if family == "statuses" else 1, rng)
    true = replace(state(traffic), up=np.array([(min(end), max(end)) not in failed for end in net.ends]))
    reported = true.copy()
    bug = str(rng.choice(COUNTER_BUGS[family]))
    bugs = [f"{bug} {100 * rate:.0f} %"]
    spoil_counters(reported, state(other), bug, rate, rng)
    kinds = np.where(reported.rates == true.rates, 0, KINDS.index(bug)).astype(np.int8)
    if family in ("demands", "mixed") or number % 2:
        reported, said = spoil_demands(reported, rng)
        bugs.append(said)
    if family in ("statuses", "mixed"):
        reported.up[rng.random(len(net.ends)) < np.where(true.up, LIES_DOWN, LIES_UP)] ^= True
        bugs.append(f"wrong statuses, {len(failed)} links failed")
    return Snapshot(true, reported, kinds, tuple(bugs))


def spoil_counters(reported: State, other: State, bug: str, rate: float, rng: np.random.Generator) -> None:
    """Do one kind of harm to the interfaces or routers that are hit, and to the external counters of routers."""
    net = reported.network
    routers = rng.random(len(net.routers)) < rate
    hit = routers[[a for a, _ in net.ends]] if bug.startswith("router") else rng.random(len(net.ends)) < rate
    if bug == "swap":
        _swap(net, reported.rates, hit, rng)
        return
    for rates, chosen, elsewhere in ((reported.rates, hit, other.rates), (reported.external, routers, other.external)):
        shape = (int(chosen.sum()), 2)
        if bug.endswith("drop"):
            rates[chosen] = 0.0
        elif bug.endswith("scale"):
            rates[chosen] *= scales(shape, rng)
        elif bug == "stale":
            rates[chosen] = elsewhere[chosen]
        else:
            rates[chosen] *= rng.choice(UNITS, shape[0])[:, None]


def scales(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Factors between 0.5 and 0.8, or between 1.2 and 1.5; either with the same chance."""
    return np.where(rng.random(shape) < 0.5, rng.uniform(*DOWN_BY, shape), rng.uniform(*UP_BY, shape))


def spoil_demands(reported: State, rng: np.random.Generator) -> tuple[State, str]:
    """Do one of these: make some entries wrong, make more of them wrong, make all too low, replace a path."""
    bug = int(rng.integers(4))
    if bug == 3:
        return replace(reported, routes=_misrouted(reported, rng)), "one wrong path"
    if bug == 2:
        return replace(reported, demands=reported.demands * ALL_DEMANDS), f"all demands x {ALL_DEMANDS}"
    wrong = rng.random(reported.demands.shape) < ENTRIES[bug]
    factors = np.where(wrong, rng.uniform(*ENTRY, reported.demands.shape), 1.0)
    return replace(reported, demands=reported.demands * factors), f"{100 * ENTRIES[bug]:.0f} % of the demands wrong"


def fail(traffic: Traffic, most: int, rng: np.random.Generator) -> tuple[Traffic, tuple[Link, ...]]:
    """The traffic after some links have failed, with no router cut off; the smaller router of a link is named first."""
    net, failed = traffic.network, list[Link]()
    down: set[Link] = set()
    for _ in range(most):
        if free := dispensable(net, down):
            a, b = free[int(rng.integers(len(free)))]
            failed.append((a, b))
            down |= {(a, b), (b, a)}
    return replace(traffic, routes=rerouted(net, traffic.routes, down, rng)), tuple(failed)


def _misrouted(reported: State, rng: np.random.Generator) -> Routes:
    """The path table with one entry, likely of a large demand, that goes round the link on which its path begins or ends."""
    net, pairs = reported.network, list(reported.routes)
    weights = np.array([reported.demands[pair] for pair in pairs])
    live = [(a, b) for a, b in net.ends if reported.up[net.at[a, b]]]
    dead = set(net.ends) - set(live)
    for place in rng.choice(len(pairs), min(20, int((weights > 0).sum())), replace=False, p=weights / weights.sum()).tolist():
        source, target = pairs[place]
        path = reported.routes[source, target][0][0]
        for hop in ((path[0], path[1]), (path[-2], path[-1])):
            hops = distances(net, source, {*dead, hop})
            if hops[target] > 0:
                rank = rng.permutation(len(net.routers)).tolist()
                wrong = shortest(net, hops, target, rank, {*dead, hop})
                return {**reported.routes, (source, target): ((wrong, 1.0),)}
    return reported.routes


def _swap(net: Network, rates: Floats, hit: Bools, rng: np.random.Generator) -> None:
    """Swap the counters of interfaces that are hit with those of another interface of the router; in place."""
    done: set[int] = set()
    for one in np.flatnonzero(hit).tolist():
        free = [each for each in net.own[net.ends[one][0]] if each != one and each not in done]
        if one not in done and free:
            two = int(rng.choice(free))
            rates[[one, two]] = rates[[two, one]]
            done |= {one, two}
