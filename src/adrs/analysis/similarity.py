"""similarity: how similar two programs are, as text and as syntax trees. Does not compare what they compute."""

from __future__ import annotations

import ast
import difflib
import io
import re
import tokenize
from functools import lru_cache

from adrs.core.program import parse

_LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
_ROUGH = re.compile(r"\w+|[^\w\s]")
_SHINGLE = 4
"""Number of consecutive tokens in a shingle."""


@lru_cache(maxsize=4096)
def tokens(source: str) -> tuple[str, ...]:
    """The program's tokens without comments and layout; text that is not valid Python is split into words and symbols."""
    try:
        found = tokenize.generate_tokens(io.StringIO(source).readline)
        return tuple(token.string for token in found if token.type not in _LAYOUT)
    except (tokenize.TokenError, SyntaxError):
        return tuple(_ROUGH.findall(source))


@lru_cache(maxsize=4096)
def shingles(source: str) -> frozenset[tuple[str, ...]]:
    """The set of all sequences of `_SHINGLE` consecutive tokens."""
    words = tokens(source)
    return frozenset(words[start : start + _SHINGLE] for start in range(max(1, len(words) - _SHINGLE + 1)))


def likeness(one: str, other: str) -> float:
    """Jaccard index of the shingles, 0 to 1; 1 for programs that differ only in comments and layout."""
    left, right = shingles(one), shingles(other)
    return len(left & right) / len(left | right)


@lru_cache(maxsize=4096)
def skeleton(source: str) -> str | None:
    """The syntax tree as text without numbers and docstrings; None for text that does not parse."""
    try:
        tree = parse(source)
        return ast.dump(_Blank().visit(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def only_constants_differ(one: str, other: str) -> bool:
    """Whether two programs differ only in numbers: a shallow change."""
    return skeleton(one) is not None and skeleton(one) == skeleton(other) and tokens(one) != tokens(other)


def changed_lines(old: str, new: str) -> tuple[frozenset[str], frozenset[str]]:
    """The removed and the added lines, without indentation and empty lines."""
    before, after = old.splitlines(), new.splitlines()
    gone: set[str] = set()
    come: set[str] = set()
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            gone.update(line.strip() for line in before[i1:i2])
            come.update(line.strip() for line in after[j1:j2])
    return frozenset(gone - come - {""}), frozenset(come - gone - {""})


class _Blank(ast.NodeTransformer):
    """Replaces numbers and their sign by 0, and a statement that is only a constant (a docstring) by a pass."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        number = isinstance(node.value, int | float | complex) and not isinstance(node.value, bool)
        return ast.Constant(0) if number else node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        inner = self.visit(node.operand)
        if isinstance(node.op, ast.USub) and isinstance(inner, ast.Constant) and inner.value == 0:
            return inner
        return ast.UnaryOp(node.op, inner)

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        if isinstance(node.value, ast.Constant):
            return ast.Pass()
        return ast.Expr(self.visit(node.value))
