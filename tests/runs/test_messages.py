"""Steering: hints enter the next prompts, and each submitted program becomes exactly one trial."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from adrs.core.budget import Limits
from adrs.core.failure import Refusal
from adrs.core.messages import Message, hints, waiting
from adrs.core.storage import StoredRun
from adrs.core.trial import Trial
from adrs.runs.questions import ask
from adrs.runs.recipe import make_recipe
from adrs.runs.session import resume, start
from adrs.stores.sql import SqlStore, open_store
from provider_server import serving

TINY = str(Path(__file__).parents[1] / "tiny_task.py")
BETTER = "# EVOLVE-BLOCK-START\ndef answer(wanted, size):\n    return wanted * 0.9\n# EVOLVE-BLOCK-END\n"


@pytest.fixture
def database(tmp_path: Path) -> SqlStore:
    return open_store(f"sqlite:///{tmp_path}/store.db")


def started(database: SqlStore, **given: object) -> StoredRun:
    return start(make_recipe({"task": TINY, "trials": 3, "tuned": 0, "width": 1, "workers": 1, **given}), database)


def trials(database: SqlStore, row: StoredRun) -> list[Trial]:
    return list(row.trials())


def test_dropped_hints_do_not_stand_and_taken_programs_do_not_wait() -> None:
    said = [
        Message("hint", "a"),
        Message("program", "x"),
        Message("hint", "b"),
        Message("drop", about=0),
        Message("program", "y"),
        Message("taken", about=1),
    ]
    assert hints(said) == {2: "b"}
    assert waiting(said) == [4]


def test_a_program_that_is_handed_in_is_tried_first_with_its_author_and_note(database: SqlStore) -> None:
    row = started(database)
    ticket, prompt = ask(row)
    assert "The program to improve" in prompt.text
    number = row.add_message(Message("program", BETTER, "ada", "ask for more", ticket))
    resume(database, row.name, Limits(trials=5))
    found = [trial for trial in trials(database, row) if trial.candidate.author == "ada"]
    assert len(found) == 1
    assert found[0].number == 4
    assert found[0].candidate.note == "ask for more"
    assert found[0].candidate.parents == (prompt.selection.parent.number,)
    assert found[0].score == pytest.approx(0.9)
    assert Message("taken", about=number) in row.messages()
    assert not waiting(row.messages())


def test_people_can_be_the_only_source(database: SqlStore) -> None:
    halted = threading.Event()

    def hand_in() -> None:
        while not database.runs() or not trials(database, database.run("last")):
            if halted.wait(0.05):
                return
        for share in (0.8, 0.95):
            database.run("last").add_message(Message("program", BETTER.replace("0.9", str(share)), "bob"))

    people = threading.Thread(target=hand_in)
    people.start()
    try:
        row = started(database, generator="inbox", trials=2)
    finally:
        halted.set()
        people.join()
    assert [trial.score for trial in trials(database, row)[1:]] == [pytest.approx(0.8), pytest.approx(0.95)]


def test_a_hint_is_in_the_next_prompts_and_known_to_whom(database: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADRS_API_KEY", "k")
    with serving(lambda prompt: f"```python\n{BETTER.replace('0.9', str(0.5 + len(prompt) % 97 / 250))}```") as server:
        row = started(database, generator=f"model:name={server.model('openai')}", trials=2)
        number = row.add_message(Message("hint", "ask for\nnearly everything", "ada"))
        resume(database, row.name, Limits(trials=3))
        row.add_message(Message("drop", about=number))
        resume(database, row.name, Limits(trials=4))
        assert row.trials_asked("- ask for nearly everything") == [3]
        assert "ask for nearly everything" not in row.calls(4)[0].text


def test_without_a_legal_program_nobody_can_be_asked(database: SqlStore) -> None:
    bad = "def answer(wanted, size):\n    return -1.0\n"
    with pytest.raises(Refusal, match="seed"):
        started(database, seed_programs=[bad])
    with pytest.raises(Refusal, match="no legal program"):
        ask(database.run("last"))
