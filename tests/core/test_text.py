"""Text of a candidate: legible, short, without paths and escapes, and never out of its fence."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adrs.core.text import ERROR_CHARACTERS, clean, fence

NOTE = re.compile(r" … (\d+) characters cut … ")


@pytest.mark.parametrize("text", ["", "a sentence", "zwei Wörter, 三つ\n\tand a tab", "🙂 > 1 & `x` [bold]"])
def test_legible_text_stays(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "]8;;http://xlink]8;;"),
        ("a\rb\x00c\x08d\x7fe\x9bf", "abcdef"),
        ("user\u202etxt.exe\u202c\u2066x\u2069", "usertxt.exex"),
        ("z\u200be\u200cr\u200do\ufeff\u00ad\u2060", "zero"),
        ("tag\U000e0041\U000e0042", "tag"),
        ("emoji\ufe0f\U000e0100\u3164\u115f\u034f", "emoji"),
        ("line\u2028one\u2029two", "lineonetwo"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("  framed \n", "framed"),
        ("File /root/secret/adrs/tasks/spot.py, line 3", "File spot.py, line 3"),
        ("/work/data/", "data"),
        ("at /usr", "at /usr"),
        ("1/2/3 and a/b/c", "1/2/3 and a/b/c"),
    ],
)
def test_what_is_hostile_or_secret_goes(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_bytes_are_decoded_with_replacement() -> None:
    assert clean(b"\xff\xfe ok \xe2\x82\xac") == "\ufffd\ufffd ok €"


@pytest.mark.parametrize("limit", [1, 20, 60, 100, 300, ERROR_CHARACTERS, 2000])
@pytest.mark.parametrize("length", [0, 1, 50, 500, 501, 3_000, 20_000, 1_000_000])
def test_head_and_tail_are_kept_and_the_note_counts(limit: int, length: int) -> None:
    text = ("0123456789" * (length // 10 + 1))[:length]
    cut = clean(text, limit)
    assert len(cut) <= limit
    if length <= limit:
        assert cut == text
    elif limit >= 60:
        head, said, tail = NOTE.split(cut)
        assert text.startswith(head)
        assert text.endswith(tail)
        assert abs(len(head) + int(said) + len(tail) - length) <= 60


def test_a_cut_is_said_even_if_what_is_left_is_short() -> None:
    text = "head" + "\u200b" * 10_000 + "the middle" + "\u200b" * 10_000 + "tail"
    assert NOTE.search(clean(text, 300))


@pytest.mark.parametrize("piece", ["a", "\u202e", "/", "/a", "/a/b ", "`", "\x1b[0m", "\n", "🙂", "\U000e0100"])
@pytest.mark.budget(0.5)
def test_a_megabyte_is_cut(piece: str) -> None:
    assert len(clean(piece * (1_000_000 // len(piece)))) <= ERROR_CHARACTERS
    assert len(clean((piece * (1_000_000 // len(piece))).encode())) <= ERROR_CHARACTERS


@given(st.text(st.characters()), st.integers(1, 2000))
def test_all_that_is_left_is_legible_and_no_longer_than_allowed(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert all(character.isprintable() or character in "\n\t" for character in cleaned)
    cleaned.encode("utf-8")


@given(st.text("`~ \nx"))
def test_no_text_ends_its_fence(text: str) -> None:
    mark = fence(text)
    assert set(mark) == {"`"}
    assert len(mark) >= 3
    assert mark not in text
