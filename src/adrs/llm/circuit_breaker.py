"""circuit_breaker: health of one endpoint, shared by all threads; while it is down, one thread probes and the others wait."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from adrs.core.failure import Exhausted, Fault

GLANCE = 0.1
"""Seconds between looks at the halt while waiting."""


@dataclass(frozen=True)
class Patience:
    """How long an endpoint is waited for; all times in seconds.

    Args:
        tries: failed requests for one reply while the endpoint answers others.
        first_pause, longest_pause: pauses between them grow from the first to the longest, doubling.
        down_after: failures of an endpoint in a row after which it counts as down and is asked by one thread at a time.
        give_up: without any answer before the run stops with a fault.
        strange: replies in a row that are none (a page of HTML), after which the address counts as wrong.
        grace: for replies in flight when the run is asked to stop.
    """

    tries: int = 6
    first_pause: float = 1.0
    longest_pause: float = 60.0
    down_after: int = 5
    give_up: float = 900.0
    strange: int = 8
    grace: float = 10.0

    def pause(self, failures: int) -> float:
        """The longest pause after so many failures."""
        return min(self.longest_pause, self.first_pause * 2.0 ** min(failures - 1, 30))


class Gate:
    """One endpoint as all threads see it.

    Args:
        name: what messages call it.
        say: is told, in a sentence, when it goes down, how long it is waited for, and when it answers again.
    """

    def __init__(self, name: str, patience: Patience, say: Callable[[str], None]) -> None:
        self.name, self.patience, self.say = name, patience, say
        self.answers = 0
        self._strange = 0
        self._failures = 0
        self._probes = 0
        self._since = self._not_before = 0.0
        self._last = ""
        self._probing = False
        self._rng = random.Random()
        self._changed = threading.Condition()

    @property
    def down(self) -> bool:
        return self._failures >= self.patience.down_after

    def enter(self, halt: threading.Event) -> Turn:
        """Wait until a request may be sent.

        Raises:
            Exhausted: the run was asked to stop.
            Fault: the endpoint has been down for too long.
        """
        with self._changed:
            while True:
                if halt.is_set():
                    meanwhile = f" while {self.name} did not answer ({self._last})" if self._failures else ""
                    raise Exhausted(f"the run was asked to stop{meanwhile}")
                wait = self._not_before - time.monotonic()
                if wait <= 0 and not (self.down and self._probing):
                    self._probing = self._probing or self.down
                    return Turn(self, self.down)
                if self.down and time.monotonic() - self._since > self.patience.give_up:
                    raise Fault(self.obituary())
                self._changed.wait(min(max(wait, 0.001), GLANCE))

    def obituary(self) -> str:
        """Why the run stops."""
        seconds = time.monotonic() - self._since
        return f"{self.name} has not answered for {seconds:.0f} s, {self._failures} requests in a row failed: {self._last}"

    def _answered(self, probe: bool, strange: bool) -> int:
        with self._changed:
            was_down, seconds = self.down, time.monotonic() - self._since
            self._failures = self._probes = 0
            self._probing = self._probing and not probe
            self.answers += not strange
            self._strange = self._strange + 1 if strange else 0
            self._changed.notify_all()
            count = self._strange
        if was_down:
            self.say(f"{self.name} answers again after {seconds:.0f} s")
        return count

    def _failed(self, probe: bool, says: str, retry_after: float) -> None:
        with self._changed:
            now = time.monotonic()
            was_down = self.down
            self._failures += 1
            self._last = says
            if self._failures == 1:
                self._since = now
            if probe or (self.down and not was_down):
                self._probes += 1
                longest = self.patience.pause(self._probes)
                self._not_before = max(self._not_before, now + self._rng.uniform(longest / 2, longest))
            self._not_before = max(self._not_before, now + retry_after)
            self._probing = self._probing and not probe
            pause = self._not_before - now
            told = self.down and (probe or not was_down)
            count = self._failures
            self._changed.notify_all()
        if told:
            self.say(f"{self.name} is down ({count} failures in a row, {says}): the next try is in {pause:.1f} s")

    def _left(self, probe: bool) -> None:
        with self._changed:
            self._probing = self._probing and not probe
            self._changed.notify_all()


class Turn:
    """The right to send one request; a context manager, so that a thread that fails on the way blocks nobody."""

    def __init__(self, gate: Gate, probe: bool) -> None:
        self._gate, self._probe, self._over = gate, probe, False

    def answered(self, strange: bool = False) -> int:
        """There was an answer, be it a refusal; says how many strange ones there have been in a row."""
        self._over = True
        return self._gate._answered(self._probe, strange)

    def failed(self, says: str, retry_after: float = 0.0) -> None:
        """There was none; nobody is to ask again within `retry_after` seconds."""
        self._over = True
        self._gate._failed(self._probe, says, retry_after)

    def __enter__(self) -> Turn:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if not self._over:
            self._gate._left(self._probe)
