"""fences: the parts of a reply: reasoning, which is set aside, and fenced texts. reply.py decides which of them counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

TRIED = 20
"""Closing lines that may close a fence, so that reading stays linear in the length of a reply."""
_REASONING = "think|thinking|thought|thoughts|reasoning|reflection|scratchpad"
_CLOSING = re.compile(rf"</({_REASONING})>[ \t]*\n?", re.IGNORECASE)
_OPENING = re.compile(rf"^[ \t]*<({_REASONING})>", re.IGNORECASE | re.MULTILINE)
_FENCE = re.compile(r"^(?P<indent>[ \t]*(?:[-*+]|\d+[.)])?[ \t]*)(?P<marks>`{3,}|~{3,})(?P<label>[^`]*)$")


def without_reasoning(reply: str) -> tuple[str, bool]:
    """The reply after its reasoning, and whether the reasoning is unfinished.

    Chat templates often swallow the opening tag, so all text before the last closing tag counts as reasoning. Text after an
    opening tag that is never closed is reasoning too.
    """
    closings = list(_CLOSING.finditer(reply))
    final = reply[closings[-1].end() :] if closings else reply
    opening = _OPENING.search(final)
    return (final[: opening.start()], True) if opening else (final, False)


@dataclass(frozen=True)
class Fenced:
    """A fenced text; `closed` is False if the reply ends before its fence closes."""

    text: str
    closed: bool = True


def fenced(reply: str, whole: Callable[[str], bool]) -> Iterator[Fenced]:
    """The fenced texts of a reply, in order, each with its fence's indentation removed.

    A program may contain lines of three backticks, in a docstring for example. So a fence closes at the first closing line
    that makes the text whole, and at the first closing line of all if none does.

    Args:
        whole: whether a text is complete, for a program: whether it parses.
    """
    lines = reply.split("\n")
    at = 0
    while at < len(lines):
        opening = _FENCE.match(lines[at])
        if opening is None:
            at += 1
            continue
        indent = len(opening["indent"])
        closing = (end for end in range(at + 1, len(lines)) if _closes(lines[end], opening["marks"]))
        ends = list(islice(closing, TRIED))
        end = next((end for end in ends if whole(_dedented(lines[at + 1 : end], indent))), next(iter(ends), len(lines)))
        yield Fenced(_dedented(lines[at + 1 : end], indent), end < len(lines))
        at = end + 1


def _closes(line: str, marks: str) -> bool:
    match = _FENCE.match(line)
    return match is not None and match["marks"].startswith(marks) and not match["label"].strip()


def _dedented(lines: Sequence[str], indent: int) -> str:
    """Lines without up to `indent` leading blanks: a fence inside a list is indented, and its text with it."""
    return "".join(f"{line[min(indent, len(line) - len(line.lstrip())) :]}\n" for line in lines)
