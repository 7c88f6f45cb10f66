"""A circuit breaker admits all threads while its endpoint answers; while it is down, one at a time, with growing pauses."""

from __future__ import annotations

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from adrs.core.failure import Exhausted, Fault
from adrs.llm import circuit_breaker
from adrs.llm.circuit_breaker import CircuitBreaker, RetryPolicy
from command_line import PATIENCE as LONG
from command_line import until

PATIENCE = RetryPolicy(first_pause=0.05, longest_pause=0.2, down_after=3, give_up=60)


def gate(patience: RetryPolicy = PATIENCE) -> tuple[CircuitBreaker, list[str]]:
    said: list[str] = []
    return CircuitBreaker("the endpoint", patience, said.append), said


class Clock:
    """Time that passes only while a circuit breaker waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def drives(self, door: CircuitBreaker) -> None:
        """Waiting at this circuit breaker moves the clock, and takes no time."""
        door._changed.wait = self._wait  # type: ignore[method-assign]

    def _wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.now += timeout
        return False


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(circuit_breaker, "time", made)
    return made


def fail(gate: CircuitBreaker, times: int, retry_after: float = 0.0) -> None:
    for _ in range(times):
        with gate.enter(threading.Event()) as turn:
            turn.failed("503", retry_after)


def test_single_failures_close_nothing() -> None:
    door, said = gate()
    for _ in range(20):
        fail(door, 2)
        with door.enter(threading.Event()) as turn:
            turn.answered()
    assert not door.down
    assert said == []


def test_pauses_grow_to_the_longest_and_are_told(clock: Clock) -> None:
    door, said = gate()
    clock.drives(door)
    moments = []
    for _ in range(8):
        fail(door, 1)
        moments.append(clock.now)
    pauses = [late - early for early, late in itertools.pairwise(moments)]
    assert pauses[:2] == [0.0, 0.0]
    assert 0.024 < pauses[2] < 0.052
    assert all(0.099 < pause < 0.202 for pause in pauses[-3:])
    assert "is down (3 failures in a row, 503): the next request is in" in said[0]
    with door.enter(threading.Event()) as turn:
        turn.answered()
    assert "answers again" in said[-1]


def test_one_asks_and_when_it_is_answered_all_go_on() -> None:
    door, _ = gate()
    fail(door, 3)
    inside, most, lock, answer = [0], [0], threading.Lock(), threading.Event()

    def work(_: int) -> None:
        with door.enter(threading.Event()) as turn:
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0]) if not answer.is_set() else most[0]
            answer.wait(LONG)
            turn.answered()

    with ThreadPoolExecutor(8) as threads:
        waiting = [threads.submit(work, number) for number in range(8)]
        until(lambda: inside[0], "the first request")
        time.sleep(0.5)
        assert inside[0] == most[0] == 1
        answer.set()
        for each in waiting:
            each.result(LONG)


def test_a_thread_that_never_asks_gives_its_turn_back() -> None:
    door, _ = gate()
    fail(door, 3)
    with pytest.raises(KeyError), door.enter(threading.Event()):
        raise KeyError
    with door.enter(threading.Event()) as turn:
        turn.answered()
    assert not door.down


def test_retry_after_holds_for_all(clock: Clock) -> None:
    door, _ = gate()
    clock.drives(door)
    began = clock.now
    fail(door, 1, retry_after=0.3)
    with door.enter(threading.Event()) as turn:
        turn.answered()
    assert clock.now - began == pytest.approx(0.3, abs=0.002)


def test_patience_ends(clock: Clock) -> None:
    door, _ = gate(RetryPolicy(first_pause=0.01, longest_pause=0.02, down_after=2, give_up=0.2))
    clock.drives(door)
    with pytest.raises(Fault, match=r"the endpoint has not answered for 0 s, \d+ requests in a row failed: 503"):
        fail(door, 100)
    halt = threading.Event()
    halt.set()
    with pytest.raises(Exhausted):
        door.enter(halt)
