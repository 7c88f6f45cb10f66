"""published: the corruption and the score of the public evaluator, drawn from random streams that no candidate can reach.

Counters and topology only; one kind of bug for each snapshot. `Legacy` draws what the public evaluator draws from Python's
global `random` after seeding it with 42, as long as the program under test draws nothing itself.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from adrs.tasks.telemetry_repair.corruption import DOWN_BY, KINDS, UP_BY, scales
from adrs.tasks.telemetry_repair.network import Bools, Floats
from adrs.tasks.telemetry_repair.snapshot import Snapshot, State, Traffic, state

BUGS = ("drop", "scale", "router drop", "router scale")
RATE = 0.2
NOISE = (0.98, 1.02)
WEIGHTS = {"counter": 0.75, "status": 0.05, "calibration": 0.2}
KNEE, FLOOR = 0.82, 0.80


def corrupted(true: State, bug: str, rng: np.random.Generator) -> Snapshot:
    """A snapshot with one kind of bug; routers that are hit as a whole are spared the noise."""
    net, reported = true.network, true.copy()
    reported.rates[:] *= rng.uniform(*NOISE, reported.rates.shape)
    if bug.startswith("router"):
        routers = rng.random(len(net.routers)) < RATE
        hit = routers[[a for a, _ in net.ends]]
        reported.rates[hit] = true.rates[hit]
    else:
        hit = rng.random(len(net.ends)) < RATE
    reported.rates[hit] *= 0.0 if bug.endswith("drop") else scales((int(hit.sum()), 2), rng)
    kinds = np.where(hit[:, None], KINDS.index(bug), 0).astype(np.int8) * np.ones((1, 2), np.int8)
    return Snapshot(true, reported, kinds, (bug,), full=False)


def legacy(traffics: Sequence[Traffic], seed: int = 42, most: int = 30) -> list[Snapshot]:
    """The snapshots of the public evaluator, in its order.

    Args:
        traffics: all moments; interfaces and routers in the order of the data file.
    """
    stream = random.Random(seed)
    return [_legacy(state(traffic), stream) for traffic in stream.sample(list(traffics), min(most, len(traffics)))]


def _legacy(true: State, stream: random.Random) -> Snapshot:
    net, reported = true.network, true.copy()
    kinds = np.zeros(reported.rates.shape, np.int8)
    bug = stream.choice(BUGS)

    def scaled(rates: Floats) -> list[float]:
        return [rate * stream.choice([stream.uniform(*DOWN_BY), stream.uniform(*UP_BY)]) for rate in rates.tolist()]

    for at in range(len(net.ends)):
        reported.rates[at] *= [stream.uniform(*NOISE), stream.uniform(*NOISE)]
        if bug in ("drop", "scale") and stream.random() < RATE:
            reported.rates[at] = 0.0 if bug == "drop" else scaled(reported.rates[at])
            kinds[at] = KINDS.index(bug)
    for own in net.own:
        if stream.random() < 1 - RATE or not bug.startswith("router"):
            continue
        for at in own:
            reported.rates[at] = 0.0 if bug == "router drop" else scaled(true.rates[at])
            kinds[at] = KINDS.index(bug)
    return Snapshot(true, reported, kinds, (bug,), full=False)


def quality(true: State, rates: Floats, sure: Floats, up: Bools) -> dict[str, float]:
    """The three parts of the published score of one snapshot, and their weighted sum."""
    carried = true.rates > 0
    with np.errstate(over="ignore"):  # a repaired rate may be any number
        error = np.abs(rates - true.rates)[carried] / true.rates[carried]
    parts = {
        "counter": 1 - float(np.minimum(error, 1).mean()) if carried.any() else 0.0,
        "status": float((up == true.up).mean()),
        "calibration": float(_calibration(true.rates, rates, sure).mean()),
    }
    return {**parts, "combined": sum(weight * parts[name] for name, weight in WEIGHTS.items())}


def _calibration(true: Floats, rates: Floats, sure: Floats) -> Floats:
    missed = np.abs(true - rates) / np.maximum(np.maximum(true, rates), 1.0)
    right = np.where(sure > 0.7, 1.0, 0.5 + (sure - 0.3) * 1.25)
    wrong = np.where(sure < 0.3, 0.8, 0.8 - 2 * sure * missed)
    return np.clip(np.where(1 - missed > 0.8, right, wrong), 0.0, 1.0)


def points(combined: float) -> float:
    """The public leaderboard's points: steep up to 0.82, then flat to 1; unrounded, but held between 0 and 100 as there."""
    below = 50 * (combined - FLOOR) / (KNEE - FLOOR)
    above = 50 + 50 * (combined - KNEE) / (1 - KNEE)
    return min(100.0, max(0.0, below if combined <= KNEE else above))
