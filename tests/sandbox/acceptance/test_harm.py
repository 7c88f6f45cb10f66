"""Harm: 13 to 16 of the acceptance list: processes, memory, output and time are bounded, and honest chatter is no foul."""

from __future__ import annotations

import os
import resource

import pytest
from sandbox_table import FRAMES, Table, process_of

from adrs.core.failure import Foul

pytest_plugins = ["sandbox_levels"]

MODULES = """
import concurrent.futures
import logging
import resource
import signal

os, threading = logging.os, logging.threading
"""
REFUSED = """
    os.fork()
    os.forkpty()
    os.posix_spawn('/bin/true', ['true'], {})
    os.execv('/bin/true', ['true'])
    os.system('true') and 1 / 0
    threading.Thread(target=print).start()
    concurrent.futures.ThreadPoolExecutor().submit(print)
    os.setsid()
    os.kill(os.getppid(), 9)
    os.kill(os.getpid(), 0)
    os.killpg(0, 15)
    os.pidfd_open(os.getppid())
    signal.setitimer(signal.ITIMER_REAL, 1)
    os.setpriority(0, 0, 5)
    os.nice(1)
    os.sched_setaffinity(0, {0})
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
    os.memfd_create('x')
    os.ftruncate(1, 5)
    os.fchmod(1, 0o777)
    os.dup2(1, 9)
    os.pipe()
    os.eventfd(0)
    os.mkfifo('/x')
    os.setuid(os.getuid())
    os.setgroups([])
""".strip().splitlines()


@pytest.mark.parametrize("act", [act.strip() for act in REFUSED])
def test_13_processes_threads_and_signals_are_refused(table: Table, act: str) -> None:
    source = f"""{MODULES}
def attack():
    try:
        {act}
    except (OSError, RuntimeError, ValueError, ZeroDivisionError) as refused:
        return type(refused).__name__
    return 'it was done'
"""
    assert table.ask(source, expect=str) != "it was done"


BOMBS = {
    "one large block": "x = bytearray(10**12)",
    "many blocks": "x = []\nwhile True:\n    x.append(bytearray(1 << 20))",
    "many lists": "x = []\nwhile True:\n    x.append([0] * 1000)",
    "an array": "import numpy\nx = numpy.ones(10**10)",
    "a text": "x = 'a' * 10**11",
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("where", ["at load", "in a call"])
def test_14_memory_is_bounded_and_the_referee_feels_nothing(table: Table, bomb: str, where: str) -> None:
    lines = BOMBS[bomb].splitlines()
    inside = "".join(f"    {line}\n" for line in lines)
    load = f"{BOMBS[bomb]}\ndef attack():\n    return 1\n"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    foul = table.foul(load if where == "at load" else f"def attack():\n{inside}    return 1\n", seconds=5.0, memory_mb=128)
    assert foul.kind == "memory"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # KiB


@pytest.mark.budget(1.5)
def test_15_a_flood_is_kept_at_both_ends(table: Table) -> None:
    player = table.player(
        """
import sys

print('at import', end='')

def attack():
    block = 'x' * (1 << 20)
    for _ in range(50):
        print(block, end='')
    print('\\0' * 1000)
    sys.stderr.write('\\ud800' + 'TAIL')
    return 5
"""
    )
    assert player.call("attack", expect=int) == 5
    player.check_channels()
    printed = player.output(2000)
    assert len(printed) <= 2000
    assert printed.startswith("at import")
    assert printed.endswith("TAIL")
    assert "cut" in printed


def test_15_raw_writes_end_at_the_size_of_the_file(table: Table) -> None:
    player = table.player(
        """
import os

def attack():
    block = b'\\xff\\0' * (1 << 19)
    for descriptor in (1, 2):
        for _ in range(50):
            try:
                os.write(descriptor, block)
            except OSError:
                pass
    return 6
""",
        seconds=3.0,
    )
    assert player.call("attack", expect=int) == 6
    assert len(player.output(2000)) <= 2000
    assert os.fstat(process_of(player)._output).st_size <= 256 << 10


CHATTER = {
    "lines": "for number in range(20_000):\n        print(number, number * number)",
    "one character at a time": "for number in range(100_000):\n        sys.stdout.write('x')",
}


@pytest.mark.parametrize("how", CHATTER)
def test_15_honest_chatter_is_no_foul(table: Table, how: str) -> None:
    assert table.ask(f"import sys\n\ndef attack():\n    {CHATTER[how]}\n    return 7\n", expect=int, seconds=3.0) == 7


SECONDS = 0.3
LOAD = "adrs.sandbox.player.LOAD_SECONDS"
LOOPS = {
    "at load": "while True:\n    pass\n",
    "asleep at load": "import time\n\ntime.sleep(1e6)\n",
    "in a call": "def attack():\n    while True:\n        pass\n",
    "and catches everything": """
def attack():
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
""",
    "in one operation": "def attack():\n    return 3 ** (3**30) % 2\n",
    "in one function of C": "import re\n\ndef attack():\n    return len(re.findall('(a+)+$', 'a' * 40 + 'b'))\n",
    "asleep": "import time\n\ndef attack():\n    time.sleep(1e6)\n",
    "one byte now and then": FRAMES
    + """
import time

def attack():
    for byte in struct.pack('<I8s', 1000, nonce()) + bytes(1000):
        os.write(4, bytes([byte]))
        time.sleep(0.4)
""",
    "while something dies": """
class Last:
    def __del__(self):
        while True:
            pass

def attack():
    Last()
    return 1
""",
}


@pytest.mark.budget(6, wall=True)
@pytest.mark.parametrize("loop", LOOPS)
def test_16_endless_loops_end_at_the_limit(table: Table, loop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "at load" in loop:
        monkeypatch.setattr(LOAD, 1.0)  # and no less: a player that needs longer to start is a fault of the machine
    foul = table.foul(LOOPS[loop], seconds=SECONDS)
    assert foul.kind == "timeout"


@pytest.mark.budget(2.5, wall=True)
def test_16_a_large_request_that_nobody_reads(table: Table) -> None:
    player = table.player("import time\n\ndef attack(block):\n    time.sleep(1e6)\n", seconds=0.1)
    with pytest.raises(Foul) as caught:
        player.call("attack", b"x" * (30 << 20), expect=int)
    assert caught.value.kind == "timeout"


@pytest.mark.budget(6, wall=True)
def test_16_a_request_while_the_program_still_sleeps(table: Table) -> None:
    player = table.player(
        """
import os
import time

class Late:
    def __del__(self):
        time.sleep(1e6)

def first():
    os.write(4, reply())
    time.sleep(1e6)
"""
        + FRAMES
        + """
def reply():
    return frame(nonce(), b'\\0\\x01')
""",
        seconds=1.0,
    )
    assert player.call("first", expect=int) == 1
    with pytest.raises(Foul) as caught:
        player.call("first", b"x" * (30 << 20), expect=int)
    assert caught.value.kind == "timeout"
