"""circuit_breaker: tracks the health of an endpoint for all threads; while it is down, one thread probes, the others wait."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from adrs.core.failure import Exhausted, Fault

POLL_SECONDS = 0.1
"""Seconds between checks of `halt` while waiting."""


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long to retry; all times in seconds.

    Args:
        tries: failed requests for one reply before the run stops, while the endpoint answers other requests.
        first_pause, longest_pause: the pause between retries doubles from the first to the longest.
        down_after: consecutive failures after which an endpoint counts as down and one thread at a time probes it.
        give_up: time without any answer before the run stops with a fault.
        malformed: consecutive replies outside the protocol (a page of HTML) after which the address counts as wrong.
        grace: time for replies in flight when the run is asked to stop.
    """

    tries: int = 6
    first_pause: float = 1.0
    longest_pause: float = 60.0
    down_after: int = 5
    give_up: float = 900.0
    malformed: int = 8
    grace: float = 10.0

    def pause(self, failures: int) -> float:
        """The longest pause after this number of failures."""
        return min(self.longest_pause, self.first_pause * 2.0 ** min(failures - 1, 30))


class CircuitBreaker:
    """The state of one endpoint, shared by all threads.

    Args:
        name: the endpoint's name in messages.
        say: receives one sentence when the endpoint goes down, before each probe, and when it answers again.
    """

    def __init__(self, name: str, policy: RetryPolicy, say: Callable[[str], None]) -> None:
        self.name, self.policy, self.say = name, policy, say
        self.answers = 0
        self._malformed = 0
        self._failures = 0
        self._probes = 0
        self._since = self._not_before = 0.0
        self._last = ""
        self._probing = False
        self._rng = random.Random()
        self._changed = threading.Condition()

    @property
    def down(self) -> bool:
        return self._failures >= self.policy.down_after

    def enter(self, halt: threading.Event) -> Permit:
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
                    return Permit(self, self.down)
                if self.down and time.monotonic() - self._since > self.policy.give_up:
                    raise Fault(self.down_message())
                self._changed.wait(min(max(wait, 0.001), POLL_SECONDS))

    def down_message(self) -> str:
        """The message with which the run stops."""
        seconds = time.monotonic() - self._since
        return f"{self.name} has not answered for {seconds:.0f} s, {self._failures} requests in a row failed: {self._last}"

    def _answered(self, probe: bool, malformed: bool) -> int:
        with self._changed:
            was_down, seconds = self.down, time.monotonic() - self._since
            self._failures = self._probes = 0
            self._probing = self._probing and not probe
            self.answers += not malformed
            self._malformed = self._malformed + 1 if malformed else 0
            self._changed.notify_all()
            count = self._malformed
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
                longest = self.policy.pause(self._probes)
                self._not_before = max(self._not_before, now + self._rng.uniform(longest / 2, longest))
            self._not_before = max(self._not_before, now + retry_after)
            self._probing = self._probing and not probe
            pause = self._not_before - now
            report = self.down and (probe or not was_down)
            count = self._failures
            self._changed.notify_all()
        if report:
            self.say(f"{self.name} is down ({count} failures in a row, {says}): the next request is in {pause:.1f} s")

    def _left(self, probe: bool) -> None:
        with self._changed:
            self._probing = self._probing and not probe
            self._changed.notify_all()


class Permit:
    """Permission to send one request; a context manager, so that a thread that fails does not block the others."""

    def __init__(self, breaker: CircuitBreaker, probe: bool) -> None:
        self._breaker, self._probe, self._over = breaker, probe, False

    def answered(self, malformed: bool = False) -> int:
        """Record an answer, even a refusal; return the number of consecutive malformed replies."""
        self._over = True
        return self._breaker._answered(self._probe, malformed)

    def failed(self, says: str, retry_after: float = 0.0) -> None:
        """Record a failure; no thread sends a request within the next `retry_after` seconds."""
        self._over = True
        self._breaker._failed(self._probe, says, retry_after)

    def __enter__(self) -> Permit:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if not self._over:
            self._breaker._left(self._probe)
