"""What every selector, prompt generator and solution generator keeps to. A new file is tested by being there."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from adrs.catalog import KINDS, Kind, describe_part, load_task, make_part, part_names
from adrs.catalog.options import convert
from adrs.core.parts import Part, PromptGenerator, SolutionGenerator, SolutionSelector
from adrs.core.task import Task
from adrs.testing.parts import GeneratorContract, PartContract, PromptsContract, SelectorContract

PARTS: list[tuple[Kind, str]] = [(kind, name) for kind in KINDS for name in part_names(kind)]
MODEL_FREE = ("offline", "tuner")
"""Generators that propose something for any start program without a model, a person or a command."""


@cache
def spot() -> Task[Any]:
    return load_task("spot_single_region")


class Named:
    """A test class over parts of ours, by their names."""

    name: str

    def task(self) -> Task[Any]:
        return spot()


class TestAnyPart(Named, PartContract):
    kind: Kind

    @pytest.fixture(autouse=True, params=PARTS, ids=" ".join)
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.kind, self.name = request.param

    def make(self, task: Task[Any]) -> Part:
        return make_part(self.kind, self.name, task)

    def test_the_catalogue_describes_it_and_converts_its_defaults(self) -> None:
        described = describe_part(self.kind, self.name)
        assert described.says
        assert len(described.says) <= 128, "the first paragraph is one line for lists"
        for option in described.options:
            assert convert(option, option.default, self.name) == option.default


class TestSelectors(Named, SelectorContract):
    @pytest.fixture(autouse=True, params=part_names("selector"))
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.name = request.param
        self.breeds_shortened = self.name == "champion"  # the selector of the phase that shortens a champion

    def make(self, task: Task[Any]) -> SolutionSelector:
        return make_part("selector", self.name, task)


class TestPrompts(Named, PromptsContract):
    @pytest.fixture(autouse=True, params=part_names("prompts"))
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.name = request.param

    def make(self, task: Task[Any]) -> PromptGenerator:
        return make_part("prompts", self.name, task)


class TestGenerators(Named, GeneratorContract):
    @pytest.fixture(autouse=True, params=MODEL_FREE)
    def _each(self, request: pytest.FixtureRequest) -> None:
        self.name = request.param

    def make(self, task: Task[Any]) -> SolutionGenerator:
        return make_part("generator", self.name, task)
