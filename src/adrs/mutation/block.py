"""block: the evolve block of a program as a syntax tree, and the way back into the text. It edits nothing.

Text before and after the block is copied unchanged. Comments inside the block are lost on purpose: after an edit they could
be wrong.
"""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass

from adrs.core.program import parse
from adrs.mutation.tree import bodies, docstring, every, names_bound, names_read

_START = re.compile(r"^[ \t]*#\s*EVOLVE-BLOCK-START\b")
_END = re.compile(r"^[ \t]*#\s*EVOLVE-BLOCK-END\b")


@dataclass(frozen=True)
class Block:
    """A program cut in three; `text` is the evolve block, or the whole program when there are no marks."""

    head: str
    text: str
    tail: str
    indent: str

    @classmethod
    def of(cls, source: str) -> Block:
        """Cut `source` at the first pair of marks."""
        lines = source.splitlines(keepends=True)
        start = next((i + 1 for i, line in enumerate(lines) if _START.match(line)), 0)
        end = next((i for i, line in enumerate(lines) if i >= start and _END.match(line)), len(lines)) if start else len(lines)
        inner = lines[start:end]
        first = next((line for line in inner if line.strip() and not line.lstrip().startswith("#")), "")
        indent = first[: len(first) - len(first.lstrip())]
        return cls("".join(lines[:start]), "".join(inner), "".join(lines[end:]), indent)

    def parse(self) -> ast.Module:
        """The block as a module.

        Raises:
            SyntaxError: the block is not valid Python by itself.
        """
        if not self.indent:
            return parse(self.text)
        wrapped = parse(f"if True:\n{self.text}").body[0]
        tree = ast.Module(next(iter(bodies(wrapped)), []), [])
        for node in every(tree):
            for body in bodies(node):
                if docstring(body[0]):  # ast.unparse copies a docstring's lines unchanged, and `fill` would indent them twice
                    constant = body[0].value  # type: ignore[attr-defined]
                    constant.value = constant.value.replace("\n" + self.indent, "\n")
        return tree

    def fill(self, tree: ast.Module) -> str:
        """The program with `tree` as its block."""
        return self.head + textwrap.indent(ast.unparse(ast.fix_missing_locations(tree)), self.indent) + "\n" + self.tail

    @property
    def source(self) -> str:
        """The whole program, unchanged."""
        return self.head + self.text + self.tail


def open_block(source: str) -> tuple[Block, ast.Module]:
    """A program's block and its tree; the whole program where the marks cut a statement.

    Raises:
        SyntaxError: the program does not parse.
    """
    block = Block.of(source)
    try:
        return block, block.parse()
    except SyntaxError:
        block = Block("", source, "", "")
        return block, block.parse()


@dataclass(frozen=True)
class Surroundings:
    """What the text around a block means for the code in it.

    Args:
        names: bound outside the block and visible in it: imports, constants, functions, classes.
        arguments: of the function around the block, and names assigned before the block; None outside of functions.
        used: names that the text after the block reads; assigning them in the block is not dead code.
    """

    names: frozenset[str]
    arguments: tuple[str, ...] | None
    used: frozenset[str]


def surroundings(block: Block) -> Surroundings:
    """Find what the text around a block means for the code in it.

    Raises:
        SyntaxError: the program does not parse.
    """
    first = block.head.count("\n") + 1
    last = first + block.text.count("\n")
    outside = parse(block.source)
    enclosing: ast.FunctionDef | None = None
    if block.head:
        for node in every(outside):
            if isinstance(node, ast.FunctionDef) and node.lineno < first and (node.end_lineno or 0) >= last:
                enclosing = node
    module = {name: None for statement in outside.body for name in _top_names(statement)}
    after = [node for node in every(outside) if isinstance(node, ast.Name) and node.lineno >= last]
    if enclosing is None:
        return Surroundings(frozenset(module), None, frozenset(names_read(after)))
    before = [node for node in every(enclosing) if getattr(node, "lineno", first) < first and node is not enclosing]
    local = {name: None for node in before if isinstance(node, ast.Name | ast.arg) for name in names_bound(node)}
    return Surroundings(frozenset(module), tuple(local), frozenset(names_read(after)))


def _top_names(statement: ast.stmt) -> list[str]:
    """Names that a module's statement binds at module level."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        return [statement.name]
    return list(names_bound(statement))
