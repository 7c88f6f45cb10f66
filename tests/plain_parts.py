"""plain_parts: the smallest honest parts for tests of the loop: integers as programs, scored by themselves, in no process."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable
from typing import Any

from adrs.core.budget import Budget, Limits
from adrs.core.failure import Foul
from adrs.core.parts import Bar, Evaluator, Prompt, PromptGenerator, SolutionGenerator, SolutionSelector
from adrs.core.selection import Selection
from adrs.core.task import Player, Task, Verdict, Workload
from adrs.core.trial import Candidate, Evaluation, Outcome, Trial
from adrs.loop import Parts
from adrs.stores.memory import MemoryRun


class Numbers(Task[int]):
    """A program is a number; larger is better."""

    seed = "0"

    def workloads(self) -> Iterable[Workload[int]]:
        return [Workload("one", 1, "train")]

    def judge(self, player: Player, workload: Workload[int]) -> Verdict:
        raise AssertionError("the loop does not judge")


class Best(SolutionSelector):
    """The best program told so far."""

    def __init__(self) -> None:
        self.told: list[Trial] = []

    def tell(self, trial: Trial) -> None:
        self.told.append(trial)

    def ask(self, rng: random.Random) -> Selection:
        del rng
        return Selection(max((trial for trial in self.told if trial.breeds), key=lambda trial: trial.score or 0))


class Plain(PromptGenerator):
    """Says nothing."""

    def compose(self, task: Task[Any], selection: Selection, seed: str) -> Prompt:
        del task
        return Prompt("", "", selection, seed)


class Steps(SolutionGenerator):
    """The parent's number plus a random digit; `act` may do something else first, or raise."""

    def __init__(self, act: Callable[[int], Candidate | None] | None = None) -> None:
        self.calls = 0
        self.act = act or (lambda call: None)
        self._lock = threading.Lock()

    def propose(self, prompt: Prompt) -> Candidate:
        with self._lock:
            self.calls += 1
            call = self.calls
        parent = prompt.selection.parent
        made = self.act(call)
        step = random.Random(prompt.seed).randrange(10)
        return made or Candidate(str(int(parent.candidate.source) + step), (parent.number,), author="steps")


class ByValue(Evaluator):
    """The score is the number itself; `act` may raise."""

    def __init__(self, act: Callable[[Candidate], None] | None = None) -> None:
        self.act = act or (lambda candidate: None)

    def bar(self) -> Bar:
        return Bar()

    def evaluate(self, candidate: Candidate, bar: Bar) -> Evaluation:
        del bar
        self.act(candidate)
        if not candidate.source.lstrip("-").isdigit():
            return Evaluation(foul=Foul("syntax", "no number"))
        score = float(candidate.source)
        return Evaluation(score=score, outcomes=(Outcome("one", "train", Verdict(score)),))


def parts(trials: int, store: MemoryRun | None = None, **given: Any) -> Parts:
    """A whole figure for tests; any part may be replaced by name."""
    made: dict[str, Any] = {
        "selector": Best(),
        "prompts": Plain(),
        "generator": Steps(),
        "evaluator": ByValue(),
        "store": store or MemoryRun(),
        "budget": Budget(Limits(trials=trials)),
        **given,
    }
    return Parts(**made)


SEED = Candidate("0", author="seed", phase="seed")
