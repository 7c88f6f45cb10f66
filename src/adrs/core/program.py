"""program: what can be measured on a candidate's text alone. Whether it is legal is the referee's matter."""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass
from typing import Literal


def size(source: str) -> int:
    """Nodes of the program's syntax tree; docstrings and annotations count, comments and load/store marks do not.

    Raises:
        SyntaxError: it does not parse; complete trials always do.
    """
    return sum(not isinstance(node, ast.expr_context) for node in ast.walk(ast.parse(source)))


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
