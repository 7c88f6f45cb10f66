"""program: parses and measures a candidate's source text. Does not decide whether the program is legal."""

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
"""Python 3.11 counts the depth of the tree in one variable for all threads, and fails if two threads parse at once."""


def parse(source: str, name: str = "<program>") -> ast.Module:
    """The syntax tree of a text that may be hostile.

    Time and memory of Python's parser grow with the square of the length of a dotted name, to ten gigabytes for "import a.a.a"
    of 200 kB, so a name of a hundred or more parts raises SyntaxError.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: the text is not valid Python, or nested too deeply for the parser.
    """
    if found := _LONG_NAME.search(source):
        raise SyntaxError("a name of more than 100 parts", (name, source.count("\n", 0, found.start()) + 1, 0, ""))
    with _ONE_AT_A_TIME:
        return ast.parse(source, name)


def expression(text: str) -> ast.expr:
    """The syntax tree of one expression.

    Raises:
        SyntaxError, ValueError: the text is not one expression.
    """
    with _ONE_AT_A_TIME:
        return ast.parse(text, mode="eval").body


def size(source: str) -> int:
    """Number of nodes in the program's syntax tree; docstrings and annotations count, comments and load/store contexts do not.

    Raises:
        SyntaxError: the program does not parse; programs of complete trials always parse.
    """
    return sum(not isinstance(node, ast.expr_context) for node in ast.walk(parse(source)))


@dataclass(frozen=True)
class Mark:
    """A comment that begins or ends the evolve block; `line` counts from 1."""

    kind: Literal["START", "END"]
    line: int


def marks(source: str) -> list[Mark]:
    """The evolve-block marks of a program, in order; text inside a string is not a mark.

    Text that cannot be tokenized as Python is searched line by line.
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
