"""draft: from a program's text to a tree that may be edited, and from the edited tree to a program fit to be handed over."""

from __future__ import annotations

import ast
import hashlib
import symtable

from adrs.mutation.block import Block
from adrs.mutation.check import unfit
from adrs.mutation.program import Program, Rules
from adrs.mutation.tidy import tidy


def fingerprint(source: str) -> str:
    """A short text that is equal for equal programs."""
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def opened(source: str) -> tuple[Block, ast.Module]:
    """A program's block and its tree; the whole program where the marks cut it badly."""
    block = Block.of(source)
    try:
        return block, block.parse()
    except SyntaxError:
        block = Block("", source, "", "")
        return block, block.parse()


def finished(block: Block, tree: ast.Module, rules: Rules) -> str | None:
    """The program after tidying; None if it is unfit."""
    if not tidy(tree, rules):
        return None
    source = block.fill(tree)
    text = source[len(block.head) : len(source) - len(block.tail)]
    if unfit(Program(tree, rules), text):
        return None
    try:
        symtable.symtable(source, "program", "exec")  # a name that is assigned before its `nonlocal`
    except SyntaxError:
        return None
    return source
