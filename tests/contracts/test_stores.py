"""What every storage keeps to: what is appended comes back, in order, without a gap, exactly."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path

import pytest

import adrs.stores
from adrs.core.failure import Foul
from adrs.core.parts import Storage
from adrs.core.task import Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome, Spend, Trial
from adrs.stores.memory import MemoryStore
from adrs.stores.sql import open_store


def in_sqlite(folder: Path) -> Storage:
    database = open_store(f"sqlite:///{folder}/a.db")
    return database.storage(database.create_run("r", {}, "", ""))


MADE: dict[str, Callable[[Path], Storage]] = {"MemoryStore": lambda _: MemoryStore(), "SqlStorage": in_sqlite}

FULL = Evaluation(
    score=0.1 + 0.2,
    validation=-1e-300,
    outcomes=(
        Outcome("w ü", "train", Verdict(1 / 3, {"cost": 2.0**-1074, "odd": "nan", "zero": -0.0}, "line\n\ttab \U0001f600")),
        Outcome("w2", "train", Verdict(5e300)),
        Outcome("v", "validation", Foul("illegal_answer", "no", (3, 4))),
        Outcome("w3", "train", Foul("timeout", "slow")),
    ),
    foul=Foul("illegal_answer", "no", (3, 4)),
    metrics={"mean cost": 1e-7},
    spread=0.0,
    seconds=1.5,
    referee_seconds=0.25,
    player_seconds=3.0,
    isolation=("user namespace", "seccomp"),
)
ATTEMPTS = [
    (Candidate("x = 1\r\n", phase="seed", author="seed"), Evaluation(score=0.0)),
    (Candidate("'\u2028[/x]{{ y }}%s'\n", (0,), "3", "offline:swap", "a → b", "search", Spend(0.1, 7, 8, 2, 9.5)), FULL),
    (Candidate("", (1, 0), foul=Foul("interface", "``` [/bold]")), Evaluation(foul=Foul("interface", "``` [/bold]"))),
    (Candidate("y", phase="shrink"), Evaluation(partial=0.5, stopped="third")),
]


def stores() -> set[str]:
    """The names of all storages there are."""
    modules = [importlib.import_module(f"adrs.stores.{found.name}") for found in pkgutil.iter_modules(adrs.stores.__path__)]
    classes = [value for module in modules for value in vars(module).values() if inspect.isclass(value)]
    return {cls.__name__ for cls in classes if issubclass(cls, Storage) and cls is not Storage}


def test_every_storage_is_tested_here() -> None:
    assert stores() == set(MADE)


@pytest.fixture(params=sorted(MADE))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return MADE[request.param](tmp_path)


def test_an_empty_store_has_no_trials(store: Storage) -> None:
    assert list(store.trials()) == []
    assert list(store.trials(5)) == []


def test_what_is_appended_comes_back_exactly(store: Storage) -> None:
    told = [store.append(*attempt, question, question // 2) for question, attempt in enumerate(ATTEMPTS)]
    expected = [
        Trial(number, candidate, evaluation, number, number // 2) for number, (candidate, evaluation) in enumerate(ATTEMPTS)
    ]
    assert told == expected
    assert list(store.trials()) == expected
    assert repr(list(store.trials())) == repr(expected), "bit by bit: -0.0 is not 0.0"
    assert repr(told) == repr(expected), "a run is told what a resumed run will be told"
    assert list(store.trials(2)) == expected[2:]
    assert list(store.trials(99)) == []


def test_what_is_told_is_what_is_stored(store: Storage) -> None:
    """Also for numbers and text that a database cannot keep: else a resumed run would go another way."""
    odd = Evaluation(score=-0.0, partial=-0.0, seconds=-0.0, metrics={"m": -0.0})
    told = store.append(Candidate("a\x00b\ud800", note="\udfff"), odd, 0, 0)
    assert repr(list(store.trials())) == repr([told])


def test_telling_a_store_changes_nothing(store: Storage) -> None:
    trial = store.append(*ATTEMPTS[0], 0, 0)
    store.tell(trial)
    assert list(store.trials()) == [trial]


def test_what_a_foul_is_charged_with_can_be_compared(store: Storage) -> None:
    store.append(*ATTEMPTS[1], 0, 0)
    (trial,) = store.trials()
    assert trial.evaluation.foul == Foul("illegal_answer", "no", (3, 4))
    assert not trial.breeds
