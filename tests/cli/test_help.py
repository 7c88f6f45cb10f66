"""The `--help` text of every command is kept in help/*.txt, so that changes of words are reviewed as text.

Rewrite the files after such a change: pytest tests/cli/test_help.py --update-help
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from adrs.cli.main import app
from command_line import Here

KEPT = Path(__file__).with_name("help")
WIDTH = 80


def commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command and group; () is the program itself."""
    yield words
    for name, each in getattr(command, "commands", {}).items():
        yield from commands(each, (*words, name))


COMMANDS = list(commands(typer.main.get_command(app)))


def file_of(words: tuple[str, ...]) -> Path:
    """("data", "fetch") -> help/adrs-data-fetch.txt"""
    return KEPT / f"{'-'.join(['adrs', *words])}.txt"


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(["adrs", *words]))
def test_help_is_as_it_is_kept(
    words: tuple[str, ...], here: Here, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Compares words, not line breaks: these depend on the version of the layout library."""
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    said = here(*words, "--help")
    assert said.code == 0
    assert "\x1b" not in said.out
    assert max(map(len, said.out.splitlines())) <= WIDTH
    kept = file_of(words)
    if request.config.getoption("--update-help"):
        KEPT.mkdir(exist_ok=True)
        kept.write_text(said.out, "utf-8")
    assert kept.exists(), f"{kept.name} is missing: run pytest tests/cli/test_help.py --update-help"
    assert said.out.split() == kept.read_text("utf-8").split(), (
        f"the help differs from {kept.name}: if that is meant, run pytest tests/cli/test_help.py --update-help"
    )


def test_no_help_of_a_command_that_is_gone_is_kept() -> None:
    assert {path.name for path in KEPT.iterdir()} == {file_of(words).name for words in COMMANDS}
