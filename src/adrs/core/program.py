"""program: what can be measured on a candidate's text alone. Whether it is legal is the referee's matter."""

from __future__ import annotations

import ast


def size(source: str) -> int:
    """Nodes of the program's syntax tree; docstrings and annotations count, comments and load/store marks do not.

    Raises:
        SyntaxError: it does not parse; complete trials always do.
    """
    return sum(not isinstance(node, ast.expr_context) for node in ast.walk(ast.parse(source)))
