"""Data: 6 to 8 of the acceptance list: no file, no module that is not offered, and no way to make a workload again."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sandbox_table import CALLS, HONEST, LEVELS, Table, at_level, call_number, is_honest_as_ever, process_of

import adrs
from adrs.sandbox import wire
from adrs.sandbox.isolation import Sandbox
from adrs.sandbox.player import PlayerLimits, SandboxPlayer, derive
from adrs.sandbox.process import Process
from adrs.tasks.spot_single_region.synthetic import POOLS
from adrs.tasks.spot_single_region.task import SpotSingleRegion
from adrs.tasks.spot_single_region.windows import DEADLINES_H, RESTARTS_H

pytest_plugins = ["sandbox_levels"]

SITE = Path(np.__file__).parents[1]
ADRS = Path(adrs.__file__).parent
TINY = Path(__file__).parents[2] / "tiny_task.py"

LOOK = """
import os

def attack(paths):
    acts = {
        'open': lambda path: os.close(os.open(path, os.O_RDONLY)),
        'list': os.listdir,
        'scan': lambda path: list(os.scandir(path)),
        'stat': os.stat,
        'lstat': os.lstat,
        'access': lambda path: 1 / os.access(path, os.F_OK),
        'readlink': os.readlink,
        'statvfs': os.statvfs,
        'write': lambda path: os.close(os.open(path, os.O_WRONLY)),
        'create': lambda path: os.close(os.open(path + '/x', os.O_CREAT | os.O_WRONLY)),
        'by path alone': lambda path: os.close(os.open(path, os.O_PATH)),
        'chdir': os.chdir,
        'mkdir': lambda path: os.mkdir(path + '/y'),
        'unlink': os.unlink,
        'utime': os.utime,
        'chmod': lambda path: os.chmod(path, 0o777),
        'link': lambda path: os.link(path, '/tmp/z'),
        'symlink': lambda path: os.symlink(path, '/tmp/z'),
        'mkfifo': lambda path: os.mkfifo(path + '/f'),
        'xattr': os.listxattr,
        'truncate': lambda path: os.truncate(path, 0),
        'rename': lambda path: os.rename(path, path + 'z'),
    }
    found = []
    for path in paths:
        for name, act in acts.items():
            try:
                act(path)
                found.append([name, path])
            except (OSError, ZeroDivisionError):
                pass
    return found
"""
EXISTENCE = {"stat", "lstat", "access", "readlink"}
"""What an open world without a private root tells of a guessed path: see "What is not covered" in docs/sandbox.md."""


@pytest.fixture
def precious(tmp_path: Path) -> list[str]:
    """Paths of home, working directory, tasks, store, machine; those that an attack might harm are made for it."""
    store = tmp_path / "adrs.db"
    store.write_text("a store")
    tests = "/etc/passwd / . .. /tmp /var /dev /dev/shm /proc/self/status /proc/self/fd/3 /sys/kernel /usr/bin".split()
    ours = [ADRS, ADRS / "tasks", ADRS / "loop.py", ADRS / "evaluator" / "referee.py", TINY, SITE, SITE / "sqlalchemy"]
    return [*tests, *map(str, (Path.home(), Path.cwd(), tmp_path, store, *ours)), sys.executable]


def test_06_no_file_is_opened_listed_or_seen(table: Table, precious: list[str]) -> None:
    assert table.ask(LOOK, [*precious, os.__file__]) == []


RAW_LOOK = (
    CALLS
    + """
def attack(paths, numbers):
    room, how = ctypes.create_string_buffer(4096), (ctypes.c_uint64 * 3)(0, 0, 0)
    here, found = -100, []
    for text in paths:
        path = text.encode()
        calls = [
            ('open', path, 0, 0),
            ('openat', here, path, 0, 0),
            ('openat2', here, path, how, 24),
            ('creat', path, 0o644),
            ('stat', path, room),
            ('lstat', path, room),
            ('newfstatat', here, path, room, 0),
            ('newfstatat', here, path, room, 0x1000),
            ('statx', here, path, 0, 0x7ff, room),
            ('statx', here, path, 0x1000, 0x7ff, room),
            ('access', path, 0),
            ('faccessat', here, path, 0),
            ('faccessat2', here, path, 0, 0),
            ('readlink', path, room, 4096),
            ('readlinkat', here, path, room, 4096),
            ('statfs', path, room),
            ('chdir', path),
            ('chroot', path),
            ('mknod', path, 0, 0),
            ('name_to_handle_at', here, path, room, room, 0),
            ('inotify_init1', 0),
            ('inotify_add_watch', 0, path, 1),
            ('fanotify_init', 0, 0),
            ('uselib', path),
            ('acct', path),
            ('swapon', path, 0),
            ('quotactl', 0, path, 0, room),
            ('getxattr', path, b'user.x', room, 10),
            ('utimensat', here, path, 0, 0),
            ('umask', 0),
            (451, 0, room, room, 0),  # cachestat; from here on numbers are the same on every architecture
            (452, here, path, 0o777, 0),  # fchmodat2
            (457, room, room, 100, 0),  # statmount
            (458, room, room, 1, 0),  # listmount
            (467, here, path, 0, 0, 0),  # open_tree_attr
            (468, here, path, room, 24, 0),  # file_getattr
        ]
        for name, *arguments in calls:
            number = numbers[name] if isinstance(name, str) else name
            if number >= 0 and libc.syscall(number, *arguments) >= 0:
                found.append([name, text])
    return found
"""
)
NUMBERED = """
    open openat openat2 creat stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat statfs chdir chroot
    mknod name_to_handle_at inotify_init1 inotify_add_watch fanotify_init uselib acct swapon quotactl getxattr utimensat umask
""".split()


def raw_look(table: Table, paths: list[str]) -> list[list[Any]]:
    found: list[list[Any]] = table.ask(RAW_LOOK, paths, {name: call_number(name) for name in NUMBERED})
    return found


def test_06_nor_by_raw_system_calls(table: Table) -> None:
    assert raw_look(table, ["/etc/passwd", "/", "/proc/self/status", str(ADRS / "loop.py"), os.__file__]) == []


IMPORTS = """
import importlib
import importlib.machinery
import importlib.util
import sys

def attack(names):
    found = []
    for name in names:
        for act in (importlib.import_module, __import__):
            try:
                act(name)
                found.append(name)
            except ImportError:
                pass
        if name in sys.modules:
            found.append('loaded ' + name)
    return found

def by_own_finders(folders, names):
    sys.path[:] = folders
    sys.meta_path.append(importlib.machinery.PathFinder)
    return attack(names)

def by_path(path):
    spec = importlib.util.spec_from_file_location('adrs', path)
    try:
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return 'read'
    except OSError:
        return ''

def loaded():
    return sorted(sys.modules)
"""
NOT_OFFERED = """
    adrs adrs.tasks adrs.sandbox.wire wire child zygote tiny_task tasks sqlalchemy pydantic hypothesis pytest optuna rich
    jinja2
""".split()


def import_all(table: Table, *more: str) -> list[str]:
    """Which modules that are not offered could be had, by any of three ways."""
    names = [*NOT_OFFERED, *more]
    folders = [str(SITE), str(ADRS.parent), str(TINY.parent), "/"]
    found: list[str] = table.ask(IMPORTS, names)
    found += table.ask(IMPORTS, folders, names, function="by_own_finders", seconds=5.0)
    found += [name for name in [table.ask(IMPORTS, str(ADRS / "__init__.py"), function="by_path")] if name]
    return found


def test_07_nothing_but_what_is_offered_is_imported(table: Table) -> None:
    assert import_all(table, "scipy") == []
    tops = {name.partition(".")[0] for name in table.ask(IMPORTS, function="loaded")}
    assert not tops & {*NOT_OFFERED, "scipy"}


@pytest.fixture(scope="module", params=LEVELS)
def open_world(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    pytest.importorskip("scipy", reason="a package that imports lazily is needed to open the world")
    made = at_level(request.param, packages=("scipy",))
    yield made
    made.close()


@pytest.fixture
def open_table(open_world: Sandbox) -> Iterator[Table]:
    laid = Table(open_world)
    yield laid
    laid.close()
    is_honest_as_ever(open_world)


MINIMIZE = """
import scipy.linalg
import scipy.optimize
import scipy.sparse.csgraph
import scipy.stats

def attack():
    return float(scipy.optimize.minimize(lambda x: (x[0] - 3) ** 2, [0.0]).x[0])
"""


def test_07_an_open_world_offers_its_package_and_no_neighbour(open_table: Table) -> None:
    assert open_table.ask(MINIMIZE, expect=float, seconds=20.0, memory_mb=2048) == pytest.approx(3, abs=1e-4)
    assert import_all(open_table) == []


def test_07_an_open_world_shows_no_file_of_others(open_table: Table, precious: list[str]) -> None:
    own_pipe = ("open", "/proc/self/fd/3")
    found = [(name, path) for name, path in open_table.ask(LOOK, precious) if (name, path) != own_pipe]
    if open_table.sandbox.layers.level == "full":
        found = [(name, path) for name, path in found if not (name in EXISTENCE and path in {"/", ".", "..", *_above_ours()})]
    else:
        found = [(name, path) for name, path in found if name not in EXISTENCE]
    assert found == []


def _above_ours() -> set[str]:
    """Empty directories on the way to what is offered; a private root must have them."""
    return {str(path) for file in (SITE, Path(os.__file__), Path(sys.executable)) for path in (file, *file.parents)}


def test_07_an_open_world_opens_nothing_by_raw_system_calls(open_table: Table) -> None:
    paths = ["/etc/passwd", "/proc/self/status", str(ADRS / "loop.py"), str(SITE / "sqlalchemy" / "__init__.py")]
    found = [call for call, _ in raw_look(open_table, paths)]
    if open_table.sandbox.layers.level == "full":
        assert found == []
    assert [call for call in found if "stat" not in call and "access" not in call and "readlink" not in call] == []


PROCESSES = """
import os

def attack(pids):
    found = []
    for pid in pids:
        for name in f'exe cwd root fd/0 fd/1 fd/3 fd/5 ns/pid task/{pid}/exe'.split():
            try:
                found.append([pid, name, os.readlink(f'/proc/{pid}/{name}')])
            except OSError:
                pass
        for name in 'environ maps mem stat status cmdline io'.split() + [f'fd/{number}' for number in range(32)]:
            try:
                found.append([pid, name, open(f'/proc/{pid}/{name}', 'rb').read(9)])
            except OSError:
                pass
    return found
"""


def test_02_an_open_world_shows_no_process(open_table: Table) -> None:
    sibling = open_table.player(HONEST)
    sibling.call("answer", 1.0, 1.0, expect=float)
    pids = [os.getpid(), os.getppid(), open_table.sandbox.zygote_pid, process_of(sibling).pid, 1]
    assert open_table.ask(PROCESSES, pids) == []


DATA_SEED = 987_654_321
GREEDY = """
class Policy:
    def __init__(self, job):
        pass

    def decide(self, obs):
        return 'SPOT' if obs['spot_available'] else 'NONE'
"""
JOB = {"work_s", "deadline_s", "restart_s", "tick_s", "price_od", "price_spot", "seed"}
OBSERVATION = {"tick", "elapsed_s", "done_s", "pending_s", "last", "current", "spot_available"}


@dataclass(frozen=True)
class Told:
    """All that players were told in a game: every frame, and the same decoded."""

    frames: list[bytes]
    requests: list[list[Any]]

    def of(self, operation: str) -> list[list[Any]]:
        return [rest for name, _, *rest in self.requests if name == operation]

    @property
    def jobs(self) -> list[dict[str, Any]]:
        return [job for _, jobs in self.of("crew") for job in jobs]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def told(sandbox: Sandbox, secret: str, cache: Path, count: int = 1) -> Told:
    task = SpotSingleRegion(data_seed=DATA_SEED)
    frames: list[bytes] = []
    post = Process.post

    def overheard(self: Process, payload: bytes) -> None:
        frames.append(payload)
        post(self, payload)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADRS_CACHE", str(cache))
        patch.setattr(Process, "post", overheard)
        limits = PlayerLimits(
            seconds=1.0, player_seconds=30.0, memory_mb=512, seed=f"{DATA_SEED}:0:", watch="few", secret=secret
        )
        player = SandboxPlayer(sandbox, GREEDY, "", limits)
        try:
            verdicts = task.judge_together(player, list(task.workloads())[:count])
            player.check_crews()
        finally:
            player.close()
    assert all(verdict.score > 0 for verdict in verdicts)
    return Told(frames, [wire.decode(frame) for frame in frames])


def test_08_nothing_that_a_player_is_told_names_the_window(sandbox: Sandbox, cache: Path) -> None:
    """Not which window, split, pool or data seed: neither in words nor as a number."""
    said = told(sandbox, "a secret", cache, 2)
    assert {frozenset(job) for job in said.jobs} == {frozenset(JOB)}
    for _, who, shared, names, columns in said.of("step"):
        assert {*shared, *names} == OBSERVATION
        assert all(len(column) == len(who) for column in columns)
    everything = b"".join(said.frames).lower()
    names = [pool.name for pool in POOLS] + [pool.name.partition("_")[0] for pool in POOLS]
    for secret in (*names, "train", "validation", "synthetic", "a secret", str(DATA_SEED)):
        assert secret.encode() not in everything
    assert wire.encode(DATA_SEED) not in everything
    kinds = {tuple(sorted((name, value) for name, value in job.items() if name != "seed")) for job in said.jobs}
    assert len(kinds) == len(DEADLINES_H) * len(RESTARTS_H)  # the jobs of every window and pool are the same
    ticks = [shared["tick"] for _, _, shared, *_ in said.of("step") if "tick" in shared]
    assert min(ticks) == 0


def test_08_seeds_cannot_be_derived_without_the_secret_of_the_run(sandbox: Sandbox, cache: Path) -> None:
    one, same, other = (told(sandbox, secret, cache) for secret in ("secret one", "secret one", "secret two"))

    def seeds(said: Told) -> list[int]:
        return [seed for _, _, seed, _ in said.of("load")] + [job["seed"] for job in said.jobs]

    assert seeds(one) == seeds(same)
    assert not set(seeds(one)) & set(seeds(other))
    workload = next(iter(SpotSingleRegion(data_seed=DATA_SEED).workloads()))
    games = [f"{workload.name}:{game}" for game in workload.data.games]
    assert len({job["seed"] for job in one.jobs}) == len(games)  # each game has its own; the canary's replays have the same
    guesses = {derive(word, f"{DATA_SEED}:0:", game) for word in ("", "0", str(DATA_SEED), None) for game in games}
    guesses |= {derive(word, f"{DATA_SEED}:0:") for word in ("", "0", str(DATA_SEED), None)}
    guesses |= {DATA_SEED, *range(100)}
    assert not guesses & set(seeds(one))
