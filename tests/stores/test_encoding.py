"""Rows and back: exact for everything storable, cleaned once for the rest."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adrs.core.failure import FOUL_KINDS, Foul
from adrs.core.task import SPLITS, Verdict
from adrs.core.trial import Candidate, Evaluation, Measurement, Outcome, Spend, Trial
from adrs.stores import encoding

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False)
maybe = st.none() | numbers
counts = st.integers(0, 10**12)
fouls = st.builds(Foul, st.sampled_from(FOUL_KINDS), texts, st.lists(st.integers(0, 99), max_size=3).map(tuple))
verdicts = st.builds(Verdict, numbers, st.dictionaries(texts, numbers | texts, max_size=3), texts)
evaluations = st.builds(
    Evaluation,
    score=maybe,
    partial=maybe,
    validation=maybe,
    outcomes=st.lists(st.builds(Outcome, texts, st.sampled_from(SPLITS), verdicts | fouls), max_size=6).map(tuple),
    foul=st.none() | fouls,
    stopped=texts,
    metrics=st.dictionaries(texts, numbers, max_size=3),
    spread=maybe,
    seconds=numbers,
    referee_seconds=numbers,
    player_seconds=numbers,
    isolation=st.lists(texts, max_size=3).map(tuple),
)
candidates = st.builds(
    Candidate,
    source=texts,
    parents=st.lists(st.integers(0, 10**6), max_size=3).map(tuple),
    niche=texts,
    author=texts,
    note=texts,
    phase=st.sampled_from(["seed", "search", "shrink"]),
    spend=st.builds(
        Spend, numbers, st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 99), numbers, st.integers(0, 99)
    ),
    foul=st.none() | fouls,
)


def stored(row: encoding.Row) -> encoding.Row:
    """What a database gives back: every JSON column as strict JSON text."""
    return {name: json.loads(json.dumps(value, allow_nan=False)) for name, value in row.items()}


def exactly(evaluation: Evaluation) -> list[str]:
    """Verdicts to the last bit: 0.0 and -0.0 are equal, but not the same. The order of metrics is nobody's."""
    verdicts = evaluation.verdicts().items()
    return [f"{name} {each.score!r} {sorted(each.metrics.items(), key=repr)!r} {each.feedback}" for name, each in verdicts]


@given(candidates, evaluations)
def test_a_trial_comes_back_as_it_went(candidate: Candidate, evaluation: Evaluation) -> None:
    row = stored(encoding.trial_to_row(candidate, evaluation))
    trial = encoding.trial_from_row({**row, "number": 3, "question": 4, "seen": 2})
    assert trial == Trial(3, candidate, evaluation, 4, 2)
    assert exactly(trial.evaluation) == exactly(evaluation)


@given(evaluations)
def test_a_measurement_comes_back_as_it_went(evaluation: Evaluation) -> None:
    measurement = Measurement("greedy", "reference", evaluation, "x = 1\n")
    assert encoding.measurement_from_row(stored(encoding.measurement_to_row(measurement))) == measurement


def test_text_and_numbers_that_no_database_takes_are_replaced() -> None:
    odd = Evaluation(
        score=math.nan,
        seconds=math.inf,
        metrics={"a\x00": -math.inf, "b": 1.0},
        foul=Foul("crash", "\ud800 and \x00"),
        outcomes=(Outcome("w\x00", "train", Verdict(1.0, {"m\udfff": "x\x00"}, "f\x00")),),
    )
    row = stored(encoding.trial_to_row(Candidate("a\x00b\ud83d", author="\udc00"), odd))
    trial = encoding.trial_from_row({**row, "number": 0, "question": 0, "seen": 0})
    assert trial.candidate.source == "a\ufffdb\ufffd"
    assert trial.evaluation.score is None
    assert trial.evaluation.seconds == 0.0
    assert trial.evaluation.metrics == {"b": 1.0}
    assert trial.evaluation.foul == Foul("crash", "\ufffd and \ufffd")
    assert trial.evaluation.outcomes == (Outcome("w\ufffd", "train", Verdict(1.0, {"m\ufffd": "x\ufffd"}, "f\ufffd")),)


def test_anything_becomes_strict_json() -> None:
    value: dict[Any, Any] = {
        "nan": math.nan,
        "numpy": np.float32(0.5),
        "whole": np.int64(3),
        "flag": np.bool_(True),
        "odd numpy": np.float64("inf"),
        "decimal": Decimal("1.5"),
        "array": np.array([1.0, np.nan]),
        "pair": (1, "a\x00"),
        4: {"deep": [None, True, 2**70]},
    }
    assert json.loads(json.dumps(encoding.plain(value), allow_nan=False)) == {
        "nan": None,
        "numpy": 0.5,
        "whole": 3,
        "flag": True,
        "odd numpy": None,
        "decimal": 1.5,
        "array": [1.0, None],
        "pair": [1, "a\ufffd"],
        "4": {"deep": [None, True, 2**70]},
    }


def test_names_of_metrics_are_stored_once_a_trial() -> None:
    outcomes = [Outcome(f"w{i}", "train", Verdict(0.5, {"cost_in_dollars": 1.0})) for i in range(30)]
    assert json.dumps(encoding.outcomes_to_json(outcomes)).count("cost_in_dollars") == 1
