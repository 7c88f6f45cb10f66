"""Rates of the three caches: compared with a trie and with blocks counted one by one, and their invariants."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adrs.tasks.llm_sql import metrics, synthetic
from adrs.tasks.llm_sql.metrics import consecutive_hits, lines, lru_hits, prefix_hits, shared
from adrs.tasks.llm_sql.score import unchanged
from adrs.tasks.llm_sql.table import Table, merged

texts = st.text("ab\0", max_size=9)
some_lines = st.lists(texts, max_size=12)


def trie_hits(sent: list[str]) -> int:
    """The published way: a dict for each character."""
    root: dict[str, dict] = {}  # type: ignore[type-arg]
    hits = 0
    for line in sent:
        node, new = root, False
        for character in line:
            if not new and character in node:
                hits += 1
            else:
                new = True
            node = node.setdefault(character, {})
    return hits


@given(texts, texts)
def test_shared_is_the_common_prefix(one: str, other: str) -> None:
    length = shared(one, other)
    assert one[:length] == other[:length]
    assert length == min(len(one), len(other)) or one[length] != other[length]


@given(some_lines, st.integers(1, 12))
def test_prefix_hits_are_those_of_a_trie(sent: list[str], head: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "HEAD", head)
        assert prefix_hits(sent) == trie_hits(sent)


@given(some_lines, st.randoms(use_true_random=False))
def test_prefix_hits_do_not_depend_on_the_order_of_rows(sent: list[str], rng: random.Random) -> None:
    mixed = rng.sample(sent, len(sent))
    assert prefix_hits(sent) == prefix_hits(mixed)


@given(some_lines)
def test_sorted_rows_share_as_much_with_the_previous_row_as_with_all(sent: list[str]) -> None:
    assert consecutive_hits(sorted(sent)) == prefix_hits(sent)
    assert consecutive_hits(sent) <= prefix_hits(sent)


def plain_lru(sent: list[str], room: int, size: int) -> int:
    """A list of whole prefixes, the last one used last."""
    cache: list[str] = []
    hits = 0
    for line in sent:
        blocks = [line[:end] for end in range(size, len(line) + 1, size)]
        for block in blocks:
            if block not in cache:
                break
            hits += size
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        cache = cache[max(0, len(cache) - room) :]
    return hits


@given(some_lines, st.integers(1, 8))
def test_a_bounded_cache_of_blocks(sent: list[str], room: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "BLOCK", 2)
        found = lru_hits(sent, room)
    assert found == plain_lru(sent, room, 2)
    assert found <= prefix_hits(sent)


def test_the_order_of_rows_matters_to_the_bounded_cache_only() -> None:
    rows = [f"{'x' * 62}{row % 40:02d}{'y' * 64}" for row in range(400)]
    mixed = random.Random(0).sample(rows, len(rows))
    assert lru_hits(sorted(rows), 8) > 3 * lru_hits(mixed, 8)
    assert lru_hits(sorted(rows), 8) == lru_hits(mixed, 10_000)
    assert prefix_hits(rows) == prefix_hits(mixed)


def test_lines_are_cells_without_separators_in_the_order_of_the_blocks() -> None:
    table = Table("t", ("who", "beer"), (("ann", "bob", "ann"), ("Stout", "Stout", "Stout")))
    assert lines(table, unchanged(table)) == ["annStout", "bobStout", "annStout"]
    assert lines(table, [([1, 0], [0, 2]), ([0, 1], [1])]) == ["Stoutann", "Stoutann", "bobStout"]
    assert table.characters == 24
    assert prefix_hits(lines(table, unchanged(table))) == 8
    assert prefix_hits(lines(table, [([1, 0], [0, 2, 1])])) == 13


def test_merged_columns_come_last_with_joined_names() -> None:
    table = Table("t", ("a", "b", "c"), (("1", "2"), ("x", "y"), ("p", "q")))
    joined = merged(table, [("c", "a")])
    assert joined.names == ("b", "c_a")
    assert joined.columns == (("x", "y"), ("p1", "q2"))
    assert merged(table, []).columns == table.columns


def test_on_a_table_of_a_task_it_counts_what_a_trie_counts() -> None:
    table = synthetic.made("movies", 300, (0,))
    sent = lines(table, unchanged(table))
    assert prefix_hits(sent) == trie_hits(sent)
