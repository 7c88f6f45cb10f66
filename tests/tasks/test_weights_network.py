"""The network of the weight compression task: its text, its gradients, its training, and disguises that keep its function."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from adrs.tasks.weight_compression import training
from adrs.tasks.weight_compression.disguise import disguised
from adrs.tasks.weight_compression.language import ALPHABET, text
from adrs.tasks.weight_compression.network import Parameters, Shape, gradients, logits, loss, nats

TINY = Shape(blocks=2, width=8, heads=2, hidden=16, window=6)
QUICK = training.Recipe(TINY, steps=200, batch=8, rate=1e-2, letters=2_000)


def weights(seed: int = 0) -> Parameters:
    rng = np.random.default_rng(seed)
    return {name: 0.5 * rng.standard_normal(size) for name, size in TINY.sizes().items()}


def windows() -> np.ndarray:
    return text((3, 1), "home", 1, 5 * 7).reshape(5, 7)


def test_gradients_are_slopes() -> None:
    network, read = weights(), windows()
    scores, trace = logits(TINY, network, read[:, :-1])
    found, outputs = gradients(TINY, network, trace, nats(scores, read[:, 1:])[1])
    assert found.keys() == TINY.sizes().keys()
    assert {name: values.shape[-1] for name, values in outputs.items() if name != "head"} == {
        name: TINY.sizes()[name][0] for name in TINY.layers
    }
    for name, slope in found.items():
        place = np.unravel_index(int(np.abs(slope).argmax()), slope.shape)
        ends = []
        for step in (1e-6, -1e-6):
            moved = {**network, name: network[name].copy()}
            moved[name][place] += step
            ends.append(loss(TINY, moved, read) * read[:, 1:].size)
        assert slope[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5), name


@pytest.mark.parametrize("seed", range(3))
def test_a_disguise_changes_the_weights_and_nothing_else(seed: int) -> None:
    network, read = weights(seed), windows()
    dressed = disguised(TINY, network, np.random.default_rng(seed))
    assert loss(TINY, dressed, read) == pytest.approx(loss(TINY, network, read), abs=1e-12)
    assert all(not np.allclose(np.sort(dressed[name].ravel()), np.sort(network[name].ravel())) for name in TINY.layers)


def test_text_is_the_same_every_time_and_parts_and_domains_differ() -> None:
    texts = (
        text((0, 0), "home", 1, 400),
        text((0, 0), "home", 2, 400),
        text((0, 0), "away", 1, 400),
        text((0, 1), "home", 1, 400),
    )
    read = ["".join(ALPHABET[code] for code in each) for each in (*texts, text((0, 0), "home", 1, 400))]
    assert len(set(read)) == 4
    assert read[0] == read[4]
    words = set(read[0].replace("\n", " ").split())
    assert words & set(read[1].replace("\n", " ").split())
    assert len(words & set(read[3].replace("\n", " ").split()) - {"="}) < 5


def test_training_learns_and_repeats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADRS_CACHE", str(tmp_path))
    first = training.train(QUICK, (0, 0))
    again = training.trained.__wrapped__(QUICK, (0, 0))
    read = text((0, 0), "home", 1, 20 * 7).reshape(20, 7)
    assert loss(TINY, first, read) < 0.85 * np.log(len(ALPHABET))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert all(np.array_equal(value * training.GRID, np.round(value * training.GRID)) for value in first.values())
    (file,) = tmp_path.rglob("*.json")
    file.write_text("{")
    repaired = training.trained.__wrapped__(QUICK, (0, 0))
    assert all(np.array_equal(first[name], repaired[name]) for name in first), "a damaged cache costs time only"
