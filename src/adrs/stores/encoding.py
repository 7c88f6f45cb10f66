"""encoding: converts records to database rows and back; makes text and numbers storable.

Databases reject NUL and lone surrogates in text, and strict JSON has no NaN; both are replaced here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from itertools import groupby
from typing import Any

from adrs.core.failure import Foul
from adrs.core.messages import Message
from adrs.core.task import Verdict
from adrs.core.trial import Call, Candidate, Evaluation, Measurement, Outcome, Spend, Trial, Usage

Row = dict[str, Any]

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def text(value: str) -> str:
    """`value` with a replacement character for every NUL and lone surrogate."""
    return _UNSTORABLE.sub("\ufffd", value)


def number(value: float | None) -> float | None:
    """`value` as a plain float; None if it is not finite. SQLite columns have no -0.0, so -0.0 becomes 0.0."""
    return float(value) + 0.0 if value is not None and math.isfinite(value) else None


def plain(value: object) -> Any:
    """`value` as strict JSON: finite numbers, clean text, lists and dicts with text keys; anything else as its text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Mapping):
        return {text(str(key)): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in value]
    if isinstance(value, Decimal):
        return number(float(value))
    if hasattr(value, "tolist"):  # numpy
        return plain(value.tolist())
    return text(str(value))


def trial_to_row(candidate: Candidate, evaluation: Evaluation) -> Row:
    """The columns of a trial, without its run and numbers."""
    spend = candidate.spend
    return {
        "source": text(candidate.source),
        "parents": list(candidate.parents) or None,
        "niche": text(candidate.niche),
        "author": text(candidate.author),
        "note": text(candidate.note),
        "phase": candidate.phase,
        "dollars": number(spend.dollars),
        "input_tokens": int(spend.input_tokens),
        "output_tokens": int(spend.output_tokens),
        "calls": int(spend.calls),
        "writing_seconds": number(spend.seconds),
        "tries": int(spend.tries),
        "operators": [text(name) for name in candidate.operators] or None,
        "unusable": foul_to_json(candidate.foul),
        **evaluation_to_row(evaluation),
    }


def trial_from_row(row: Mapping[str, Any]) -> Trial:
    """The inverse of `trial_to_row`, with the numbers."""
    tokens = row["input_tokens"], row["output_tokens"]
    spend = Spend(row["dollars"] or 0.0, *tokens, row["calls"], row["writing_seconds"] or 0.0, row["tries"] or 0)
    author, operators = _author_and_operators(row["author"], row["operators"], row["phase"])
    candidate = Candidate(
        source=row["source"],
        parents=tuple(row["parents"] or ()),
        niche=row["niche"],
        author=author,
        note=row["note"],
        phase=row["phase"],
        spend=spend,
        foul=foul_from_json(row["unusable"]),
        operators=operators,
    )
    return Trial(row["number"], candidate, evaluation_from_row(row), row["question"], row["seen"])


def _author_and_operators(author: str, operators: list[str] | None, phase: str) -> tuple[str, tuple[str, ...]]:
    """Split the text of schemas before 5, which held both: "offline:swap+const" -> "offline", ("swap", "const")."""
    generator, colon, names = author.partition(":")
    if operators or not colon or generator not in ("offline", "tuner"):
        return author, tuple(operators or ())
    return generator, () if phase == "seed" else tuple(names.split("+"))


def evaluation_to_row(evaluation: Evaluation) -> Row:
    """The columns of an evaluation."""
    return {
        "score": number(evaluation.score),
        "partial": number(evaluation.partial),
        "validation": number(evaluation.validation),
        "spread": number(evaluation.spread),
        "stopped": text(evaluation.stopped),
        "seconds": number(evaluation.seconds),
        "referee_seconds": number(evaluation.referee_seconds),
        "player_seconds": number(evaluation.player_seconds),
        "foul": foul_to_json(evaluation.foul),
        "metrics": {text(name): number(value) for name, value in evaluation.metrics.items()} or None,
        "isolation": [text(layer) for layer in evaluation.isolation] or None,
        "outcomes": outcomes_to_json(evaluation.outcomes) or None,
    }


def evaluation_from_row(row: Mapping[str, Any]) -> Evaluation:
    """The inverse of `evaluation_to_row`."""
    return Evaluation(
        score=row["score"],
        partial=row["partial"],
        validation=row["validation"],
        outcomes=tuple(outcomes_from_json(row["outcomes"] or ())),
        foul=foul_from_json(row["foul"]),
        stopped=row["stopped"],
        metrics={name: value for name, value in (row["metrics"] or {}).items() if value is not None},
        spread=row["spread"],
        seconds=row["seconds"] or 0.0,
        referee_seconds=row["referee_seconds"] or 0.0,
        player_seconds=row["player_seconds"] or 0.0,
        isolation=tuple(row["isolation"] or ()),
    )


def measurement_to_row(measurement: Measurement) -> Row:
    """The columns of a measurement, without its run and number."""
    return {
        "program": text(measurement.program),
        "purpose": measurement.purpose,
        "source": text(measurement.source),
        **evaluation_to_row(measurement.evaluation),
    }


def measurement_from_row(row: Mapping[str, Any]) -> Measurement:
    """The inverse of `measurement_to_row`."""
    return Measurement(row["program"], row["purpose"], evaluation_from_row(row), row["source"])


def call_to_row(call: Call) -> Row:
    """The columns of a model call, without its run and numbers."""
    return {
        "model": text(call.model),
        "purpose": text(call.purpose),
        "dollars": number(call.dollars),
        "finish_reason": text(call.finish),
        "error": text(call.error) or None,
        "seconds": number(call.seconds),
        "usage": {**asdict(call.usage), "attempts": call.attempts, "answered": text(call.answered), "note": text(call.note)},
        "request": {"system": text(call.system), "text": text(call.text)},
        "reply": text(call.reply),
    }


def call_from_row(row: Mapping[str, Any]) -> Call:
    usage = dict(row["usage"])
    extra = {name: usage.pop(name) for name in ("attempts", "answered", "note") if name in usage}
    return Call(
        model=row["model"],
        purpose=row["purpose"],
        system=row["request"]["system"],
        text=row["request"]["text"],
        reply=row["reply"],
        finish=row["finish_reason"],
        usage=Usage(**usage),
        dollars=row["dollars"],
        error=row["error"] or "",
        seconds=row["seconds"] or 0.0,
        **extra,
    )


def message_to_row(message: Message) -> Row:
    """The columns of a message, without its run and number."""
    texts = {name: text(getattr(message, name)) for name in ("kind", "author", "note", "text")}
    return {**texts, "about": message.about}


def message_from_row(row: Mapping[str, Any]) -> Message:
    return Message(row["kind"], row["text"], row["author"], row["note"], row["about"])


def foul_to_json(foul: Foul | None) -> list[Any] | None:
    """[kind, reason] or [kind, reason, [who, …]]."""
    if foul is None:
        return None
    return [foul.kind, text(foul.reason), *([list(foul.who)] if foul.who else [])]


def foul_from_json(packed: list[Any] | None) -> Foul | None:
    """The inverse of `foul_to_json`."""
    if packed is None:
        return None
    return Foul(packed[0], packed[1], tuple(packed[2]) if len(packed) > 2 else ())


def outcomes_to_json(outcomes: Iterable[Outcome]) -> list[Row]:
    """Outcomes in columns, one group for each consecutive part of one split, so that names of metrics are stored once.

    {"split", "workloads": [name], "scores": [number, or a foul as a list], "metrics": {name: [value, or null if absent]},
    "feedback": [text]}; the last two are omitted if empty.
    """
    groups = []
    for split, stretch in groupby(outcomes, key=lambda outcome: outcome.split):
        played = list(stretch)
        verdicts = [outcome.result if isinstance(outcome.result, Verdict) else None for outcome in played]
        names = dict.fromkeys(name for verdict in verdicts if verdict for name in verdict.metrics)
        feedback = [text(verdict.feedback) if verdict else "" for verdict in verdicts]
        group: Row = {"split": split, "workloads": [text(outcome.workload) for outcome in played]}
        group["scores"] = [
            outcome.result.score if isinstance(outcome.result, Verdict) else foul_to_json(outcome.result) for outcome in played
        ]
        if names:
            group["metrics"] = {
                text(name): [_metric(verdict.metrics.get(name)) if verdict else None for verdict in verdicts] for name in names
            }
        if any(feedback):
            group["feedback"] = feedback
        groups.append(group)
    return groups


def _metric(value: float | str | None) -> float | str | None:
    return text(value) if isinstance(value, str) else value


def outcomes_from_json(groups: Iterable[Row]) -> Iterable[Outcome]:
    """The inverse of `outcomes_to_json`."""
    for group in groups:
        columns: Mapping[str, list[Any]] = group.get("metrics", {})
        feedback = group.get("feedback")
        for position, (workload, score) in enumerate(zip(group["workloads"], group["scores"], strict=True)):
            result: Verdict | Foul | None
            if isinstance(score, list):
                result = foul_from_json(score)
            else:
                metrics = {name: column[position] for name, column in columns.items() if column[position] is not None}
                result = Verdict(score, metrics, feedback[position] if feedback else "")
            if result is not None:
                yield Outcome(workload, group["split"], result)
