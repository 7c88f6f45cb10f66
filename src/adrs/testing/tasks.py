"""tasks: the contract for tasks. Derive a test class and say how your task is made.

    from adrs.testing.tasks import TaskContract

    class TestMine(TaskContract):
        def make(self):
            return load_task("./mine.py")

Programs of the task's author are played in this process, without the sandbox; candidates never are.
"""

from __future__ import annotations

import ast
import inspect
import math
from abc import abstractmethod
from typing import Any
from xml.etree import ElementTree

from adrs.catalog import fingerprint, load_task, task_spec
from adrs.core.task import SPLITS, Task, Verdict, Workload
from adrs.testing.plain_player import PlainPlayer


class TaskContract:
    """What a task keeps to. A test that a task cannot pass on purpose is overridden in the derived class."""

    @abstractmethod
    def make(self) -> Task[Any]:
        """The task with its default options, as the catalogue loads it: `load_task("./mine.py")`."""

    def programs(self) -> dict[str, str]:
        """Name -> program: the start programs and the baselines."""
        task = self.make()
        named = {"seed": task.seed, "offline seed": task.offline_seed, **task.baselines}
        return {name: source for name, source in named.items() if source}

    def cheapest(self, split: str) -> Workload[Any]:
        """The first workload of a split."""
        found = next((workload for workload in self.make().workloads() if workload.split == split), None)
        assert found is not None, f"workloads() yields none of the split {split!r}: every task needs train, validation and test"
        return found

    def play(self, source: str, workload: Workload[Any]) -> Verdict:
        """One verdict on a program that is trusted."""
        task = self.make()
        player = PlainPlayer(source, task.kit)
        return task.judge_together(player, [workload])[0] if task.together else task.judge(player, workload)

    def test_it_states_its_problem(self) -> None:
        task = self.make()
        cls = type(task)
        statement = inspect.cleandoc(cls.__doc__ or "")
        assert len(statement) > 200, (
            f"{cls.__name__}: the docstring has {len(statement)} characters: it is all that a model reads of the problem"
        )
        first = statement.split("\n\n")[0]
        assert len(first) <= 128, f"{cls.__name__}: the docstring's first paragraph has {len(first)} characters; lists show 128"
        assert task.interface, f"{cls.__name__}.interface is empty: state what a candidate must define, as a Python stub"
        assert 0 < task.seconds <= 60, (
            f"{cls.__name__}.seconds is {task.seconds}: allow more than 0 and at most 60 s for a call"
        )
        assert 0 < task.memory_mb <= 8192, f"{cls.__name__}.memory_mb is {task.memory_mb}: allow 1 to 8192 MB"

    def test_it_runs_without_options_and_explains_them(self) -> None:
        cls = type(self.make())
        text = inspect.cleandoc(cls.__doc__ or "")
        for option in inspect.signature(cls).parameters.values():
            if option.kind not in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL):
                assert option.default is not inspect.Parameter.empty, (
                    f"{cls.__name__}(): the option {option.name} has no default: give it one"
                )
                assert f"{option.name}:" in text, (
                    f"{cls.__name__}: the docstring does not explain the option {option.name}: add it under Args"
                )

    def test_its_programs_parse(self) -> None:
        task = self.make()
        for name, source in {"interface": task.interface, "kit": task.kit, **self.programs()}.items():
            ast.parse(source, name)

    def test_it_has_something_to_compare_with(self) -> None:
        task = self.make()
        assert task.baselines, "the task has no baselines: a score means little without something to compare it with"
        assert task.state_of_the_art in {"", *task.baselines}, (
            f"state_of_the_art is {task.state_of_the_art!r}: name one of the baselines, {', '.join(task.baselines)}"
        )

    def test_its_picture_is_a_labelled_drawing(self) -> None:
        picture = self.make().picture()
        if not picture:
            return
        drawn = ElementTree.fromstring(picture)
        assert drawn.tag == "{http://www.w3.org/2000/svg}svg", (
            "picture() is not an SVG document: its root must be <svg xmlns=…>"
        )
        assert drawn.get("viewBox"), "the picture has no viewBox: without one it does not scale with the page"
        assert [each for each in drawn.iter() if each.tag.endswith("}text")], "the picture has no text: label what it shows"

    def test_its_workloads_have_names_and_splits(self) -> None:
        task = self.make()
        workloads = list(task.workloads())
        names = [workload.name for workload in workloads]
        assert len(set(names)) == len(names), "two workloads have the same name: results are stored by name"
        for name in names:
            assert name, "a workload has no name"
            assert name.isprintable(), f"the workload name {name!r} holds characters that cannot be printed"
            assert len(name) <= 100, f"the workload name {name!r} is longer than 100 characters"
        splits = {workload.split for workload in workloads}
        assert splits == set(SPLITS), f"the workloads are of the splits {sorted(splits)}: every task needs {', '.join(SPLITS)}"
        assert names == [workload.name for workload in task.workloads()], (
            "workloads() gave other names the second time: draw them from a fixed random seed"
        )

    def test_its_terms_are_expressions(self) -> None:
        task = self.make()
        assert len({term.name for term in task.terms}) == len(task.terms), "two terms have the same name"
        for term in task.terms:
            assert term.name.isidentifier(), f"the term {term.name!r} is not a Python name"
            ast.parse(term.code, mode="eval")
            assert term.says, f"the term {term.name} does not say what it means: fill in `says`"
            assert bool(term.initial) == bool(term.update), f"the term {term.name} has only one of `initial` and `update`"
        for result in task.results:
            ast.parse(result, mode="eval")

    def check_games(self, split: str) -> None:
        """Every program of the task's author plays the cheapest workload of a split, twice."""
        task, workload = self.make(), self.cheapest(split)
        for name, source in self.programs().items():
            verdict = self.play(source, workload)
            assert math.isfinite(verdict.score), f"{name} scores {verdict.score}: a score must be a finite number"
            assert task.bound is None or verdict.score <= task.bound, (
                f"{name} scores {verdict.score}, more than the bound {task.bound}: the bound must hold for every honest program"
            )
            missing = {guard.metric for guard in task.guards} - set(task.summary([verdict]))
            assert not missing, f"summary() of {name} lacks {sorted(missing)}: every guard must be one of its metrics"
            if not task.timed:
                assert self.play(source, workload) == verdict, (
                    f"{name} got another verdict when it was played again: take all randomness of judge() from the workload"
                )

    def test_its_programs_play_a_train_workload(self) -> None:
        self.check_games("train")

    def test_its_programs_play_a_validation_workload(self) -> None:
        self.check_games("validation")

    def test_judging_together_is_judging_one_by_one(self) -> None:
        task = self.make()
        few = [workload for workload in task.workloads() if workload.split == "train"][:3]
        together = list(task.judge_together(PlainPlayer(task.seed, task.kit), few))
        assert task.together == (type(task).judge_together is not Task.judge_together), (
            "`together` does not fit: set it to True exactly where judge_together() is overridden"
        )
        if not task.timed:
            assert together == [task.judge(PlainPlayer(task.seed, task.kit), workload) for workload in few], (
                "judge_together() and judge() disagree: workloads that are judged together must not influence each other"
            )
        assert math.isfinite(task.total(together)), "total() of legal verdicts is not a finite number"
        for metric, value in task.summary(together).items():
            assert math.isfinite(value), f"summary() gives {value} for the metric {metric}: give finite numbers"

    def test_another_process_can_load_the_same(self) -> None:
        """Games are played in other processes, which load the task by its name and options."""
        task = self.make()
        spec, options = task_spec(task)
        again = load_task(spec, options)
        assert (again.name, again.seed, dict(again.baselines)) == (task.name, task.seed, dict(task.baselines)), (
            "the task loaded by its name and options is another one: let everything follow from the constructor's arguments"
        )
        assert fingerprint(again) == fingerprint(task), (
            "the fingerprint changed when the task was loaded again: let fingerprint() follow from the data alone"
        )
