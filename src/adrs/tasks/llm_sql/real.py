"""real: published tables from files, with cells converted to text as the public evaluator does it.

The public evaluator reads CSV with pandas 2 and writes cells with `str`: an int column with empty cells becomes floats
("7" -> "7.0"), numbers are rounded as pandas' parser rounds them, missing cells are empty, except "nan" inside a merged column.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5, sha256
from pathlib import Path

from adrs.core.failure import Refusal
from adrs.core.task import Source
from adrs.tasks.downloads import github, locate, missing
from adrs.tasks.llm_sql.table import Table

TASK = "llm_sql"

MISSING = frozenset(
    "|#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null".split("|")
)
"""Texts that pandas reads as a missing cell."""


@dataclass(frozen=True)
class Published:
    """One published table.

    Args:
        digest: hex SHA-256 of the CSV file, or its MD5 where no other is published.
        groups: columns that are merged.
        original: prefix hit rate of the merged table as it is, as published; None where it was not published.
    """

    file: str
    digest: str
    groups: tuple[tuple[str, ...], ...]
    original: float | None = None


_PAY = ("PAY_0", *(f"PAY_{month}" for month in range(2, 7)))

PUBLISHED: Mapping[str, Published] = {
    "movies": Published(
        "movies.csv",
        "3688e17c1abc02ac53606b8712def347",
        (("movieinfo", "movietitle", "rottentomatoeslink"),),
        0.02848,
    ),
    "beer": Published(
        "beer.csv",
        "4682ba58e198962b26725c3d7a67f7ac53118c183c771d3ad3d8db21c80581c3",
        (("beer/beerId", "beer/name"),),
        0.14429,
    ),
    "bird": Published("BIRD.csv", "07b1b4e707d68e174ef8b6d467daac09", (("PostId", "Body"),), 0.00434),
    "pdmx": Published(
        "PDMX.csv",
        "38db6bd964e11f1ab9e85b6e98e03bc7",
        (
            ("path", "metadata"),
            ("hasmetadata", "isofficial", "isuserpublisher", "isdraft", "hasannotations", "subsetall"),
        ),
        0.1439,
    ),
    "products": Published("products.csv", "dbc34d5fd50d2413d96812a13356cc6b", (("product_title", "parent_asin"),), 0.02716),
    "credit": Published(
        "credit.csv",
        "4edce6da569b2c30788a85fd98a9bafb1a983e8ca1a7aac875dd7ff853cbd0bb",
        (
            _PAY,
            tuple(f"BILL_AMT{month}" for month in range(1, 7)),
            tuple(f"PAY_AMT{month}" for month in range(1, 7)),
            ("SEX", "EDUCATION", "MARRIAGE", "AGE"),
        ),
    ),
}
"""Name -> table: the leaderboard's five in its order, and one that it does not use."""

LEADERBOARD = ("movies", "beer", "bird", "pdmx", "products")

_HUB = "https://huggingface.co/datasets/f20180301/adrs-data/resolve/main/llm_sql/datasets"
_FRONTIER = ("FrontierCS/Frontier-CS", "4d508c1954766e0dda0347e1f14946978ef6b761")
_LICENCE = "repository MIT; the terms of its origin are not stated there"

SOURCES = (
    Source(
        name="beer.csv",
        url=github(*_FRONTIER, "research/problems/llm_sql/small/resources/datasets/beer.csv"),
        sha256=PUBLISHED["beer"].digest,
        size=2527772,
        licence=_LICENCE,
        note="28,479 beer reviews in 9 columns",
    ),
    Source(
        name="credit.csv",
        url=github(*_FRONTIER, "research/problems/llm_sql/large/resources/datasets/credit.csv"),
        sha256=PUBLISHED["credit"].digest,
        size=2867208,
        licence=_LICENCE,
        note="30,000 credit card clients in 25 columns",
    ),
    *(
        Source(
            name=PUBLISHED[name].file,
            url=f"{_HUB}/{PUBLISHED[name].file}",
            sha256="",
            size=size,
            licence="none stated",
            note=f"the leaderboard's table {name}; its size is rounded",
            md5=PUBLISHED[name].digest,
        )
        for name, size in (("movies", 9_400_000), ("bird", 34_000_000), ("pdmx", 7_400_000), ("products", 16_000_000))
    ),
)
"""The addresses of the last four do not name a version, and only their MD5 is published."""


def at_hand() -> tuple[str, ...]:
    """Names of the published tables whose files are on this machine, as CSV or gzipped CSV."""
    return tuple(name for name, table in PUBLISHED.items() if _path(table.file))


def read(name: str) -> Table:
    """A published table, its columns not merged.

    Raises:
        Refusal: its file is missing, or has other content.
    """
    published = PUBLISHED[name]
    path = _path(published.file)
    if path is None:
        raise missing(TASK, published.file)
    try:
        raw = path.read_bytes()
        raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
    except (OSError, EOFError, zlib.error):
        raise _wrong_content(path) from None
    hashed = (md5(raw, usedforsecurity=False) if len(published.digest) == 32 else sha256(raw)).hexdigest()
    if hashed != published.digest:
        raise _wrong_content(path)
    return parse(name, raw, published.groups)


def _path(file: str) -> Path | None:
    return locate(TASK, file) or locate(TASK, f"{file}.gz")


def _wrong_content(path: Path) -> Refusal:
    return Refusal(f"{path} is not the published table: delete it and run `adrs data fetch {TASK}`, or bring a good copy")


def parse(name: str, raw: bytes, groups: Sequence[Sequence[str]]) -> Table:
    """A table from CSV with a header line.

    Args:
        groups: columns that will be merged; a cell that is missing there is "nan".

    Raises:
        ValueError: a line has more or fewer cells than the header.
    """
    csv.field_size_limit(1 << 26)
    names, *rows = csv.reader(io.StringIO(raw.decode("utf-8"), newline=""))
    inside = {name for group in groups for name in group}
    columns = (
        tuple(("nan" if column in inside else "") if cell is None else cell for cell in typed(cells))
        for column, cells in zip(names, zip(*rows, strict=True), strict=True)
    )
    return Table(name, tuple(names), tuple(columns))


def typed(cells: Sequence[str]) -> list[str | None]:
    """Cells of one column as `str` writes them after pandas has inferred the column's type; None where one is missing."""
    known: list[str | None] = [None if cell in MISSING else cell for cell in cells]
    there = [cell for cell in known if cell is not None]
    write: Callable[[str], str] = str
    if not there:
        return known
    if all(map(_INT.fullmatch, there)):
        write = (lambda cell: repr(float(int(cell)))) if len(there) < len(known) else (lambda cell: str(int(cell)))
    elif all(map(_FLOAT.fullmatch, there)):
        write = lambda cell: repr(rounded(cell))  # noqa: E731
    elif all(cell.lower() in ("true", "false") for cell in there):
        write = str.capitalize
    return [None if cell is None else write(cell) for cell in known]


_INT = re.compile(r"[+-]?0*[0-9]{1,18}")
_FLOAT = re.compile(r"([+-]?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]{1,3}))?(?<=[0-9.])")

EXACT = 15
"""Digits that a float holds exactly."""
DIGITS = 17
"""Digits that pandas' parser uses, leading zeros included."""


def rounded(text: str) -> float:
    """A decimal number as the default parser of pandas rounds it: digit by digit, then scaled once; up to an ulp off."""
    found = _FLOAT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no number")
    sign, whole, part, power = found.groups()
    digits = (whole + part)[:DIGITS]
    number = float(int(digits[:EXACT] or "0"))
    for digit in digits[EXACT:]:
        number = number * 10.0 + float(digit)
    exponent = len(whole) - len(digits) + int(power or 0)
    number = number * 10.0**exponent if exponent > 0 else number / 10.0**-exponent
    return -number if sign == "-" else number
