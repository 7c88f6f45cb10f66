"""main: the `adrs` program: its commands, exit codes and failure messages."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from typing import Annotated

import typer

from adrs.cli import listing, reading, running, scoring, steering, trials
from adrs.core.failure import Fault, Refusal
from adrs.core.text import visible
from adrs.core.version import __version__

INTERRUPTED = 130

app = typer.Typer(
    name="adrs",
    help="AI-Driven Research for Systems: state a problem and how to measure an answer; adrs searches for the algorithm.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"adrs {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    del version


_COMMANDS: dict[str, Callable[..., None]] = {
    "run": running.run,
    "resume": running.resume,
    "runs": reading.runs,
    "show": reading.show,
    "trials": trials.trials,
    "best": reading.best,
    "diff": reading.diff,
    "prompt": steering.prompt,
    "ask": steering.ask,
    "tell": steering.tell,
    "hint": steering.hint,
    "eval": scoring.evaluate,
    "verify": scoring.verify,
    "replay": scoring.replay,
    "tasks": listing.tasks,
    "parts": listing.parts,
    "new": listing.new,
    "doctor": listing.doctor,
}
for _name, _command in _COMMANDS.items():
    app.command(_name)(_command)
app.add_typer(listing.data, name="data")


def main() -> None:
    """Run the command line and exit with the codes that docs/cli.md lists."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # do not fail where a terminal lacks a character
    try:
        app()
    except (Refusal, Fault) as failure:
        _complain(str(failure))
        sys.exit(2)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            sys.stdout.flush()
            os._exit(INTERRUPTED)  # do not wait for a model call in flight
        raise
    except Exception as error:  # noqa: BLE001 - a bug of ours: reported once, with its traceback in a file
        _complain(
            f"this is a bug in adrs ({type(error).__name__}): the traceback is in {_kept(error)}; "
            "an interrupted run can be resumed"
        )
        sys.exit(3)


def _kept(error: Exception) -> str:
    """Write the traceback to a file, or to stderr if that fails; returns the place."""
    text = "".join(traceback.format_exception(error))
    path = os.path.join(tempfile.gettempdir(), f"adrs-bug-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt")
    try:
        with open(path, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except OSError:
        _complain(text)
        return "the lines above"
    return path


def _complain(sentence: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(f"adrs: {visible(sentence)}", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
