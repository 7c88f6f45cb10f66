"""The scores of Telemetry Repair: worked values, proper calibration, and a bound that no answer exceeds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adrs.tasks.telemetry_repair import published
from adrs.tasks.telemetry_repair.answer import Repair
from adrs.tasks.telemetry_repair.corruption import corrupted
from adrs.tasks.telemetry_repair.network import network
from adrs.tasks.telemetry_repair.score import balanced, errors, ideal, perfect, quality
from adrs.tasks.telemetry_repair.snapshot import Snapshot, State, state
from adrs.tasks.telemetry_repair.synthetic import made


def snapshots(count: int = 2, full: bool = True) -> list[Snapshot]:
    rng = np.random.default_rng(5)
    if full:
        pairs = [made((8, None), 2, rng) for _ in range(count)]
        return [corrupted("mixed", number, now, other, rng) for number, (now, other) in enumerate(pairs)]
    return [published.corrupted(state(made((8, None), 1, rng)[0]), "scale", rng) for _ in range(count)]


PAIR = network(["A", "B"], [(0, 1)])


def pair(rates: list[list[float]]) -> State:
    return State(PAIR, np.array(rates), np.ones(2, bool), np.zeros((2, 2)), np.zeros((2, 2)), {})


def test_errors_are_relative_and_absolute_where_nothing_flows() -> None:
    assert errors(np.array([100.0, 0.0, 0.0]), np.array([90.0, 0.4, 25.0])) == pytest.approx([0.1, 0.04, 2.5])


def test_a_clean_score_by_hand() -> None:
    true = pair([[100.0, 200.0], [200.0, 100.0]])
    reported = true.copy()
    reported.rates[0, 0] = 0.0
    kinds = np.array([[1, 0], [0, 0]], np.int8)
    said = Repair(np.array([[50.0, 200.0], [200.0, 104.0]]), np.array([[0.5, 1.0], [1.0, 0.9]]), np.ones(2, bool))
    parts = quality([Snapshot(true, reported, kinds, ("drop",))], [said])
    assert parts["counter"] == pytest.approx(1 - (0.5 + 0.04) / 4)
    assert parts["status"] == 1
    assert parts["calibration"] == pytest.approx(1 - (0.25 + 0.01) / 4)
    assert parts["harm"] == pytest.approx(2 / 3)
    assert parts["combined"] == pytest.approx(0.6 * 0.865 + 0.1 + 0.2 * 0.935 + 0.1 * 2 / 3)


def test_a_published_score_by_hand() -> None:
    """Where nothing flows, the published counter part does not look, and its calibration takes 1 Mbit/s as the scale."""
    true = pair([[100.0, 0.0], [0.0, 100.0]])
    said = Repair(np.array([[90.0, 0.0], [5.0, 50.0]]), np.array([[0.5, 0.9], [0.9, 0.4]]), np.array([True, False]))
    parts = published.quality(true, said.rates, said.sure, said.up)
    assert parts["counter"] == pytest.approx(1 - (0.1 + 0.5) / 2)
    assert parts["status"] == 0.5
    assert parts["calibration"] == pytest.approx((0.75 + 1.0 + max(0, 0.8 - 1.8) + (0.8 - 0.4)) / 4)


@pytest.mark.parametrize(("combined", "points"), [(0.79, 0), (0.81, 25), (0.82, 50), (0.91, 75), (1.0, 100), (0.8381, 55.03)])
def test_points_have_a_kink(combined: float, points: float) -> None:
    assert published.points(combined) == pytest.approx(points, abs=0.01)


def test_status_cells_count_the_same_however_few_they_hold() -> None:
    true, reported = np.array([True] * 18 + [True, False]), np.array([True] * 18 + [False, True])
    assert balanced(true, reported, reported) == pytest.approx(1 / 3)
    assert balanced(true, reported, np.ones(20, bool)) == pytest.approx(2 / 3)
    assert balanced(true, reported, ~reported) == pytest.approx(2 / 3)
    assert balanced(true, reported, true) == 1
    assert balanced(true[:18], reported[:18], reported[:18]) == 1


@pytest.mark.parametrize("full", [True, False])
def test_the_truth_with_confidence_1_reaches_the_bound(full: bool) -> None:
    few = snapshots(full=full)
    assert quality(few, [perfect(each.true) for each in few])["combined"] == pytest.approx(1, abs=1e-12)
    assert 0.9 < quality(few, [ideal(each) for each in few])["combined"] < 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.001, 0.05, 1.0]), st.booleans())
def test_no_answer_passes_the_bound(seed: int, spread: float, full: bool) -> None:
    rng, few = np.random.default_rng(seed), snapshots(full=full)
    said = [
        Repair(
            each.true.rates * rng.lognormal(0, spread, each.true.rates.shape),
            rng.choice([0.0, 0.3, 0.7, 1.0], each.true.rates.shape),
            rng.random(len(each.true.up)) < 0.9,
        )
        for each in few
    ]
    assert -1e-12 <= quality(few, said)["combined"] <= 1 + 1e-12


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 1))
def test_the_best_constant_confidence_is_the_share_that_is_right(constant: float) -> None:
    """A confidence that separates right from wrong beats all of them."""
    few = snapshots()

    def calibration(sure: list[np.ndarray]) -> float:
        said = [Repair(each.reported.rates, one, each.reported.up) for each, one in zip(few, sure, strict=True)]
        return quality(few, said)["calibration"]

    shape = few[0].reported.rates.shape
    right = [(errors(each.true.rates, each.reported.rates) <= 0.05).astype(float) for each in few]
    share = float(np.concatenate(right).mean())
    of = [np.full(each.reported.rates.shape, constant) for each in few]
    best = [np.full(each.reported.rates.shape, share) for each in few]
    assert shape == of[0].shape
    assert calibration(of) <= calibration(best) + 1e-12 < calibration(right)
