"""feedback: which kind of head loses most in one layer, and whether by error or by density. Never more than one layer."""

from __future__ import annotations

from collections.abc import Sequence

from adrs.tasks.sparse_attention.heads import Floats
from adrs.tasks.sparse_attention.score import Outcome, References

LONGEST = 300
"""Characters."""


def feedback(kinds: Sequence[str], outcome: Outcome, by_kind: Floats, known: References) -> str:
    """A few lines about one layer.

    Args:
        by_kind: (kinds, 2) error and density of this policy.
    """
    above = (by_kind - known.hindsight).sum(axis=1)
    worst = int(above.argmax())
    least, thinnest = known.hindsight[worst]
    errors = outcome.errors
    head, query = divmod(int(errors.mean(axis=2).argmax()), errors.shape[1])
    looked = f" {outcome.looked.mean():.3f} was read by ask." if outcome.looked.any() else ""
    return (
        "error/density by kind: "
        + ", ".join(f"{kind} {pair[0]:.3f}/{pair[1]:.3f}" for kind, pair in zip(kinds, by_kind, strict=True))
        + f". Most lost: {kinds[worst]}, best in hindsight {least:.3f}/{thinnest:.3f}. "
        f"Worst query: a {outcome.kinds[head]} head, error {errors[head, query].mean():.2f}.{looked}"
    )[:LONGEST]
