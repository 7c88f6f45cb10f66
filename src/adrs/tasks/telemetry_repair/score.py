"""score: how good the repairs of a workload's snapshots are, and the scores of the programs that they are compared with."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from types import ModuleType

import numpy as np

from adrs.tasks.cache import cached, digest
from adrs.tasks.telemetry_repair import published
from adrs.tasks.telemetry_repair.answer import Repair, repair
from adrs.tasks.telemetry_repair.baselines import democratic_trust, link_symmetry, pass_through
from adrs.tasks.telemetry_repair.network import Bools, Floats, loads
from adrs.tasks.telemetry_repair.snapshot import Snapshot, State

WEIGHTS = {"counter": 0.6, "status": 0.1, "calibration": 0.2, "harm": 0.1}
IDLE = 10.0
"""Mbit/s that count as an error of 1 where nothing flows."""
RIGHT, KEPT = 0.05, 0.03
"""Relative errors up to which a repair counts as right, and a sound counter as left alone."""

REFERENCES: tuple[ModuleType, ...] = (pass_through, link_symmetry, democratic_trust)
VERSION = "1"
"""Raise it when a change to `quality` or `ideal` may change a number: cached numbers are then discarded."""


def errors(true: Floats, rates: Floats) -> Floats:
    """Relative error of each counter; where nothing flows, in parts of `IDLE`."""
    with np.errstate(over="ignore"):  # a repaired rate may be any number
        return np.asarray(np.abs(rates - true) / np.where(true > 0, true, IDLE))


def quality(snapshots: Sequence[Snapshot], repairs: Sequence[Repair]) -> dict[str, float]:
    """The parts of the score of a workload and their weighted sum, `combined`; 1 is perfect, whatever the workload.

    Under the published rules every snapshot is scored by itself and the mean is taken; otherwise all counters and statuses of
    the workload are looked at together.
    """
    if not snapshots[0].full:
        each = [published.quality(s.true, r.rates, r.sure, r.up) for s, r in zip(snapshots, repairs, strict=True)]
        return {name: float(np.mean([parts[name] for parts in each])) for name in each[0]}
    off = np.concatenate([errors(s.true.rates, r.rates) for s, r in zip(snapshots, repairs, strict=True)])
    sure = np.concatenate([r.sure for r in repairs])
    sound = np.concatenate([s.kinds == 0 for s in snapshots])
    true, reported, said = (
        np.concatenate(states)
        for states in ([s.true.up for s in snapshots], [s.reported.up for s in snapshots], [r.up for r in repairs])
    )
    parts = {
        "counter": 1 - float(np.minimum(off, 1).mean()),
        "status": balanced(true, reported, said),
        "calibration": 1 - float(((sure - (off <= RIGHT)) ** 2).mean()),
        "harm": float((off[sound] <= KEPT).mean()) if sound.any() else 1.0,
    }
    return {**parts, "combined": sum(weight * parts[name] for name, weight in WEIGHTS.items())}


def balanced(true: Bools, reported: Bools, said: Bools) -> float:
    """Share of statuses that are right; the four cells (is up or down, reported up or down) count the same."""
    cells = [(true == a) & (reported == b) for a in (False, True) for b in (False, True)]
    return float(np.mean([(said[cell] == true[cell]).mean() for cell in cells if cell.any()]))


def ideal(snapshot: Snapshot) -> Repair:
    """The answer if it were known which of these estimates is nearest: the counter itself, its other end, their
    mean, and the predicted load. A reference, not a bound: a program may combine estimates better."""
    reported, net = snapshot.reported, snapshot.reported.network
    other = reported.rates[net.partner][:, ::-1]
    candidates = [reported.rates, other, (reported.rates + other) / 2]
    if snapshot.full:
        load = loads(net, reported.demands, reported.routes)
        candidates.append(np.stack([load[net.partner], load], axis=1))
    choices = np.stack(candidates)
    off = np.stack([errors(snapshot.true.rates, rates) for rates in choices])
    best = off.argmin(axis=0)[None]
    rates = np.take_along_axis(choices, best, axis=0)[0]
    right = np.take_along_axis(off, best, axis=0)[0] <= RIGHT
    return Repair(rates, right.astype(np.float64), snapshot.true.up)


def perfect(true: State) -> Repair:
    """The truth with confidence 1: the bound."""
    return Repair(true.rates, np.ones(true.rates.shape), true.up)


def references(snapshots: Sequence[Snapshot]) -> Floats:
    """(4,) `combined` of pass-through, link symmetry, Democratic Trust Propagation and `ideal`, computed once on a machine."""
    shown = [repr(s.message) for s in snapshots]
    true = [part.tobytes() for s in snapshots for part in (s.true.rates, s.true.up, s.kinds)]
    sources = [inspect.getsource(module) for module in REFERENCES]
    return cached("telemetry_repair", digest(VERSION, *sources, *shown, *true), (4,), lambda: _references(snapshots))


def _references(snapshots: Sequence[Snapshot]) -> Floats:
    known = [
        quality(snapshots, [repair(s.reported.network, module.run_repair(*s.message)) for s in snapshots])
        for module in REFERENCES
    ]
    known.append(quality(snapshots, [ideal(s) for s in snapshots]))
    return np.array([parts["combined"] for parts in known])
