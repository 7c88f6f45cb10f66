"""What every task that the catalogue finds keeps to. A new folder in tasks/ is tested by being there."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from adrs.catalog import describe_task, fingerprint, load_task, task_names
from adrs.core.task import Task
from adrs.testing.tasks import TaskContract


@cache
def loaded(name: str) -> Task[Any]:
    return load_task(name)


def test_there_is_a_task() -> None:
    assert task_names()


class TestTasks(TaskContract):
    name: str

    @pytest.fixture(autouse=True, params=task_names())
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.name = request.param

    def make(self) -> Task[Any]:
        return loaded(self.name)

    def test_it_has_something_to_compare_with(self) -> None:
        super().test_it_has_something_to_compare_with()
        assert self.make().state_of_the_art in self.make().baselines

    @pytest.mark.games
    def test_its_picture_is_a_labelled_drawing(self) -> None:
        super().test_its_picture_is_a_labelled_drawing()
        assert self.make().picture(), "every task of ours draws its problem"

    @pytest.mark.games
    @pytest.mark.slow
    def test_its_programs_play_a_train_workload(self) -> None:
        super().test_its_programs_play_a_train_workload()

    @pytest.mark.games
    @pytest.mark.slow
    def test_its_programs_play_a_validation_workload(self) -> None:
        super().test_its_programs_play_a_validation_workload()

    @pytest.mark.games
    @pytest.mark.slow
    def test_judging_together_is_judging_one_by_one(self) -> None:
        super().test_judging_together_is_judging_one_by_one()

    def test_the_catalogue_describes_it(self) -> None:
        assert self.make().name in task_names()
        assert not [option.name for option in describe_task(self.name).options if option.required]
        assert len(fingerprint(self.make())) == 16
