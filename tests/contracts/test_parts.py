"""What every selector, prompt generator and solution generator keeps to. A new file is tested by being there."""

from __future__ import annotations

import inspect
import random
from collections.abc import Sequence
from typing import Any

import pytest

from adrs.catalog import KINDS, Kind, describe_part, load_task, make_part, part_names
from adrs.catalog.options import convert
from adrs.core.failure import Foul
from adrs.core.parts import SolutionSelector
from adrs.core.selection import Selection
from adrs.core.task import Task, Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome, Phase, Trial

PARTS: list[tuple[Kind, str]] = [(kind, name) for kind in KINDS for name in part_names(kind)]


@pytest.fixture(scope="module")
def task() -> Task[Any]:
    return load_task("spot_single_region")


def outcomes(score: float) -> tuple[Outcome, ...]:
    return (
        Outcome("a", "train", Verdict(score + 0.1, {}, "feedback on a")),
        Outcome("b", "train", Verdict(score - 0.1)),
        Outcome("held-out", "validation", Verdict(0.123456, {}, "held-out feedback")),
        Outcome("held-out", "test", Verdict(0.654321, {}, "held-out feedback")),
    )


def legal(number: int, score: float, phase: Phase = "search", niche: str = "") -> Trial:
    evaluation = Evaluation(score=score, validation=0.777777, outcomes=outcomes(score))
    return Trial(number, Candidate(f"x = {number % 7}\n" + "y = 1\n" * (number % 3), (0,), niche, phase=phase), evaluation)


def foul(number: int) -> Trial:
    return Trial(number, Candidate("x = 1 / 0\n"), Evaluation(foul=Foul("crash", f"attempt {number}")))


def unusable(number: int) -> Trial:
    reason = Foul("interface", "no program in the reply")
    return Trial(number, Candidate("", foul=reason), Evaluation(foul=reason))


def stopped(number: int) -> Trial:
    return Trial(number, Candidate("z = 1\n"), Evaluation(partial=99.0, stopped="smoke"))


def story(length: int = 120) -> list[Trial]:
    """A run in which everything happens, negative scores and a shortened champion among it."""
    rng = random.Random(7)
    told = [legal(0, -1.0, "seed"), legal(1, -2.0, "seed")]
    for number in range(2, length):
        made = rng.choice([None, None, None, foul, unusable, stopped])
        told.append(made(number) if made else legal(number, rng.uniform(-3, 1), niche=str(rng.randrange(6))))
    return [*told, legal(length, 9.0, "shrink")]


# every part


@pytest.mark.parametrize(("kind", "name"), PARTS)
def test_options_are_keywords_with_defaults_and_explained(kind: Kind, name: str) -> None:
    described = describe_part(kind, name)
    assert described.says
    assert len(described.says) <= 128, "the first paragraph is one line for lists"
    for option in described.options:
        assert not option.required
        assert f"{option.name}:" in described.text or f"{option.name}," in described.text, option.name
        assert convert(option, option.default, name) == option.default


@pytest.mark.parametrize(("kind", "name"), PARTS)
def test_only_the_task_is_positional(kind: Kind, name: str, task: Task[Any]) -> None:
    part = make_part(kind, name, task)
    positional = [
        parameter.name
        for parameter in inspect.signature(type(part)).parameters.values()
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY
    ]
    assert positional in ([], ["task"])


# selectors


@pytest.fixture(params=part_names("selector"))
def selector(request: pytest.FixtureRequest, task: Task[Any]) -> SolutionSelector:
    return make_part("selector", request.param, task)


def numbers(selection: Selection) -> tuple[int, list[int], str]:
    return selection.parent.number, [trial.number for trial in selection.inspirations], selection.niche


def asked(selector: SolutionSelector, told: Sequence[Trial], seeds: Sequence[int]) -> list[tuple[int, list[int], str]]:
    for trial in told:
        selector.tell(trial)
    return [numbers(selector.ask(random.Random(seed))) for seed in seeds]


def test_asking_changes_nothing(selector: SolutionSelector) -> None:
    seeds = list(range(20))
    first = asked(selector, story(), seeds)
    assert [numbers(selector.ask(random.Random(seed))) for seed in reversed(seeds)] == first[::-1]


def test_the_same_trials_give_the_same_questions(selector: SolutionSelector, task: Task[Any]) -> None:
    """Resume is replay: questions asked while the first one went on must have left no trace."""
    again = make_part("selector", next(name for name in part_names("selector") if is_made(name, selector, task)), task)
    for trial in story():
        selector.tell(trial)
        selector.ask(random.Random(trial.number))
    assert asked(again, story(), range(20)) == [numbers(selector.ask(random.Random(seed))) for seed in range(20)]


def is_made(name: str, selector: SolutionSelector, task: Task[Any]) -> bool:
    return type(make_part("selector", name, task)) is type(selector)


def test_only_what_breeds_is_offered(selector: SolutionSelector) -> None:
    for trial in story():
        selector.tell(trial)
        selection = selector.ask(random.Random(trial.number))
        offered = (selection.parent, *selection.inspirations)
        assert all(shown.breeds for shown in offered)
        assert all(shown.number <= trial.number for shown in offered)
        assert selection.parent not in selection.inspirations
        assert len({shown.number for shown in offered}) == len(offered)


SHORTENING = {"Champion"}
"""Selectors of the phase that shortens a champion: they breed its shorter forms on purpose."""


def test_a_shortened_champion_is_not_bred_when_a_search_goes_on(selector: SolutionSelector) -> None:
    if type(selector).__name__ in SHORTENING:
        pytest.skip("it is there to breed them")
    asked(selector, story(), [])
    for seed in range(60):
        selection = selector.ask(random.Random(seed))
        assert all(shown.candidate.phase != "shrink" for shown in (selection.parent, *selection.inspirations))


def test_a_seed_and_fouls_are_enough_to_go_on(selector: SolutionSelector) -> None:
    bad = [kind(number) for number in range(1, 40) for kind in (foul, unusable, stopped)]
    assert asked(selector, [legal(0, -5.0, "seed"), *bad], [1])[0][:2] == (0, [])


# prompt generators


@pytest.mark.parametrize("name", part_names("prompts"))
def test_a_prompt_is_a_function_of_what_was_told(name: str, task: Task[Any]) -> None:
    first, second = make_part("prompts", name, task), make_part("prompts", name, task)
    selection = Selection(legal(5, 0.5), (legal(6, 0.4),), "2")
    for trial in story():
        first.tell(trial)
        second.tell(trial)
        first.compose(task, selection, "0:9")
    prompt = first.compose(task, selection, "0:9")
    assert prompt == second.compose(task, selection, "0:9")
    assert prompt.selection is selection
    assert prompt.seed == "0:9"
    assert prompt.text.strip()


@pytest.mark.parametrize("name", part_names("prompts"))
def test_nothing_held_out_is_said(name: str, task: Task[Any]) -> None:
    prompts = make_part("prompts", name, task)
    for trial in story():
        prompts.tell(trial)
    prompt = prompts.compose(task, Selection(legal(5, 0.5), (legal(6, 0.4),)), "0:9")
    for secret in ("held-out", "0.777", "0.123", "0.654"):
        assert secret not in prompt.system + prompt.text
