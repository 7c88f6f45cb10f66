"""A player's process as the referee holds it: who looks late blames nobody, and who has ended is asked no more."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from adrs.core.failure import Fault, Foul
from adrs.sandbox import wire
from adrs.sandbox.isolation import Sandbox
from adrs.sandbox.process import Process
from command_line import until

ROOM = 1 << 20


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox()
    yield made
    made.close()


@pytest.fixture
def process(sandbox: Sandbox) -> Iterator[Process]:
    made = sandbox.process()
    yield made
    made.close()


def load(process: Process, source: str) -> None:
    process.post(wire.encode(("load", ROOM, source, "", 0, False)))
    assert process.collect(2.0, ROOM)[:1] == wire.ANSWER


def ask(process: Process, function: str, *arguments: object) -> None:
    process.post(wire.encode(("call", ROOM, function, arguments)))


def test_an_answer_that_came_in_time_is_in_time_however_late_the_referee_looks(process: Process) -> None:
    load(process, "def answer():\n    return 7\n")
    ask(process, "answer")
    time.sleep(1.2)  # other players of a crew were waited for
    until(process.leftovers, "the answer")
    assert wire.decode(process.collect(0.05, ROOM)[1:]) == 7


def test_cpu_time_is_counted_even_if_nobody_looked(process: Process) -> None:
    load(process, "import time\ndef answer():\n    while time.process_time() < 0.4: pass\n    return 7\n")
    ask(process, "answer")
    until(process.leftovers, "the answer")
    with pytest.raises(Foul, match=r"more than 0\.1 s of CPU"):
        process.collect(0.1, ROOM)


def test_who_has_ended_is_neither_asked_nor_heard(process: Process) -> None:
    """Its descriptors may be somebody else's by then."""
    load(process, "")
    process.end()
    others = [os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK) for _ in range(4)]
    try:
        with pytest.raises(Foul, match="had ended"):
            process.post(b"x")
        with pytest.raises(Foul, match="had ended"):
            process.collect(1.0, ROOM)
        for theirs, _ in others:
            with pytest.raises(BlockingIOError):
                os.read(theirs, 1)
    finally:
        for pair in others:
            for each in pair:
                os.close(each)


def test_ending_twice_and_closing_twice_is_harmless(process: Process) -> None:
    load(process, "print('said')\n")
    assert process.output() == "said"
    process.end()
    process.end()
    assert process.output() == "said"
    process.close()
    process.close()


def test_a_task_that_sends_too_much_is_told(process: Process) -> None:
    with pytest.raises(ValueError, match="may send"):
        process.post(bytes(wire.MAX_REQUEST + 1))


def test_a_large_request_and_a_large_answer_pass(process: Process) -> None:
    load(process, "def answer(block):\n    return block\n")
    block = os.urandom(40 << 20)
    process.post(wire.encode(("call", 64 << 20, "answer", [block])))
    assert wire.decode(process.collect(10.0, 64 << 20)[1:]) == block


def test_a_machine_without_descriptors_is_a_fault_and_leaks_none(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*arguments: object) -> int:
        raise OSError(24, "Too many open files")

    before = len(os.listdir("/proc/self/fd"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "memfd_create", no_room)
        with pytest.raises(Fault, match="Too many open files"):
            sandbox.process()
    assert len(os.listdir("/proc/self/fd")) == before
    made = sandbox.process()
    load(made, "")
    made.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_output_is_kept_at_both_ends_and_the_cut_is_told(process: Process) -> None:
    load(process, "for number in range(100_000):\n    print(f'line {number}')\n")
    said = process.output(20_000)
    assert said.startswith("line 0\nline 1\n")
    assert said.endswith("line 99999")
    assert "characters of output cut" in said
    assert len(said) < 17_000


def test_the_cpu_clock_is_the_kernel_s(process: Process) -> None:
    load(process, "import time\ndef answer():\n    time.process_time = lambda: 0.0\n    sum(range(10**7))\n    return 1\n")
    before = process.clock()
    ask(process, "answer")
    process.collect(5.0, ROOM)
    used = process.clock() - before
    assert used > 0.02
    process.end()
    assert process.clock() >= before + used  # the last reading stays


@pytest.mark.parametrize("ignored", [False, True])
def test_a_life_s_cpu_time_is_held_by_the_kernel(sandbox: Sandbox, ignored: bool) -> None:
    """Whatever the limit of a call is: then it says why, and who does not listen is killed a second later."""
    process = sandbox.process(cpu_seconds=0.0)
    try:
        ignore = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\n" if ignored else ""
        load(process, ignore + "def answer():\n    while True: pass\n")
        ask(process, "answer")
        with pytest.raises(Foul, match="all the CPU time of a player") as caught:
            process.collect(20.0, ROOM)
        assert caught.value.kind == "timeout"
    finally:
        process.close()
