"""Random edits of programs of many shapes: the promises that hold for every proposed program."""

from __future__ import annotations

import ast
import builtins
import random
import symtable

import pytest
from sample_programs import PROGRAMS, edited

from adrs.mutation.block import Block, open_block
from adrs.mutation.normal_form.normalise import normalise
from adrs.mutation.reading import rules_from
from adrs.mutation.tree import names_bound, names_read

EDITS = 60


def check(name: str, edits: int) -> None:
    """Make `edits` random edits, each of a program that earlier edits made."""
    start = PROGRAMS[name]
    rules, rng, pool = rules_from(start), random.Random(name), [start]
    outside = Block.of(start)
    legal = 0
    for _ in range(edits):
        made = edited(rng.choice(pool[-20:]), rng.choice(pool[-20:]), rules, rng)
        if made is None:
            continue
        legal += 1
        block, tree = open_block(made.source)
        assert (block.head, block.tail, block.indent) == (outside.head, outside.tail, outside.indent)
        compile(made.source, name, "exec")
        assert bound(made.source) <= bound(start) | {term.name for term in rules.terms}
        assert max(map(len, made.source.splitlines())) <= max(120, *map(len, start.splitlines()))
        assert normalise(tree, made.rules)
        assert block.fill(tree) == made.source, f"not a fixed point after {made.steps}"
        pool.append(made.source)
    assert legal > 0.6 * edits


def bound(source: str) -> set[str]:
    """Names that a program reads and does not visibly bind anywhere."""
    tree = ast.parse(source)
    return set(names_read(tree)) - set(names_bound(tree)) - set(dir(builtins))


@pytest.mark.parametrize("name", PROGRAMS)
def test_random_edits_keep_the_promises(name: str) -> None:
    check(name, EDITS)


@pytest.mark.nightly
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("name", PROGRAMS)
def test_two_thousand_random_edits_keep_the_promises(name: str) -> None:
    check(name, 2_000)


@pytest.mark.parametrize("name", ["spot start", "order", "scopes"])
def test_no_program_reads_a_name_that_is_bound_only_elsewhere(name: str) -> None:
    """By the compiler's own symbol table: every global name of a function is one of the module or a builtin."""
    start = PROGRAMS[name]
    rules, rng = rules_from(start), random.Random("symbols")
    top = symtable.symtable(start, "program", "exec")
    allowed = set(dir(builtins)) | {symbol.get_name() for symbol in top.get_symbols()}
    for _ in range(200):
        made = edited(start, start, rules, rng)
        if made is None:
            continue
        for table in tables(symtable.symtable(made.source, "program", "exec")):
            for symbol in table.get_symbols():
                assert not symbol.is_global() or symbol.get_name() in allowed, made.source


def tables(top: symtable.SymbolTable) -> list[symtable.SymbolTable]:
    return [top, *(inner for child in top.get_children() for inner in tables(child))]
