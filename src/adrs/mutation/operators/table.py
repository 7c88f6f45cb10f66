"""table: the table of typed edits with their weights, and one random edit of a program."""

from __future__ import annotations

from collections.abc import Mapping

from adrs.mutation.edit import Edit, Operator
from adrs.mutation.ingredients import choose
from adrs.mutation.operators import conditions, expressions, numbers, statements

OPERATORS: dict[str, tuple[Operator, float]] = {
    "const": (numbers.const, 3.0),
    "threshold": (numbers.threshold, 2.0),
    "combine": (numbers.combine, 1.5),
    "dropcond": (conditions.dropcond, 1.0),
    "compare": (conditions.compare, 1.0),
    "hoist": (expressions.hoist, 1.0),
    "cross": (statements.cross, 2.0),
    "arith": (numbers.arith, 1.0),
    "swap": (statements.swap, 1.0),
    "expr": (expressions.expr, 2.5),
    "narrow": (conditions.narrow, 2.0),
    "widen": (conditions.widen, 2.0),
    "guard": (statements.guard, 3.0),
    "delete": (statements.delete, 1.5),
    "choice": (expressions.choice, 1.0),
    "negate": (conditions.negate, 0.7),
    "branch": (statements.branch, 0.7),
    "key": (expressions.key, 0.7),
}
"""Name -> the operator and its weight among those that apply."""

GUARD_WITH_TERMS = 4.0
"""The weight of `guard` where the task declares terms."""


def weights(with_terms: bool) -> dict[str, float]:
    """The operators' weights for a task that declares terms, or none."""
    plain = {name: weight for name, (_, weight) in OPERATORS.items()}
    if with_terms:
        plain["guard"] = GUARD_WITH_TERMS
    return plain


def random_edit(edit: Edit, weighted: Mapping[str, float]) -> tuple[str, str] | None:
    """Make one random edit in place.

    Operators that find nothing to do are drawn without replacement, so a program is left alone only if none applies.

    Args:
        weighted: operator -> weight.

    Returns:
        The operator's name and what changed; None if no operator applies.
    """
    left = dict(weighted)
    while left:
        name = choose(edit.rng, [(weight, name) for name, weight in left.items()])
        note = OPERATORS[name][0](edit)
        if note is not None:
            return name, note
        del left[name]
    return None
