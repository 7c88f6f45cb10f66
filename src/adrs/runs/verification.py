"""verification: scores programs outside a search, on any split. Only this module plays the test split."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from typing import Any

from adrs import analysis, catalog
from adrs.core.failure import Refusal
from adrs.core.storage import StoredRun
from adrs.core.task import SPLITS, Split, Task, Verdict
from adrs.core.trial import Evaluation, Measurement, Trial
from adrs.evaluator.examination import Examination
from adrs.evaluator.executors.local import LocalExecutor
from adrs.evaluator.games import GameSettings, split_score
from adrs.runs.references import reference_programs
from adrs.runs.seeds import secrecy
from adrs.runs.session import game_settings, stored_recipe
from adrs.sandbox import Watch
from adrs.stores.encoding import plain


def evaluate(
    task: str,
    options: Mapping[str, Any],
    source: str,
    splits: Sequence[Split] = ("train", "validation"),
    *,
    workers: int = 1,
    unsafe: bool = False,
) -> dict[str, Any]:
    """Score a program outside any run: the document of `eval --json`.

    Raises:
        Refusal: the task cannot be loaded, or the sandbox lacks a required layer.
    """
    loaded = catalog.load_task(task, options)
    catalog.workloads_of(loaded)
    spec, given = catalog.task_spec(loaded)
    settings = GameSettings(spec, dict(options), secret=secrets.token_hex(16), unsafe=unsafe, chunks=workers)
    with LocalExecutor(workers, quiet=False) as executor:
        examination = Examination(loaded, settings, executor)
        evaluation = examination.measure(source, [split for split in SPLITS if split in splits])
    return {
        "task": task,
        "options": plain(given),
        "held_out": secrecy(loaded),
        "split": [split for split in SPLITS if split in splits],
        "score": _overall(loaded, evaluation, splits),
        "foul": analysis.foul_told(evaluation.foul),
        "splits": {split: _split(loaded, evaluation, split) for split in SPLITS if split in splits},
        "seconds": evaluation.seconds,
        "cpu_seconds": {"referee": evaluation.referee_seconds, "player": evaluation.player_seconds},
        "isolation": list(evaluation.isolation),
    }


def _overall(task: Task[Any], evaluation: Evaluation, splits: Sequence[Split]) -> float | None:
    """The score on train, or on the first requested split; None after a foul."""
    if evaluation.foul is not None:
        return None
    first = "train" if "train" in splits else next(split for split in SPLITS if split in splits)
    return split_score(task, evaluation.outcomes, first)


def _split(task: Task[Any], evaluation: Evaluation, split: Split) -> dict[str, Any]:
    outcomes = [outcome for outcome in evaluation.outcomes if outcome.split == split]
    verdicts = [outcome.result for outcome in outcomes if isinstance(outcome.result, Verdict)]
    whole = bool(verdicts) and len(verdicts) == len(outcomes)
    return {
        "score": split_score(task, outcomes, split),
        "bound": task.bound,
        "metrics": task.summary(verdicts) if whole else {},
        "verdicts": [analysis.outcome_told(outcome) for outcome in outcomes],
    }


def verify(run: StoredRun, *, workers: int, trial: int | None = None) -> dict[str, Any]:
    """Play the champion and all baselines on the test split and compute confidence intervals of the gain.

    Results are stored and reused by later calls. Every game of the champion's crews is replayed alone.

    Args:
        trial: number of a legal trial to play instead of the champion.

    Raises:
        Refusal: no legal program exists, or the task has no test split.
    """
    best = to_verify(run, trial)
    recipe = stored_recipe(run)
    task = catalog.load_task(recipe.task, recipe.options)
    if not any(workload.split == "test" for workload in task.workloads()):
        raise Refusal(f"task {recipe.task} has no test workloads: give some of its workloads split='test'")
    programs = {f"trial:{best.number}": best.candidate.source, **reference_programs(task)}
    tuned = [each for each in run.measurements() if each.program not in programs and each.purpose == "reference"]
    programs |= {measurement.program: measurement.source for measurement in tuned}
    settings = replace(game_settings(recipe, run.record.secret), chunks=workers)
    return _verdict_on(task, run, best, _tested(run, task, programs, settings, workers))


def to_verify(run: StoredRun, number: int | None = None) -> Trial:
    """The trial that `verify` plays: the champion, or the given one.

    Raises:
        Refusal: the trial does not exist, or it fouled.
    """
    if number is None:
        best = analysis.champion(run.trials())
        if best is None:
            raise Refusal(f"run {run.name} has no legal program to verify: see `adrs show {run.name}`")
        return best
    trial = run.trial(number)
    if trial.evaluation.foul is not None:
        where = f"see `adrs show {run.name} {number}` for the reason and `adrs trials {run.name}` for other trials"
        raise Refusal(f"trial {number} of run {run.name} fouled and cannot be verified: {where}")
    return trial


def _tested(
    run: StoredRun, task: Task[Any], programs: Mapping[str, str], settings: GameSettings, workers: int
) -> dict[str, Evaluation]:
    """Program -> evaluation on test; played unless it is stored."""
    stored = {each.program: each.evaluation for each in run.measurements() if each.purpose == "verify"}
    wanted = {name: source for name, source in programs.items() if name not in stored}
    if wanted:
        run.check_writable()
    with (
        tempfile.TemporaryDirectory(prefix="adrs-verify-") as cache,  # bounds are computed anew: cached ones could be forged
        LocalExecutor(workers, cache=cache) as executor,
        ThreadPoolExecutor(workers) as threads,
    ):
        examination = Examination(task, settings, executor)

        def play(name: str) -> Evaluation:
            watch: Watch = "all" if name.startswith("trial:") else "few"
            return examination.measure(programs[name], ("test",), watch)

        for name, evaluation in zip(wanted, threads.map(play, wanted), strict=True):
            run.add_measurement(Measurement(name, "verify", evaluation, programs[name]))
            stored[name] = evaluation
    return {name: stored[name] for name in programs}


def _verdict_on(task: Task[Any], run: StoredRun, best: Trial, played: Mapping[str, Evaluation]) -> dict[str, Any]:
    """The document of `verify --json`."""
    own, *others = played
    champion = played[own]
    score = split_score(task, champion.outcomes, "test")
    scores = _by_workload(champion)
    kinds = {workload.name: workload.kind for workload in task.workloads()}
    baselines: dict[str, Any] = {}
    for name in others:
        against = _by_workload(played[name])
        difference = asdict(analysis.paired_difference(scores, against, kinds)) if scores and against else None
        baselines[name] = {"score": split_score(task, played[name].outcomes, "test"), "difference": difference}
    differences = {name: each["difference"] for name, each in baselines.items() if each["difference"]}
    p_values = {name: each["p"] for name, each in differences.items() if each["p"] is not None}
    for name, adjusted in analysis.holm(p_values).items():
        differences[name]["p"] = adjusted
    known = [each["score"] for each in baselines.values() if each["score"] is not None]
    closed = None
    if score is not None and task.bound is not None and known and task.bound > max(known):
        closed = (score - max(known)) / (task.bound - max(known))
    return {
        "run": run.name,
        "trial": best.number,
        "split": "test",
        "held_out": secrecy(task),
        "task_changed": run.task_changed(),
        "score": score,
        "foul": analysis.foul_told(champion.foul),
        "baselines": baselines,
        "bound": task.bound,
        "gap_closed": closed,
    }


def _by_workload(evaluation: Evaluation) -> dict[str, float]:
    """Workload -> score on test; empty after a foul."""
    if evaluation.foul is not None:
        return {}
    return {name: verdict.score for name, verdict in evaluation.verdicts("test").items()}
