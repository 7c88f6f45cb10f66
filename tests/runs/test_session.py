"""A run from start to end: baselines, search, tuned start program; it resumes by replay and refuses changed tasks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from adrs.analysis import report
from adrs.core.budget import Limits
from adrs.core.failure import Refusal
from adrs.core.storage import StoredRun
from adrs.core.trial import Trial
from adrs.runs.recipe import Recipe, make_recipe
from adrs.runs.references import TUNED
from adrs.runs.session import resume, start, stored_recipe
from adrs.runs.watcher import Watcher
from adrs.stores.sql import SqlStore, open_store

TINY = Path(__file__).parents[1] / "tiny_task.py"


@pytest.fixture
def database(tmp_path: Path) -> SqlStore:
    return open_store(f"sqlite:///{tmp_path}/store.db")


def recipe(**given: object) -> Recipe:
    return make_recipe({"task": str(TINY), "trials": 12, "tuned": 0, "width": 1, "workers": 1, **given})


def trials(database: SqlStore, row: StoredRun) -> list[Trial]:
    return list(row.trials())


def told(trial: Trial) -> tuple[object, ...]:
    evaluation = trial.evaluation
    return (
        trial.number,
        trial.candidate,
        trial.question,
        trial.seen,
        evaluation.score,
        evaluation.validation,
        evaluation.outcomes,
    )


def test_a_run_improves_on_its_seed_and_leaves_test_alone(database: SqlStore) -> None:
    row = start(recipe(trials=30, tuned=5), database)
    found = trials(database, row)
    best = report.champion(found)
    assert len(found) == 31
    assert best is not None
    assert (best.score or 0) > (found[0].score or 0)
    assert not [outcome for trial in found for outcome in trial.evaluation.outcomes if outcome.split == "test"]
    measured = {each.program: each.evaluation.score for each in row.measurements()}
    assert measured.keys() == {"zero", "half", "seed", TUNED}
    assert measured["half"] == pytest.approx(0.5)
    assert row.state() == "finished"


@pytest.mark.slow
def test_two_runs_of_one_seed_are_identical_trial_by_trial(database: SqlStore) -> None:
    first, second = start(recipe(), database), start(recipe(), database)
    assert [told(trial) for trial in trials(database, first)] == [told(trial) for trial in trials(database, second)]
    third = start(recipe(seed=1), database)
    assert [told(trial) for trial in trials(database, first)] != [told(trial) for trial in trials(database, third)]


class Interrupting(Watcher):
    """Requests a halt of the session after some trials, as the first Ctrl-C does."""

    def __init__(self, after: int) -> None:
        self.after = after

    def tell(self, trial: Trial) -> None:
        if trial.number == self.after:
            import os
            import signal

            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.slow
def test_a_run_that_stopped_and_went_on_equals_one_that_did_not(database: SqlStore) -> None:
    stopped = start(recipe(), database, "stopped", Interrupting(5))
    assert stopped.state() == "stopped"
    assert 6 <= len(trials(database, stopped)) < 13
    resume(database, "stopped")
    whole = start(recipe(), database, "whole")
    assert [told(trial) for trial in trials(database, stopped)] == [told(trial) for trial in trials(database, whole)]
    assert stopped.state() == "finished"


def test_caps_are_raised_and_remembered(database: SqlStore) -> None:
    row = start(recipe(trials=3), database)
    resume(database, row.name, Limits(trials=6))
    assert len(trials(database, row)) == 7
    with pytest.raises(Refusal, match="is finished: raise a limit"):
        resume(database, row.name)
    with pytest.raises(Refusal, match="from 6 to 4"):
        resume(database, row.name, Limits(trials=4))
    assert len(trials(database, row)) == 7
    assert stored_recipe(row).limits.trials == 6


def test_a_task_that_changed_does_not_go_on(database: SqlStore, tmp_path: Path) -> None:
    copy = tmp_path / "copy_of_tiny.py"
    shutil.copy(TINY, copy)
    row = start(recipe(task=str(copy), trials=2), database)
    copy.write_text(copy.read_text().replace("1 - abs", "2 - abs"))
    with pytest.raises(Refusal, match="changed"):
        resume(database, row.name)


def test_a_name_that_exists_is_refused_before_anything_is_played(database: SqlStore) -> None:
    start(recipe(trials=1), database, "mine")
    with pytest.raises(Refusal, match="mine"):
        start(recipe(trials=1), database, "mine")


def test_given_seeds_replace_the_task_s_own(database: SqlStore) -> None:
    row = start(recipe(trials=1, seed_programs=("def answer(wanted, size):\n    return wanted * 0.9\n",)), database)
    assert trials(database, row)[0].score == pytest.approx(0.9)


def test_an_illegal_seed_is_refused_with_its_trial_kept(database: SqlStore) -> None:
    with pytest.raises(Refusal, match="seed"):
        start(recipe(seed_programs=("def answer(wanted, size):\n    return 1 / 0\n",)), database, "bad")
    row = database.run("bad")
    assert [trial.evaluation.foul and trial.evaluation.foul.kind for trial in trials(database, row)] == ["crash"]
    assert row.events()[-1].kind == "fault"


def test_a_seed_that_does_not_fit_the_interface_is_refused_before_there_is_a_run(database: SqlStore) -> None:
    with pytest.raises(Refusal, match=r"start program 1 cannot be played \(interface\)"):
        start(recipe(seed_programs=("def answer(wanted):\n    return 1.0\n",)), database, "bad")
    assert not database.runs()


def test_the_champion_is_shortened(database: SqlStore) -> None:
    long = "def answer(wanted, size):\n    if wanted > 100:\n        return wanted * 0.2\n    return wanted * 0.9 + 0 * size\n"
    row = start(recipe(trials=1, shrink=20, seed_programs=(long,)), database)
    best = report.champion(trials(database, row))
    assert best is not None
    assert best.candidate.phase == "shrink"
    assert "100" not in best.candidate.source
