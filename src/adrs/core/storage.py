"""storage: what a store records of a run and of its events."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from adrs.core.failure import Refusal

EventKind = Literal["started", "resumed", "stopped", "finished", "fault"]
State = Literal["running", "finished", "stopped"]
_NAME = re.compile(r"\w[\w.\-]{0,79}")


def check_name(name: str) -> None:
    """Whether a text may name a run; "" leaves the name to the store.

    Raises:
        Refusal: it may not.
    """
    if name and (name == "last" or not _NAME.fullmatch(name)):
        raise Refusal(f"{name[:90]!r} cannot name a run: use up to 80 letters, digits, dots and dashes, and not 'last'")


def taken(store: str, name: str) -> Refusal:
    """What is said of a name that a run of the store has already."""
    return Refusal(f"store {store} has a run {name!r} already: `adrs resume {name}` goes on with it, --name gives another")


@dataclass(frozen=True)
class Process:
    """A process that a later one cannot be mistaken for: `started` tells a reused pid apart; "" when it is not known."""

    host: str
    pid: int
    started: str


@dataclass(frozen=True)
class RunRow:
    """One run as it was started. `recipe` is what was given, `created` seconds since 1970."""

    id: int
    name: str
    created: float
    version: str
    fingerprint: str
    secret: str
    platform: dict[str, Any]
    recipe: dict[str, Any]


@dataclass(frozen=True)
class Event:
    """Something that happened to a run as a whole; `seconds` is the wall time that the sitting had used by then."""

    number: int
    at: float
    kind: EventKind
    process: Process
    seconds: float
    text: str
