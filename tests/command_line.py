"""command_line: the program `adrs` as a person starts it, in processes of its own or in this one, for tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adrs.cli import terminal
from adrs.cli.main import main

TINY = Path(__file__).with_name("tiny_task.py")
PATIENCE = 300.0
"""Seconds that a test waits for what must happen. It only ends a hang: a busy machine must never reach it."""


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line of a refusal; a line about the missing model may come before it, nothing else."""
        lines = [line for line in self.err.splitlines() if line]
        assert len(lines) == 1, self.err
        assert "Traceback" not in self.err
        return lines[0]

    @property
    def json(self) -> Any:
        """The document on stdout, read strictly."""

        def refuse(constant: str) -> None:
            raise AssertionError(f"{constant} is no strict JSON")

        return json.loads(self.out, parse_constant=refuse)


class Here:
    """Commands in this process, in a folder of their own."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.folder, self._capture, self._patch = folder, capture, patch
        patch.chdir(folder)
        for name in ("ADRS_STORE", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            patch.delenv(name, raising=False)
        for console in (terminal.out, terminal.err):  # made when COLUMNS said something else, in a worker of pytest's
            patch.setattr(console, "_width", terminal.WIDTH_OF_A_PIPE)
        patch.setenv("ADRS_DATA", str(folder / "data"))
        patch.setenv("XDG_DATA_HOME", str(folder / "home"))

    def __call__(self, *arguments: object) -> Said:
        self._patch.setattr(sys, "argv", ["adrs", *map(str, arguments)])
        self._capture.readouterr()
        try:
            main()
            code: Any = 0
        except SystemExit as end:
            code = end.code or 0
        said = self._capture.readouterr()
        return Said(int(code), said.out, said.err)

    def refused(self, *arguments: object) -> str:
        """The sentence with which a command ends that cannot be."""
        said = self(*arguments)
        assert said.code == 2, said
        assert said.out == ""
        return said.sentence


def environment(folder: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH") if name in os.environ}
    return {**kept, "ADRS_DATA": str(folder / "data"), "PYTHONDONTWRITEBYTECODE": "1", **(extra or {})}


def begin(folder: Path, *arguments: object, **more: Any) -> subprocess.Popen[str]:
    """Start a command in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "adrs", *map(str, arguments)],
        cwd=folder,
        env=environment(folder, more.pop("extra", None)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **more,
    )


def ended(process: subprocess.Popen[str], seconds: float = PATIENCE) -> Said:
    """Wait for a command."""
    out, err = process.communicate(timeout=seconds)
    return Said(process.returncode, out, err)


def command(folder: Path, *arguments: object, **more: Any) -> Said:
    """A command from start to end."""
    return ended(begin(folder, *arguments, **more))


def until(done: Callable[[], Any], what: str = "it", seconds: float = PATIENCE) -> Any:
    """Wait for something to be true, and give it."""
    end = time.monotonic() + seconds
    while not (found := done()):
        assert time.monotonic() < end, f"{what} did not happen within {seconds} s"
        time.sleep(0.01)
    return found


def descendants(pid: int) -> set[int]:
    """The processes that come from this one, by the kernel's tables."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text("utf-8", "replace").rpartition(")")[2].split()[1])
        except OSError:
            continue
    found: set[int] = set()
    while more := {child for child, parent in parents.items() if parent in {pid, *found}} - found:
        found |= more
    return found


def alive(pids: Sequence[int] | set[int]) -> list[int]:
    """Those of the processes that still run; a zombie does not."""
    states = {pid: Path(f"/proc/{pid}/stat") for pid in pids}
    found = []
    for pid, stat in states.items():
        try:
            if stat.read_text("utf-8", "replace").rpartition(")")[2].split()[0] not in "ZX":
                found.append(pid)
        except OSError:
            continue
    return found


def slow_task(folder: Path, seconds: float = 0.02) -> Path:
    """The tiny task with a referee that takes its time, and prints where it should not."""
    text = TINY.read_text("utf-8")
    text = text.replace("from typing import Literal", "import time\nfrom typing import Literal\n\nprint('a task that prints')")
    text = text.replace(
        "        if self.broken:", f"        time.sleep({seconds})\n        print('judging')\n        if self.broken:"
    )
    path = folder / "slow_task.py"
    path.write_text(text, "utf-8")
    return path
