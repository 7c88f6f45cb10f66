"""trivial_task: a task whose games cost nothing, and a generator that costs nothing: what is left is the overhead of adrs."""

from __future__ import annotations

from collections.abc import Iterable

from adrs.core.parts import Prompt, SolutionGenerator
from adrs.core.task import Player, Task, Verdict, Workload
from adrs.core.trial import Candidate


class Trivial(Task[int]):
    """Return the number you are given."""

    seed = "def answer(number):\n    return number\n"
    interface = "def answer(number: int) -> int: ..."

    def workloads(self) -> Iterable[Workload[int]]:
        return [Workload("one", 1, "train")]

    def judge(self, player: Player, workload: Workload[int]) -> Verdict:
        return Verdict(float(player.call("answer", workload.data, expect=int)))


class Counting(SolutionGenerator):
    """The seed with another comment each time."""

    def __init__(self) -> None:
        self.calls = 0

    def propose(self, prompt: Prompt) -> Candidate:
        self.calls += 1
        parent = prompt.selection.parent
        return Candidate(f"{Trivial.seed}# {self.calls}\n", (parent.number,), author="counting")
