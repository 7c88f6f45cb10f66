"""The interval of a paired difference: right where it can be checked, silent where it cannot know."""

from __future__ import annotations

import random
import sys

import pytest

from adrs.analysis.confidence import paired_difference


def scores(values: list[float]) -> dict[str, float]:
    return {f"w{number}": value for number, value in enumerate(values)}


@pytest.fixture(params=["scipy", "numpy"])
def method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With scipy, and as if it were not installed."""
    if request.param == "numpy":
        monkeypatch.setitem(sys.modules, "scipy.stats", None)
        return "percentile"
    pytest.importorskip("scipy")
    return "BCa"


def test_the_method_is_named_and_repeats(method: str) -> None:
    rng = random.Random(0)
    a, b = scores([rng.gauss(0.5, 0.1) for _ in range(30)]), scores([rng.gauss(0.4, 0.1) for _ in range(30)])
    found = paired_difference(a, b)
    assert method in found.method
    assert (found.pairs, found.confidence) == (30, 0.95)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.mean < found.high
    assert found == paired_difference(a, b)
    assert found.sure


@pytest.mark.filterwarnings("error")
def test_it_covers_the_truth_about_as_often_as_it_says(method: str) -> None:
    rng = random.Random(1)
    hits = 0
    for _ in range(40):
        noise = scores([rng.gauss(0.1, 1.0) for _ in range(25)])
        found = paired_difference(noise, dict.fromkeys(noise, 0.0))
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 0.1 <= found.high
    assert 33 <= hits <= 40


def test_pairs_are_what_both_played(method: str) -> None:
    found = paired_difference({"a": 1.0, "b": 2.0, "c": 9.0}, {"b": 1.0, "a": 0.5, "d": 3.0})
    assert (found.pairs, found.mean) == (2, 0.75)


@pytest.mark.filterwarnings("error")
def test_degenerate_cases_are_answered_in_words(method: str) -> None:
    one = paired_difference({"a": 1.0}, {"a": 0.5})
    assert (one.mean, one.low, one.high, one.pairs) == (0.5, None, None, 1)
    assert not one.sure
    equal = paired_difference(scores([1.0, 2.0, 3.0]), scores([0.5, 1.5, 2.5]))
    assert (equal.mean, equal.low, equal.high) == (0.5, 0.5, 0.5)
    two = paired_difference(scores([1.0, 1.0]), scores([0.5, 0.4]))
    assert two.low is not None
    tiny = paired_difference(scores([1.0, 1.0, 1.0 + 1e-16]), scores([0.1, 0.2 - 0.1, 0.1 + 1e-17]))
    assert tiny.low is not None
    with pytest.raises(ValueError, match="no workload"):
        paired_difference({"a": 1.0}, {"b": 1.0})
