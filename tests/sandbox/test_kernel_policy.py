"""The filter alone: which system calls reach the kernel, how the others are refused, and that honest programs need no more."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from adrs.core.failure import Foul
from adrs.sandbox import kernel_policy, wire
from adrs.sandbox.isolation import Sandbox, SandboxOptions
from adrs.sandbox.layers import SECCOMP

Ask = Callable[..., Any]
"""(source, *arguments) -> what its function `attack` answers in a player with seccomp and no other layer."""


def asking(sandbox: Sandbox) -> Iterator[Ask]:
    def ask(source: str, *arguments: Any) -> Any:
        process = sandbox.process(layers=SECCOMP)
        try:
            for request in (("load", 1 << 20, source, "", 0, False), ("call", 1 << 20, "attack", arguments)):
                process.post(wire.encode(request))
                reply = process.collect(10.0, 1 << 20)
                assert reply[:1] == wire.ANSWER, wire.decode(reply[1:])
            return wire.decode(reply[1:])
        finally:
            process.close()

    yield ask
    sandbox.close()


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    yield from asking(Sandbox(SandboxOptions(without=frozenset({"bwrap"}))))


@pytest.fixture(scope="module")
def ask_open() -> Iterator[Ask]:
    pytest.importorskip("scipy", reason="a package that imports lazily is needed to open the world")
    yield from asking(Sandbox(SandboxOptions(packages=("scipy",), without=frozenset({"bwrap"}))))


seccomp = ctypes.CDLL("libseccomp.so.2")
seccomp.seccomp_syscall_resolve_num_arch.restype = ctypes.c_char_p


def call_number(name: str) -> int:
    return int(seccomp.seccomp_syscall_resolve_name(name.encode()))


def call_name(number: int) -> str:
    """The name of a system call on this machine, "" for none."""
    name: bytes | None = seccomp.seccomp_syscall_resolve_num_arch(seccomp.seccomp_arch_native(), number)
    return (name or b"").decode()


NUMBERS = {call_name(number): number for number in range(601) if call_name(number)}

CALL = """
import sys
import numpy.ctypeslib
ctypes = sys.modules['ctypes']
libc = ctypes.CDLL(None, use_errno=True)

def said(number, arguments):
    ctypes.set_errno(0)
    return ctypes.get_errno() if libc.syscall(number, *(ctypes.c_long(each) for each in arguments)) < 0 else 0

def attack(calls):
    return [said(number, arguments) for number, arguments in calls]
"""


def errnos(ask: Ask, *calls: tuple[str, tuple[int, ...]]) -> list[str]:
    """The names of the errors of some calls, "" for none; a call that this machine has not is left out."""
    known = [(NUMBERS[name], arguments) for name, arguments in calls if name in NUMBERS]
    return [errno.errorcode.get(number, "") for number in ask(CALL, known)]


REACHED = set(
    """
    read write writev pread64 pwrite64 lseek close fstat poll ppoll select pselect6 mmap mprotect munmap mremap brk futex
    rt_sigaction rt_sigprocmask sigaltstack restart_syscall nanosleep gettimeofday time times getrusage getrlimit
    getpid getppid gettid getuid geteuid getgid getegid getrandom sched_yield getcwd
    """.split()
)
"""All that reaches the kernel whatever its arguments are, besides `ENDS`."""
ENDS = {"exit", "exit_group", "rt_sigreturn"}
CLOSED = set("open openat openat2 stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat".split())
CLOSED |= {"getdents", "getdents64"}
NEVER = (-1,) * 6
"""Arguments with which no call does anything; what stands behind an argument's filter is refused."""


def deadly(ask: Ask, name: str) -> bool:
    try:
        errnos(ask, (name, NEVER))
    except Foul as foul:
        return foul.kind == "reward_hacking" and "SIGSYS" in foul.reason
    return False


def test_every_call_by_its_name(ask: Ask) -> None:
    """All that there are: what is not listed here is refused."""
    names = sorted(NUMBERS.keys() - ENDS - set(kernel_policy._KILL))
    by_name = dict(zip(names, errnos(ask, *((name, NEVER) for name in names)), strict=True))
    young = {name for name in names if NUMBERS[name] == 435 or NUMBERS[name] > 450}
    assert {name for name in young if by_name[name] != "ENOSYS"} == set()
    old = {name: error for name, error in by_name.items() if name not in young}
    assert {name for name, error in old.items() if error == "EACCES"} == CLOSED & NUMBERS.keys()
    assert {name for name, error in old.items() if error not in ("EACCES", "EPERM")} == REACHED & NUMBERS.keys()


@pytest.mark.parametrize("name", sorted({*kernel_policy._KILL, "exit_group"} & NUMBERS.keys()))
def test_what_is_deadly(ask: Ask, name: str) -> None:
    if name == "exit_group":
        with pytest.raises(Foul, match="exit code"):
            errnos(ask, (name, (7,)))
    else:
        assert deadly(ask, name)


def test_calls_without_a_number_of_their_own_do_not_exist(ask: Ask) -> None:
    assert set(ask(CALL, [(number, NEVER) for number in (*range(451, 601), 435)])) == {errno.ENOSYS}
    assert set(ask(CALL, [(number, NEVER) for number in (601, 700, 10_000)])) == {errno.EPERM}


F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_SETLK, F_SETOWN, F_GETOWN, F_NOTIFY = 0, 1, 2, 3, 4, 6, 8, 9, 1026
F_DUPFD_CLOEXEC, F_SETPIPE_SZ, F_ADD_SEALS = 1030, 1031, 1033


def test_fcntl_only_looks(ask: Ask) -> None:
    allowed = [("fcntl", (1, command, 1)) for command in (F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC)]
    assert errnos(ask, *allowed) == [""] * 4
    refused = (F_DUPFD, F_SETFL, 5, F_SETLK, 7, F_SETOWN, F_GETOWN, F_NOTIFY, F_SETPIPE_SZ, 1032, F_ADD_SEALS, 1024, 1025)
    assert set(errnos(ask, *(("fcntl", (1, command, 0)) for command in refused))) == {"EPERM"}
    assert errnos(ask, ("fcntl", (1, F_GETFD | 1 << 32, 0))) == ["EPERM"]


def test_ioctl_only_asks_for_a_terminal(ask: Ask) -> None:
    assert errnos(ask, ("ioctl", (1, 0x5401, 0)), ("ioctl", (1, 0x5451, 0))) == ["ENOTTY", ""]
    refused = (0x5402, 0x5412, 0x541B, 0x5421, 0x5452, 0x541C, 0x89A0)  # TCSETS, TIOCSTI, FIONREAD, FIONBIO, FIOASYNC, …
    assert set(errnos(ask, *(("ioctl", (0, request, 0)) for request in refused))) == {"EPERM"}


def test_limits_are_read_and_only_ones_own(ask: Ask) -> None:
    source = (
        CALL
        + f"""
def attack(parent):
    room, limits = ctypes.create_string_buffer(16), (ctypes.c_uint64 * 2)(1, 1)
    number = {NUMBERS["prlimit64"]}
    cases = ((0, 7, None, room), (0, 7, limits, room), (0, 7, limits, None), (parent, 7, None, room), (1, 7, None, room))
    found = []
    for case in cases:
        ctypes.set_errno(0)
        found.append(ctypes.get_errno() if libc.syscall(number, *case) < 0 else 0)
    return found
"""
    )
    assert ask(source, os.getpid()) == [0, *[errno.EPERM] * 4]
    assert errnos(ask, ("setrlimit", NEVER)) in ([], ["EPERM"])


def test_madvise_says_what_allocators_say(ask: Ask) -> None:
    source = (
        CALL
        + f"""
def attack(advices):
    libc.mmap.restype = ctypes.c_void_p
    place = libc.mmap(None, 1 << 16, 3, 0x22, -1, 0)
    return [said({NUMBERS["madvise"]}, (place, 1 << 16, advice)) for advice in advices]
"""
    )
    assert ask(source, [4, 8]) == [0, 0]
    assert not {errno.EPERM} & set(ask(source, [14, 15]))  # a kernel without huge pages knows neither
    assert set(ask(source, [0, 1, 2, 3, 9, 10, 12, 13, 16, 17, 20, 21, 22, 23, 25, 100, 101])) == {errno.EPERM}


def test_no_futex_is_shared_with_others(ask: Ask) -> None:
    """One that lies in a mapped file is the same for all who map it: a message between players, and without noise."""
    wait, wake, requeue, private = 0, 1, 3, 128
    assert set(errnos(ask, *(("futex", (0, act, 0, 0, 0, 0)) for act in (wait, wake, requeue, wake | 256)))) == {"EPERM"}
    assert "EPERM" not in errnos(ask, *(("futex", (0, act | private, 0, 0, 0, 0)) for act in (wait, wake)))


def test_clocks_and_processors_are_ones_own(ask: Ask) -> None:
    allowed = [("clock_gettime", (clock, 0)) for clock in (0, 1, 2, 3, 4, 5, 6, 7, 11)]
    assert "EPERM" not in errnos(ask, *allowed)
    theirs = [(~os.getpid() << 3) | 2, 12, -1, 1 << 32]
    assert set(errnos(ask, *(("clock_gettime", (clock, 0)) for clock in theirs))) == {"EPERM"}
    assert set(errnos(ask, *(("clock_nanosleep", (clock, 0, 0, 0)) for clock in theirs))) == {"EPERM"}
    assert errnos(ask, ("sched_getaffinity", (os.getpid(), 8, 0)), ("sched_getaffinity", (1, 8, 0))) == ["EPERM"] * 2
    assert errnos(ask, ("sched_getaffinity", (0, 8, 0))) == ["EFAULT"]


OPENED = set("open openat".split())


def test_an_open_world_adds_reading_and_nothing_else(ask_open: Ask) -> None:
    names = sorted(NUMBERS.keys() - ENDS - set(kernel_policy._KILL))
    by_name = dict(zip(names, errnos(ask_open, *((name, NEVER) for name in names)), strict=True))
    old = {name: error for name, error in by_name.items() if NUMBERS[name] != 435 and NUMBERS[name] <= 450}
    reached = {name for name, error in old.items() if error != "EPERM"}
    assert reached == (REACHED | CLOSED - OPENED - {"openat2"}) & NUMBERS.keys()


def test_an_open_world_opens_to_read_only(ask_open: Ask) -> None:
    source = (
        CALL
        + f"""
def attack(flags):
    found = []
    for flag in flags:
        ctypes.set_errno(0)
        libc.syscall({NUMBERS["openat"]}, -100, b'/no/such/file', flag, 0o600)
        found.append(ctypes.get_errno())
    return found
"""
    )
    harmless = [os.O_RDONLY, os.O_CLOEXEC, os.O_DIRECTORY, os.O_NOFOLLOW, os.O_NONBLOCK]
    assert set(ask_open(source, harmless)) == {errno.ENOENT}
    writing = [os.O_WRONLY, os.O_RDWR, 3, os.O_CREAT, os.O_TRUNC, os.O_PATH, os.O_TMPFILE, os.O_RDWR | os.O_APPEND]
    assert set(ask_open(source, writing)) == {errno.EPERM}


MODULES = """
    base64 copy csv datetime decimal fractions hashlib inspect io json locale logging pathlib pickle pprint random re statistics
    string textwrap threading time traceback uuid warnings weakref zlib
""".split()
USUAL = r"""
np.linalg.solve(a, a)
np.linalg.svd(a)
np.linalg.eig(a)
np.linalg.qr(a)
np.linalg.det(a)
np.linalg.lstsq(a, a[:, 0], rcond=None)
np.linalg.cholesky(a @ a.T + np.eye(200))
np.einsum("ij,jk->ik", a, a)
np.fft.rfft2(a)
np.sort(a, axis=None)
np.argpartition(a, 5)
np.lexsort((a[0], a[1]))
np.searchsorted(np.sort(a[0]), a[1])
np.unique(a.round(1))
np.histogram(a, 50)
np.percentile(a, 5)
np.convolve(a[0], a[1])
np.interp(a[0], np.arange(200), np.sort(a[1]))
np.polynomial.Polynomial.fit(a[0], a[1], 3)
np.ma.masked_less(a, 0).mean()
np.char.upper(np.array(["a", "b"]))
np.rec.fromarrays([a[0], a[1]], names="x,y")
np.datetime64("2024-02-29") + np.timedelta64(1, "D")
np.vectorize(abs)(a)
np.array2string(a, threshold=10)
np.save(io.BytesIO(), a)
np.genfromtxt(io.StringIO("1 2"))
np.zeros(50_000_000, np.uint8)
np.ones(4_000_000).sum()
np.random.default_rng().permutation(1000)
np.random.rand(10)
np.testing.assert_allclose(a, a)
base64.b64encode(b"a")
copy.deepcopy(a)
list(csv.reader(io.StringIO("a,b")))
datetime.datetime.now(datetime.timezone.utc).isoformat()
datetime.datetime.strptime("2024-02-29 Feb", "%Y-%m-%d %b")
decimal.Decimal(2).sqrt()
fractions.Fraction(1, 3)
hashlib.sha256(b"a").hexdigest()
inspect.signature(attack)
json.loads(json.dumps(a[0].tolist()))
locale.getlocale()
logging.getLogger().warning("a warning")
pathlib.Path("a") / "b"
pickle.loads(pickle.dumps(a))
pprint.pformat(list(range(1000)))
random.SystemRandom().random()
re.findall(r"\w+", "a b")
statistics.NormalDist().cdf(1)
string.Template("$a").substitute(a=1)
textwrap.fill("a b " * 50)
threading.Lock().acquire(timeout=0.01)
time.sleep(0.001)
time.strftime("%c")
time.process_time() + time.thread_time() + time.monotonic()
time.get_clock_info("monotonic")
traceback.format_stack()
uuid.uuid4()
warnings.warn("one more")
weakref.ref(attack)()
zlib.decompress(zlib.compress(b"a" * 10**6))
"ä".encode("idna")
"ä".encode("utf-16")
b"\xef\xbb\xbfa".decode("utf-8-sig")
print("said")
"""


def test_the_usual_functions_of_numpy_and_the_standard_library_work(ask: Ask) -> None:
    source = "import numpy as np\n" + "".join(f"import {name}\n" for name in MODULES)
    source += """
a = np.random.default_rng(1).normal(size=(200, 200))

def attack(lines):
    failed = []
    for line in lines:
        try:
            eval(line)
        except Exception as error:
            failed.append(f'{line}: {type(error).__name__}: {error}')
    return failed
"""
    assert ask(source, USUAL.strip().splitlines()) == []
