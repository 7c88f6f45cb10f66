"""kernel_policy: builds the seccomp filter and the Landlock ruleset of a player. `child` applies them.

Both are passed to the zygote as open descriptors, so that the sandbox needs neither library nor file. The filter is an
allow-list compiled by libseccomp; the ruleset handles every right that the running kernel knows and grants none (closed world)
or reading below listed directories (open world).
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import struct
from collections.abc import Sequence

from adrs.core.failure import Refusal

_ALLOWED = """
    read write writev pread64 pwrite64 lseek close fstat poll ppoll select pselect6
    mmap mprotect munmap mremap brk
    rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall
    nanosleep gettimeofday time times getrusage getrlimit
    getpid getppid gettid getuid geteuid getgid getegid
    getrandom sched_yield getcwd exit exit_group
""".split()
"""Calls of the interpreter, numpy and the C library: writev is for its abort message, pread64 for the dynamic loader."""
_OF_THIS_PROCESS = ("sched_getaffinity",)
"""The first argument is a process; only 0, the caller, is allowed, so that a player cannot find other processes."""
_MADVISE = (4, 8, 14, 15)
"""DONTNEED, FREE, HUGEPAGE, NOHUGEPAGE: used by allocators. Not MERGEABLE: the timing of merged pages leaks other processes."""
_PRIVATE_FUTEX = 128
"""FUTEX_PRIVATE_FLAG must be set: without it two players could wake each other through a library file that both have mapped."""
_CLOCKS = "clock_gettime clock_getres clock_nanosleep".split()
_LAST_CLOCK = 11
"""CLOCK_TAI; higher and negative numbers are the CPU clocks of other processes."""
_OPEN_WORLD = "getdents64 getdents readlink readlinkat access faccessat faccessat2 stat lstat newfstatat statx".split()
_NO_SUCH_FILE = """
    open openat openat2 stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getdents getdents64
""".split()
_KILL = """
    ptrace process_vm_readv process_vm_writev process_madvise mount umount2 pivot_root move_mount open_tree fsopen fsmount
    fsconfig fspick unshare setns bpf io_uring_setup io_uring_enter io_uring_register userfaultfd perf_event_open keyctl
    add_key request_key kexec_load kexec_file_load init_module finit_module delete_module
""".split()
_FCNTL = (1, 2, 3, 1030)  # F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC
_IOCTL = (0x5401, 0x5451)  # TCGETS, FIOCLEX
_NOT_READING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_PATH | (os.O_TMPFILE & ~os.O_DIRECTORY)
"""None of these flags may be set. O_PATH reads nothing, but Landlock does not check it."""

_ACT_KILL, _ACT_ALLOW = 0x80000000, 0x7FFF0000
_CMP_UP_TO, _CMP_EQ, _CMP_MASKED = 3, 4, 7
_ATTR_BADARCH, _ATTR_OPTIMIZE = 2, 8


def _errno(number: int) -> int:
    return 0x00050000 | number


class _Comparison(ctypes.Structure):
    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


def _libseccomp() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError as error:
        raise Refusal(
            f"the sandbox layer seccomp needs libseccomp ({error}): install it with `apt install libseccomp2`"
        ) from None
    library.seccomp_init.restype = ctypes.c_void_p
    return library


def libseccomp_version() -> str:
    """The version of libseccomp, "2.5.4".

    Raises:
        Refusal: it is not installed.
    """

    class Version(ctypes.Structure):
        _fields_ = (("major", ctypes.c_uint), ("minor", ctypes.c_uint), ("micro", ctypes.c_uint))

    library = _libseccomp()
    library.seccomp_version.restype = ctypes.POINTER(Version)
    version = library.seccomp_version().contents
    return f"{version.major}.{version.minor}.{version.micro}"


def seccomp_filter(open_world: bool = False) -> int:
    """A memfd with the compiled filter; the caller closes it.

    Raises:
        Refusal: libseccomp is missing or refuses a rule.
    """
    library = _libseccomp()
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(_errno(1))))
    if not context:
        raise Refusal("the sandbox layer seccomp could not be made: libseccomp gave no filter")

    def rule(action: int, call: str | int, *comparisons: tuple[int, int, int, int]) -> None:
        number = call if isinstance(call, int) else library.seccomp_syscall_resolve_name(call.encode())
        if number < 0:  # this architecture does not have the call
            return
        array = (_Comparison * max(1, len(comparisons)))(*(_Comparison(*each) for each in comparisons))
        code = library.seccomp_rule_add_array(context, ctypes.c_uint32(action), number, len(comparisons), array)
        if code:
            raise Refusal(f"the sandbox layer seccomp could not be made: rule for {call} refused ({os.strerror(-code)})")

    try:
        library.seccomp_attr_set(context, _ATTR_BADARCH, ctypes.c_uint32(_ACT_KILL))
        for name in _ALLOWED:
            rule(_ACT_ALLOW, name)
        for name in _KILL:
            rule(_ACT_KILL, name)
        for command in _FCNTL:
            rule(_ACT_ALLOW, "fcntl", (1, _CMP_EQ, command, 0))
        for command in _IOCTL:
            rule(_ACT_ALLOW, "ioctl", (1, _CMP_EQ, command, 0))
        rule(_ACT_ALLOW, "futex", (1, _CMP_MASKED, _PRIVATE_FUTEX, _PRIVATE_FUTEX))
        for advice in _MADVISE:
            rule(_ACT_ALLOW, "madvise", (2, _CMP_EQ, advice, 0))
        rule(_ACT_ALLOW, "prlimit64", (0, _CMP_EQ, 0, 0), (2, _CMP_EQ, 0, 0))
        for name in _OF_THIS_PROCESS:
            rule(_ACT_ALLOW, name, (0, _CMP_EQ, 0, 0))
        for name in _CLOCKS:
            rule(_ACT_ALLOW, name, (0, _CMP_UP_TO, _LAST_CLOCK, 0))
        for number in (435, *range(451, 601)):  # clone3, and calls newer than this table: libc falls back
            rule(_errno(38), number)
        if open_world:
            for name in _OPEN_WORLD:
                rule(_ACT_ALLOW, name)
            rule(_ACT_ALLOW, "openat", (2, _CMP_MASKED, _NOT_READING, 0))
            rule(_ACT_ALLOW, "open", (1, _CMP_MASKED, _NOT_READING, 0))
        else:
            for name in _NO_SUCH_FILE:
                rule(_errno(13), name)  # even fstat by path is refused: with AT_EMPTY_PATH the kernel accepts any path
        library.seccomp_attr_set(context, _ATTR_OPTIMIZE, ctypes.c_uint32(2))  # a binary tree: faster for long lists
        descriptor = os.memfd_create("seccomp", os.MFD_CLOEXEC)
        if code := library.seccomp_export_bpf(context, descriptor):
            os.close(descriptor)
            raise Refusal(f"the sandbox layer seccomp could not be made: {os.strerror(-code)}")
    finally:
        library.seccomp_release(context)
    return descriptor


_CREATE_RULESET, _ADD_RULE = 444, 445
_libc = ctypes.CDLL(None, use_errno=True)
# The rights that each version of the interface added; all are handled, so that every right that is not granted is denied.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
_NET_RIGHTS = {4: 2}
_SCOPES = {6: 2}
_READ_FILE, _READ_DIRECTORY = 0b100, 0b1000


def landlock_abi() -> int:
    """The version of the kernel's Landlock; 0 if the kernel does not support it."""
    return int(max(0, _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))))


def _bits(table: dict[int, int], abi: int) -> int:
    return (1 << max((count for version, count in table.items() if version <= abi), default=0)) - 1


def landlock_ruleset(readable: Sequence[str] = ()) -> int | None:
    """A descriptor of a ruleset that denies every path, TCP, abstract sockets and signals, except reading below `readable`.

    None if the kernel has no Landlock. The caller closes it.
    """
    abi = landlock_abi()
    if not abi:
        return None
    attributes = struct.pack("<3Q", _bits(_FILE_RIGHTS, abi), _bits(_NET_RIGHTS, abi), _bits(_SCOPES, abi))
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = _libc.syscall(_CREATE_RULESET, ctypes.c_char_p(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if ruleset < 0:
        return None
    os.set_inheritable(ruleset, False)
    for path in readable:
        try:
            parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        rights = _READ_FILE | _READ_DIRECTORY if os.path.isdir(path) else _READ_FILE
        rule = ctypes.create_string_buffer(struct.pack("<Qi", rights, parent), 12)
        _libc.syscall(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint32(0))
        os.close(parent)
    return int(ruleset)
