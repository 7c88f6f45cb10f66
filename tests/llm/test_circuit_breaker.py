"""A gate lets everyone through while its endpoint answers, and one at a time, with growing pauses, while it is down."""

from __future__ import annotations

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from adrs.core.failure import Exhausted, Fault
from adrs.llm.circuit_breaker import Gate, Patience

PATIENCE = Patience(first_pause=0.05, longest_pause=0.2, down_after=3, give_up=60)


def gate(patience: Patience = PATIENCE) -> tuple[Gate, list[str]]:
    said: list[str] = []
    return Gate("the endpoint", patience, said.append), said


def fail(gate: Gate, times: int, retry_after: float = 0.0) -> None:
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


def test_pauses_grow_to_the_longest_and_are_told() -> None:
    door, said = gate()
    moments = []
    for _ in range(8):
        fail(door, 1)
        moments.append(time.monotonic())
    pauses = [late - early for early, late in itertools.pairwise(moments)]
    assert min(pauses[:2]) < 0.02
    assert pauses[2] > 0.02
    assert all(0.09 < pause < 2 for pause in pauses[-3:])
    assert "is down (3 failures in a row, 503): the next try is in" in said[0]
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
            answer.wait(5)
            turn.answered()

    with ThreadPoolExecutor(8) as threads:
        waiting = [threads.submit(work, number) for number in range(8)]
        time.sleep(0.5)
        assert inside[0] == most[0] == 1
        answer.set()
        for each in waiting:
            each.result(2)


def test_a_thread_that_never_asks_gives_its_turn_back() -> None:
    door, _ = gate()
    fail(door, 3)
    with pytest.raises(KeyError), door.enter(threading.Event()):
        raise KeyError
    with door.enter(threading.Event()) as turn:
        turn.answered()
    assert not door.down


def test_retry_after_holds_for_all() -> None:
    door, _ = gate()
    fail(door, 1, retry_after=0.3)
    began = time.monotonic()
    with door.enter(threading.Event()) as turn:
        turn.answered()
    assert 0.29 < time.monotonic() - began < 3


def test_patience_ends() -> None:
    door, _ = gate(Patience(first_pause=0.01, longest_pause=0.02, down_after=2, give_up=0.2))
    with pytest.raises(Fault, match=r"the endpoint has not answered for 0 s, \d+ requests in a row failed: 503"):
        fail(door, 100)
    halt = threading.Event()
    halt.set()
    with pytest.raises(Exhausted):
        door.enter(halt)
