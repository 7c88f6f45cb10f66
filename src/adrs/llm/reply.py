"""reply: turns a reply into a program: SEARCH/REPLACE blocks, a unified diff, or a fenced file. All edits apply, or none.

Reasoning is set aside. Of several fenced texts the last that can replace the program, or its evolve block, counts. Text outside
the evolve block does not change. A reply without a usable program is a foul; later prompts show its reason.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Sequence

from adrs.core.failure import Foul
from adrs.core.program import marks, parse
from adrs.core.text import clean
from adrs.llm.edits import apply_edits, edits_of
from adrs.llm.fences import fenced, without_reasoning
from adrs.llm.summary import first_sentence


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
    old = _plain_ends(parent)
    if not reply.strip():
        raise Foul("syntax", "the reply is empty")
    reply = _final(reply)
    changes = edits_of(reply)
    return successor(apply_edits(old, changes) if changes else _file(reply, old), parent)


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


# the text of a reply


def _final(reply: str) -> str:
    """The reply without its reasoning.

    Raises:
        Foul: it holds nothing else.
    """
    final, unfinished = without_reasoning(_plain_ends(reply))
    if not final.strip():
        state = "its reasoning is not finished" if unfinished else "it is empty after its reasoning"
        raise Foul("syntax", f"the reply holds no edit: {state}")
    return final


def note_of(reply: str, parent: str) -> str:
    """The first sentence of a usable reply, and which of several programs was taken."""
    final = _final(reply)
    several = 0 if edits_of(final) else len(_usable(_closed(final), _plain_ends(parent)))
    note = first_sentence(final)
    return f"{note} (the last of {several} programs in the reply)".strip() if several > 1 else note


def _file(reply: str, parent: str) -> str:
    """The last fenced text that can replace the parent or its evolve block, as a whole program.

    Raises:
        Foul: there is no such text, or a fence does not close.
    """
    found = _closed(reply)
    usable = _usable(found, parent)
    if usable:
        return usable[-1]
    if not found:
        raise Foul("syntax", "the reply holds no edit: give SEARCH/REPLACE blocks, a unified diff, or one fenced program")
    programs = [text for text in found if _defined(text)]
    if len(programs) == 1 or len(found) == 1:
        return (programs or found)[-1]  # preflight reports what is wrong with it
    raise Foul("syntax", f"none of the {len(found)} fenced texts of the reply can replace the program")


def _closed(reply: str) -> list[str]:
    """The fenced texts of a reply.

    Raises:
        Foul: a fence does not close.
    """
    found = list(fenced(reply, _parses))
    if any(not each.closed for each in found):
        raise Foul("budget", "the reply is cut off: a fence opens and does not close")
    return [each.text for each in found if each.text.strip()]


def _usable(texts: Sequence[str], parent: str) -> list[str]:
    """The programs that the texts make of the parent: whole files, or its evolve block with or without the marks."""
    made = (_whole(text, parent) for text in texts)
    return [text for text in made if text]


def _whole(text: str, parent: str) -> str:
    """The text as a whole program that can replace the parent; "" if it cannot."""
    own = _defined(_between(parent))
    if not _defined(text) & (own or _defined(parent)):  # an example of use, a test, output
        return ""
    many = len(marks(text))
    if len(marks(parent)) != 2 or many not in (0, 2):
        return text
    if many == 2:
        return text if _beside(text) else _with_block(parent, _between(text))
    return _with_block(parent, text) if own and not _defined(text) & (_defined(parent) - own) else text


def _between(program: str) -> str:
    """The text between the marks of the only evolve block; "" without one."""
    found = marks(program)
    return "\n".join(program.split("\n")[found[0].line : found[1].line - 1]) if len(found) == 2 else ""


def _with_block(parent: str, block: str) -> str:
    start, end = marks(parent)
    lines = parent.split("\n")
    return "\n".join([*lines[: start.line], *block.strip("\n").split("\n"), *lines[end.line - 1 :]])


def _beside(program: str) -> str:
    """What stands outside the marks."""
    start, end = marks(program)
    lines = program.split("\n")
    return "".join([*lines[: start.line - 1], *lines[end.line :]]).strip()


def _tree(text: str) -> ast.Module | None:
    """The syntax tree of a text; None if it does not parse."""
    try:
        return parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _parses(text: str) -> bool:
    return _tree(text) is not None


def _defined(text: str) -> set[str]:
    """Names of the functions and classes that a text defines at its top level; empty if it does not parse."""
    tree = _tree(text)
    return {
        node.name
        for node in (tree.body if tree else ())
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
    }


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
