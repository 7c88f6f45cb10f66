"""Held-out workloads cannot be known: an adversary with every task's public generator recognises none of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import Any

import pytest

from adrs.catalog import load_task, task_names
from adrs.core.task import Crew, Split, Task, Workload
from adrs.runs.seeds import BITS
from adrs.sandbox import encode
from adrs.testing.plain_player import PlainCrew, PlainPlayer

LOOK = 3
"""Workloads of a split that are looked at."""
ENOUGH = 150
"""Messages that identify a workload: an availability of one bit a tick says little in one."""
COSTLY = {"weight_compression", "transactions_online", "telemetry_repair", "transactions_offline", "llm_sql"}
"""Tasks whose workloads or start programs take seconds."""
OWN = 2**61 + 12_345


class SeenError(Exception):
    """The player has seen enough."""


class Witness(PlainPlayer):
    """Plays the start program and keeps a digest of all that it is told."""

    def __init__(self, task: Task[Any]) -> None:
        super().__init__(task.seed, task.kit)
        self.told = sha256()
        self.messages = 0

    def hear(self, *said: Any) -> None:
        self.told.update(encode(said))
        self.messages += 1
        if self.messages == ENOUGH:
            raise SeenError

    def call(self, function: str, *arguments: Any, expect: Any) -> Any:
        self.hear(function, *arguments)
        raise SeenError

    def timed(self, function: str, variants: Sequence[Sequence[Any]], expect: Any, reference: str) -> Any:
        self.hear(function, *variants[0])
        raise SeenError

    def crew(self, cls: str, settings: Any, apart: Any = None) -> Crew:
        self.hear(cls, [{name: value for name, value in each.items() if name != "seed"} for each in settings])
        made = super().crew(cls, settings, apart)
        assert isinstance(made, PlainCrew)
        step = made.step

        def heard(method: str, columns: Any, who: Sequence[int], expect: Any) -> list[Any]:
            self.hear(method, dict(columns), list(who))
            return step(method, columns, who, expect)

        made.step = heard  # type: ignore[method-assign]
        return made


def views(task: Task[Any], split: Split) -> list[str]:
    """What a program is told of some workloads of a split, as digests."""

    def view(workload: Workload[Any]) -> str:
        player = Witness(task)
        with pytest.raises(SeenError):
            task.judge(player, workload)
        return player.told.hexdigest()

    return [view(each) for each in islice((each for each in task.workloads() if each.split == split), LOOK)]


def known_to_all(name: str, seeds: Iterator[int] | Sequence[int]) -> set[str]:
    """The views of every split's workloads that an adversary computes with the task's own code, one seed after another."""
    found: set[str] = set()
    for seed in seeds:
        task = load_task(name, {"data_seed": seed})
        found |= {view for split in ("train", "validation", "test") for view in views(task, split)}
    return found


@pytest.mark.games
@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=pytest.mark.slow) if each in COSTLY else each for each in task_names()]
)
def test_an_adversary_with_the_generator_recognises_no_held_out_workload(name: str) -> None:
    """It tries the published seed and that of train, which a run shows; with the run's own seed, train alone is known."""
    known = known_to_all(name, [0, 7])
    run = load_task(name, {"data_seed": 7, "held_out_seed": OWN})
    assert set(views(run, "train")) <= known, "the control: an adversary that knows the seed knows the workloads"
    assert not known & {*views(run, "validation"), *views(run, "test")}
    published = load_task(name, {"data_seed": 7})
    assert set(views(published, "test")) <= known
    assert OWN.bit_length() == BITS
