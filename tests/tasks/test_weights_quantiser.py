"""The quantiser of the weight compression task: what is stored, how it is counted, and the gain from error feedback."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adrs.tasks.weight_compression import kit


def layer(seed: int = 0, rows: int = 12, columns: int = 16) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    mixed = rng.standard_normal((200, columns)) @ rng.standard_normal((columns, columns))
    return rng.standard_normal((rows, columns)), mixed.T @ mixed / 200


def lost(weights: np.ndarray, hessian: np.ndarray, stored: kit.Stored) -> float:
    return kit.damage({"weights": weights, "hessian": hessian, "sensitivity": np.ones(len(weights))}, stored)


def test_the_bits_of_the_statements_example() -> None:
    rng = np.random.default_rng(1)
    weights = rng.standard_normal((144, 48))
    order = list(range(47, -1, -1))
    stored = kit.quantise(weights, np.eye(48), order, [4, 2, 2, 2, 2, 2], 8)
    assert kit.code_bits(stored) == 16_128
    assert kit.stored_bits(stored) == 23_346
    own = kit.quantise(weights, np.eye(48), list(range(48)), [4, 2, 2, 2, 2, 2], 8)
    assert kit.stored_bits(own) == 23_346 - 288, "the layer's own order is free"


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 99), bits=st.lists(st.sampled_from([0, 2, 3, 4, 8]), min_size=4, max_size=4), feedback=st.booleans())
def test_what_is_decoded_follows_from_what_is_stored(seed: int, bits: list[int], feedback: bool) -> None:
    weights, hessian = layer(seed)
    order = np.random.default_rng(seed).permutation(16).tolist()
    stored = kit.quantise(weights, hessian, order, bits, 4, feedback)
    decoded = stored.weights[:, order]
    for number, width in enumerate(bits):
        symbols, values = stored.symbols[:, 4 * number : 4 * number + 4], decoded[:, 4 * number : 4 * number + 4]
        if width == 0:
            assert not symbols.any()
            assert not values.any()
            continue
        assert symbols.min() >= -(2 ** (width - 1))
        assert symbols.max() < 2 ** (width - 1)
        scales = values / (symbols + 0.5)
        assert np.allclose(scales, scales[:, :1])
        octaves = np.log2(scales[:, 0]) * kit.SCALES_AN_OCTAVE
        assert np.allclose(octaves, np.round(octaves), atol=1e-6), "a scale is one of the few that 8 bits can tell"
        assert np.abs(np.log2(scales)).max() < 2**kit.SCALE_BITS / kit.SCALES_AN_OCTAVE / 2
    assert kit.entropy_bits(stored) <= kit.code_bits(stored) + kit.TABLE_BITS * sum(2**width for width in set(bits) if width)


def test_error_feedback_and_more_bits_lose_less() -> None:
    for seed in range(5):
        weights, hessian = layer(seed)
        order = list(range(16))
        nearest, fed, fine = (
            lost(weights, hessian, kit.quantise(weights, hessian, order, [width] * 4, 4, feedback))
            for width, feedback in ((2, False), (2, True), (8, True))
        )
        assert fine < fed < nearest


def test_an_outlier_among_others_loses_most() -> None:
    weights, hessian = layer()
    small = np.ones(16)
    small[[1, 6, 11, 14]] = 20.0
    weights, hessian = weights / small, hessian * np.outer(small, small)
    together = [1, 6, 11, 14, *(column for column in range(16) if column not in (1, 6, 11, 14))]
    apart, joined = (
        lost(weights, hessian, kit.quantise(weights, hessian, order, [2] * 4, 4)) for order in (list(range(16)), together)
    )
    assert joined < apart / 3


def test_an_empty_layer_can_be_stored() -> None:
    stored = kit.quantise(np.zeros((3, 8)), np.zeros((8, 8)), list(range(8)), [2, 4], 4)
    assert np.abs(stored.weights).max() < 1e-10
    assert kit.stored_bits(stored) == pytest.approx(3 * 4 * 6 + 2 * 3 * 8 + 6)
