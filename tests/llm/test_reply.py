"""Replies become programs whole or not at all; the cases are those on which such tools have broken."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adrs.core.failure import Foul
from adrs.llm.reply import note_of, program_of

PARENT = '''"""Head."""

LIMIT = 3  # outside


# EVOLVE-BLOCK-START
def first(x):
    if x > LIMIT:
        return 1
    return 0


def second(x):
    total = 0
    for each in x:
        total += each
    return total
# EVOLVE-BLOCK-END


def outside(x):
    return first(x) + LIMIT
'''


def edit(search: str, replace: str) -> str:
    return f"<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n"


def foul(reply: str, parent: str = PARENT, cut_off: bool = False) -> Foul:
    with pytest.raises(Foul) as caught:
        program_of(reply, parent, cut_off)
    return caught.value


CHANGED = PARENT.replace("        return 1\n", "        return 2\n")
EDIT = edit("        return 1", "        return 2")


def test_an_edit_applies() -> None:
    assert program_of(f"I think this is better:\n\n{EDIT}\nBecause.", PARENT) == CHANGED


def test_an_edit_in_a_fence_applies() -> None:
    assert program_of(f"```python\n{EDIT}```\n", PARENT) == CHANGED


def test_several_edits_apply_in_order() -> None:
    reply = EDIT + edit("    return 0", "    return -1") + edit("    return -1", "    return -2")
    assert program_of(reply, PARENT) == CHANGED.replace("    return 0", "    return -2")


def test_a_diff_applies() -> None:
    hunk = "@@ -7,3 +7,3 @@ def first(x):\n     if x > LIMIT:\n-        return 1\n+        return 2\n     return 0\n"
    reply = f"```diff\n--- a\n+++ b\n{hunk}```\n"
    assert program_of(reply, PARENT) == CHANGED


def test_a_fenced_file_applies() -> None:
    assert program_of(f"Here it is.\n\n```python\n{CHANGED}```\n", PARENT) == CHANGED


# 1. near miss


@pytest.mark.parametrize("search", ["        return 1   ", "\treturn 1", "\t\treturn 1", "return 1", "    return 1"])
def test_1a_blanks_tabs_and_uniform_indentation_do_not_matter_where_the_match_is_unique(search: str) -> None:
    indent = search[: len(search) - len(search.lstrip())]
    assert program_of(edit(search, f"{indent}return 2"), PARENT) == CHANGED


def test_1a_a_block_moves_as_a_whole() -> None:
    reply = edit("for each in x:\n    total += each", "for each in x:\n    if each:\n        total += each")
    changed = PARENT.replace("        total += each\n", "        if each:\n            total += each\n")
    assert program_of(reply, PARENT) == changed


def test_1b_an_invented_comment_leaves_the_program_alone_and_the_closest_line_is_named() -> None:
    reason = foul(edit("        return 1  # the best", "        return 2")).reason
    assert "does not match" in reason
    assert "line 9: `return 1`" in reason


@pytest.mark.parametrize("reply", ["", "   \n", "I would raise the limit.", "I cannot help with that.", "```\n```"])
def test_1c_prose_only_is_no_program(reply: str) -> None:
    assert foul(reply).kind == "syntax"


def test_1d_never_half_a_reply() -> None:
    reason = foul(EDIT + edit("    return 17", "    return 18")).reason
    assert "block 2" in reason


# 2. twice


TWICE = "def f(x):\n    a = x\n    return a\n\n\ndef g(x):\n    b = x\n    return a\n"


def test_2_two_places_are_refused_with_both_lines() -> None:
    assert "lines 3, 8" in foul(edit("    return a", "    return 0"), TWICE).reason


def test_2_one_more_line_tells_which() -> None:
    made = program_of(edit("    b = x\n    return a", "    b = x\n    return b"), TWICE)
    assert made == TWICE[: TWICE.rindex("a\n")] + "b\n"


def test_2_a_diff_that_names_exactly_the_line_is_believed() -> None:
    reply = "@@ -8,1 +8,1 @@\n-    return a\n+    return b\n"
    assert program_of(reply, TWICE).endswith("    return b\n")
    assert "ambiguous" in foul(reply.replace("-8,1", "-7,1"), TWICE).reason


# 3. line ends


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["\n", ""])
@pytest.mark.parametrize("reply", [EDIT, EDIT.replace("\n", "\r\n")])
def test_3_the_program_keeps_its_own_line_ends(end: str, last: str, reply: str) -> None:
    parent = (PARENT.rstrip("\n") + last).replace("\n", end)
    assert program_of(reply, parent) == parent.replace("return 1", "return 2")


def test_3_a_file_takes_the_program_s_line_ends() -> None:
    assert program_of(f"```\n{CHANGED}```", PARENT.replace("\n", "\r\n")) == CHANGED.replace("\n", "\r\n")


# 4. outside the evolve block


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (CHANGED.replace("LIMIT = 3", "LIMIT = 4"), "line 3"),
        (CHANGED.replace("first(x) + LIMIT", "first(x)"), "line 22"),
        (CHANGED.replace("# EVOLVE-BLOCK-END\n", ""), "marks"),
        (CHANGED + "# EVOLVE-BLOCK-START\n# EVOLVE-BLOCK-END\n", "marks"),
        (CHANGED.replace("# EVOLVE-BLOCK-START\n", "").replace("# EVOLVE-BLOCK-END\n", ""), "marks"),
        (CHANGED + "\nLIMIT = 9\n", "outside"),
    ],
)
def test_4_what_lies_outside_never_changes(program: str, says: str) -> None:
    found = foul(f"```python\n{program}```")
    assert found.kind == "interface"
    assert says in found.reason


def test_4_edits_outside_are_refused_as_well() -> None:
    assert "line 3" in foul(edit("LIMIT = 3  # outside", "LIMIT = 4")).reason


def test_4_marks_in_strings_do_not_count() -> None:
    changed = CHANGED.replace("        return 2", '        """\n# EVOLVE-BLOCK-END\n        """\n        return 2')
    assert program_of(f"```python\n{changed}```", PARENT) == changed


def test_4_blank_lines_outside_stay_the_parent_s() -> None:
    assert program_of(f"```python\n{CHANGED.replace('LIMIT = 3', chr(10) * 3 + 'LIMIT = 3')}```", PARENT) == CHANGED


# 5. cut off


def test_5_what_was_cut_off_is_never_a_program() -> None:
    cut = "```python\n" + "\n".join(f"x{number} = {number}" for number in range(40))
    assert foul(cut).kind == "budget"
    assert foul(f"```python\n{CHANGED}```\n", cut_off=True).kind == "budget"
    assert "output limit" in foul(EDIT, cut_off=True).reason


def test_5_a_block_that_is_cut_off_is_none() -> None:
    assert "cut off" in foul(EDIT + "<<<<<<< SEARCH\n    return 0\n=======\n    return 5\n").reason


# 6. no change


@pytest.mark.parametrize(
    "program",
    [
        PARENT,
        PARENT.replace("        return 1", "        # a thought\n        return  1"),
        PARENT.replace("    return 0\n", "\n    return 0\n\n"),
    ],
)
def test_6_the_parent_again_is_no_program(program: str) -> None:
    assert foul(f"```python\n{program}```").kind == "shallow"


def test_6_filler_is_no_program() -> None:
    assert foul("lorem ipsum " * 5_000).kind == "syntax"


def test_other_indentation_of_the_same_program_is_the_same() -> None:
    again = "def f(x):\n  if x:\n    return 1\n  return 2\n"
    assert foul(f"```\n{again}```", again.replace("  ", "    ")).kind == "shallow"


@pytest.mark.parametrize("reply", [edit("", "x = 1"), edit("   ", "x = 1"), "<<<<<<< SEARCH\nx\n>>>>>>> REPLACE\n"])
def test_malformed_blocks_are_refused(reply: str) -> None:
    assert foul(reply).kind == "syntax"


BETTER = PARENT.replace("        return 1\n", "        return 3\n")
BLOCK = CHANGED[CHANGED.index("# EVOLVE-BLOCK-START") : CHANGED.index("# EVOLVE-BLOCK-END")] + "# EVOLVE-BLOCK-END\n"
BARE = "\n".join(BLOCK.split("\n")[1:-2]) + "\n"


def in_fence(text: str, label: str = "python") -> str:
    return f"```{label}\n{text}```\n"


# 21. fences within fences, and reasoning


def test_21_a_program_may_hold_fences() -> None:
    quoted = CHANGED.replace("def second(x):\n", 'def second(x):\n    """Adds.\n\n```\nsecond([1])\n```\n    """\n')
    odd = CHANGED.replace("def second(x):\n", 'def second(x):\n    """Adds.\n\n```\n    """\n')
    for program in (quoted, odd):
        assert program_of(f"Here it is:\n{in_fence(program)}Done.", PARENT) == program


@pytest.mark.parametrize("tag", ["think", "thinking", "reasoning"])
def test_21_a_draft_in_the_reasoning_is_never_the_program(tag: str) -> None:
    draft = f"<{tag}>\nFirst idea:\n{in_fence(BETTER)}Hm.\n</{tag}>\n"
    assert program_of(f"{draft}{in_fence(CHANGED)}", PARENT) == CHANGED
    assert "empty after its reasoning" in foul(draft).reason


def test_21_reasoning_that_never_ends_holds_no_program() -> None:
    for draft in (in_fence(CHANGED), EDIT):
        assert "reasoning is not finished" in foul(f"<think>\n{draft}and then").reason
    assert program_of(f"{in_fence(CHANGED)}<think>\n{in_fence(BETTER)}", PARENT) == CHANGED


def test_21_a_reply_of_fences_alone_is_a_foul() -> None:
    assert foul("```\nx = (\n" * 20_000).kind in ("syntax", "budget")


# 32. a lone closing tag


def test_32_all_before_the_last_closing_tag_is_reasoning() -> None:
    draft = edit("    return total", "    return total + 1")
    assert program_of(f"{draft}\n</think>\n{EDIT}", PARENT) == CHANGED
    assert program_of(f"{in_fence(BETTER)}</think>\n\n{in_fence(CHANGED)}", PARENT) == CHANGED
    assert program_of(f"a </think> b </think>{EDIT}", PARENT) == CHANGED


# 33. labels of fences


@pytest.mark.parametrize(
    "label", ["", "py", "Python3", " python", 'python title="a.py"', "{python}", "python\r", "{.python .numberLines}"]
)
def test_33_any_label_will_do(label: str) -> None:
    assert program_of(in_fence(CHANGED, label), PARENT) == CHANGED


@pytest.mark.parametrize("item", ["", "1. The program:\n\n"])
def test_33_a_fence_in_a_list_is_indented(item: str) -> None:
    indented = "".join(f"  {line}\n" if line else "\n" for line in in_fence(CHANGED).rstrip("\n").split("\n"))
    assert program_of(f"{item}{indented}", PARENT) == CHANGED


# 34. several fenced texts


@pytest.mark.parametrize(
    "beside",
    [
        "It prints:\n```\n1 2 3\n```\n",
        in_fence("print(first(3))\n"),
        in_fence("def test_first():\n    assert first(9) == 2\n"),
        in_fence("pip install nothing\n", "bash"),
    ],
)
def test_34_what_lies_beside_the_program_does_not_hide_it(beside: str) -> None:
    assert program_of(f"{in_fence(CHANGED)}{beside}", PARENT) == CHANGED
    assert program_of(f"{beside}{in_fence(CHANGED)}", PARENT) == CHANGED


def test_34_of_two_programs_the_last_counts_and_the_note_says_so() -> None:
    reply = f"A draft of the program first:\n{in_fence(BETTER)}The better one is here:\n{in_fence(CHANGED)}"
    assert program_of(reply, PARENT) == CHANGED
    assert "the last of 2 programs" in note_of(reply, PARENT)
    assert "programs" not in note_of(in_fence(CHANGED), PARENT)


def test_34_the_block_alone_is_put_in_its_place() -> None:
    assert program_of(in_fence(BLOCK), PARENT) == CHANGED
    assert program_of(in_fence(BARE), PARENT) == CHANGED


def test_an_example_of_use_beside_the_program_does_not_hide_it() -> None:
    assert program_of(f"```python\n{CHANGED}```\nUse it so:\n```python\nprint(first(3))\n```\n", PARENT) == CHANGED


@settings(max_examples=200)
@given(st.text(max_size=400))
def test_no_text_is_anything_but_a_program_or_a_foul(reply: str) -> None:
    with contextlib.suppress(Foul):
        program_of(reply, PARENT)


@settings(max_examples=100)
@given(st.integers(0, 12), st.integers(1, 4), st.sampled_from(["", "  ", "\t"]))
def test_any_lines_of_the_block_can_be_replaced(at: int, count: int, trailing: str) -> None:
    lines = PARENT.split("\n")
    at = 6 + min(at, 10 - count)
    search = lines[at : at + count]
    if not any(line.strip() for line in search) or PARENT.count("\n".join(search)) != 1:
        return
    new = [*lines[:at], "    pass  # new", *lines[at + count :]]
    reply = edit("\n".join(line + trailing for line in search), "    pass  # new")
    try:
        made = program_of(reply, PARENT)
    except Foul as caught:
        made = caught.reason
    assert made == "\n".join(new) or "ambiguous" in made
