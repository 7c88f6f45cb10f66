"""The referee's draws: every key with exactly its probability, in any order, and estimates without bias."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adrs.tasks.sparse_attention.baselines import top_mass, uniform, vattention
from adrs.tasks.sparse_attention.estimate import draw, error, output
from adrs.tasks.sparse_attention.hindsight import best
from adrs.tasks.sparse_attention.synthetic import head

RESAMPLES = 200


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=40), st.floats(0, 0.999))
def test_as_many_keys_are_drawn_as_the_probabilities_add_up_to(chances: list[float], start: float) -> None:
    drawn = draw(np.array(chances), start)
    assert len(set(drawn.tolist())) == len(drawn)
    assert math.floor(sum(chances) - 1e-6) <= len(drawn) <= math.ceil(sum(chances) + 1e-6)
    assert set(np.flatnonzero(np.array(chances) == 1)) <= set(drawn.tolist())


@pytest.mark.parametrize("start", [0.0, 0.5, 1 - 1e-12])
def test_one_key_is_drawn_where_rounding_leaves_a_sum_below_one(start: float) -> None:
    assert len(draw(np.array([0.5, 0.5 - 1e-10]), start)) == 1


def test_every_key_is_drawn_with_its_probability() -> None:
    chances = np.array([1, 0.5, 0.25, 0.05, 0.9, 0.3, 1, 0.001])
    starts = (np.arange(10_000) + 0.5) / 10_000
    counts = np.zeros(len(chances))
    for start in starts:
        counts[draw(chances, start)] += 1
    assert counts / 10_000 == pytest.approx(chances, abs=2e-4)


@pytest.mark.parametrize("program", [uniform, vattention, top_mass])
@pytest.mark.parametrize("kind", ["topic", "flat"])
def test_sums_over_drawn_keys_are_unbiased(program: object, kind: str) -> None:
    """Mean over 200 resamples within 3 standard errors, for the denominator and a projection of the numerator."""
    one = head(kind, 1024, 1, np.random.default_rng(3))
    meta = {"queries": 1, "keys": 1024, "seed": 5, "round": 0}
    ((keys, chances),) = getattr(program, "select")(one.logits, {}, meta)  # noqa: B009
    weights = np.exp(one.logits[0] - one.logits[0].max())
    direction = one.outputs[0] / np.linalg.norm(one.outputs[0])
    moved = weights * (one.values @ direction)
    rng = np.random.default_rng(4)
    sums = []
    for _ in range(RESAMPLES):
        at = draw(chances, rng.random())
        sums.append([(each[keys[at]] / chances[at]).sum() for each in (weights, moved)])
    means, spread = np.mean(sums, axis=0), np.std(sums, axis=0, ddof=1) / math.sqrt(RESAMPLES)
    assert (np.abs(means - [weights.sum(), moved.sum()]) <= 3 * spread + 1e-9).all()


def test_an_understated_probability_gains_nothing() -> None:
    """If a policy drew for itself and named half of p, weights would double; here that halves the number of keys read."""
    one = head("flat", 1024, 1, np.random.default_rng(0))
    keys = np.argsort(-one.logits[0])[:64]
    rng = np.random.default_rng(1)

    def mean_error(chance: float) -> float:
        found = []
        for _ in range(100):
            at = draw(np.full(64, chance), rng.random())
            found.append(error(output(one.logits[0], one.values, keys[at], np.full(len(at), chance)), one.outputs[0]))
        return float(np.mean(found))

    assert mean_error(1.0) < mean_error(0.5) < mean_error(0.1)


def test_reading_everything_is_exact_whatever_the_scale_of_logits() -> None:
    logits, values = np.array([900.0, 899, 0, -900]), np.eye(4)
    dense = output(logits, values, np.arange(4), np.ones(4))
    assert dense[:2] == pytest.approx([1 / (1 + math.exp(-1)), 1 / (1 + math.exp(1))])
    assert error(dense, dense) == 0


def test_the_best_in_hindsight_is_better_than_single_choices() -> None:
    one = head("topic", 512, 2, np.random.default_rng(2))
    errors, densities = best(one, (0,))
    assert errors.shape == densities.shape == (2,)
    for query in range(2):
        order = np.argsort(-one.logits[query])
        for count in (1, 8, 64, 256):
            wrong = error(output(one.logits[query], one.values, order[:count], np.ones(count)), one.outputs[query])
            assert errors[query] + densities[query] <= min(wrong, 1) + count / 512 + 1e-12
