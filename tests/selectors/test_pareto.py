"""Pareto selection keeps whoever is best somewhere, and draws by how often."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from adrs.core.failure import Refusal
from adrs.core.task import Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome, Trial
from adrs.selectors.pareto import Pareto


def trial(number: int, *scores: float, source: str = "") -> Trial:
    outcomes = tuple(Outcome(f"w{at}", "train", Verdict(score)) for at, score in enumerate(scores))
    return Trial(number, Candidate(source or f"x = {number}"), Evaluation(sum(scores) / len(scores), outcomes=outcomes))


def drawn(selector: Pareto, times: int = 300) -> Counter[int]:
    return Counter(selector.ask(random.Random(f"0:{k}")).parent.number for k in range(times))


def told(*trials: Trial) -> Pareto:
    selector = Pareto()
    for each in trials:
        selector.tell(each)
    return selector


def test_a_specialist_breeds_although_its_mean_is_bad() -> None:
    found = drawn(told(trial(0, 0.8, 0.8, 0.8), trial(1, 0.1, 0.1, 0.9), trial(2, 0.5, 0.5, 0.5)))
    assert set(found) == {0, 1}, "the third leads nowhere"
    assert found[0] == pytest.approx(200, abs=30), "two workloads of three"


def test_the_inspiration_leads_where_the_parent_does_not() -> None:
    selector = told(trial(0, 0.8, 0.8, 0.1), trial(1, 0.1, 0.1, 0.9))
    for k in range(20):
        selection = selector.ask(random.Random(f"0:{k}"))
        assert [one.number for one in selection.inspirations] == [1 - selection.parent.number]


def test_a_program_that_is_best_everywhere_is_alone() -> None:
    selector = told(trial(0, 0.5, 0.5), trial(1, 0.6, 0.6))
    assert set(drawn(selector)) == {1}
    assert selector.ask(random.Random(0)).inspirations == ()


def test_equals_lead_together_and_the_shorter_ones_stay() -> None:
    long = "x = 1 + 1 + 1"
    selector = told(*(trial(number, 0.5, source=f"{long} + {number}") for number in range(6)), trial(6, 0.5, source="x = 1"))
    assert set(drawn(selector)) == {0, 1, 2, 3, 6}


def test_fouls_and_shortened_programs_do_not_breed() -> None:
    selector = Pareto()
    selector.tell(Trial(0, Candidate("x = 0"), Evaluation()))
    with pytest.raises(IndexError):
        selector.ask(random.Random(0))


def test_bad_options_are_refused() -> None:
    with pytest.raises(Refusal, match="leaders is 0"):
        Pareto(leaders=0)
