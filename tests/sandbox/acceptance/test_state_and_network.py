"""State and network: 21 and 22 of the acceptance list: no player leaves a word for the next, and none reaches the outside."""

from __future__ import annotations

import errno
import platform

import pytest
from sandbox_table import CALLS, Table, call_number

pytest_plugins = ["sandbox_levels"]

MARKS = (
    CALLS
    + """
import builtins
import math
import os
import random
import numpy as np

PATHS = '/tmp/mark /dev/shm/mark /mark /var/tmp/mark /run/lock/mark /dev/null . /proc/self/comm'.split()

def attack(numbers):
    written = []
    for path in PATHS:
        for act in (lambda: os.close(os.open(path, os.O_CREAT | os.O_WRONLY)), lambda: os.utime(path, (1, 1))):
            try:
                act()
                written.append(path)
            except OSError:
                pass
    calls = {
        'shmget': (4242, 4096, 0o1666),
        'shmat': (0, 0, 0),
        'msgget': (4242, 0o1666),
        'semget': (4242, 1, 0o1666),
        'mq_open': (b'mark', 0o102, 0o666, 0),
        'memfd_create': (b'mark', 0),
        'prctl': (15, b'mark', 0, 0, 0),
        'setxattr': (b'/', b'user.mark', b'1', 1, 0),
    }
    for name, arguments in calls.items():
        if numbers[name] >= 0 and libc.syscall(numbers[name], *arguments) >= 0:
            written.append(name)
    places = (np, math, random, builtins)
    found = [place.__name__ for place in places if hasattr(place, 'mark')] + ['modules'] * ('mark' in sys.modules)
    found += ['float64'] * (np.float64 is None) + ['random'] * (random.Random is None)
    for place in places:
        place.mark = 1
    sys.modules['mark'] = math
    np.float64 = random.Random = None
    return [written, found]
"""
)
SHARED = "shmget shmat msgget semget mq_open memfd_create prctl setxattr".split()


def test_21_nothing_that_a_player_writes_is_seen_by_the_next(table: Table) -> None:
    for _ in range(3):
        assert table.ask(MARKS, {name: call_number(name) for name in SHARED}) == [[], []]


SOCKETS = (
    CALLS
    + """
def attack(numbers, on_sockets):
    opened = []
    for family in range(46):
        for kind in (1, 2, 3, 5):
            if libc.syscall(numbers['socket'], family, kind, 0) >= 0 or libc.socket(family, kind, 0) >= 0:
                opened.append([family, kind])
    if libc.socketpair(1, 1, 0, (ctypes.c_int * 2)()) >= 0:
        opened.append('a pair')
    room = ctypes.create_string_buffer(64)
    for name in on_sockets:
        for descriptor in (0, 1, 3, 4):
            if numbers[name] >= 0 and libc.syscall(numbers[name], descriptor, room, 64, 0, 0, 0) >= 0:
                opened.append([name, descriptor])
    return opened

def by_python():
    if 'socket' not in sys.modules:
        return -1  # what is not there cannot be called
    try:
        sys.modules['socket'].socket()
        return 0
    except OSError as error:
        return error.errno
"""
)
ON_SOCKETS = """
    connect accept accept4 bind listen sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown getsockname getpeername
    setsockopt getsockopt
""".split()


def test_22_there_is_no_socket_of_any_family(table: Table) -> None:
    numbers = {name: call_number(name) for name in ("socket", *ON_SOCKETS)}
    assert table.ask(SOCKETS, numbers, ON_SOCKETS, seconds=3.0) == []


def test_22_nor_by_the_standard_library(table: Table) -> None:
    assert table.ask(SOCKETS, function="by_python") in {-1, errno.EPERM, errno.EACCES}


def test_22_io_uring_is_deadly(table: Table) -> None:
    source = CALLS + "def attack():\n    return libc.syscall(425, 8, ctypes.create_string_buffer(200))\n"
    assert table.foul(source).kind == "reward_hacking"


OTHER_TABLES = (
    CALLS
    + """
def x32():
    return libc.syscall(0x40000000 + 39)

def int_80():
    # mov eax, 20 (getpid of the 32-bit table); int 0x80; ret
    code = bytes.fromhex('b814000000cd80c3')
    libc.mmap.restype = ctypes.c_void_p
    place = libc.mmap(None, 4096, 7, 0x22, -1, 0)
    ctypes.memmove(place, code, len(code))
    return ctypes.CFUNCTYPE(ctypes.c_int)(place)()
"""
)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="other tables of system calls are one of this architecture's doors")
@pytest.mark.parametrize("door", ["x32", "int_80"])
def test_22_other_tables_of_system_calls_are_deadly(table: Table, door: str) -> None:
    foul = table.foul(OTHER_TABLES, function=door)
    assert foul.kind == "reward_hacking"
    assert "SIGSYS" in foul.reason
