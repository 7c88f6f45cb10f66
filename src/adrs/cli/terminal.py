"""terminal: formats numbers, tables and the score curve. Foreign text is printed as plain text, never as markup."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import groupby
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from adrs.core.text import clean, visible
from adrs.core.trial import Trial
from adrs.stores.encoding import plain

WIDTH_OF_A_PIPE = 120
"""Columns of output that is not a terminal, unless COLUMNS is set."""

_NUMBER = re.compile(r"[+-]?\$?\d[\d.:]*( (s|min|h|%)| to [+-]?\d[\d.]*)?|–|")
"""A cell that holds a number, a duration, a share, an interval or a dash."""


class Calm(Console):
    """A console that treats no text as markup and stays silent after a closed pipe (`adrs show last | head -1`)."""

    def __init__(self, *, stderr: bool) -> None:
        colours: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False, color_system=colours)
        columns = os.environ.get("COLUMNS", "")
        if not self.is_terminal and not (columns.isdigit() and int(columns)):
            self.width = WIDTH_OF_A_PIPE

    def on_broken_pipe(self) -> None:
        self.quiet = True
        with open(os.devnull, "w", encoding="utf-8") as nothing:
            os.dup2(nothing.fileno(), self.file.fileno())

    def say(self, text: str, style: str = "") -> None:
        """Print the text on one line without cutting it off."""
        self.print(Text(" ".join(visible(text).split()), style), soft_wrap=True)

    def written(self, text: str, style: str = "") -> None:
        """Print text with its own line breaks; a narrow terminal wraps lines between words."""
        self.print(Text(visible(text), style), soft_wrap=not self.is_terminal)

    def raw(self, text: str) -> None:
        """Write text unchanged, for programs that read it; on a terminal escape codes are made visible."""
        try:
            self.file.write(visible(text) if self.is_terminal else text)
            self.file.flush()
        except BrokenPipeError:
            self.on_broken_pipe()


out = Calm(stderr=False)
"""Stdout: the answer of a command."""
err = Calm(stderr=True)
"""Stderr: progress, warnings and errors."""


def busy(what: str) -> AbstractContextManager[object]:
    """A spinner on stderr during a long silent step; nothing without a live terminal."""
    return err.status(Text(what, "dim")) if live_wanted() else nullcontext()


def live_wanted() -> bool:
    """Whether a live panel can be shown: stderr is a capable terminal and NO_COLOR is not set."""
    return err.is_terminal and not err.is_dumb_terminal and not os.environ.get("NO_COLOR")


def say_json(document: Any) -> None:
    """Print one strict JSON document on stdout; numbers that are not finite become null."""
    out.raw(json.dumps(plain(document), allow_nan=False) + "\n")


def one_line(text: str, limit: int = 300) -> str:
    """Foreign text on one line, without control characters; the middle of a long text is cut out."""
    return " ".join(clean(text, limit).split())


def who(trial: Trial) -> str:
    """Author and note of a candidate; for the offline generator the note names the operators."""
    return f"{trial.candidate.author}: {one_line(trial.candidate.note, 200)}"


def number(value: float | None, digits: int = 4) -> str:
    """A rounded number, "–" for None."""
    return "–" if value is None else f"{value:.{digits}f}"


def percent(share: float) -> str:
    """A share as whole percent."""
    return f"{100 * share:.0f} %"


def span(seconds: float) -> str:
    """A duration: 45 s, 3:20 min, 2:05 h."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02} h"


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> Table:
    """A plain table; columns of numbers are right-aligned, others left-aligned. Cells are text, not markup."""
    lines = [[cell if isinstance(cell, Text) else Text(visible(str(cell))) for cell in row] for row in rows]
    made = Table(
        title=Text(title, style="bold") if title else None, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for position, name in enumerate(columns):
        cells = [line[position].plain for line in lines]
        numbers = position > 0 and any(cells) and all(map(_NUMBER.fullmatch, cells))
        made.add_column(Text(name, style="dim"), justify="right" if numbers else "left", overflow="fold")
    for line in lines:
        made.add_row(*line)
    return made


def show_program(source: str) -> None:
    """Print a program, highlighted on a terminal; control characters are made visible."""
    from rich.syntax import Syntax

    if out.is_terminal:
        out.print(Syntax(visible(source.rstrip()), "python", background_color="default", word_wrap=True))
    else:
        out.raw(visible(source.rstrip()) + "\n")


def diff_text(diff: str, limit: int | None = None) -> Text:
    """A unified diff in colour without headers; with a limit, unchanged lines are left out too."""
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++", "@@"))]
    if limit is not None:
        lines = [line for line in lines if line[:1] in "+-"]
    shown = lines if limit is None or len(lines) <= limit else lines[: limit - 1]
    styles = {"+": "green", "-": "red"}
    text = Text("\n").join(Text(visible(line), styles.get(line[:1], "dim")) for line in shown)
    if len(shown) < len(lines):
        text.append(f"\n… and {len(lines) - len(shown)} more changed lines", "dim")
    return text


def plot(curve: Sequence[Sequence[float]], last: int, lines: Mapping[str, float], width: int = 60, height: int = 9) -> Text:
    """A text plot of the best score so far, with named scores as level lines.

    Args:
        curve: (trial, best score) at each rise.
        last: number of the last trial.
        lines: name -> score; lines below the curve are left out.
    """
    if not curve:
        return Text("no legal program yet", style="dim")
    low = curve[0][1]
    shown = {name: score for name, score in lines.items() if score >= low - 1e-9}
    high = max([curve[-1][1], *shown.values()])
    low = min([low, *shown.values()])
    rise = (high - low) or 1.0

    def level(score: float) -> int:
        return min(height - 1, max(0, round((score - low) / rise * (height - 1))))

    grid = [[" "] * width for _ in range(height)]
    for score in shown.values():
        grid[level(score)] = ["·"] * width
    best, at = curve[0][1], 0
    steps = [(round(trial / max(1, last) * (width - 1)), score) for trial, score in curve]
    for column in range(width):
        while at < len(steps) and steps[at][0] <= column:
            best, at = steps[at][1], at + 1
        grid[level(best)][column] = "━"
    labels: dict[int, list[str]] = {}
    for name, score in sorted(shown.items(), key=lambda pair: -pair[1]):
        labels.setdefault(level(score), []).append(name)
    text = Text()
    for row in reversed(range(height)):
        mark = number(low + rise * row / (height - 1), 3) if row in (0, height - 1) else ""
        text.append(f"{mark:>7} ", "dim")
        for curve_cell, cells in groupby(grid[row], key=lambda cell: cell == "━"):
            text.append("".join(cells), "bold green" if curve_cell else "dim")
        text.append(" " + ", ".join(labels.get(row, [])), "dim")
        text.append("\n")
    text.append(f"{'':8}0{'':{max(1, width - 1 - len(str(last)))}}{last} trials", "dim")
    return text
