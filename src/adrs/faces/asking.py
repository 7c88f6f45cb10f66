"""asking: the commands about what a generator was asked: `prompt`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from adrs.core.failure import Refusal
from adrs.faces.arguments import Json, RunName, StoreUrl, opened
from adrs.faces.terminal import out, say_json, table


def prompt(
    run: RunName,
    trial: Annotated[int, typer.Argument(metavar="N", help="A trial's number.")],
    json: Json = False,
    store: StoreUrl = "sqlite:///adrs.db",
) -> None:
    """Print exactly what a trial's author was asked, and what came back.

    Examples:

      adrs prompt last 17

      adrs prompt spot-single-region-1 17 --json
    """
    from dataclasses import asdict

    database = opened(store)
    row = database.run(run)
    if not 0 <= trial < database.count(row):
        raise Refusal(f"run {row.name} has no trial {trial}: its trials are 0 to {database.count(row) - 1}")
    calls = database.calls(row, trial)
    if json:
        say_json({"run": row.name, "trial": trial, "calls": [asdict(call) for call in calls]})
        return
    if not calls:
        out.print(f"trial {trial} of run {row.name} was written without asking a model")
        return
    for call in calls:
        out.print(Text(f"{call.model}, {call.purpose}: {call.finish}, {call.attempts} requests, {call.seconds:.1f} s", "bold"))
        out.print(table(["section", "about tokens"], [*_sections("system", call.system), *_sections("text", call.text)]))
        for title, text in (("system", call.system), ("text", call.text), ("reply", call.reply)):
            out.print(Text(f"\n──── {title}", "cyan"))
            out.raw(text if text.endswith("\n") else text + "\n")
        bill = "no known price" if call.dollars is None else f"${call.dollars:.6f}"
        usage = call.usage
        measured = "" if usage.measured else ", not measured: the most that it can have been"
        out.print(Text(f"\n{usage.input_tokens} tokens in, {usage.output_tokens} out, {bill}{measured}", "dim"))
        for said in (call.error, call.note):
            if said:
                out.print(Text(said, "yellow"))


def _sections(title: str, text: str) -> list[tuple[str, int]]:
    """(heading, tokens) of every part of a prompt that begins with a heading of the second level."""
    from adrs.prompts.improve import tokens_in

    found = [(title, "")]
    for line in text.splitlines(keepends=True):
        if line.startswith("## "):
            found.append((f"  {line[3:].strip()}", ""))
        found[-1] = (found[-1][0], found[-1][1] + line)
    return [(name, tokens_in(part)) for name, part in found]
