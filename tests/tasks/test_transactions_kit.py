"""The two-clock rule compared with a simulator without clocks, and the fast ways to compute it with the slow one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adrs.tasks.transactions import kit
from adrs.tasks.transactions.batches import FAMILIES, draw
from adrs.tasks.transactions.kit import Batch, Clocks, needs_of, operations

TOKENS = st.sampled_from(["r-1", "w-1", "r-2", "w-2", "r-3", "w-3", "*"])
TRANSACTIONS = st.lists(st.lists(TOKENS, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=7)


def slow_starts(transactions: Sequence[str], order: Sequence[int]) -> list[int]:
    """Every access is kept with its time; a transaction tries one start after another."""
    accesses: list[tuple[str, str, int]] = []
    starts = []
    for number in order:
        ops = operations(transactions[number])
        start = 1
        while any(
            key == other and "w" in (kind, before) and start + position - 1 <= moment
            for kind, key, position in ops
            for before, other, moment in accesses
        ):
            start += 1
        accesses += [(kind, key, start + position - 1) for kind, key, position in ops]
        starts.append(start)
    return starts


@settings(max_examples=150, deadline=None)
@given(TRANSACTIONS, st.randoms(use_true_random=False))
def test_two_clocks_are_all_that_is_needed(transactions: list[str], rng: object) -> None:
    order = list(range(len(transactions)))
    rng.shuffle(order)  # type: ignore[attr-defined]
    batch = Batch(transactions)
    starts = slow_starts(transactions, order)
    assert batch.starts(order) == starts
    makespan = max(start + batch.lengths[number] - 1 for start, number in zip(starts, order, strict=True))
    assert batch.makespan(order) == makespan == batch.makespans(np.array([order, order]))[1]


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_the_fast_ways_agree_on_every_family(family: str) -> None:
    batch = draw(family, 60, "kit", 0).batch
    rng = np.random.default_rng(1)
    orders = np.array([rng.permutation(batch.n) for _ in range(5)])
    expected = [batch.makespan(order) for order in orders.tolist()]
    assert batch.makespans(orders).tolist() == expected
    batch.delays = np.where(batch.delays == batch.never, kit.NEVER_WIDE, batch.delays.astype(np.int32))
    assert batch.makespans(orders).tolist() == expected, "in 32 bits too"


def test_batches_with_many_tokens_are_computed_in_32_bits() -> None:
    batch = Batch([" ".join(["w-1", *["*"] * 99, "w-1"])] * 180 + ["r-2"])
    assert batch.delays.dtype == np.int32
    assert batch.makespan(range(181)) == 180 * 101 == int(batch.makespans(np.arange(181)[None])[0])


def test_part_of_a_batch_and_no_order_at_all() -> None:
    batch = Batch(["w-1 *", "w-1", "r-2"])
    assert batch.makespan([1]) == 1
    assert batch.makespans(np.array([[1, 0]])).tolist() == [batch.makespan([1, 0])] == [3]
    assert batch.makespans(np.empty((0, 3), int)).tolist() == []


def test_the_examples_of_the_statements() -> None:
    batch = Batch(["w-1 * *", "r-2 w-1", "r-1"])
    assert (batch.makespan([0, 1, 2]), batch.makespan([1, 0, 2])) == (3, 5)
    online = Batch(["w-1 r-2", "r-1", "w-2"])
    assert online.starts([0, 1, 2]) == [1, 2, 3]


def test_readers_share_a_unit_and_no_transaction_waits_for_itself() -> None:
    assert Batch(["r-1", "r-1", "w-1", "r-1"]).starts([0, 1, 2, 3]) == [1, 1, 2, 3]
    assert Batch(["r-1 w-1"]).starts([0]) == [1]


def test_a_later_transaction_may_end_earlier_but_never_slips_in_before() -> None:
    batch = Batch(["* * * * w-1", "w-1", "r-2"])
    assert batch.starts([0, 1, 2]) == [1, 6, 1]
    assert batch.starts([1, 0, 2]) == [1, 1, 1]


def test_clocks_can_be_advanced_one_transaction_at_a_time() -> None:
    texts = ["r-a w-b * r-a", "w-a", "r-b * w-b"]
    batch, clocks = Batch(texts), Clocks()
    for number, text in enumerate(texts):
        needs = needs_of(text.count(" ") + 1, [list(op) for op in operations(text)])
        before = clocks.copy()
        start = clocks.start(needs)
        assert clocks.append(needs) == start == batch.starts(range(3))[number]
        assert before.start(needs) == start, "a copy does not see what comes after"
    assert clocks.makespan == batch.makespan(range(3))
