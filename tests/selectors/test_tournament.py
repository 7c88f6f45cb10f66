"""Tournament selection asks a population and is a function of the trials told and of the rng."""

from __future__ import annotations

import random

from adrs.core.task import Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome, Trial
from adrs.selectors.tournament import Tournament


def told(count: int, **options: int) -> Tournament:
    selector = Tournament(**options)
    for i in range(count):
        outcomes = (Outcome("w", "train", Verdict(i / 10)),)
        selector.tell(Trial(i, Candidate(f"x = {i}"), Evaluation(score=i / 10, outcomes=outcomes)))
    return selector


def test_a_single_seed_is_its_own_parent_without_inspirations() -> None:
    selection = told(1).ask(random.Random("0"))
    assert (selection.parent.number, selection.inspirations, selection.niche) == (0, (), "")


def test_the_inspiration_is_another_member() -> None:
    selector = told(5)
    for k in range(50):
        selection = selector.ask(random.Random(f"0:{k}"))
        assert len(selection.inspirations) == 1
        assert selection.inspirations[0].number != selection.parent.number


def test_the_same_trials_and_the_same_rng_give_the_same_selection() -> None:
    questions = [f"3:{k}" for k in range(30)]
    first, again = told(8), told(8)
    assert [first.ask(random.Random(q)) for q in questions] == [again.ask(random.Random(q)) for q in questions]


def test_a_larger_tournament_is_greedier() -> None:
    rng = random.Random("1")
    broad = sum(told(9, among=1).ask(rng).parent.number for _ in range(60))
    greedy = sum(told(9, among=9).ask(rng).parent.number for _ in range(60))
    assert greedy > broad + 60
