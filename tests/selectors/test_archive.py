"""The population keeps the smallest program of each behaviour, best first."""

from __future__ import annotations

import random

import pytest

from adrs.core.failure import Foul
from adrs.core.program import size
from adrs.core.task import Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome, Trial
from adrs.selectors.archive import Population


def trial(number: int, scores: tuple[float, ...], source: str = "x = 1", foul: Foul | None = None) -> Trial:
    outcomes = tuple(Outcome(f"w{i}", "train", Verdict(score)) for i, score in enumerate(scores))
    score = sum(scores) / len(scores)
    return Trial(number, Candidate(source), Evaluation(score=score, outcomes=outcomes, foul=foul))


def test_size_ignores_layout() -> None:
    assert size("x=1  # why") == size("x = (1)") < size("x = 1 + 1")


def test_behaviour_reads_train_only_and_forgets_the_order_of_play() -> None:
    outcomes = (
        Outcome("b", "train", Verdict(2.0)),
        Outcome("a", "train", Verdict(1.0)),
        Outcome("v", "validation", Verdict(9.0)),
    )
    assert Evaluation(score=1.5, outcomes=outcomes).behaviour == (1.0, 2.0)


def test_best_comes_first_and_length_decides_between_equal_scores() -> None:
    population = Population()
    long, short = trial(0, (0.2, 0.4), "x = 1 + 1 + 1"), trial(1, (0.4, 0.2), "x = 1")
    assert population.add(long)
    assert population.add(short)
    assert population.members == (short, long)
    assert population.best is short


def test_a_twin_replaces_unless_it_is_larger() -> None:
    population = Population()
    old, equal, larger = trial(0, (0.5,), "x = 1"), trial(1, (0.5,), "y = 2"), trial(2, (0.5,), "y = 2 + 2")
    assert population.add(old)
    assert population.add(equal)
    assert not population.add(larger)
    assert population.members == (equal,)


def test_the_least_leaves_when_it_is_full() -> None:
    population = Population(capacity=2)
    assert [population.add(trial(i, (score,))) for i, score in enumerate((0.1, 0.3, 0.2))] == [True, True, True]
    assert not population.add(trial(3, (0.05,)))
    assert [member.score for member in population.members] == [0.3, 0.2]


def test_only_trials_that_breed_are_taken() -> None:
    population = Population()
    assert not population.add(trial(0, (0.5,), foul=Foul("crash", "division by zero")))
    assert not population.add(Trial(1, Candidate("x"), Evaluation(partial=0.5, stopped="smoke")))
    assert len(population) == 0
    assert population.best is None


def test_draw_prefers_the_better_and_reaches_all() -> None:
    population = Population()
    for i in range(4):
        population.add(trial(i, (i / 10,)))
    rng = random.Random("7")
    drawn = [population.draw(rng).number for _ in range(400)]
    assert drawn.count(3) > drawn.count(2) > drawn.count(1) > 0
    assert {population.draw(rng, among=1).number for _ in range(100)} == {0, 1, 2, 3}


def test_draw_from_nothing_says_so() -> None:
    with pytest.raises(IndexError, match="empty population"):
        Population().draw(random.Random("0"))


def test_a_companion_is_somebody_else() -> None:
    population = Population()
    first, second = trial(0, (0.1,)), trial(1, (0.2,))
    population.add(first)
    assert population.companion(first, random.Random("0")) is None
    population.add(second)
    assert population.companion(first, random.Random("0")) is second
