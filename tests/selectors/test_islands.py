"""Islands breed apart, and hand their best to the next in the ring at fixed counts of trials."""

from __future__ import annotations

import random

import pytest

from adrs.core.failure import Foul, Refusal
from adrs.core.task import Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome, Phase, Trial
from adrs.selectors.islands import Islands


def trial(number: int, score: float | None, niche: str, phase: Phase = "search") -> Trial:
    outcomes = (Outcome("w", "train", Verdict(score)),) if score is not None else ()
    foul = None if score is not None else Foul("crash", "no")
    candidate = Candidate(f"x = {number}", niche=niche, phase=phase)
    return Trial(number, candidate, Evaluation(score=score, outcomes=outcomes, foul=foul))


def members(selector: Islands) -> list[list[int]]:
    return [[member.number for member in island.members] for island in selector.islands]


def settled(**options: int) -> Islands:
    """Four islands, one seed."""
    selector = Islands(**options)  # type: ignore[arg-type]
    selector.tell(trial(0, 0.0, "", "seed"))
    return selector


def test_a_seed_settles_every_island_and_a_child_only_its_own() -> None:
    selector = settled()
    assert members(selector) == [[0]] * 4
    selector.tell(trial(1, 0.5, "2"))
    selector.tell(trial(2, None, "3"))
    selector.tell(trial(3, 0.9, "1", "shrink"))
    assert members(selector) == [[0], [0], [1, 0], [0]]


def test_the_niche_of_a_selection_is_the_island_of_its_parent() -> None:
    selector = settled()
    for number in range(1, 13):
        selector.tell(trial(number, number / 20, str(number % 4)))
    homes = set()
    for seed in range(60):
        selection = selector.ask(random.Random(seed))
        homes.add(selection.niche)
        offered = [selection.parent.number, *(shown.number for shown in selection.inspirations)]
        assert set(offered) <= set(members(selector)[int(selection.niche)])
    assert homes == {"0", "1", "2", "3"}


def test_every_so_many_trials_the_best_goes_one_island_on_and_no_further() -> None:
    selector = settled(migrate=4)
    for number, score in ((1, 0.9), (2, 0.1), (3, 0.2)):
        selector.tell(trial(number, score, str(number - 1)))
    assert members(selector) == [[1, 0], [2, 0], [3, 0], [0]]
    selector.tell(trial(4, None, "3"))  # a foul is a trial too
    assert members(selector) == [[1, 0], [1, 2, 0], [3, 2, 0], [3, 0]]
    for number in range(5, 9):
        selector.tell(trial(number, None, "0"))
    assert members(selector) == [[1, 3, 0], [1, 2, 0], [1, 3, 2, 0], [3, 0]]


def test_more_than_one_may_leave() -> None:
    selector = settled(migrate=2, emigrants=2)
    selector.tell(trial(1, 0.5, "0"))
    selector.tell(trial(2, 0.6, "0"))
    assert members(selector) == [[2, 1, 0], [2, 1, 0], [0], [0]]


def test_a_program_from_outside_goes_to_the_island_of_its_number() -> None:
    selector = settled()
    selector.tell(trial(6, 0.5, ""))
    selector.tell(trial(7, 0.5, "9"))
    assert members(selector) == [[0], [0], [6, 0], [7, 0]]


@pytest.mark.parametrize("option", ["migrate", "emigrants", "among", "capacity"])
def test_an_option_below_one_is_refused(option: str) -> None:
    with pytest.raises(Refusal, match=option):
        Islands(**{option: 0})  # type: ignore[arg-type]
