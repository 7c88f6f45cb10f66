"""Progress of a run: a panel that fits the terminal, or plain lines without escape codes."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from adrs.cli import panel
from adrs.cli.panel import Follower, Lines, Panel, follower
from adrs.cli.terminal import Calm, diff_text, plot, span, table
from adrs.core.failure import Foul
from adrs.core.storage import RunRecord
from adrs.core.task import Task
from adrs.core.trial import Candidate, Evaluation, Measurement, Phase, Trial
from adrs.runs.recipe import make_recipe
from adrs.stores.memory import MemoryRun
from command_line import PATIENCE, TINY, command, environment

HOSTILE = "[/x][red]\x1b[31m\nsecond line " + "long " * 100


class Screen(Calm):
    """A console of fixed size that writes to a text."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(stderr=True)
        self.text = io.StringIO()
        self.file = self.text
        self.width, self.height = width, height

    def lines(self, thing: Any) -> list[str]:
        self.text.truncate(0)
        self.text.seek(0)
        self.print(thing)
        return self.text.getvalue().rstrip("\n").split("\n")


@pytest.fixture
def screen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Screen:
    made = Screen(*getattr(request, "param", (80, 24)))
    monkeypatch.setattr(panel, "err", made)
    return made


def tiny() -> Task[Any]:
    from adrs import catalog

    return catalog.load_task(str(TINY))


def begun(made: Follower, trials: int = 50, stored: int = 0, minutes: float | None = None) -> Follower:
    row = MemoryRun(RunRecord("a-run-with-a-name-1", 0.0, "", "", "", {}, {}))
    recipe = make_recipe({"task": str(TINY), "trials": trials, "minutes": minutes})
    Follower.begin(made, row, recipe, tiny(), stored, 3.0)
    return made


def trial(number: int, score: float | None, phase: Phase = "search", **other: Any) -> Trial:
    foul = Foul("crash", HOSTILE) if score is None else None
    source = "".join(f"x{line} = {number if line % 2 else 0}  # {HOSTILE if line == 3 else ''}\n" for line in range(30))
    candidate = Candidate(source, parents=(number - 1,) if number else (), author="a model", note=HOSTILE, phase=phase, **other)
    return Trial(number, candidate, Evaluation(score=score, validation=score, foul=foul))


def told(made: Follower, count: int) -> None:
    for number in range(count):
        made.tell(trial(number, None if number % 5 == 4 else 0.5 + number / 100, "search" if number else "seed"))


@pytest.mark.parametrize("screen", [(80, 24), (120, 40), (40, 24)], indirect=True)
def test_the_panel_never_has_more_than_24_lines_nor_wraps(screen: Screen) -> None:
    made = Panel()
    begun(made)
    pictures = [screen.lines(made.draw())]
    for number in range(12):
        made.measured(Measurement(f"a baseline with a name {number}", "reference", Evaluation(score=number / 10)))
    pictures.append(screen.lines(made.draw()))
    made.phase("search", 50)
    for _ in range(2):
        told(made, 30)
        pictures.append(screen.lines(made.draw()))
    made.phase("tuned seed", 40)
    made.aside(trial(0, 0.5))
    pictures.append(screen.lines(made.draw()))
    made.phase("shrink", 9)
    made.tell(trial(30, 0.9, "shrink"))
    pictures.append(screen.lines(made.draw()))
    made.phase_name = "finished"
    pictures.append(screen.lines(made.draw()))
    for picture in pictures:
        assert len(picture) <= 24
        assert max(map(len, picture)) <= screen.width
        assert "\x1b" not in "".join(picture)
    heads = [picture[0] for picture in pictures]
    for head, words in zip(
        heads,
        ["baselines", "baselines", "search 29/50", "search 29/50", "tuned seed 1/40", "shrink 1/9", "finished"],
        strict=True,
    ):
        assert words in head


def test_the_panel_says_what_the_issue_asks_for(screen: Screen) -> None:
    made = Panel()
    begun(made)
    made.measured(Measurement("greedy", "reference", Evaluation(score=0.6)))
    made.phase("search", 60)
    told(made, 30)
    text = "\n".join(screen.lines(made.draw()))
    for words in (
        "best 0.7800",
        "median 0.6500",
        "greedy 0.6000",
        "trials/min",
        "left",
        "above parent",
        "fouls 21 %: crash 21 %",
    ):
        assert words in text
    assert "new best: trial 28, 0.7800 on train, 0.7800 on validation" in text
    assert "by a model: [/x][red]" in text
    assert len(re.findall(r"^[+-]x\d+ = ", text, re.MULTILINE)) == 5
    assert "… and 25 more changed lines" in text


def test_time_left_knows_trials_minutes_and_earlier_sittings(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    made = begun(Follower(), trials=100, stored=20)
    made.phase("search", 100)
    assert made.left() == "time left unknown"
    told(made, 30)
    assert (made.done(), made.phase_seen) == (29, 10)
    now += 10
    assert made.a_minute() == pytest.approx(60)
    assert made.left() == "1:11 min left"
    assert made.gone() == pytest.approx(13.0)
    made.minutes = 0.5
    assert made.left() == "17 s left"


def test_lines_are_one_line_each(screen: Screen, capsys: pytest.CaptureFixture[str]) -> None:
    made = Lines()
    begun(made)
    made.measured(Measurement("greedy", "reference", Evaluation(score=0.6)))
    made.measured(Measurement("bad", "reference", Evaluation(foul=Foul("crash", HOSTILE))))
    made.phase("search", None)
    told(made, 3)
    made._last = 0.0
    made.tell(trial(4, None))
    made.tell(trial(5, None))
    lines = screen.text.getvalue().rstrip("\n").split("\n")
    assert [line.split(":")[0] for line in lines] == ["greedy", "bad", "search", "trial 0", "trial 1", "trial 2", "trial 4"]
    assert "trials/min, fouls 33 %" in lines[-1]
    assert "\x1b" not in "".join(lines)


def test_a_resumed_run_tells_only_what_is_new(screen: Screen) -> None:
    made = Lines()
    begun(made, stored=3)
    told(made, 4)
    told(made, 4)
    assert [line.split(":")[0] for line in screen.text.getvalue().splitlines()] == ["trial 3"]


@pytest.mark.parametrize(("live", "kind"), [(True, Panel), (False, Lines)])
def test_the_form_follows_the_terminal(live: bool, kind: type) -> None:
    assert type(follower(live)) is kind


def test_a_curve_without_programs_and_a_flat_one(screen: Screen) -> None:
    assert str(plot([], 0, {})) == "no legal program yet"
    flat = screen.lines(plot([(0, 0.5)], 0, {"seed": 0.5, "far below": -9.0}, 20, 5))
    assert any("seed" in line for line in flat)
    assert not any("far below" in line for line in flat)


def test_numbers_for_people() -> None:
    assert [span(seconds) for seconds in (0.4, 59.4, 59.6, 200, 7500)] == ["0 s", "59 s", "1:00 min", "3:20 min", "2:05 h"]
    assert diff_text("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y").plain == "-x\n+y"


def test_tables_take_foreign_text(screen: Screen) -> None:
    assert "[/x]" in "\n".join(screen.lines(table(["name"], [(HOSTILE,)])))


def test_tables_have_texts_on_the_left_and_numbers_on_the_right(screen: Screen) -> None:
    cells = [
        ("a", "1.0000", "3 s", 7, "+0.1 to 0.2", "$1.0000", "text"),
        ("bbb", "–", "1:03 min", 12, "", "$0.5000", "1 of 2 " * 8),
    ]
    names = ["name", "score so far", "time taken", "count", "interval", "dollars", "says"]
    lines = screen.lines(table(names, cells))
    assert lines[1].startswith("a           1.0000         3 s      7  +0.1 to 0.2  $1.0000  text ")
    assert lines[2].startswith("bbb              –    1:03 min     12               $0.5000  1 of 2 ")
    at = lines[2].index("1 of 2")
    assert all(line[:at].strip() == "" and line[at] != " " for line in lines[3:])
    assert len(lines) > 4
    assert screen.lines(table(["only"], [])) == ["only"]


@pytest.mark.parametrize(("columns", "width"), [(None, 120), ("60", 60), ("200", 200), ("wide", 120), ("0", 120)])
def test_a_pipe_is_as_wide_as_columns_says(columns: str | None, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    made = Calm(stderr=False)
    assert (made.is_terminal, made.width) == (False, width)


def test_no_column_of_runs_is_dropped_in_a_narrow_terminal(store: Path) -> None:
    head, line = in_a_terminal(store, ["runs"], {"NO_COLOR": "1"}).decode().splitlines()
    assert head.split() == ["run", "task", "state", "trials", "best", "time", "started"]
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d *$", line)


def in_a_terminal(folder: Path, arguments: list[object], extra: dict[str, str]) -> bytes:
    """Output of a command on a terminal of 80 columns and 24 lines, for both stdout and stderr."""
    ours, theirs = pty.openpty()
    import fcntl
    import termios

    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "adrs", *map(str, arguments)],
        cwd=folder,
        env=environment(folder, {"TERM": "xterm-256color", **extra}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    found = b""
    while select.select([ours], [], [], 1 if process.poll() is not None else PATIENCE)[0]:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        found += piece
    os.close(ours)
    assert process.wait(PATIENCE) == 0, found
    return found


@pytest.mark.parametrize(("extra", "escapes"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, None)])
def test_a_terminal_gets_a_panel_unless_it_says_no(extra: dict[str, str], escapes: bool | None, tmp_path: Path) -> None:
    found = in_a_terminal(tmp_path, ["run", TINY, "--trials", 12, "--tuned", 0, "--seed", 1], extra)
    assert b"champion" in found
    moves = b"\x1b[1A" in found or b"\x1b[2K" in found
    assert moves == bool(escapes)
    if escapes is False:
        assert b"\x1b" not in found
        assert b"new best" in found
    if not extra:
        assert b"\x1b[?25h" in found, "the cursor is given back"


def test_pipes_get_no_escape(tmp_path: Path) -> None:
    said = command(tmp_path, "run", TINY, "--trials", 6, "--tuned", 0)
    for text in (said.out, said.err, command(tmp_path, "show", "last").out, command(tmp_path, "--help").out):
        assert "\x1b" not in text
        assert text


@pytest.mark.parametrize("reader", [["show", "last"], ["show", "last", "--json"], ["best", "last"], ["runs"]])
def test_whoever_reads_the_first_line_only_sees_no_traceback(reader: list[str], store: Path) -> None:
    line = " ".join([sys.executable, "-m", "adrs", *reader, "|", "head", "-c", "1"])
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line], cwd=store, env=environment(store), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert done.stderr == ""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pipes")
    assert command(folder, "run", TINY, "--trials", 3, "--tuned", 0).code == 0
    return folder
