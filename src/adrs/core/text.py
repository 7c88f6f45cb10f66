"""text: makes text from a candidate safe to store, print and quote."""

from __future__ import annotations

import re

ERROR_CHARACTERS = 500
OUTPUT_CHARACTERS = 2_000

_PATH = re.compile(r"(?<![\w.])(?:/[\w.\-+@]+){2,}/?")

_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Fillers and selectors that count as printable but are invisible: a model would read text that a person does not see."""


def clean(text: str | bytes, limit: int = ERROR_CHARACTERS) -> str:
    """`text` without escapes, control, bidirectional and invisible characters, without paths, cut to head and tail.

    Args:
        text: bytes are decoded as UTF-8 with replacement.
        limit: maximal number of characters; the text between head and tail is replaced by a note of its length.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    front, back, between = text, "", 0
    edge = 2 * limit + 2_000
    if len(text) > 2 * edge:  # do not clean a megabyte of text that is cut anyway
        front, back, between = text[:edge], text[-edge:], len(text) - 2 * edge
    front, back = _legible(front), _legible(back)
    if not between and len(front) <= limit:
        return front
    note = f" … {len(front) + len(back) + between - limit} characters cut … "
    head = front[: min(limit * 2 // 3, max(0, limit - len(note)))]
    rest = back if between else front[len(head) :]
    return head + (note + rest[max(0, len(rest) - (limit - len(head) - len(note))) :])[: limit - len(head)]


def _legible(text: str) -> str:
    kept = "".join(character for character in text if character.isprintable() or character in "\n\t")
    return _PATH.sub(lambda match: match.group().rstrip("/").rsplit("/", 1)[-1], _INVISIBLE.sub("", kept)).strip()


def visible(text: str) -> str:
    """`text` for a terminal: escapes and other control characters become replacement characters, all else stays."""
    return "".join(character if character.isprintable() or character in "\n\t" else "\ufffd" for character in text)


def fence(text: str) -> str:
    """A fence of backticks longer than any run of them in `text`."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)


def quote(text: str, language: str = "") -> str:
    """`text` in a fence that nothing in it can close, without control, bidirectional and zero-width characters."""
    kept = "".join(character for character in text if character.isprintable() or character in "\n\t").strip("\n")
    marks = fence(kept)
    return f"{marks}{language}\n{kept}\n{marks}"


def one_line(text: str, limit: int = 300) -> str:
    """`text` cleaned and on one line."""
    return " ".join(clean(text, limit).split())


def estimate_tokens(text: str) -> int:
    """About how many tokens a text has: one per four bytes, the average of common tokenizers on English and code."""
    return -(-len(text.encode("utf-8", "replace")) // 4)
