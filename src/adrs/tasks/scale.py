"""scale: the scale that all tasks share: 0 is the trivial baseline, 1 is the bound."""

from __future__ import annotations

from typing import Literal


def share(trivial: float, value: float, bound: float, better: Literal["lower", "higher"] = "lower") -> float:
    """The share of the way from `trivial` to `bound` that a value has reached; below 0 it is worse than trivial. Never clipped.

    Where the two coincide, an equal value gives 1, and a worse one minus its distance in units of |trivial|.

    Args:
        better: the better direction; it only matters where the two coincide.
    """
    way = trivial - bound if better == "lower" else bound - trivial
    missing = value - bound if better == "lower" else bound - value
    if way < 1e-9:
        return 1.0 if missing < 1e-9 else -missing / max(abs(trivial), 1e-9)
    return (trivial - value) / (trivial - bound) + 0.0  # no -0.0
