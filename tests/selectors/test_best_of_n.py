"""best_of_n changes its parent once in n attempts, to the best of them and the parent."""

from __future__ import annotations

import random

from adrs.core.failure import Foul
from adrs.core.trial import Candidate, Evaluation, Trial
from adrs.selectors.best_of_n import BestOfN


def parents(scores: list[float | None], n: int = 3, seeds: int = 1) -> list[int]:
    """Tell trial by trial; the parent that is offered after each."""
    selector, offered = BestOfN(n=n), []
    for number, score in enumerate(scores):
        foul = None if score is not None else Foul("crash", "no")
        candidate = Candidate("x", phase="seed" if number < seeds else "search")
        selector.tell(Trial(number, candidate, Evaluation(score=score, foul=foul)))
        offered.append(selector.ask(random.Random(0)).parent.number)
    return offered


def test_the_parent_stays_for_n_attempts() -> None:
    assert parents([0.0, 0.3, 0.5, 0.4, 0.9, 0.1, 0.2, 0.0]) == [0, 0, 0, 2, 2, 2, 4, 4]


def test_it_stays_longer_if_no_attempt_was_better() -> None:
    assert parents([0.0, -0.1, -0.2, -0.3, 0.1]) == [0, 0, 0, 0, 0]


def test_fouls_are_attempts() -> None:
    assert parents([0.0, 0.3, None, None, 0.1]) == [0, 0, 0, 1, 1]


def test_the_best_seed_is_the_first_parent() -> None:
    assert parents([0.0, 0.4, 0.2, 0.3], seeds=3) == [0, 1, 1, 1]
