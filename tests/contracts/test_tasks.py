"""What every task that the catalogue finds keeps to. A new folder in tasks/ is tested by being there."""

from __future__ import annotations

import ast
import inspect
import math
from typing import Any
from xml.etree import ElementTree

import pytest

from adrs.catalog import describe_task, fingerprint, load_task, task_names, task_spec
from adrs.core.task import SPLITS, Task, Verdict, Workload
from plain_player import PlainPlayer

pytestmark = pytest.mark.xdist_group("contracts-tasks")


@pytest.fixture(scope="module", params=task_names())
def task(request: pytest.FixtureRequest) -> Task[Any]:
    return load_task(request.param)


@pytest.fixture(scope="module")
def workloads(task: Task[Any]) -> list[Workload[Any]]:
    return list(task.workloads())


def programs(task: Task[Any]) -> dict[str, str]:
    named = {"seed": task.seed, "offline seed": task.offline_seed, "kit": task.kit}
    return {name: source for name, source in {**named, **task.baselines}.items() if source}


def play(task: Task[Any], source: str, workload: Workload[Any]) -> Verdict:
    player = PlainPlayer(source, task.kit)
    return task.judge_together(player, [workload])[0] if task.together else task.judge(player, workload)


def test_there_is_a_task() -> None:
    assert task_names()


def test_it_states_its_problem(task: Task[Any]) -> None:
    statement = inspect.cleandoc(type(task).__doc__ or "")
    assert len(statement) > 200
    assert len(statement.split("\n\n")[0]) <= 128, "the first paragraph is one line for lists"
    assert task.name in task_names()
    assert task.interface
    assert 0 < task.seconds <= 60
    assert 0 < task.memory_mb <= 8192


def test_it_runs_without_options_and_says_what_they_are(task: Task[Any]) -> None:
    described = describe_task(task.name)
    assert not [option.name for option in described.options if option.required]
    for option in described.options:
        assert f"{option.name}:" in described.text, "each option is explained in the docstring"


def test_its_programs_parse(task: Task[Any]) -> None:
    ast.parse(task.interface)
    for name, source in programs(task).items():
        ast.parse(source, name)
    assert task.baselines, "a score means little without something to compare it with"
    assert task.state_of_the_art in task.baselines


def test_it_draws_its_picture(task: Task[Any]) -> None:
    drawn = ElementTree.fromstring(task.picture())
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    assert drawn.get("viewBox"), "it scales with the page"
    assert [each for each in drawn.iter() if each.tag.endswith("}text")], "what it shows is labelled"


def test_its_workloads_have_names_and_splits(task: Task[Any], workloads: list[Workload[Any]]) -> None:
    names = [workload.name for workload in workloads]
    assert len(set(names)) == len(names)
    assert all(name and name.isprintable() and len(name) <= 100 for name in names)
    assert {workload.split for workload in workloads} == set(SPLITS)
    assert names == [workload.name for workload in task.workloads()], "the same every time"


def test_its_terms_are_expressions(task: Task[Any]) -> None:
    assert len({term.name for term in task.terms}) == len(task.terms)
    for term in task.terms:
        assert term.name.isidentifier()
        ast.parse(term.code, mode="eval")
        assert term.says
        assert bool(term.initial) == bool(term.update)
    for result in task.results:
        ast.parse(result, mode="eval")


@pytest.mark.parametrize("split", ["train", "validation"])
def test_its_own_programs_play_without_a_foul(task: Task[Any], workloads: list[Workload[Any]], split: str) -> None:
    cheapest = next(workload for workload in workloads if workload.split == split)
    for name, source in programs(task).items():
        if name == "kit":
            continue
        verdict = play(task, source, cheapest)
        assert math.isfinite(verdict.score), name
        assert task.bound is None or verdict.score <= task.bound, name
        assert set(task.guards) <= set(verdict.metrics), name
        if not task.timed:
            assert play(task, source, cheapest) == verdict, f"{name} scores the same when it is played again"


def test_judging_together_is_judging_one_by_one(task: Task[Any], workloads: list[Workload[Any]]) -> None:
    few = [workload for workload in workloads if workload.split == "train"][:3]
    together = list(task.judge_together(PlainPlayer(task.seed, task.kit), few))
    assert task.together == (type(task).judge_together is not Task.judge_together)
    if not task.timed:
        assert together == [task.judge(PlainPlayer(task.seed, task.kit), workload) for workload in few]
    assert math.isfinite(task.total(together))
    assert all(math.isfinite(value) for value in task.summary(together).values())


def test_another_process_can_load_the_same(task: Task[Any]) -> None:
    spec, options = task_spec(task)
    again = load_task(spec, options)
    assert (again.name, again.seed, dict(again.baselines)) == (task.name, task.seed, dict(task.baselines))
    assert fingerprint(again) == fingerprint(task)
    assert len(fingerprint(task)) == 16
