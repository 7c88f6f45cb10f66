"""scale: the scale that all tasks share: 0 is what is trivial, 1 is the bound."""

from __future__ import annotations

from typing import Literal


def share(trivial: float, value: float, bound: float, better: Literal["lower", "higher"] = "lower") -> float:
    """Which part of the way from `trivial` to `bound` a value has gone; below 0 it is worse than trivial. Never clipped.

    Where the two coincide it is 1 for the same value, and otherwise below 0, by 1 for every |trivial| that is missing.

    Args:
        better: which way is better; it only matters where the two coincide.
    """
    way = trivial - bound if better == "lower" else bound - trivial
    missing = value - bound if better == "lower" else bound - value
    if way < 1e-9:
        return 1.0 if missing < 1e-9 else -missing / max(abs(trivial), 1e-9)
    return (trivial - value) / (trivial - bound) + 0.0  # no -0.0
