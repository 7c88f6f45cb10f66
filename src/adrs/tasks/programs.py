"""programs: the text of a baseline, for a task whose start program is one of its baselines. The catalogue reads all others."""

from __future__ import annotations

from pathlib import Path


def baseline(task_file: str, name: str) -> str:
    """The program `baselines/NAME.py` beside a task's file.

    Args:
        task_file: `__file__` of the task's module.
    """
    return Path(task_file).with_name("baselines").joinpath(f"{name}.py").read_text("utf-8")
