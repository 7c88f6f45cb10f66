"""Recorded replies: the same programs again, from the replies where there are any, and an end when they run out."""

from __future__ import annotations

import pytest

from adrs.core.failure import Exhausted, Foul, Refusal
from adrs.core.parts import Prompt
from adrs.core.resources import Recording, Resources
from adrs.core.selection import Selection
from adrs.core.trial import Call, Candidate, Evaluation, Trial, Usage
from adrs.generators.recorded import Recorded

SEED = Trial(0, Candidate("x = 1\n", phase="seed"), Evaluation(score=0.1))


def reply(text: str, finish: str = "stop", error: str = "", purpose: str = "propose") -> list[Call]:
    return [Call("m", purpose, "", "", text, finish, Usage(), 0.1, error)]


def recording(calls: dict[int, list[Call]], *trials: Candidate) -> Recorded:
    made = Recorded(run="r")
    made.load(Recording([SEED, *(Trial(number, each, Evaluation()) for number, each in enumerate(trials, 1))], calls))
    made.tell(SEED)
    return made


def asked(recorded: Recorded, number: int) -> Candidate:
    return recorded.propose(Prompt("", "", Selection(SEED, niche="3"), f"0:{number}"))


def test_a_reply_becomes_its_program_again() -> None:
    stored = Candidate("stale", (0,), author="m", note="note")
    recorded = recording({1: reply("```python\nx = 2\n```")}, stored)
    made = asked(recorded, 1)
    assert (made.source, made.parents, made.niche, made.author, made.note) == ("x = 2\n", (0,), "3", "m", "note")
    assert made.spend.dollars == 0


def test_without_a_reply_the_stored_program_stands() -> None:
    recorded = recording({2: reply("the agent's words", purpose="agent")}, *(Candidate(f"y = {n}\n", (0,)) for n in (1, 2)))
    assert [asked(recorded, number).source for number in (1, 2)] == ["y = 1\n", "y = 2\n"]


def test_unusable_replies_are_unusable_again() -> None:
    lost = Candidate("", (0,), foul=Foul("syntax", "the reply is no JSON"))
    recorded = recording(
        {1: reply("I will not."), 2: reply("", error="no JSON"), 3: reply("x", finish="length")}, lost, lost, lost
    )
    fouls = [asked(recorded, number).foul for number in (1, 2, 3)]
    assert [foul and foul.kind for foul in fouls] == ["syntax", "syntax", "budget"]
    assert fouls[1] == lost.foul


def test_it_ends_when_the_recording_does() -> None:
    shrunk = Candidate("z\n", (0,), phase="shrink")
    recorded = recording({}, Candidate("y\n", (0,)), shrunk)
    for number in (2, 3):
        with pytest.raises(Exhausted, match="no more replies"):
            asked(recorded, number)
    with pytest.raises(Refusal, match="recorded:run=NAME"):
        Recorded().attach(Resources())
