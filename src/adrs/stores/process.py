"""process: who is writing a run, on what machine, and whether that process is still alive. Of this machine only."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
from pathlib import Path
from typing import Any

from adrs.core.storage import Process


def this_process() -> Process:
    """The process that runs this line."""
    return Process(socket.gethostname(), os.getpid(), started(os.getpid()))


def this_machine() -> dict[str, Any]:
    """What a run notes of where it was started."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }


def alive(process: Process) -> bool:
    """Whether it still runs on this machine; one of another machine counts as gone."""
    return process.host == socket.gethostname() and process.started != "" and process.started == started(process.pid)


def started(pid: int) -> str:
    """A text that names the moment at which the process with this pid began, "" if there is none (a zombie is none)."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "" if Path("/proc/self/stat").exists() else _started_by_ps(pid)
    boot = Path("/proc/sys/kernel/random/boot_id")
    return "" if fields[0] in "ZX" else f"{boot.read_text()[:8] if boot.exists() else ''}:{fields[19]}"


def _started_by_ps(pid: int) -> str:
    """For machines without /proc, such as macOS."""
    found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip()
