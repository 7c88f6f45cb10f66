"""The contracts find what is wrong with a part or a task, and say what to do about it."""

from __future__ import annotations

import inspect
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adrs.catalog import load_task
from adrs.core.parts import Prompt, PromptGenerator, SolutionGenerator, SolutionSelector
from adrs.core.selection import Selection
from adrs.core.task import Task
from adrs.core.trial import Candidate, Evaluation, Trial
from adrs.testing import GeneratorContract, PromptsContract, SelectorContract, TaskContract

TINY = Path(__file__).parents[1] / "tiny_task.py"


def complaints(contract: object) -> str:
    """What the tests of a contract say, one after another."""
    found = []
    for name, test in inspect.getmembers(contract, inspect.ismethod):
        if name.startswith("test_"):
            try:
                test()
            except AssertionError as failure:
                found.append(str(failure))
    return "\n".join(found)


class Last(SolutionSelector):
    """The last trial, whatever it is."""

    def __init__(self, *, depth: int = 1) -> None:
        self.trials: list[Trial] = []
        self.asked = depth

    def tell(self, trial: Trial) -> None:
        self.trials.append(trial)

    def ask(self, rng: random.Random) -> Selection:
        self.asked += 1
        return Selection(self.trials[-1], (self.trials[-1],), str(self.asked))


class Stranger(Last):
    """A trial of its own making.

    Args:
        depth: for nothing.
    """

    def ask(self, rng: random.Random) -> Selection:
        return Selection(Trial(10**6, Candidate("x"), Evaluation(score=1.0)))


class Newest(Last):
    """The last trial, and nothing beside it.

    Args:
        depth: for nothing.
    """

    def ask(self, rng: random.Random) -> Selection:
        return Selection(self.trials[-1])


def test_a_bad_selector_is_found_out() -> None:
    class Contract(SelectorContract):
        def make(self, task: Task[Any]) -> SolutionSelector:
            return Last()

    said = complaints(Contract())
    for words in (
        "let ask() change nothing in the selector",
        "learn in tell() alone",
        "returned its parent as an inspiration too: leave it out",
        "ignore such trials in tell()",
        "does not explain the option depth",
    ):
        assert words in said

    class Other(SelectorContract):
        def make(self, task: Task[Any]) -> SolutionSelector:
            return Stranger()

    assert "which was never told: return one of the trials passed to tell()" in complaints(Other())

    class Third(SelectorContract):
        def make(self, task: Task[Any]) -> SolutionSelector:
            return Newest()

    assert "offer only trials whose `breeds` is true" in complaints(Third())


class Gossip(PromptGenerator):
    """Says all that it knows, held-out results included."""

    def __init__(self, depth: int) -> None:
        self.known = "y" * depth

    def tell(self, trial: Trial) -> None:
        self.known += str(trial.evaluation)

    def compose(self, task: Task[Any], selection: Selection, seed: str) -> Prompt:
        self.known += "again"
        return Prompt("", self.known, selection, "another seed")


def test_a_bad_prompt_generator_is_found_out() -> None:
    class Contract(PromptsContract):
        def make(self, task: Task[Any]) -> PromptGenerator:
            return Gossip(1)

    said = complaints(Contract())
    assert "take all randomness from `seed`" in said
    assert "use results of the split `train` alone" in said
    assert "put `*` before the options" in said


class Careless(SolutionGenerator):
    """Names no author and no parent."""

    def propose(self, prompt: Prompt) -> Candidate:
        return Candidate(f"x = {random.random()}")


def test_a_bad_generator_is_found_out() -> None:
    class Contract(GeneratorContract):
        def make(self, task: Task[Any]) -> SolutionGenerator:
            return Careless()

    said = complaints(Contract())
    assert "set `author` to the generator's name" in said
    assert "take all randomness from `prompt.seed`" in said


class TinyContract(TaskContract):
    def make(self) -> Task[Any]:
        return load_task(str(TINY))


def test_a_small_task_is_told_what_it_lacks() -> None:
    said = complaints(TinyContract())
    assert said == "Tiny: the docstring does not explain the option count: add it under Args"


def test_a_bad_task_is_found_out(tmp_path: Path) -> None:
    text = TINY.read_text("utf-8")
    for old, new in (
        ("bound: float = 1.0", "bound: float = 0.1"),
        ('Workload(f"{split}-{number}"', 'Workload(f"{split}"'),
        ("return Verdict(1 -", "import random\n        return Verdict(random.random() -"),
    ):
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "mine.py").write_text(text, "utf-8")

    class Contract(TaskContract):
        def make(self) -> Task[Any]:
            return load_task(str(tmp_path / "mine.py"))

    said = complaints(Contract())
    assert "two workloads have the same name" in said
    assert "take all randomness of judge() from the workload" in said or "the bound must hold for every honest program" in said


@pytest.fixture(autouse=True)
def _seeded() -> Iterator[None]:
    state = random.getstate()
    yield
    random.setstate(state)
