"""feedback: the layers where one workload's allocation loses most, in a few lines that help to write the next one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adrs.tasks.weight_compression.score import Choice, Marks, Outcome
from adrs.tasks.weight_compression.subject import Layer

LONGEST = 300
"""Characters."""


def feedback(layers: Sequence[Layer], choices: Sequence[Choice], outcomes: Sequence[Outcome], known: Marks) -> str:
    """A few lines about one workload: `layers` and `choices` belong to its first draw, `outcomes` to all of them."""
    home, away, stored = (float(np.mean([getattr(got, name) for got in outcomes])) for name in ("home", "away", "stored"))
    lost = np.mean([got.damages for got in outcomes], axis=0)
    worst, least = int(lost.argmax()), int(lost.argmin())
    return (
        f"Perplexity {home:.2f} home, {away:.2f} away (full {known.home:.2f}, {known.away:.2f}), {stored:.2f} bits stored. "
        f"Estimated loss: {lost.sum():.3f} nats; most in {layers[worst].name}: {lost[worst] / max(lost.sum(), 1e-12):.0%}, "
        f"segments {_bits(choices[worst])}; least in {layers[least].name}: {_bits(choices[least])}."
    )[:LONGEST]


def _bits(choice: Choice) -> str:
    return ",".join(map(str, choice.bits))
