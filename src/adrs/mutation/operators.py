"""operators: the table of typed edits with their weights, and one random edit of a program."""

from __future__ import annotations

from collections.abc import Mapping

from adrs.mutation import conditions, numbers, statements, values
from adrs.mutation.pool import choose
from adrs.mutation.workbench import Operator, Workbench

OPERATORS: dict[str, tuple[Operator, float]] = {
    "const": (numbers.const, 3.0),
    "threshold": (numbers.threshold, 2.0),
    "combine": (numbers.combine, 1.5),
    "dropcond": (conditions.dropcond, 1.0),
    "compare": (conditions.compare, 1.0),
    "hoist": (values.hoist, 1.0),
    "cross": (statements.cross, 2.0),
    "arith": (numbers.arith, 1.0),
    "swap": (statements.swap, 1.0),
    "expr": (values.expr, 2.5),
    "narrow": (conditions.narrow, 2.0),
    "widen": (conditions.widen, 2.0),
    "guard": (statements.guard, 3.0),
    "delete": (statements.delete, 1.5),
    "choice": (values.choice, 1.0),
    "negate": (conditions.negate, 0.7),
    "branch": (statements.branch, 0.7),
    "key": (values.key, 0.7),
}
"""Name -> the operator and its weight among those that apply."""

GUARD_WITH_TERMS = 4.0
"""The weight of `guard` where the task declares terms."""


def weights(with_terms: bool, credit: Mapping[str, float] | None = None) -> dict[str, float]:
    """The operators' weights for a task.

    Args:
        credit: factors by operator, from a bandit.
    """
    plain = {name: weight for name, (_, weight) in OPERATORS.items()}
    if with_terms:
        plain["guard"] = GUARD_WITH_TERMS
    return {name: weight * (credit or {}).get(name, 1.0) for name, weight in plain.items()}


def edit(bench: Workbench, weighted: Mapping[str, float]) -> tuple[str, str] | None:
    """One random edit in place; the operator's name and what changed, None if no operator applies."""
    left = dict(weighted)
    while left:
        name = choose(bench.rng, [(weight, name) for name, weight in left.items()])
        note = OPERATORS[name][0](bench)
        if note is not None:
            return name, note
        del left[name]
    return None
