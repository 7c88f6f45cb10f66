"""edits: SEARCH/REPLACE blocks and unified diffs: reads them from a reply and applies them to lines, all or none.

Tolerates differences in line ends, tabs, trailing blanks and uniform indentation; an ambiguous edit is a foul.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from adrs.core.failure import Foul
from adrs.core.text import clean

_SEARCH = re.compile(r"^[ \t]*<{5,}[ \t]*SEARCH[ \t]*$")
_MIDDLE = re.compile(r"^[ \t]*={5,}[ \t]*$")
_REPLACE = re.compile(r"^[ \t]*>{5,}[ \t]*REPLACE[ \t]*$")
_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")


@dataclass(frozen=True)
class Change:
    """Lines to find and their replacement; `near` is the line number that the reply states, 0 if it states none."""

    search: tuple[str, ...]
    replace: tuple[str, ...]
    near: int = 0


def edits_of(reply: str) -> list[Change]:
    """The SEARCH/REPLACE blocks of a reply, or else the hunks of its unified diff; empty if it has neither.

    Raises:
        Foul: a block is incomplete.
    """
    return _blocks(reply) or _hunks(reply)


def apply_edits(program: str, changes: Sequence[Change]) -> str:
    """The program after all changes, in order.

    Raises:
        Foul: the lines that a change searches for are missing, or occur in several places.
    """
    lines = program.splitlines()
    for number, change in enumerate(changes, 1):
        lines = _applied(lines, change, number if len(changes) > 1 else 0)
    return "\n".join(lines) + ("\n" if program.endswith("\n") else "")


def _blocks(reply: str) -> list[Change]:
    """The SEARCH/REPLACE blocks.

    Raises:
        Foul: a block is incomplete.
    """
    found: list[Change] = []
    search: list[str] = []
    replace: list[str] = []
    state = ""
    for line in reply.split("\n"):
        if _SEARCH.match(line):
            if state:
                raise Foul("syntax", f"block {len(found) + 1} begins again before it ended")
            state, search, replace = "search", [], []
        elif state == "search" and _MIDDLE.match(line):
            state = "replace"
        elif state and _REPLACE.match(line):
            if state == "search":
                raise Foul("syntax", f"block {len(found) + 1} has no ======= line between SEARCH and REPLACE")
            found.append(Change(tuple(search), tuple(replace)))
            state = ""
        elif state:
            (search if state == "search" else replace).append(line)
    if state:
        raise Foul("syntax", f"block {len(found) + 1} is cut off: it has no >>>>>>> REPLACE line")
    return found


def _hunks(reply: str) -> list[Change]:
    """The hunks of a unified diff."""
    found: list[Change] = []
    search: list[str] = []
    replace: list[str] = []
    near = 0

    def close() -> None:
        if near:
            found.append(Change(tuple(search), tuple(replace), near))

    for line in reply.split("\n"):
        if match := _HUNK.match(line):
            close()
            near, search, replace = max(1, int(match.group(1))), [], []
        elif near and line[:1] in {" ", "-", "+"} and not line.startswith(("--- ", "+++ ")):
            if line[0] != "+":
                search.append(line[1:])
            if line[0] != "-":
                replace.append(line[1:])
        elif near and not line:
            search.append("")
            replace.append("")
        elif near and not line.startswith("\\"):
            close()
            near = 0
    close()
    return [_trimmed(change) for change in found]


def _trimmed(change: Change) -> Change:
    """A hunk without the empty context lines that the end of a reply adds."""
    search, replace = list(change.search), list(change.replace)
    while search and replace and not search[-1] and not replace[-1]:
        search.pop()
        replace.pop()
    return Change(tuple(search), tuple(replace), change.near)


def _applied(lines: list[str], change: Change, number: int) -> list[str]:
    """Apply one change to the lines.

    Raises:
        Foul: the lines to find are missing, or occur in several places.
    """
    name = f"block {number}" if number else "the edit"
    search, replace = list(change.search), list(change.replace)
    while search and not search[0].strip() and replace and not replace[0].strip():
        search, replace = search[1:], replace[1:]
    if not any(line.strip() for line in search):
        raise Foul("syntax", f"{name} searches for nothing: name the lines that it replaces")
    for read in (_exactly, _without_trailing_blanks):
        places = _places([read(line) for line in lines], [read(line) for line in search])
        if places:
            at = _only(places, change.near, name)
            return lines[:at] + replace + lines[at + len(search) :]
    shifted = _shifted(lines, search)
    if shifted:
        at = _only(list(shifted), change.near, name)
        tabs = any(line.startswith("\t") for line in lines[at : at + len(search)])
        return lines[:at] + _reindented(replace, shifted[at], tabs) + lines[at + len(search) :]
    raise Foul("syntax", f"{name} does not match the program: {_closest(lines, search)}")


def _exactly(line: str) -> str:
    return line


def _without_trailing_blanks(line: str) -> str:
    return line.rstrip()


def _with_spaces(line: str) -> str:
    return line.expandtabs(4).rstrip()


def _places(lines: Sequence[str], search: Sequence[str]) -> list[int]:
    """The positions of the lines, counted from 0."""
    count = len(search)
    return [
        at for at in range(len(lines) - count + 1) if lines[at] == search[0] and list(lines[at : at + count]) == list(search)
    ]


def _only(places: list[int], near: int, name: str) -> int:
    """The only position; of several, the one at exactly the line that a diff names.

    Raises:
        Foul: several positions are possible.
    """
    if len(places) == 1:
        return places[0]
    if near - 1 in places:
        return near - 1
    where = ", ".join(str(at + 1) for at in places[:5])
    raise Foul("syntax", f"{name} is ambiguous: its lines stand at lines {where}; give more lines around them")


def _shifted(lines: Sequence[str], search: Sequence[str]) -> dict[int, int]:
    """Position -> number of blanks by which all lines of the program are indented more than the search (negative: less)."""
    wanted = [_with_spaces(line) for line in search]
    found: dict[int, int] = {}
    for at in range(len(lines) - len(wanted) + 1):
        there = [_with_spaces(line) for line in lines[at : at + len(wanted)]]
        if [line.lstrip() for line in there] == [line.lstrip() for line in wanted]:
            shifts = {_indent(one) - _indent(other) for one, other in zip(there, wanted, strict=True) if one}
            if len(shifts) == 1:
                found[at] = shifts.pop()
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _reindented(lines: Sequence[str], shift: int, tabs: bool) -> list[str]:
    """Lines indented by `shift` more blanks, with tabs of four if the program has tabs; no line moves left of the margin."""
    made = []
    for line in lines:
        text = line.expandtabs(4).lstrip()
        blanks = max(0, _indent(line.expandtabs(4)) + shift) if text else 0
        made.append(("\t" * (blanks // 4) + " " * (blanks % 4) if tabs else " " * blanks) + text)
    return made


def _closest(lines: Sequence[str], search: Sequence[str]) -> str:
    """The line of the search that is not in the program, and the most similar line of the program."""
    known = {line.strip() for line in lines}
    missing = next((line for line in search if line.strip() and line.strip() not in known), next(iter(search)))
    near = difflib.get_close_matches(missing.strip(), [line.strip() for line in lines if line.strip()], n=1, cutoff=0.4)
    shown = clean(missing.strip(), 120)
    if missing.strip() in known:
        return "its lines are there, but not one after the other as it has them"
    if not near:
        return f"there is no line `{shown}`"
    at = next(number for number, line in enumerate(lines, 1) if line.strip() == near[0])
    return f"there is no line `{shown}`; the closest is line {at}: `{clean(near[0], 120)}`"
