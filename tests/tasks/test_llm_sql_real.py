"""Published tables from files, with cells as the public evaluator writes them; published rates, to the last digit."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_player import DATA, needs

from adrs.core.failure import Refusal
from adrs.tasks.llm_sql import real
from adrs.tasks.llm_sql.baselines import column_statistics, quick_greedy
from adrs.tasks.llm_sql.metrics import Block, lines, prefix_hits
from adrs.tasks.llm_sql.real import parse, rounded, typed
from adrs.tasks.llm_sql.score import unchanged
from adrs.tasks.llm_sql.table import Sheet, Table

PACKS = Path(DATA) / "llm_sql"
Program = Callable[[list[str], list[list[str]]], list[Block]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, and an empty user data folder."""
    monkeypatch.setenv("ADRS_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("adrs.tasks.downloads.user_data_dir", lambda name: str(tmp_path / "user" / name))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def sheet(name: str, ranked: bool) -> Sheet:
    """A table of the pack: beer, or the look-alike of another one."""
    groups = real.PUBLISHED[name].groups
    file = PACKS / (f"{name}.csv.gz" if name == "beer" else f"{name}_like_seed1.csv.gz")
    return Sheet(name, lambda: parse(name, gzip.decompress(file.read_bytes()), groups), groups, ranked)


def rate(table: Table, program: Program | None = None) -> float:
    shown = list(table.names), [list(column) for column in table.columns]
    return prefix_hits(lines(table, program(*shown) if program else unchanged(table))) / table.characters


# cells


def test_cells_are_written_as_pandas_does() -> None:
    assert typed(["7", "+3", "007"]) == ["7", "3", "7"]
    assert typed(["7", "", "3"]) == ["7.0", None, "3.0"]
    assert typed(["1.50", "2", "-0.25"]) == ["1.5", "2.0", "-0.25"]
    assert typed(["true", "FALSE", "NaN"]) == ["True", "False", None]
    assert typed(["13/20", "NA", "x"]) == ["13/20", None, "x"]
    assert typed(["", "null"]) == [None, None]
    assert typed(["1", "True", "2.50"]) == ["1", "True", "2.50"]


@pytest.mark.parametrize(
    ("text", "pandas"),
    [
        ("249.89046068536805", "249.89046068536803"),
        ("0.9371089754096449", "0.9371089754096448"),
        ("0.12345678901234567", "0.1234567890123456"),
        ("00.1234567890123456789", "0.123456789012345"),
        ("12345678901234567890.5", "1.2345678901234567e+19"),
        ("0.00000000712345678901234567", "7.1234567e-09"),
        ("0.000000000000000000012345", "0.0"),
        ("-2.5e-3", "-0.0025"),
        ("1e3", "1000.0"),
        (".5", "0.5"),
        ("7.", "7.0"),
    ],
)
def test_numbers_are_rounded_as_pandas_2_3_3_does(text: str, pandas: str) -> None:
    assert repr(rounded(text)) == pandas


def test_missing_cells_are_empty_but_in_merged_columns() -> None:
    raw = b'a,b,c\n1,x,\n,"p, q",2\n'
    table = parse("t", raw, [["a", "b"]])
    assert table.columns == (("1.0", "nan"), ("x", "p, q"), ("", "2.0"))
    with pytest.raises(ValueError):
        parse("t", b"a,b\n1\n", [])


def test_parts_of_merged_columns_can_be_joined_as_the_published_programs_do() -> None:
    raw = Table("t", ("id", "text", "more"), (("1", "1", "2"), ("long", "long", "text"), ("a", "b", "c")))
    groups = (("id", "text"),)
    assert Sheet("k", lambda: raw, groups).table.names == ("more", "id_text")
    assert Sheet("k", lambda: raw, groups, ranked=True).table.names == ("more", "text_id")
    assert Sheet("k", lambda: raw, groups, ranked=True).listed.names == ("more", "id_text")


# published rates

ORIGINAL = {
    "beer": 0.14429368128759631,
    "movies": 0.009784517997652965,
    "products": 0.007145363569189658,
    "bird": 0.0030073495997483134,
    "pdmx": 0.12516232672387917,
}
GREEDY = {
    "beer": 0.7073511457809136,
    "movies": 0.7883952656725564,
    "products": 0.630764680147063,
    "bird": 0.5971593491103576,
}
FIXED = {"beer": 0.5533, "movies": 0.7852, "products": 0.6308, "bird": 0.5963, "pdmx": 0.2596}
IDEAL = {"beer": 0.9451168102607588, "pdmx": 0.587756736559041}


@needs("llm_sql")
@pytest.mark.parametrize("name", ORIGINAL)
def test_the_rate_of_the_original_order_is_the_published_one(name: str) -> None:
    table = sheet(name, ranked=False).table
    assert rate(table) == ORIGINAL[name]
    assert rate(table, column_statistics.reorder) == pytest.approx(FIXED[name], abs=5e-5)
    if name in IDEAL:
        assert 1 - sum(map(len, table.distinct)) / table.characters == pytest.approx(IDEAL[name], abs=1e-12)


@needs("llm_sql")
@pytest.mark.parametrize("name", GREEDY)
def test_quick_greedy_has_the_published_rate(name: str) -> None:
    """The published program joins the parts of a merged column by falling score; on pdmx-like it alters cells."""
    assert rate(sheet(name, ranked=True).table, quick_greedy.reorder) == GREEDY[name]


# files


@needs("llm_sql")
def test_beer_is_read_from_the_file_and_from_the_pack(folder: Path) -> None:
    packed = (PACKS / "beer.csv.gz").read_bytes()
    (folder / "llm_sql").mkdir()
    (folder / "llm_sql" / "beer.csv.gz").write_bytes(packed)
    assert real.at_hand() == ("beer",)
    table = real.read("beer")
    assert (table.rows, len(table.names)) == (28_479, 9)
    (folder / "llm_sql" / "beer.csv.gz").unlink()
    (folder / "beer.csv").write_bytes(gzip.decompress(packed))
    assert real.read("beer").digest == table.digest


def test_a_table_that_is_not_there_is_refused(folder: Path) -> None:
    assert real.at_hand() == ()
    with pytest.raises(Refusal, match=r"beer\.csv.*adrs data fetch llm_sql.*ADRS_DATA"):
        real.read("beer")


SQUEEZED = gzip.compress(b"a,b\n1,2\n", mtime=0)


@pytest.mark.parametrize("name", ["beer.csv", "beer.csv.gz"])
@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", SQUEEZED, SQUEEZED[:-9]])
def test_a_file_that_is_not_the_published_one_is_refused(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(Refusal, match="is not the published table"):
        real.read("beer")


def test_sources_name_their_versions_and_sums() -> None:
    assert {source.name for source in real.SOURCES} == {table.file for table in real.PUBLISHED.values()}
    for source in real.SOURCES:
        (published,) = (table for table in real.PUBLISHED.values() if table.file == source.name)
        assert source.checksum.partition(":")[2] == published.digest
        assert source.checksum.startswith("md5") or "4d508c1954766e0dda0347e1f14946978ef6b761" in source.url
    assert set(real.LEADERBOARD) < set(real.PUBLISHED)
