"""Trials of a run: the list, one in full, and the program of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from adrs.core.failure import Foul
from adrs.core.task import Verdict
from adrs.core.trial import Candidate, Evaluation, Outcome, Spend
from adrs.stores.sql import open_store
from command_line import TINY, Here

HOSTILE = "[/x][bold]\x1b[31m"
WIDE = "x = " + " + ".join(["1"] * 60) + "\n"


def played(*scores: float) -> tuple[Outcome, ...]:
    said = f"said {HOSTILE}\nand more"
    return tuple(
        Outcome(f"train-{at}", "train", Verdict(score, {"given": 10 * score, "said": HOSTILE}, said))
        for at, score in enumerate(scores)
    )


@pytest.fixture
def store(here: Here) -> Here:
    """A run with a start program, a legal program, an early stop, a foul, and a reply without a program."""
    database = open_store("sqlite:///adrs.db")
    row = database.create_run("mine", {"task": str(TINY)}, "f", "s")
    storage = row
    crash = Foul("crash", f"boom {HOSTILE}")
    empty = Foul("syntax", "the reply is empty")
    spent = Spend(0.25, 1000, 200, 2, 7.0, 3)
    seed = Evaluation(0.5, validation=0.45, outcomes=(*played(0.7, 0.3), Outcome("v", "validation", Verdict(0.45))))
    for number, (candidate, evaluation) in enumerate(
        [
            (Candidate("x = 0\n", author="seed", note="the seed", phase="seed"), seed),
            (
                Candidate(WIDE, (0,), author="a-model", note=f"better {HOSTILE}", spend=spent),
                Evaluation(1 / 3, outcomes=played(*(at / 10 for at in range(7)))),
            ),
            (Candidate("x = 2\n", (1, 0), author="a-model", note="less"), Evaluation(partial=0.1, stopped="smoke")),
            (Candidate("x = 3", (1,), author=HOSTILE, note=HOSTILE), Evaluation(foul=crash)),
            (Candidate("", (1,), author="a-model", note=empty.reason, foul=empty), Evaluation(foul=empty)),
        ]
    ):
        storage.append(candidate, evaluation, number, number)
    database.close()
    return here


def test_trials_are_listed(store: Here) -> None:
    listed = store("trials", "mine", "--json").json
    assert [next(iter(each)) for each in listed] == ["trial"] * 5
    assert [each["trial"] for each in listed] == list(range(5))
    assert [each["score"] for each in listed] == [0.5, 1 / 3, None, None, None]
    assert listed[0]["validation"] == 0.45
    assert listed[2] == {
        "trial": 2,
        "phase": "search",
        "score": None,
        "partial": 0.1,
        "validation": None,
        "stopped": "smoke",
        "foul": None,
        "author": "a-model",
        "operators": [],
        "note": "less",
        "parents": [1, 0],
        "niche": "",
    }
    assert listed[3]["foul"] == {"kind": "crash", "reason": f"boom {HOSTILE}"}
    lines = store("trials", "last").out.splitlines()
    assert len(lines) == 6
    assert lines[0].split() == ["trial", "train", "validation", "author", "parents", "foul", "or", "note"]
    assert lines[1].split() == ["0", "0.5000", "0.4500", "seed", "the", "seed"]
    assert "1, 0" in lines[3]
    assert "stopped after smoke at 0.1000; less" in lines[3]
    assert "crash: boom [/x][bold]" in lines[4]


def test_one_trial_is_shown_whole(store: Here) -> None:
    said = store("show", "mine", 1).out
    for words in (
        "mine, trial 1: 0.3333 on train, – on validation",
        "search, by a-model; parents: 0",
        "note: better [/x][bold]",
        f"\n{WIDE}",
        "lowest-scoring 5 of 7 train workloads",
        "train-0: 0.0000; given 0.0000, said [/x][bold]",
        "\nand more\n",
        "writing cost $0.250000: 2 calls, 1000 tokens in, 200 out, 7 s",
        "the generator tried 3 programs",
    ):
        assert words in said
    assert "train-5" not in said
    assert "stopped early after smoke, at 0.1000" in store("show", "mine", 2).out
    foul = store("show", "mine", 3).out
    assert "foul: crash: boom [/x][bold]" in foul
    assert "\nx = 3\n" in foul
    assert "no program in the reply: see `adrs prompt mine 4`" in store("show", "mine", 4).out


def test_one_trial_is_one_document(store: Here) -> None:
    document = store("show", "mine", 1, "--json").json
    line = store("trials", "mine", "--json").json[1]
    assert {key: document[key] for key in line} == line
    assert list(document)[:2] == ["run", "trial"]
    assert document["source"] == WIDE
    assert document["spend"] == {
        "dollars": 0.25,
        "input_tokens": 1000,
        "output_tokens": 200,
        "calls": 2,
        "seconds": 7.0,
        "tries": 3,
    }
    assert [each["score"] for each in document["verdicts"]] == [at / 10 for at in range(7)]
    assert [each["split"] for each in store("show", "mine", 0, "--json").json["verdicts"]] == ["train", "train", "validation"]


def test_any_program_can_be_written_out(store: Here) -> None:
    assert store("best", "mine").out == "x = 0\n"
    assert store("best", "mine", "--trial", 1).out == WIDE
    assert store("best", "mine", "--trial", 3).out == "x = 3\n", "a foul's too"
    document = store("best", "mine", "--trial", 1, "--json").json
    assert document == {"run": "mine", "trial": 1, "score": 1 / 3, "validation": None, "source": WIDE}
    assert store("best", "mine", "--trial", 2, "--out", "two.py").out == ""
    assert Path("two.py").read_text("utf-8") == "x = 2\n"
    assert "trial 4 of run mine has no program: see `adrs show mine 4` for the reason" in store.refused(
        "best", "mine", "--trial", 4
    )


@pytest.mark.parametrize("number", [5, 10**30])
def test_a_trial_that_is_not_there_is_named(store: Here, number: int) -> None:
    for arguments in (["show", "mine", number], ["best", "mine", "--trial", number], ["diff", "mine", 0, number]):
        assert f"run mine has no trial {number}: its trials are 0 to 4" in store.refused(*arguments)
    assert f"has no trial {number}" in store.refused("prompt", "mine", number)
    database = open_store("sqlite:///adrs.db")
    database.create_run("new", {"task": str(TINY)}, "f", "s")
    database.close()
    assert "run new has no trial 0: no trial is stored yet" in store.refused("show", "new", 0)


@pytest.mark.parametrize("arguments", [["trials", "mine"], *(["show", "mine", number] for number in range(5))])
def test_foreign_text_of_trials_is_printed_as_text(store: Here, arguments: list[object]) -> None:
    said = store(*arguments)
    assert said.code == 0
    assert "\x1b" not in said.out
