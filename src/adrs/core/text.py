"""text: text that came out of a candidate, made safe to store, to print, to show and to quote. The one function for that."""

from __future__ import annotations

import re

ERROR_CHARACTERS = 500
OUTPUT_CHARACTERS = 2_000

_PATH = re.compile(r"(?<![\w.])(?:/[\w.\-+@]+){2,}/?")


def clean(text: str | bytes, limit: int = ERROR_CHARACTERS) -> str:
    """`text` without escapes, control, bidirectional and zero-width characters, without paths, cut to head and tail.

    Args:
        text: bytes are decoded as UTF-8 with replacement.
        limit: characters kept at the most; what lies between head and tail is replaced by a note of its length.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if len(text) > 4 * limit + 4_000:  # a megabyte needs no cleaning that nobody will see
        text = text[: 2 * limit + 2_000] + text[-(2 * limit + 2_000) :]
    kept = "".join(character for character in text if character.isprintable() or character in "\n\t")
    kept = _PATH.sub(lambda match: match.group().rstrip("/").rsplit("/", 1)[-1], kept).strip()
    if len(kept) <= limit:
        return kept
    head, tail = limit * 2 // 3, limit // 3 - 30
    return f"{kept[:head]} … {len(kept) - head - tail} characters cut … {kept[len(kept) - tail :]}"


def fence(text: str) -> str:
    """A fence of backticks longer than any run of them in `text`."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)
