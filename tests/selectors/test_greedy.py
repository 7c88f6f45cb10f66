"""Greedy breeds the best on train, whatever was told in between."""

from __future__ import annotations

import random

import pytest

from adrs.core.failure import Foul, Refusal
from adrs.core.task import Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome, Phase, Trial
from adrs.selectors.greedy import Greedy


def trial(number: int, score: float | None, phase: Phase = "search", foul: Foul | None = None) -> Trial:
    outcomes = (Outcome("w", "train", Verdict(score)),) if score is not None else ()
    return Trial(number, Candidate(f"x = {number}", phase=phase), Evaluation(score=score, outcomes=outcomes, foul=foul))


def test_the_best_is_the_parent_and_the_next_best_are_shown() -> None:
    selector = Greedy(inspirations=2)
    for number, score in enumerate((0.1, 0.5, -0.3, 0.4, 0.2)):
        selector.tell(trial(number, score))
    selection = selector.ask(random.Random(0))
    assert selection.parent.number == 1
    assert [shown.number for shown in selection.inspirations] == [3, 4]
    assert selection.niche == ""


def test_fouls_and_early_stops_are_never_bred_even_if_all_scores_are_negative() -> None:
    selector = Greedy()
    selector.tell(trial(0, -5.0, "seed"))
    selector.tell(trial(1, None, foul=Foul("crash", "no")))
    selector.tell(Trial(2, Candidate("x"), Evaluation(partial=0.9, stopped="smoke")))
    selector.tell(trial(3, 9.0, "shrink"))
    selection = selector.ask(random.Random(0))
    assert (selection.parent.number, selection.inspirations) == (0, ())


def test_a_count_below_none_is_refused() -> None:
    with pytest.raises(Refusal, match="inspirations"):
        Greedy(inspirations=-1)
