"""verification: scores programs outside a search, plays the test split, replays stored runs.

The only place where `test` workloads are played.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any

from adrs import analysis, catalog
from adrs.analysis import paired_difference
from adrs.core.failure import Refusal
from adrs.core.parts import Bar
from adrs.core.storage import RunRow
from adrs.core.task import SPLITS, Split, Task, Verdict
from adrs.core.trial import Evaluation, Measurement, Trial
from adrs.evaluator.executors.local import LocalExecutor
from adrs.evaluator.stages import Cascade, Table, split_score
from adrs.generators.recorded import Recorded
from adrs.runs.session import reference_programs, stored_recipe, table_of
from adrs.sandbox import Watch
from adrs.stores.encoding import plain
from adrs.stores.sql import Database


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
        Refusal: the task cannot be loaded, or the sandbox lacks a layer.
    """
    loaded = catalog.load_task(task, options)
    catalog.workloads_of(loaded)
    spec, given = catalog.task_spec(loaded)
    table = Table(spec, dict(options), secret=secrets.token_hex(16), unsafe=unsafe, chunks=workers)
    with LocalExecutor(workers, quiet=False) as executor:
        referee = Cascade(loaded, table, executor)
        evaluation = referee.measure(source, [split for split in SPLITS if split in splits])
    return {
        "task": task,
        "options": plain(given),
        "split": [split for split in SPLITS if split in splits],
        "score": _overall(loaded, evaluation, splits),
        "foul": analysis.foul_told(evaluation.foul),
        "splits": {split: _split(loaded, evaluation, split) for split in SPLITS if split in splits},
        "seconds": evaluation.seconds,
        "cpu_seconds": {"referee": evaluation.referee_seconds, "player": evaluation.player_seconds},
        "isolation": list(evaluation.isolation),
    }


def _overall(task: Task[Any], evaluation: Evaluation, splits: Sequence[Split]) -> float | None:
    """The score on train, or on the first split that was asked for; None for a foul anywhere."""
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


def verify(database: Database, row: RunRow, *, workers: int, trial: int | None = None) -> dict[str, Any]:
    """Play the champion and all references on the test split, once, and say how sure the gain is.

    What was played is stored; asked again, the stored plays are used. Every game of the champion's crews is played again
    alone.

    Args:
        trial: the number of another legal program to play in the champion's place.

    Raises:
        Refusal: there is no legal program, or the task has no test split.
    """
    best = to_verify(database, row, trial)
    recipe = stored_recipe(database, row)
    task = catalog.load_task(recipe.task, recipe.options)
    if not any(workload.split == "test" for workload in task.workloads()):
        raise Refusal(f"task {recipe.task} has no test workloads: give some of its workloads split='test'")
    programs = {f"trial:{best.number}": best.candidate.source, **reference_programs(task)}
    tuned = [each for each in database.measurements(row) if each.program not in programs and each.purpose == "reference"]
    programs |= {measurement.program: measurement.source for measurement in tuned}
    played = _tested(database, row, task, programs, table_of(recipe, row), workers)
    return _verdict_on(task, row, best, played)


def to_verify(database: Database, row: RunRow, number: int | None = None) -> Trial:
    """The trial that `verify` plays: the champion, or the one of that number.

    Raises:
        Refusal: there is none, or it fouled.
    """
    if number is None:
        best = analysis.champion(database.storage(row).trials())
        if best is None:
            raise Refusal(f"run {row.name} has no legal program to verify: `adrs show {row.name}` says why")
        return best
    trial = database.trial(row, number)
    if trial.evaluation.foul is not None:
        why = f"`adrs show {row.name} {number}` says why, `adrs trials {row.name}` lists the others"
        raise Refusal(f"trial {number} of run {row.name} fouled and cannot be verified: {why}")
    return trial


def _tested(
    database: Database, row: RunRow, task: Task[Any], programs: Mapping[str, str], table: Table, workers: int
) -> dict[str, Evaluation]:
    """Program -> how it did on test; played if it is not stored yet."""
    stored = {each.program: each.evaluation for each in database.measurements(row) if each.purpose == "verify"}
    wanted = {name: source for name, source in programs.items() if name not in stored}
    if wanted:
        database.check_writable()
    with LocalExecutor(workers) as executor, ThreadPoolExecutor(workers) as threads:
        referee = Cascade(task, replace(table, chunks=workers), executor)

        def play(name: str) -> Evaluation:
            watch: Watch = "all" if name.startswith("trial:") else "few"
            return referee.measure(programs[name], ("test",), watch)

        for name, evaluation in zip(wanted, threads.map(play, wanted), strict=True):
            database.add_measurement(row, Measurement(name, "verify", evaluation, programs[name]))
            stored[name] = evaluation
    return {name: stored[name] for name in programs}


def _verdict_on(task: Task[Any], row: RunRow, best: Trial, played: Mapping[str, Evaluation]) -> dict[str, Any]:
    """The document of `verify --json`."""
    own, *others = played
    champion = played[own]
    score = split_score(task, champion.outcomes, "test")
    scores = _by_workload(champion)
    baselines: dict[str, Any] = {}
    for name in others:
        against = _by_workload(played[name])
        difference = asdict(paired_difference(scores, against)) if scores and against else None
        baselines[name] = {"score": split_score(task, played[name].outcomes, "test"), "difference": difference}
    known = [each["score"] for each in baselines.values() if each["score"] is not None]
    closed = None
    if score is not None and task.bound is not None and known and task.bound > max(known):
        closed = (score - max(known)) / (task.bound - max(known))
    return {
        "run": row.name,
        "trial": best.number,
        "split": "test",
        "score": score,
        "foul": analysis.foul_told(champion.foul),
        "baselines": baselines,
        "bound": task.bound,
        "gap_closed": closed,
    }


def _by_workload(evaluation: Evaluation) -> dict[str, float]:
    """Workload -> score on test; nothing after a foul."""
    if evaluation.foul is not None:
        return {}
    return {name: verdict.score for name, verdict in evaluation.verdicts("test").items()}


@dataclass(frozen=True)
class Replayed:
    """What a replay found: how many trials were played again, and every difference in a line."""

    trials: int
    differences: tuple[str, ...]


def replay(database: Database, row: RunRow, *, workers: int) -> Replayed:
    """Play every stored candidate again, under the bar that it faced, and compare all verdicts bit by bit.

    No generator but `recorded` is asked: the stored replies must become the stored programs again, and these are played. Each
    trial says how many others had been told when its question was asked, so a run of any width replays exactly.
    """
    recipe = stored_recipe(database, row)
    task = catalog.load_task(recipe.task, recipe.options)
    trials = list(database.storage(row).trials())
    recorded = Recorded(run=row.name)
    recorded.hear(trials, database.calls_by_trial(row))
    with LocalExecutor(workers) as executor, ThreadPoolExecutor(workers) as threads:
        table = table_of(recipe, row)
        search = Cascade(task, table, executor)
        shrink = Cascade(task, table, executor, slack=analysis.TOLERANCE)
        bars = [search.bar()]
        for trial in trials:
            search.tell(trial)
            bars.append(search.bar())

        def again(trial: Trial) -> Evaluation:
            candidate = recorded.again(trial.number)
            if candidate.foul is not None:
                return Evaluation(foul=candidate.foul)
            bar = Bar() if candidate.phase == "seed" else bars[trial.seen]
            return (shrink if candidate.phase == "shrink" else search).evaluate(candidate, bar)

        found = [
            difference
            for trial, evaluation in zip(trials, threads.map(again, trials), strict=True)
            for difference in _differences(trial, evaluation)
        ]
    return Replayed(len(trials), (*_rewritten(trials, recorded), *found))


def _rewritten(trials: Sequence[Trial], recorded: Recorded) -> list[str]:
    """Stored replies that no longer become the stored programs."""
    return [
        f"trial {trial.number}: its stored reply becomes another program than the stored one"
        for trial in trials
        if recorded.again(trial.number).source != trial.candidate.source
    ]


def _differences(trial: Trial, now: Evaluation) -> list[str]:
    """In which of its results a trial came out otherwise."""
    before = trial.evaluation
    found = [
        f"trial {trial.number}: {name} was {getattr(before, name)!r}, is {getattr(now, name)!r}"
        for name in ("score", "partial", "validation", "stopped", "foul")
        if getattr(before, name) != getattr(now, name)
    ]
    was = {outcome.workload: outcome.result for outcome in before.outcomes}
    for outcome in now.outcomes:
        old = was.get(outcome.workload)
        if isinstance(outcome.result, Verdict) and isinstance(old, Verdict) and old.score != outcome.result.score:
            found.append(f"trial {trial.number}, {outcome.workload}: score was {old.score!r}, is {outcome.result.score!r}")
    return found
