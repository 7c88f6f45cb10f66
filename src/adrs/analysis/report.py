"""report: champion, lineage and summary of a run: pure functions over its trials."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from adrs.analysis.statistics import Tally, tally
from adrs.core.failure import Foul
from adrs.core.program import size
from adrs.core.task import Verdict
from adrs.core.trial import Measurement, Outcome, Spend, Trial

TOLERANCE = 0.0005
"""Score that a shortened champion may lose and still replace the champion."""
FEW = 0.2
"""Fraction of legal programs up to which a report explains why there are so few."""
_NUMBER = re.compile(r"[0-9.]+")


@dataclass(frozen=True)
class About:
    """The facts about a run, other than its trials, for a summary."""

    run: str
    task: str
    options: Mapping[str, Any]
    recipe: Mapping[str, Any]
    state: str
    bound: float | None
    task_changed: bool = False


@dataclass(frozen=True)
class Step:
    """One generation of a lineage; `diff` is relative to the previous trial, "" for the first."""

    trial: Trial
    diff: str


def champion(trials: Iterable[Trial]) -> Trial | None:
    """The complete trial with the best validation score, or train score if none was validated; None without a complete trial.

    A program of the shrinking phase replaces it if it loses at most TOLERANCE and has fewer syntax-tree nodes.
    """
    complete = [trial for trial in trials if trial.breeds]
    found = [trial for trial in complete if trial.evaluation.validation is not None] or complete
    if not found:
        return None
    best = max(found, key=lambda trial: (merit(trial), -trial.number))
    shorter = [trial for trial in found if trial.candidate.phase == "shrink" and merit(trial) >= merit(best) - TOLERANCE]
    return min([best, *shorter], key=lambda trial: (size(trial.candidate.source), trial.number))


def merit(trial: Trial) -> float:
    """The score by which champions are chosen: validation, or train for a program that was not validated."""
    evaluation = trial.evaluation
    score = evaluation.validation if evaluation.validation is not None else evaluation.score
    return score if score is not None else float("-inf")


def lineage(trials: Iterable[Trial], number: int) -> list[Step]:
    """The ancestors of trial `number` along main parents, from a start program on."""
    known = {trial.number: trial for trial in trials}
    line: list[Trial] = []
    current = known.get(number)
    while current is not None:
        line.append(current)
        parents = current.candidate.parents
        current = known.get(parents[0]) if parents and parents[0] < current.number else None
    line.reverse()
    return [Step(trial, diff(line[place - 1], trial) if place else "") for place, trial in enumerate(line)]


def diff(old: Trial, new: Trial) -> str:
    """A unified diff between two programs, by lines."""
    return source_diff(old.candidate.source, new.candidate.source, f"trial {old.number}", f"trial {new.number}")


def source_diff(old: str, new: str, old_name: str, new_name: str) -> str:
    """A unified diff between two texts; ignores a missing newline at the end."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), old_name, new_name, lineterm="")
    return "\n".join(lines)


def shortfall(trials: Iterable[Trial], why: str = "") -> str:
    """A sentence with the most frequent reason if few attempts or none gave a legal program; else "".

    Args:
        why: why the search ended, if known.
    """
    attempts = [trial for trial in trials if trial.candidate.phase != "seed"]
    if not attempts:
        return f"no attempt was made: {why}" if why else "no attempt was made"
    reasons = [_reason(trial) for trial in attempts if trial.evaluation.foul is not None]
    legal = len(attempts) - len(reasons)
    if legal > FEW * len(attempts):
        return ""
    alike = Counter(_NUMBER.sub("#", reason) for reason in reasons).most_common(1)[0][0]
    reason = next(reason for reason in reasons if _NUMBER.sub("#", reason) == alike)
    return f"{legal or 'none'} of {len(attempts)} attempts gave a legal program; most often: {reason}"


def _reason(trial: Trial) -> str:
    foul = trial.candidate.foul
    return f"unusable reply: {foul.reason}" if foul else str(trial.evaluation.foul)


def reference_scores(measurements: Iterable[Measurement]) -> dict[str, float]:
    """Train scores of the reference programs; a repeated measurement replaces the earlier one."""
    return {
        measurement.program: measurement.evaluation.score
        for measurement in measurements
        if measurement.purpose == "reference" and measurement.evaluation.score is not None
    }


def isolation(trials: Iterable[Trial]) -> list[str]:
    """The layers that were active in every sandboxed evaluation, in the order of the first; `unsafe` if any was unsafe."""
    layers: tuple[str, ...] | None = None
    unsafe: list[str] = []
    for trial in trials:
        on = trial.evaluation.isolation
        if on:
            layers = on if layers is None else tuple(layer for layer in layers if layer in on)
            unsafe += [layer for layer in on if layer.startswith("unsafe") and layer not in unsafe]
    return [*unsafe, *(layer for layer in layers or () if layer not in unsafe)]


def summary(about: About, trials: Sequence[Trial], measurements: Iterable[Measurement]) -> dict[str, Any]:
    """The document of `show --json`, as the command line's contract defines it."""
    counted = tally(trials)
    best = champion(trials)
    return {
        "run": about.run,
        "task": about.task,
        "options": dict(about.options),
        "recipe": dict(about.recipe),
        "state": about.state,
        "task_changed": about.task_changed,
        "trials": counted.attempts,
        "best": best
        and {
            "trial": best.number,
            "score": best.score,
            "validation": best.evaluation.validation,
            "author": best.candidate.author,
        },
        "seed_score": counted.seed_score,
        "baselines": reference_scores(measurements),
        "bound": about.bound,
        "fouls": dict(counted.fouls),
        "spend": _spend(counted),
        "curve": [list(point) for point in counted.curve],
        "isolation": isolation(trials),
    }


def trial_line(trial: Trial) -> dict[str, Any]:
    """One trial as `trials --json` lists it."""
    candidate, evaluation = trial.candidate, trial.evaluation
    return {
        "trial": trial.number,
        "phase": candidate.phase,
        "score": evaluation.score,
        "partial": evaluation.partial,
        "validation": evaluation.validation,
        "stopped": evaluation.stopped,
        "foul": foul_told(evaluation.foul),
        "author": candidate.author,
        "operators": list(candidate.operators),
        "note": candidate.note,
        "parents": list(candidate.parents),
        "niche": candidate.niche,
    }


def trial_page(run: str, trial: Trial) -> dict[str, Any]:
    """One complete trial: the document of `show RUN N --json`."""
    candidate, evaluation = trial.candidate, trial.evaluation
    return {
        "run": run,
        **trial_line(trial),
        "metrics": dict(evaluation.metrics),
        "verdicts": [{"split": outcome.split, **outcome_told(outcome)} for outcome in evaluation.outcomes],
        "spend": asdict(candidate.spend),
        "seconds": evaluation.seconds,
        "cpu_seconds": {"referee": evaluation.referee_seconds, "player": evaluation.player_seconds},
        "isolation": list(evaluation.isolation),
        "source": candidate.source,
    }


def outcome_told(outcome: Outcome) -> dict[str, Any]:
    """The outcome of one workload in JSON documents."""
    verdict = outcome.result if isinstance(outcome.result, Verdict) else None
    return {
        "workload": outcome.workload,
        "score": verdict.score if verdict else None,
        "metrics": dict(verdict.metrics) if verdict else {},
        "feedback": verdict.feedback if verdict else "",
        "foul": foul_told(outcome.result) if isinstance(outcome.result, Foul) else None,
    }


def foul_told(foul: Foul | None) -> dict[str, str] | None:
    """A foul in JSON documents."""
    return None if foul is None else {"kind": foul.kind, "reason": foul.reason}


def _spend(counted: Tally) -> dict[str, Any]:
    def numbers(spend: Spend) -> dict[str, float]:
        return {"dollars": spend.dollars, "tokens": spend.tokens, "seconds": spend.seconds, "calls": spend.calls}

    by_author = {author: {"trials": row.trials, **numbers(row.spend)} for author, row in counted.authors.items()}
    return {**numbers(counted.spend), "by_author": by_author}
