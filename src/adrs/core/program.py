"""program: what can be measured on a candidate's text alone. Whether it is legal is the referee's matter."""

from __future__ import annotations

import ast
import io
import re
import threading
import tokenize
from dataclasses import dataclass
from typing import Literal

_LONG_NAME = re.compile(r"\.[ \t\f\r\n\\]*+[^\W\d]\w*+(?:[ \t\f\r\n\\]*+\.[ \t\f\r\n\\]*+[^\W\d]\w*+){99}")

_ONE_AT_A_TIME = threading.Lock()
"""Python 3.11 counts the depth of a tree it builds in one place for all threads, and fails when two build at once."""


def parse(source: str, name: str = "<program>") -> ast.Module:
    """The syntax tree of a text that may be hostile.

    Python's parser takes time and memory by the square of the length of a dotted name, ten gigabytes for "import a.a.a" of
    200 kB: a name of a hundred parts and more is refused.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: it is no Python, or too deep for the parser.
    """
    if found := _LONG_NAME.search(source):
        raise SyntaxError("a name of more than 100 parts", (name, source.count("\n", 0, found.start()) + 1, 0, ""))
    with _ONE_AT_A_TIME:
        return ast.parse(source, name)


def expression(text: str) -> ast.expr:
    """The syntax tree of one expression.

    Raises:
        SyntaxError, ValueError: it is none.
    """
    with _ONE_AT_A_TIME:
        return ast.parse(text, mode="eval").body


def size(source: str) -> int:
    """Nodes of the program's syntax tree; docstrings and annotations count, comments and load/store marks do not.

    Raises:
        SyntaxError: it does not parse; complete trials always do.
    """
    return sum(not isinstance(node, ast.expr_context) for node in ast.walk(parse(source)))


@dataclass(frozen=True)
class Mark:
    """A comment that begins or ends the evolve block; `line` counts from 1."""

    kind: Literal["START", "END"]
    line: int


def marks(source: str) -> list[Mark]:
    """The evolve-block marks of a program, in order; what stands in a string is none.

    Text that cannot be read as Python is looked at line by line.
    """
    comments: list[tuple[int, str]] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip():
                comments.append((token.start[0], token.string))
    except (tokenize.TokenError, SyntaxError, ValueError):
        comments = [(at, line.strip()) for at, line in enumerate(source.splitlines(), 1) if line.lstrip().startswith("#")]
    found = []
    for line, text in comments:
        word = text.lstrip("# \t").split(" ")[0].rstrip()
        if word == "EVOLVE-BLOCK-START":
            found.append(Mark("START", line))
        elif word == "EVOLVE-BLOCK-END":
            found.append(Mark("END", line))
    return found
