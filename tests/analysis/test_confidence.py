"""The interval of a paired difference: right where it can be checked, undecided where it cannot know."""

from __future__ import annotations

import random

import numpy as np
import pytest

from adrs.analysis.confidence import MIN_PAIRS, holm, paired_difference


def scores(values: list[float]) -> dict[str, float]:
    return {f"w{number}": value for number, value in enumerate(values)}


def test_the_method_is_named_and_repeats() -> None:
    rng = random.Random(0)
    a, b = scores([rng.gauss(0.5, 0.1) for _ in range(30)]), scores([rng.gauss(0.4, 0.1) for _ in range(30)])
    found = paired_difference(a, b)
    assert "paired t and bootstrap t" in found.method
    assert (found.pairs, found.confidence) == (30, 0.95)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.mean < found.high
    assert found == paired_difference(a, b)
    assert found.sure
    assert found.p is not None
    assert found.p < 0.05


def test_it_is_never_narrower_than_the_t_interval() -> None:
    values = [0.1, 0.4, -0.2, 0.3, 0.0, 0.2, 0.5, 0.1]
    found = paired_difference(scores(values), scores([0.0] * 8))
    half = 2.364624 * np.std(values, ddof=1) / np.sqrt(8)  # t of 7 degrees of freedom
    assert found.low is not None
    assert found.high is not None
    assert found.low <= np.mean(values) - half + 1e-6
    assert found.high >= np.mean(values) + half - 1e-6


@pytest.mark.parametrize("skewed", [False, True])
def test_it_misses_the_truth_about_as_often_as_it_says(skewed: bool) -> None:
    rng = random.Random(1)
    missed = 0
    for _ in range(300):
        noise = scores([rng.expovariate(1) - 1 if skewed else rng.gauss(0, 1) for _ in range(12)])
        found = paired_difference(noise, dict.fromkeys(noise, 0.0))
        assert found.low is not None
        assert found.high is not None
        missed += not found.low <= 0 <= found.high
    assert missed <= 27, "9 %: 15 are expected"


def test_kinds_take_their_spread_out() -> None:
    rng = random.Random(2)
    kinds = {f"w{number}": f"kind {number // 4}" for number in range(24)}
    a = {name: 0.1 + float(kind[-1]) + rng.gauss(0, 0.1) for name, kind in kinds.items()}
    a = {name: value - 2.5 for name, value in a.items()}  # the kinds' means cancel
    b = dict.fromkeys(a, 0.0)
    assert paired_difference(a, b, kinds).sure
    assert not paired_difference(a, b).sure
    assert "stratified by 6 kinds" in paired_difference(a, b, kinds).method
    alone = {**kinds, "w0": "a kind of one workload"}
    assert paired_difference(a, b, alone) == paired_difference(a, b)


def test_pairs_are_what_both_played() -> None:
    found = paired_difference({"a": 1.0, "b": 2.0, "c": 9.0}, {"b": 1.0, "a": 0.5, "d": 3.0})
    assert (found.pairs, found.mean) == (2, 0.75)


@pytest.mark.filterwarnings("error")
def test_too_little_to_know_is_undecided_in_words() -> None:
    few = paired_difference(scores([1.0] * 5), scores([0.5, 0.4, 0.3, 0.2, 0.1]))
    assert (few.low, few.high, few.p, few.sure) == (None, None, None, False)
    assert f"at least {MIN_PAIRS}" in few.method
    equal = paired_difference(scores([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), scores([0.5, 1.5, 2.5, 3.5, 4.5, 5.5]))
    assert (equal.mean, equal.low, equal.sure) == (0.5, None, False), "no spread is no proof"
    assert "equal" in equal.method
    tiny = paired_difference(scores([1.0] * 5 + [1.0 + 1e-16]), scores([0.1, 0.2 - 0.1, 0.1 + 1e-17, 0.1, 0.1, 0.1]))
    assert tiny.low is None
    rare = paired_difference(scores([0.0] * 7 + [1.0]), scores([0.0] * 8))
    assert rare.low is not None
    assert rare.low < 0
    with pytest.raises(ValueError, match="no workload"):
        paired_difference({"a": 1.0}, {"b": 1.0})


def test_several_comparisons_are_adjusted() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})
    assert holm({}) == {}
    assert holm({"a": 0.9, "b": 0.8})["b"] == 1.0
