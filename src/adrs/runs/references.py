"""references: scores the baselines of a run: the task's own and its start program."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from adrs.core.storage import StoredRun
from adrs.core.task import Task
from adrs.core.trial import Evaluation, Measurement
from adrs.evaluator.games import without_task_errors
from adrs.evaluator.referee import SEARCH_SPLITS
from adrs.evaluator.stages import Stages
from adrs.runs.watcher import Watcher

TUNED = "tuned seed"
"""The name under which the tuned start program is stored and shown."""


def reference_programs(task: Task[Any]) -> dict[str, str]:
    """Name -> program: the baselines, and the start program unless it equals one of them."""
    programs = dict(task.baselines)
    if task.seed not in programs.values():
        programs["seed"] = task.seed
    return programs


def measure_references(
    task: Task[Any], run: StoredRun, referee: Stages, workers: int, halt: threading.Event, watcher: Watcher
) -> None:
    """Play the baselines that have no stored result on train and validation, in parallel, and store the results."""
    stored = {measurement.program for measurement in run.measurements()}
    wanted = {name: source for name, source in reference_programs(task).items() if name not in stored}

    def play(source: str) -> Evaluation | None:
        return None if halt.is_set() else referee.measure(source, SEARCH_SPLITS)

    with ThreadPoolExecutor(max(1, workers)) as threads:
        for (name, source), evaluation in zip(wanted.items(), threads.map(play, wanted.values()), strict=True):
            if evaluation is not None:
                run.add_measurement(Measurement(name, "reference", without_task_errors(evaluation), source))
    for measurement in run.measurements():
        if measurement.purpose == "reference":
            watcher.measured(measurement)
