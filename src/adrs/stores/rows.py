"""rows: what a store tells of runs and of their events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from adrs.stores.process import Process

EventKind = Literal["started", "resumed", "stopped", "finished", "fault"]
State = Literal["running", "finished", "stopped"]


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
