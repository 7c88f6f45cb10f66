"""messages: what people send to a run: hints and submitted programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

MessageKind = Literal["hint", "drop", "ticket", "program", "taken"]


@dataclass(frozen=True)
class Message:
    """One message to a run; its number is its position among the run's messages.

    Args:
        kind: "hint", "drop" (withdraws a hint), "ticket" (a prompt was handed out), "program" (submitted, with or without a
            ticket), "taken" (a program became a trial).
        text: the hint, the source of the program, or for a ticket the trial to improve and its niche, "17 island-2".
        author: the sender.
        note: one line about what changed.
        about: number of the hint, ticket or program that it refers to.
    """

    kind: MessageKind
    text: str = ""
    author: str = ""
    note: str = ""
    about: int | None = None


def hints(messages: Sequence[Message]) -> dict[int, str]:
    """Number -> text of the hints that were not withdrawn."""
    dropped = {message.about for message in messages if message.kind == "drop"}
    return {number: message.text for number, message in enumerate(messages) if message.kind == "hint" and number not in dropped}


def waiting(messages: Sequence[Message]) -> list[int]:
    """Numbers of the programs that have not become trials yet, oldest first."""
    taken = {message.about for message in messages if message.kind == "taken"}
    return [number for number, message in enumerate(messages) if message.kind == "program" and number not in taken]
