"""tiny_task: a task small enough for tests of everything around tasks: answer a number near the one that is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from adrs.core.failure import Foul
from adrs.core.task import Guard, Player, Split, Task, Verdict, Workload

SEED = '''"""Answers with a share of what is asked for."""


# EVOLVE-BLOCK-START
def answer(wanted: float, size: float) -> float:
    share = 0.5
    if wanted > 8:
        return wanted * share
    return wanted * 0.7
# EVOLVE-BLOCK-END
'''


class Tiny(Task[float]):
    """Return a number close to `wanted`. The score of a workload is 1 - |answer - wanted| / wanted.

    Args:
        workloads: how many there are on each split.
        bound: the best total that is believed.
        guarded: whether the mean answer must not become smaller than the seed's.
        broken: whether the referee has a bug.
    """

    seed = SEED
    interface = "def answer(wanted: float, size: float) -> float: ..."
    baselines = {  # noqa: RUF012
        "zero": "def answer(wanted, size):\n    return 0.0\n",
        "half": "def answer(wanted, size):\n    return wanted / 2\n",
    }

    def __init__(
        self,
        *,
        count: int = 6,
        bound: float = 1.0,
        splits: Literal["all", "train"] = "all",
        guarded: bool = False,
        broken: bool = False,
    ) -> None:
        self.count, self.bound, self.splits, self.guarded, self.broken = count, bound, splits, guarded, broken
        self.guards = (Guard("given", "higher"),) if guarded else ()

    def workloads(self) -> Iterable[Workload[float]]:
        names: tuple[Split, ...] = ("train",) if self.splits == "train" else ("train", "validation", "test")
        for start, split in enumerate(names):
            for number in range(self.count):
                yield Workload(f"{split}-{number}", 5.0 + number + 0.1 * start, split)

    def judge(self, player: Player, workload: Workload[float]) -> Verdict:
        given = player.call("answer", workload.data, 1.0, expect=float)
        if self.broken:
            raise ZeroDivisionError("a bug of the task")
        if given < 0:
            raise Foul("illegal_answer", f"the answer {given} is negative")
        return Verdict(1 - abs(given - workload.data) / workload.data, {"given": given}, f"{workload.name}: answered {given}")
