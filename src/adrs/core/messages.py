"""messages: what people say to a run: hints, and programs that they submit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

MessageKind = Literal["hint", "drop", "ticket", "program", "taken"]


@dataclass(frozen=True)
class Message:
    """One thing said to a run; its number is its place among the run's messages.

    Args:
        kind: "hint", "drop" (about a hint), "ticket" (a question handed out), "program" (about a ticket or none), "taken"
            (about a program, when it has become an attempt).
        text: the hint, the program, or for a ticket the trial to improve and its niche, "17 island-2".
        author: who says it.
        note: what changed, in a line.
        about: the number of the message that it is about.
    """

    kind: MessageKind
    text: str = ""
    author: str = ""
    note: str = ""
    about: int | None = None


def hints(messages: Sequence[Message]) -> dict[int, str]:
    """Number -> text of the hints that were not dropped."""
    dropped = {message.about for message in messages if message.kind == "drop"}
    return {number: message.text for number, message in enumerate(messages) if message.kind == "hint" and number not in dropped}


def waiting(messages: Sequence[Message]) -> list[int]:
    """Numbers of the programs that no attempt has been made of yet, the oldest first."""
    taken = {message.about for message in messages if message.kind == "taken"}
    return [number for number, message in enumerate(messages) if message.kind == "program" and number not in taken]
