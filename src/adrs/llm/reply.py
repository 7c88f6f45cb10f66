"""reply: turns a reply into a program: SEARCH/REPLACE blocks, a unified diff, or one fenced file. All edits apply, or none.

Tolerates differences in line ends, tabs, trailing blanks and uniform indentation; an ambiguous edit is a foul. Text outside the
evolve block does not change. A reply without a usable program is a foul; later prompts show its reason.
"""

from __future__ import annotations

import ast
import difflib
import io
import re
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass

from adrs.core.failure import Foul
from adrs.core.program import marks, parse
from adrs.core.text import clean

_SEARCH = re.compile(r"^[ \t]*<{5,}[ \t]*SEARCH[ \t]*$")
_MIDDLE = re.compile(r"^[ \t]*={5,}[ \t]*$")
_REPLACE = re.compile(r"^[ \t]*>{5,}[ \t]*REPLACE[ \t]*$")
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+#.-]*)[ \t]*$")
_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")


@dataclass(frozen=True)
class Change:
    """Lines to find and their replacement; `near` is the line number that the reply states, 0 if it states none."""

    search: tuple[str, ...]
    replace: tuple[str, ...]
    near: int = 0


def program_of(reply: str, parent: str, cut_off: bool = False) -> str:
    """The program that results from applying `reply` to `parent`, with the parent's line ends.

    Args:
        cut_off: the reply ended at a length limit; it is then a foul, even if it parses.

    Raises:
        Foul: `budget` for a reply that was cut off, `shallow` for one that changes nothing, `interface` for one that changes
            text outside the evolve block, `syntax` for one without a usable edit; the reason names the place.
    """
    if cut_off:
        raise Foul("budget", "the reply was cut off at the output limit: raise it, or ask for shorter edits")
    reply = _plain_ends(reply)
    old = _plain_ends(parent)
    if not reply.strip():
        raise Foul("syntax", "the reply is empty")
    if changes := _blocks(reply) or _hunks(reply):
        lines = old.splitlines()
        for number, change in enumerate(changes, 1):
            lines = _applied(lines, change, number if len(changes) > 1 else 0)
        new = "\n".join(lines) + ("\n" if old.endswith("\n") else "")
    else:
        new = _file(reply)
    return successor(new, parent)


def successor(program: str, parent: str) -> str:
    """Check a whole program that replaces `parent`; return it with the parent's line ends.

    Raises:
        Foul: `interface` if it changes text outside the evolve block, `shallow` if it changes nothing.
    """
    old = _plain_ends(parent)
    new = _inside_only(old, _plain_ends(program))
    if _same(old, new):
        raise Foul("shallow", "the reply is the parent's program again")
    return new.replace("\n", "\r\n") if "\r\n" in parent else new


def _plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


# reading a reply


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


def _file(reply: str) -> str:
    """The one fenced program of a reply.

    Raises:
        Foul: the reply has no fenced program or several, or a fence does not close.
    """
    found: list[str] = []
    opened, lines = "", list[str]()
    for line in reply.split("\n"):
        match = _FENCE.match(line)
        if match and not opened:
            opened, lines = match.group(1), []
        elif match and opened and match.group(1).startswith(opened) and not match.group(2):
            found.append("\n".join(lines) + "\n")
            opened = ""
        elif opened:
            lines.append(line)
    if opened:
        raise Foul("budget", "the reply is cut off: a fence opens and does not close")
    found = [text for text in found if text.strip()]
    programs = [text for text in found if _parses(text) and _defines(text)]
    if len(programs) == 1:
        return programs[0]
    if not found:
        raise Foul("syntax", "the reply holds no edit: give SEARCH/REPLACE blocks, a unified diff, or one fenced program")
    if not programs:
        if len(found) == 1:
            return found[0]  # preflight reports the line that does not parse
        raise Foul("syntax", f"none of the {len(found)} fenced texts of the reply is a program")
    raise Foul("syntax", f"the reply holds {len(programs)} fenced programs: give one")


def _parses(text: str) -> bool:
    try:
        parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _defines(text: str) -> bool:
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) for node in parse(text).body)


# applying a change


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


# text outside the evolve block


def _inside_only(old: str, new: str) -> str:
    """The new program with the old one's text outside the evolve block, blank lines included.

    Raises:
        Foul: `interface`, naming the line.
    """
    before, after = marks(old), marks(new)
    if not before:
        if after:
            raise Foul("interface", f"line {after[0].line}: the program has no evolve block, do not bring a mark")
        return new
    if [mark.kind for mark in before] != [mark.kind for mark in after]:
        kinds = " ".join(mark.kind for mark in before)
        lines = ", ".join(f"{mark.kind} at line {mark.line}" for mark in after) or "none"
        raise Foul("interface", f"the evolve-block marks must stay as they are ({kinds}); the reply's program has {lines}")
    outside_old, outside_new = _outside(old), _outside(new)
    if [text for _, text in outside_old] == [text for _, text in outside_new]:
        return _spliced(old, new)
    for (line, was), (_, now) in zip(outside_old, outside_new, strict=False):
        if was != now:
            raise Foul(
                "interface", f"line {line} lies outside the evolve block and must not change: `{clean(was.strip(), 120)}`"
            )
    raise Foul("interface", "lines outside the evolve block were added or removed; only what lies inside it may change")


def _spliced(old: str, new: str) -> str:
    """The old program with the evolve blocks of the new one; both have the same marks."""
    lines, fresh = old.split("\n"), new.split("\n")
    pairs = list(zip(marks(old), marks(new), strict=True))
    for (old_start, new_start), (old_end, new_end) in reversed(list(zip(pairs[::2], pairs[1::2], strict=False))):
        lines[old_start.line : old_end.line - 1] = fresh[new_start.line : new_end.line - 1]
    return "\n".join(lines)


def _outside(source: str) -> list[tuple[int, str]]:
    """(number, line) for each line outside the block, including the marks, without trailing blanks."""
    inside = False
    kept = []
    kinds = {mark.line: mark.kind for mark in marks(source)}
    for number, line in enumerate(source.rstrip("\n").split("\n"), 1):
        if kinds.get(number) == "END":
            inside = False
        if not inside:
            kept.append((number, line.rstrip()))
        if kinds.get(number) == "START":
            inside = True
    return [(number, line) for number, line in kept if line]


def _same(old: str, new: str) -> bool:
    """Whether two programs differ only in blanks and comments."""
    if old == new:
        return True
    try:
        return _words(old) == _words(new)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return False


def _words(source: str) -> list[tuple[int, str]]:
    layout = {tokenize.COMMENT, tokenize.NL}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [(token.type, "" if token.type == tokenize.INDENT else token.string) for token in tokens if token.type not in layout]
