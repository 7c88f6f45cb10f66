"""A program's text: no text holds its reader up."""

from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor

import pytest

from adrs.core.program import parse

ROOM = 256 << 10


@pytest.mark.parametrize(
    "chain",
    [
        "import a" + ".a" * (ROOM // 2),
        "import a" + "\\\n.a" * (ROOM // 4),
        "x = 1\n\nfrom a" + " . a" * (ROOM // 4) + " import b",
        "import " + "naïve.größe." * (ROOM // 16) + "x",
    ],
)
@pytest.mark.budget(0.5)
def test_names_without_end_are_refused_before_they_are_parsed(chain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own parser takes ten gigabytes and a minute for the first of them."""
    monkeypatch.setattr(ast, "parse", lambda *_: pytest.fail("Python's parser was asked"))
    with pytest.raises(SyntaxError, match="more than 100 parts"):
        parse(chain)


def test_the_line_is_told() -> None:
    with pytest.raises(SyntaxError) as caught:
        parse("x = 1\n\nimport a" + ".a" * 200)
    assert caught.value.lineno == 3


@pytest.mark.parametrize(
    "text",
    [
        ". " * (ROOM // 2),
        "." + " " * ROOM,
        "." + "a" * ROOM,
        "." * ROOM,
        (".a" * 99 + "+") * (ROOM // 199),
        ".\n" * (ROOM // 2),
    ],
)
@pytest.mark.budget(2.0)
def test_texts_that_look_like_such_names_are_refused_as_well(text: str) -> None:
    with pytest.raises(SyntaxError):
        parse(text)


@pytest.mark.parametrize(
    "source",
    [
        "import a" + ".a" * 98,
        "x = '" + "0.5 0.6 0.7 " * 200 + "'",
        "x = [" + "1., " * 1000 + "]",
        "s = 'One. Two words. ' * 300",
    ],
)
def test_honest_texts_pass(source: str) -> None:
    assert ast.dump(parse(source)) == ast.dump(ast.parse(source))


def test_many_threads_may_read_programs_at_once() -> None:
    """Python 3.11 counts the depth of the tree it builds in one place for all threads."""
    source = "\n".join(f"x{number} = [{number}, (lambda a: a + {number}), {{'k': [1, 2, 3]}}]" for number in range(300))
    with ThreadPoolExecutor(8) as threads:
        assert len({ast.dump(tree) for tree in threads.map(parse, [source] * 40)}) == 1
