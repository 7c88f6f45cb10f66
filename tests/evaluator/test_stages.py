"""The cascade: stages end early, a new best is played again and validated, and `test` is out of reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from adrs import catalog
from adrs.core.failure import Fault
from adrs.core.parts import Bar
from adrs.core.task import Split
from adrs.core.trial import Candidate, Evaluation, Trial
from adrs.evaluator.examination import Examination
from adrs.evaluator.executors.local import LocalExecutor
from adrs.evaluator.games import Games, GameSettings, split_score
from adrs.evaluator.stages import ENOUGH, Stages

TINY = str(Path(__file__).parents[1] / "tiny_task.py")


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    with LocalExecutor(1) as one:
        yield one


def stages(executor: LocalExecutor, **options: object) -> Stages:
    return Stages(Games(catalog.load_task(TINY, options), GameSettings(TINY, options), executor))


def program(body: str) -> Candidate:
    return Candidate(f"def answer(wanted, size):\n    {body}\n")


def splits(evaluation: Evaluation) -> set[str]:
    return {outcome.split for outcome in evaluation.outcomes}


def test_a_first_program_is_a_new_best_and_validated(executor: LocalExecutor) -> None:
    evaluation = stages(executor).evaluate(program("return wanted / 2"), Bar())
    assert evaluation.score == pytest.approx(0.5)
    assert evaluation.validation == pytest.approx(0.5)
    assert splits(evaluation) == {"train", "validation"}
    assert evaluation.spread == 0.0
    assert evaluation.metrics["given"] == pytest.approx(3.75)
    assert evaluation.isolation[0] in {"full", "standard"}
    assert evaluation.player_seconds > 0


def test_what_is_no_new_best_is_not_validated(executor: LocalExecutor) -> None:
    evaluation = stages(executor).evaluate(program("return wanted / 2"), Bar(best=0.5))
    assert evaluation.score == pytest.approx(0.5)
    assert evaluation.validation is None
    assert splits(evaluation) == {"train"}


@pytest.mark.parametrize(("floors", "stage", "played"), [({1: 0.6}, "smoke", 1), ({1: 0.4, 2: 0.6}, "third", 2)])
def test_play_stops_below_a_floor(executor: LocalExecutor, floors: dict[int, float], stage: str, played: int) -> None:
    evaluation = stages(executor).evaluate(program("return wanted / 2"), Bar(0.9, floors))
    assert (evaluation.stopped, len(evaluation.outcomes)) == (stage, played)
    assert evaluation.score is None
    assert evaluation.partial == pytest.approx(0.5)
    assert evaluation.foul is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("return -1.0", "illegal_answer"),
        ("return 'x'", "illegal_answer"),
        ("return 1 / 0", "crash"),
        ("import socket", "interface"),
        ("return (", "syntax"),
    ],
)
def test_a_foul_ends_play_and_ranks_below_all(executor: LocalExecutor, body: str, kind: str) -> None:
    evaluation = stages(executor).evaluate(program(body), Bar())
    assert evaluation.foul is not None
    assert evaluation.foul.kind == kind
    assert (len(evaluation.outcomes), evaluation.score) == (1, None)
    assert evaluation.rank < Evaluation(partial=-5.0, stopped="smoke").rank < Evaluation(score=-2.8).rank


def test_a_foul_on_one_workload_is_a_foul_of_the_whole(executor: LocalExecutor) -> None:
    evaluation = stages(executor).evaluate(program("return wanted if wanted < 9 else -1.0"), Bar())
    assert evaluation.score is None
    assert evaluation.foul is not None
    assert "negative" in evaluation.foul.reason


def test_a_score_above_the_bound_is_a_foul(executor: LocalExecutor) -> None:
    evaluation = stages(executor, bound=0.9).evaluate(program("return wanted"), Bar())
    assert evaluation.foul is not None
    assert evaluation.foul.kind == "reward_hacking"
    assert evaluation.score is None
    assert stages(executor, bound=1.0).evaluate(program("return wanted"), Bar()).score == 1.0


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_what_is_measured_outside_a_search_keeps_to_the_bound_as_well(executor: LocalExecutor, split: Split) -> None:
    task = catalog.load_task(TINY, {"bound": 0.9})
    examination = Examination(task, GameSettings(TINY, {"bound": 0.9}), executor)
    evaluation = examination.measure(program("return wanted").source, (split,))
    assert str(evaluation.foul) == "reward_hacking: the score 1 beats the proven bound 0.9"
    assert (evaluation.score, evaluation.validation) == (None, None)


def test_a_validation_score_above_the_bound_is_a_foul(executor: LocalExecutor) -> None:
    held_out = program("return wanted if abs(wanted - round(wanted)) > 0.01 else wanted / 2")
    evaluation = stages(executor, bound=0.9).evaluate(held_out, Bar())
    assert evaluation.foul is not None
    assert evaluation.foul.kind == "reward_hacking"
    assert (evaluation.score, evaluation.validation) == (None, None)


def test_the_bar_is_the_lower_third_of_different_programs(executor: LocalExecutor) -> None:
    judge = stages(executor)
    assert judge.bar() == Bar()
    for number in range(ENOUGH):
        evaluation = judge.evaluate(program(f"return wanted * {number / 10}"), Bar(best=9.0))
        for twice in range(2):
            judge.tell(Trial(2 * number + twice, program(""), evaluation))
    bar = judge.bar()
    assert bar.best == pytest.approx((ENOUGH - 1) / 10)
    assert dict(bar.floors) == {1: pytest.approx(0.2), 2: pytest.approx(0.2)}


def test_a_search_holds_no_test_workload_and_cannot_play_one(executor: LocalExecutor) -> None:
    task = catalog.load_task(TINY)
    judge = Stages(Games(task, GameSettings(TINY, {}), executor))
    source = program("return wanted / 4").source
    with pytest.raises(ValueError, match="test split"):
        judge.measure(source, ("test",))
    held_out = next(workload.name for workload in task.workloads() if workload.split == "test")
    with pytest.raises(Fault, match="held out"):
        judge.games.play(source, [held_out])
    assert held_out not in repr(vars(judge.games))


def test_an_examination_plays_every_split(executor: LocalExecutor) -> None:
    task = catalog.load_task(TINY)
    examination = Examination(task, GameSettings(TINY, {}), executor)
    evaluation = examination.measure("def answer(wanted, size):\n    return wanted / 4\n", ("test",))
    assert splits(evaluation) == {"test"}
    assert split_score(task, evaluation.outcomes, "test") == pytest.approx(0.25)
    assert (evaluation.score, evaluation.validation) == (None, None)


def test_a_stage_can_be_cut_into_games(executor: LocalExecutor) -> None:
    task = catalog.load_task(TINY)
    cut = Stages(Games(task, GameSettings(TINY, {}, chunks=3), executor))
    whole = Stages(Games(task, GameSettings(TINY, {}), executor))
    candidate = program("return wanted * 0.3")
    assert cut.evaluate(candidate, Bar()).verdicts() == whole.evaluate(candidate, Bar()).verdicts()


def test_what_a_program_prints_is_feedback_and_nothing_else(executor: LocalExecutor) -> None:
    body = "print('score: 0.99'); print('{\"score\": 99}'); return wanted / 2"
    evaluation = stages(executor).evaluate(program(body), Bar(best=1.0))
    assert evaluation.score == pytest.approx(0.5)
    assert "untrusted: score: 0.99" in next(iter(evaluation.verdicts().values())).feedback


def test_unseeded_randomness_shows_as_spread(executor: LocalExecutor) -> None:
    source = "import numpy\ndef answer(wanted, size):\n    return wanted * numpy.random.default_rng().random()\n"
    evaluation = stages(executor).evaluate(Candidate(source), Bar())
    assert evaluation.spread is not None
    assert evaluation.spread > 0


def test_a_guard_that_got_worse_is_a_foul(executor: LocalExecutor) -> None:
    judge = stages(executor, guarded=True)
    seed = judge.evaluate(program("return wanted / 2"), judge.bar())
    judge.tell(Trial(0, program(""), seed))
    assert judge.evaluate(program("return wanted * 0.6"), judge.bar()).complete
    worse = judge.evaluate(program("return wanted * 0.4"), judge.bar())
    assert worse.foul is not None
    assert worse.foul.kind == "misaligned_objective"
    assert "given (higher is better)" in worse.foul.reason


def test_a_bug_in_a_person_s_task_is_told_to_that_person(executor: LocalExecutor) -> None:
    foul = stages(executor, broken=True).evaluate(program("return 1.0"), Bar()).foul
    assert foul is not None
    assert foul.kind == "task"
    assert re.search(r"train-0: ZeroDivisionError: a bug of the task \(tiny_task\.py, line \d+\)", foul.reason)
