"""process: identifies the process that writes a run and checks whether it is alive. Covers this machine only."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Process:
    """A process, identified so that a reused pid is not mistaken for it.

    Args:
        started: a text that identifies its start time; "" if unknown.
    """

    host: str
    pid: int
    started: str


def this_process() -> Process:
    """The current process."""
    return Process(socket.gethostname(), os.getpid(), started(os.getpid()))


def this_machine() -> dict[str, Any]:
    """The machine that a run records: Python version, system, architecture, cores."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }


def alive(process: Process) -> bool:
    """Whether the process still runs on this machine; a process of another machine counts as ended."""
    return process.host == socket.gethostname() and process.started != "" and process.started == started(process.pid)


def started(pid: int) -> str:
    """A text that identifies when the process with this pid began; "" if no such process runs (a zombie does not run)."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "" if Path("/proc/self/stat").exists() else _started_by_ps(pid)
    boot = Path("/proc/sys/kernel/random/boot_id")
    return "" if fields[0] in "ZX" else f"{boot.read_text()[:8] if boot.exists() else ''}:{fields[19]}"


def _started_by_ps(pid: int) -> str:
    """The same on machines without /proc, such as macOS."""
    found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip()
