"""feedback: what one workload's score lost, in a few lines that help to write the next repair. Never more than one workload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from adrs.tasks.telemetry_repair.answer import Repair
from adrs.tasks.telemetry_repair.corruption import KINDS
from adrs.tasks.telemetry_repair.network import Floats
from adrs.tasks.telemetry_repair.score import RIGHT, errors
from adrs.tasks.telemetry_repair.snapshot import RX, Snapshot

LONGEST = 300
"""Characters."""


def feedback(snapshots: Sequence[Snapshot], repairs: Sequence[Repair], parts: Mapping[str, float]) -> str:
    """The parts of the score, the kind of counter that loses most, and the worst counter of all with what was known of it."""
    off = [np.minimum(errors(s.true.rates, r.rates), 1) for s, r in zip(snapshots, repairs, strict=True)]
    kinds = np.concatenate([s.kinds.ravel() for s in snapshots])
    lost = np.bincount(kinds, np.concatenate(off).ravel(), len(KINDS))
    most = int(lost.argmax())
    scored = ", ".join(f"{name} {value:.3f}" for name, value in parts.items() if name != "combined")
    wrong = np.concatenate([(each > RIGHT).ravel() for each in off])
    sure = np.concatenate([r.sure.ravel() for r in repairs])
    said = f"{scored}. Most lost on {KINDS[most]} counters: {100 * lost[most] / max(lost.sum(), 1e-12):.0f} % of the error. "
    if wrong.any():
        said += f"Confidence {sure[wrong].mean():.2f} where wrong. "
    return (said + _worst(snapshots, repairs, off))[:LONGEST]


def _worst(snapshots: Sequence[Snapshot], repairs: Sequence[Repair], off: Sequence[Floats]) -> str:
    """The counter with the largest error in Mbit/s among those with the largest relative error."""
    missed = [each * np.abs(r.rates - s.true.rates) for each, s, r in zip(off, snapshots, repairs, strict=True)]
    which = int(np.argmax([each.max() for each in missed]))
    at, column = np.unravel_index(int(missed[which].argmax()), missed[which].shape)
    snapshot, rate = snapshots[which], "rx" if column == RX else "tx"
    net, reported = snapshot.true.network, snapshot.reported.rates
    far = reported[net.partner[at], 1 - column]
    return (
        f"Worst ({'; '.join(snapshot.bugs)}): {rate} of {net.names[at]} reported {reported[at, column]:.1f}, "
        f"far end {far:.1f}, you {repairs[which].rates[at, column]:.1f}, true {snapshot.true.rates[at, column]:.1f}."
    )
