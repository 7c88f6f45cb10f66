"""The champion is the shortest of those that are as good as the best."""

from __future__ import annotations

import random

from adrs.core.trial import Candidate, Evaluation, Trial
from adrs.selectors.champion import Champion


def trial(number: int, score: float, source: str) -> Trial:
    return Trial(number, Candidate(source), Evaluation(score=score))


def chosen(selector: Champion) -> int:
    return selector.ask(random.Random(0)).parent.number


def test_within_the_tolerance_length_decides() -> None:
    selector = Champion(tolerance=0.01)
    selector.tell(trial(0, 0.500, "x = 1 + 2 + 3"))
    selector.tell(trial(1, 0.495, "x = 1"))
    selector.tell(trial(2, 0.480, ""))
    assert chosen(selector) == 1


def test_a_new_best_puts_the_old_ones_out_of_reach() -> None:
    selector = Champion(tolerance=0.01)
    selector.tell(trial(0, 0.5, "x = 1"))
    selector.tell(trial(1, 0.6, "x = 1 + 2 + 3 + 4"))
    assert chosen(selector) == 1


def test_of_equal_length_the_better_then_the_earlier() -> None:
    selector = Champion(tolerance=0.1)
    for number, score in enumerate((0.50, 0.55, 0.55)):
        selector.tell(trial(number, score, f"x = {number}"))
    assert chosen(selector) == 1


def test_what_does_not_breed_is_no_champion() -> None:
    selector = Champion()
    selector.tell(trial(0, 0.1, "x = 1"))
    selector.tell(Trial(1, Candidate("x = 2"), Evaluation(partial=0.9, stopped="smoke")))
    assert chosen(selector) == 0
