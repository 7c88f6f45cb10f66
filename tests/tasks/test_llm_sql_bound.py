"""The bound: compared with every order of the cells of small tables, its parts with slow versions, and where it is reached."""

from __future__ import annotations

from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adrs.tasks.llm_sql import bound, metrics, synthetic
from adrs.tasks.llm_sql.baselines import evolved, quick_greedy
from adrs.tasks.llm_sql.bound import most_hits, repeated_prefixes
from adrs.tasks.llm_sql.metrics import Block, lines, lru_hits, prefix_hits
from adrs.tasks.llm_sql.table import Table

cells = st.text("abc", max_size=4)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    rows = draw(st.integers(1, 4))
    column = st.lists(cells, min_size=rows, max_size=rows).map(tuple)
    columns = draw(st.lists(column, min_size=1, max_size=3))
    return Table("t", tuple(map(str, range(len(columns)))), tuple(columns))


def every_order(table: Table) -> list[list[Block]]:
    """All choices of an order of columns for each row; the rows stay as they are."""
    orders = [list(order) for order in permutations(range(len(table.names)))]
    return [[(order, [row]) for row, order in enumerate(choice)] for choice in product(orders, repeat=table.rows)]


@settings(max_examples=60)
@given(tables())
def test_no_order_of_cells_beats_it(table: Table) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "BLOCK", 2)
        patch.setattr(bound, "BLOCK", 2)
        most, most_blocks = most_hits(table)
        for blocks in every_order(table):
            sent = lines(table, blocks)
            assert prefix_hits(sent) <= most
            assert lru_hits(sent, 100) <= most_blocks


@given(st.sets(st.text("ab\n", min_size=1, max_size=6), max_size=9))
def test_repeated_prefixes_are_found(known: set[str]) -> None:
    listed = sorted(known)
    slow = []
    for cell in listed:
        ends = range(1, len(cell) + 1)
        times = [sum(other.startswith(cell[:end], at) for other in listed for at in range(len(other))) for end in ends]
        slow.append(sum(count > 1 for count in times))
    assert repeated_prefixes(listed).tolist() == slow


def test_rare_characters_only_weaken_it() -> None:
    many = [chr(0x4E00 + at) * 3 + "x" for at in range(600)]
    longest = repeated_prefixes(many)
    assert (longest[:10] <= 4).all()
    assert longest.max() >= 3
    assert repeated_prefixes([]).tolist() == []


def test_it_is_reached_where_the_cells_share_nothing_but_themselves() -> None:
    table = Table("t", ("a", "b"), (("uvw", "uvw", "xyz"), ("k", "k", "m")))
    assert most_hits(table)[0] == 4 == prefix_hits(lines(table, [([0, 1], [0, 1, 2])]))


def test_equal_rows_have_to_be_sent_once() -> None:
    table = Table("t", ("a",), (("aaaa",) * 5,))
    assert most_hits(table)[0] == 16 == prefix_hits(["aaaa"] * 5)


def test_a_cell_may_hit_half_of_another() -> None:
    """The cell-level ideal counts "ab" and "abc" as five characters; three are enough."""
    table = Table("t", ("a",), (("abc", "ab"),))
    assert prefix_hits(lines(table, [([0], [0, 1])])) == 2 == most_hits(table)[0]


@pytest.mark.parametrize("kind", synthetic.KINDS)
def test_programs_stay_below_it(kind: str) -> None:
    table = synthetic.made(kind, 150, (1, 2))
    most, most_blocks = most_hits(table)
    for program in (quick_greedy, evolved):
        sent = lines(table, program.reorder(list(table.names), [list(column) for column in table.columns]))
        assert 0 < prefix_hits(sent) <= most < table.characters
        assert lru_hits(sent, 10_000) <= most_blocks <= most
