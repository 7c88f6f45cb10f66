"""Made-up tables: made again the same, and repeating themselves as the published ones do."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from adrs.tasks.llm_sql import real, synthetic
from adrs.tasks.llm_sql.baselines import column_statistics, quick_greedy
from adrs.tasks.llm_sql.metrics import lines, prefix_hits
from adrs.tasks.llm_sql.score import unchanged
from adrs.tasks.llm_sql.table import Table, merged
from adrs.tasks.llm_sql.words import Words, around, sizes


def made(kind: str, rows: int, *seed: int) -> Table:
    return merged(synthetic.made(kind, rows, seed), real.PUBLISHED[kind].groups)


def rate(table: Table, program: str) -> float:
    shown = list(table.names), [list(column) for column in table.columns]
    programs = {"column_statistics": column_statistics.reorder, "quick_greedy": quick_greedy.reorder}
    blocks = unchanged(table) if program == "original" else programs[program](*shown)
    return prefix_hits(lines(table, blocks)) / table.characters


@pytest.mark.parametrize(
    ("kind", "digest"),
    [
        ("beer", "97ed4ab811d9"),
        ("pdmx", "9ae229691948"),
        ("movies", "303cdd0a587c"),
        ("products", "dbb8cc347d9f"),
        ("bird", "af6889d65ac4"),
    ],
)
def test_tables_are_the_same_for_ever(kind: str, digest: str) -> None:
    """Scores are only comparable while this holds; a change of the model must change it on purpose."""
    assert made(kind, 60, 0, 1).digest[:12] == digest
    assert made(kind, 60, 0, 2).digest[:12] != digest


@pytest.mark.parametrize("kind", synthetic.KINDS)
def test_a_table_has_its_columns_and_rows(kind: str) -> None:
    raw = synthetic.made(kind, 137, (4,))
    assert raw.rows == 137
    assert all(len(column) == 137 for column in raw.columns)
    assert all(isinstance(cell, str) for column in raw.columns for cell in column)
    groups = real.PUBLISHED[kind].groups
    assert {name for group in groups for name in group} <= set(raw.names)
    assert all(cell.isascii() and cell.isprintable() for cell in raw.distinct if "<p>" not in cell)


# kind, rows, characters a row, original, column statistics, QuickGreedy: of the real table or of its published look-alike
LIKE = [
    ("beer", 28_479, 79.8, 0.144, 0.553, 0.705),
    ("movies", 6_000, 672.3, 0.010, 0.785, 0.788),
    ("products", 4_000, 889.1, 0.007, 0.631, 0.631),
    ("bird", 2_500, 1830.8, 0.003, 0.596, 0.596),
    ("pdmx", 4_000, 653.0, 0.125, 0.260, 0.262),
]


@pytest.mark.parametrize(("kind", "rows", "characters", "original", "fixed", "greedy"), LIKE)
@pytest.mark.slow
def test_rates_are_those_of_the_tables_that_they_imitate(
    kind: str, rows: int, characters: float, original: float, fixed: float, greedy: float
) -> None:
    table = made(kind, rows, 7)
    assert table.characters / rows == pytest.approx(characters, rel=0.12)
    assert rate(table, "original") == pytest.approx(original, abs=0.02)
    assert rate(table, "column_statistics") == pytest.approx(fixed, abs=0.07)
    assert rate(table, "quick_greedy") == pytest.approx(greedy, abs=0.05)


def test_people_who_review_beers_come_again() -> None:
    """In brackets: 14,000 neighbouring rows of the real table."""
    table = made("beer", 14_000, 3)
    users = Counter(table.columns[0])
    assert 2_500 < len(users) < 4_100  # 2,514 to 4,106
    assert 70 < users.most_common(1)[0][1] < 200  # 77 to 151
    visits = Counter(zip(table.columns[0], table.columns[1], strict=True))
    assert 0.75 < len(visits) / table.rows < 0.9  # 0.79 to 0.87
    assert 430 < len(set(table.columns[-1])) < 900  # 436 to 897


def test_marks_of_a_beer_go_together() -> None:
    table = made("beer", 4_000, 3)
    marks = np.array([[int(cell.split("/")[0]) for cell in table.columns[column]] for column in (2, 3, 4, 5)])
    with_overall = np.corrcoef(marks)[0, 1:]
    assert with_overall == pytest.approx([0.85, 0.68, 0.54], abs=0.06)


def test_words_are_drawn_as_in_a_language() -> None:
    words = Words(np.random.default_rng(0))
    drawn = Counter(words.some(20_000))
    assert drawn.most_common(1)[0][1] / 20_000 == pytest.approx(0.104, abs=0.01)
    assert sum(map(len, words.some(5_000))) / 5_000 < 9
    text = words.text(300)
    assert 280 < len(text) <= 300
    assert text[0].isupper()
    assert all(len(words.proper(length)) <= max(length + 2, 12) for length in range(3, 60))


def test_sizes_add_up() -> None:
    random = np.random.default_rng(0)
    for rows in (1, 7, 500):
        found = sizes(random, rows, 4, 1.6, 50)
        assert sum(found) == rows
        assert all(1 <= size <= 50 for size in found)
    assert all(3 <= around(random, 20, 0.8, 40) <= 40 for _ in range(200))
