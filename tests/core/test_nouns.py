"""The nouns: verdicts hold plain finite numbers, fouls travel, ranks order programs, budgets end."""

from __future__ import annotations

import pickle
from decimal import Decimal

import numpy as np
import pytest

from adrs.core.budget import Budget, Limits
from adrs.core.failure import FOUL_KINDS, Foul, Refusal
from adrs.core.imports import is_offered
from adrs.core.program import size
from adrs.core.task import Guard, Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome, Spend, Trial


@pytest.mark.parametrize(("given", "kept"), [(np.int64(3), 3.0), (Decimal("1.5"), 1.5), (np.float32(0.5), 0.5), (True, 1.0)])
def test_scores_become_plain_numbers(given: float, kept: float) -> None:
    score = Verdict(given).score
    assert score == kept
    assert type(score) is float


@pytest.mark.parametrize("odd", [np.float32("nan"), float("inf"), -float("inf")])
def test_a_score_that_is_no_finite_number_is_a_foul_that_says_so(odd: float) -> None:
    with pytest.raises(Foul, match="not a finite number"):
        Verdict(odd)


def test_odd_metrics_become_text() -> None:
    metrics = Verdict(0.0, {"a": float("nan"), "b": -float("inf"), "c": np.arange(2), "d": np.int32(2)}).metrics  # type: ignore[dict-item]
    assert metrics == {"a": "nan", "b": "-inf", "c": "[0 1]", "d": 2.0}


@pytest.mark.parametrize("kind", FOUL_KINDS)
def test_fouls_travel_and_compare(kind: str) -> None:
    foul = Foul(kind, "reason", (1, 2))  # type: ignore[arg-type]
    assert pickle.loads(pickle.dumps(foul)) == foul
    assert foul != Foul(kind, "another", (1, 2))  # type: ignore[arg-type]
    assert str(foul) == f"{kind}: reason"


def test_ranks_put_complete_before_stopped_before_fouls() -> None:
    zero, negative = Evaluation(score=0.0), Evaluation(score=-5.0)
    stopped, foul = Evaluation(partial=9.0, stopped="smoke"), Evaluation(foul=Foul("crash", ""))
    assert sorted([foul, stopped, negative, zero], key=lambda each: each.rank, reverse=True) == [zero, negative, stopped, foul]
    assert zero.complete, "0.0 is a score, not a missing value"


def test_verdicts_are_those_of_a_split() -> None:
    outcomes = (
        Outcome("b", "train", Verdict(1)),
        Outcome("a", "validation", Verdict(2)),
        Outcome("c", "train", Foul("crash", "")),
    )
    assert list(Evaluation(outcomes=outcomes).verdicts("train")) == ["b"]


@pytest.mark.parametrize(
    ("guard", "value", "broken"),
    [(Guard("late", "lower"), 1.0, False), (Guard("late", "lower"), 1.1, True), (Guard("done", "higher", 0.2), 0.9, False)],
)
def test_guards_compare_with_the_seed(guard: Guard, value: float, broken: bool) -> None:
    assert guard.broken(value, 1.0) is broken


def told(budget: Budget, count: int, **spend: float) -> Budget:
    for number in range(count):
        budget.tell(Trial(number, Candidate("", spend=Spend(**spend)), Evaluation()))  # type: ignore[arg-type]
    return budget


@pytest.mark.parametrize(
    ("limits", "spend"),
    [
        (Limits(trials=3), {}),
        (Limits(dollars=0.3), {"dollars": 0.1}),
        (Limits(tokens=30), {"input_tokens": 5, "output_tokens": 5}),
    ],
)
def test_a_cap_ends_a_budget(limits: Limits, spend: dict[str, float]) -> None:
    assert told(Budget(limits), 2, **spend).allows(0)
    assert not told(Budget(limits), 3, **spend).allows(0)


def test_attempts_in_flight_count() -> None:
    assert not told(Budget(Limits(trials=3)), 1).allows(2)


def test_minutes_of_earlier_sittings_count() -> None:
    assert not Budget(Limits(minutes=1), spent_seconds=61).allows(0)


def test_seeds_are_free() -> None:
    budget = Budget(Limits(trials=1))
    budget.tell(Trial(0, Candidate("", phase="seed"), Evaluation()))
    assert budget.allows(0)


@pytest.mark.parametrize("limits", [{"trials": 0}, {"dollars": -1.0}, {"minutes": float("nan")}])
def test_a_budget_that_allows_nothing_is_refused(limits: dict[str, float]) -> None:
    with pytest.raises(Refusal, match=f"--{next(iter(limits))}"):
        Limits(**limits)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("module", "offered"), [("math", True), ("numpy.linalg", True), ("concurrent", True), ("os", False), ("adrs", False)]
)
def test_what_is_offered(module: str, offered: bool) -> None:
    assert is_offered(module) is offered
    assert is_offered("scipy.optimize", ("scipy",))


def test_size_counts_nodes() -> None:
    assert size("x = 1\n") < size("x = 1 + 1\n")
    assert size("x = 1  # note\n") == size("x = 1\n")
