"""The block is cut out and put back; the text around it does not change."""

from __future__ import annotations

import ast

import pytest
from sample_programs import EVERYTHING, INSIDE, ORDER

from adrs.mutation.block import Block, open_block, surroundings

METHOD = '''import math


class Policy:
    def __init__(self, job):
        self.job = job  # kept

    # EVOLVE-BLOCK-START
    def decide(self, obs):
        """What to do.

        Longer.
        """
        # lost
        text = """two
        lines"""
        return text
    # EVOLVE-BLOCK-END

LAST = 1  # kept too
'''


def test_text_around_the_block_is_kept() -> None:
    block = Block.of(METHOD)
    assert block.head.endswith("# EVOLVE-BLOCK-START\n")
    assert block.tail == "    # EVOLVE-BLOCK-END\n\nLAST = 1  # kept too\n"
    assert block.source == METHOD


def test_a_docstring_and_a_long_string_survive_many_rounds() -> None:
    wanted = ast.dump(ast.parse(METHOD))
    source = METHOD
    for _ in range(3):
        block, tree = open_block(source)
        source = block.fill(tree)
        assert ast.dump(ast.parse(source)) == wanted
    assert "# lost" not in source


@pytest.mark.parametrize("source", [ORDER, INSIDE, EVERYTHING])
def test_parsing_and_filling_changes_no_meaning(source: str) -> None:
    block, tree = open_block(source)
    assert ast.dump(ast.parse(block.fill(tree))) == ast.dump(ast.parse(source))


def test_a_program_without_marks_is_all_block() -> None:
    block = Block.of("x = 1\ny = 2\n")
    assert (block.head, block.text, block.tail) == ("", "x = 1\ny = 2\n", "")


def test_marks_that_cut_a_statement_make_the_whole_program_the_block() -> None:
    source = "if x:\n    y = 1\n# EVOLVE-BLOCK-START\nelse:\n    y = 2\n# EVOLVE-BLOCK-END\n"
    assert open_block(source)[0].head == ""


def test_an_enclosing_function_lends_its_names() -> None:
    around = surroundings(Block.of(INSIDE))
    assert around.arguments is not None
    assert {"jobs", "gpus", "memory", "loads", "used", "size", "load"} <= set(around.arguments)
    assert "best" in around.used
    assert surroundings(Block.of(METHOD)).arguments is None
    assert {"math", "Policy", "LAST"} <= surroundings(Block.of(METHOD)).names
