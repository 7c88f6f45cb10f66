"""Shrinking removes what the score does not need, keeps the rest, and ends."""

from __future__ import annotations

import ast
import random
from typing import Any

import pytest
from test_offline import Bare

from adrs.core.failure import Exhausted
from adrs.core.parts import Prompt
from adrs.core.task import Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome, Trial
from adrs.generators.shrink import Shrink
from adrs.selectors.champion import Champion

FAT = """def f(x, y):
    slack = x - y
    if slack < 2.34 and x < 1000:
        return "late"
    if max(y, 0) + 0.001 * x > 50:
        return "full"
    if x < -5000:
        return "never"
    return "fine"
"""
GRID = [(x, y) for x in range(0, 60, 4) for y in range(0, 60, 4)]


def answers(source: str) -> list[str]:
    names: dict[str, Any] = {}
    exec(source, names)
    return [names["f"](x, y) for x, y in GRID]


def played(number: int, candidate: Candidate) -> Trial:
    """Score = share of the answers that are those of the fat program."""
    wanted = answers(FAT)
    score = sum(map(str.__eq__, answers(candidate.source), wanted)) / len(wanted)
    return Trial(number, candidate, Evaluation(score=score, outcomes=(Outcome("w", "train", Verdict(score)),)))


def shrunk(limit: int = 100, told: list[Trial] | None = None) -> list[Trial]:
    generator, selector = Shrink(Bare(FAT)), Champion()
    trials = list(told or [played(0, Candidate(FAT))])
    for trial in trials:
        generator.tell(trial)
        selector.tell(trial)
    while len(trials) < limit:
        question = f"0:{len(trials)}"
        try:
            candidate = generator.propose(Prompt("", "", selector.ask(random.Random(question)), question))
        except Exhausted:
            break
        trials.append(played(len(trials), candidate))
        generator.tell(trials[-1])
        selector.tell(trials[-1])
    return trials


def last(trials: list[Trial]) -> Trial:
    selector = Champion()
    for trial in trials:
        selector.tell(trial)
    return selector.ask(random.Random(0)).parent


def test_what_does_not_matter_goes_and_the_rest_stays() -> None:
    trials = shrunk()
    best = last(trials)
    assert len(trials) < 60, "it comes to an end"
    assert best.score == 1.0
    for gone in ("1000", "5000", "never", "max", "0.001", "2.34"):
        assert gone not in best.candidate.source
    for kept in ("late", "full", "fine"):
        assert kept in best.candidate.source


def test_every_step_is_shorter_than_its_parent_and_says_what_went() -> None:
    trials = shrunk()
    for trial in trials[1:]:
        parent = trials[trial.candidate.parents[0]].candidate.source
        before, after = (len(list(ast.walk(ast.parse(source)))) for source in (parent, trial.candidate.source))
        assert after <= before
        assert trial.candidate.source != parent
        assert (trial.candidate.author, trial.candidate.operators) == ("offline", ("shrink",))
        assert trial.candidate.phase == "shrink"
        assert trial.candidate.note
    sources = [trial.candidate.source for trial in trials]
    assert len(set(sources)) == len(sources)


def test_it_resumes_where_it_was() -> None:
    whole = shrunk()
    again = shrunk(told=whole[: len(whole) // 2])
    assert [trial.candidate.source for trial in again] == [trial.candidate.source for trial in whole]


def test_two_in_flight_are_two_different_reductions() -> None:
    generator, selector = Shrink(Bare(FAT)), Champion()
    seed = played(0, Candidate(FAT))
    generator.tell(seed)
    selector.tell(seed)
    prompt = Prompt("", "", selector.ask(random.Random(0)), "0:1")
    assert generator.propose(prompt).source != generator.propose(prompt).source


def test_a_program_that_cannot_be_shortened_is_exhausted_at_once() -> None:
    task = Bare("def f(x):\n    return x\n")
    generator, selector = Shrink(task), Champion()
    seed = Trial(0, Candidate(task.seed), Evaluation(score=1.0))
    generator.tell(seed)
    selector.tell(seed)
    with pytest.raises(Exhausted, match="every reduction"):
        generator.propose(Prompt("", "", selector.ask(random.Random(0)), "0:1"))
