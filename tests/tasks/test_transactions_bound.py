"""Bounds against every order of small batches, and against published and solved instances."""

from __future__ import annotations

import gzip
import json
from itertools import permutations
from pathlib import Path

import numpy as np
from fake_player import DATA, needs
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from adrs.tasks.transactions.bound import cheapest_assignment, clique, lower_bound, single_key
from adrs.tasks.transactions.kit import Batch

PACK = Path(DATA) / "txn_scheduling"
needs_pack = needs("txn_scheduling")
TOKENS = st.sampled_from(["r-1", "w-1", "r-2", "w-2", "*"])
TRANSACTIONS = st.lists(st.lists(TOKENS, min_size=1, max_size=5).map(" ".join), min_size=1, max_size=5)


@settings(max_examples=150, deadline=None)
@given(TRANSACTIONS)
def test_no_order_beats_a_bound(transactions: list[str]) -> None:
    batch = Batch(transactions)
    best = int(batch.makespans(np.array(list(permutations(range(batch.n))))).min())
    assert single_key(batch) <= best
    assert clique(batch) <= best
    assert max(batch.lengths) <= lower_bound(batch, repr(transactions)) <= best


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 8), st.integers(0, 10**6))
def test_the_cheapest_assignment_is_scipys(size: int, seed: int) -> None:
    costs = np.random.default_rng(seed).integers(-20, 30, (size, size))
    rows, columns = linear_sum_assignment(costs)
    assert cheapest_assignment(costs) == costs[rows, columns].sum()


def test_writers_of_one_key_come_one_after_another() -> None:
    assert single_key(Batch(["r-1 * w-1 *"] * 4)) == 4 * 3 + 1
    assert clique(Batch(["r-1 * w-1 *"] * 4)) == 4 * 3 + 1
    assert single_key(Batch(["r-1", "* r-1"])) == 0


def packed(name: str) -> dict[str, dict[str, str]]:
    held: dict[str, dict[str, str]] = json.loads(gzip.decompress((PACK / name).read_bytes()))
    return held


@needs_pack
def test_the_published_batches_have_the_known_bounds() -> None:
    batches = {name: Batch(list(texts.values())) for name, texts in packed("leaderboard_workloads.json.gz").items()}
    assert [single_key(batch) for batch in batches.values()] == [66, 33, 25]
    assert [clique(batch) for batch in batches.values()] == [127, 33, 21]


@needs_pack
def test_solved_instances_are_never_beaten_and_mostly_met() -> None:
    reference = json.loads((PACK / "reference_train.json").read_text())
    met = 0
    for name, texts in packed("offline_train.json.gz").items():
        known = reference[f"offline/{name}"]
        batch = Batch(list(texts.values()))
        assert max(single_key(batch), *batch.lengths) == known["lower_bound"]
        if batch.n == 100:
            bound = lower_bound(batch, name)
            assert known["lower_bound"] <= bound <= known["best_known"]
            met += known["optimal"] and bound == known["best_known"]
    assert met == 24
