"""steering: the commands prompt, ask, tell and hint."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from adrs.cli.arguments import Json, RunName, StoreUrl, opened
from adrs.cli.terminal import err, out, say_json, table
from adrs.core.failure import Refusal
from adrs.core.text import clean

if TYPE_CHECKING:
    from adrs.core.storage import StoredRun


def prompt(
    run: RunName,
    trial: Annotated[int, typer.Argument(metavar="N", help="Number of a trial.")],
    json: Json = False,
    store: StoreUrl = "sqlite:///adrs.db",
) -> None:
    """Print the exact prompt of a trial and the reply.

    Examples:

      adrs prompt last 17

      adrs prompt spot-single-region-1 17 --json
    """
    from dataclasses import asdict

    stored = opened(store).run(run)
    stored.trial(trial)  # refuses an unknown number
    calls = stored.calls(trial)
    if json:
        say_json({"run": stored.name, "trial": trial, "calls": [asdict(call) for call in calls]})
        return
    if not calls:
        out.print(f"trial {trial} of run {stored.name} was written without a model")
        return
    for call in calls:
        out.print(Text(f"{call.model}, {call.purpose}: {call.finish}, {call.attempts} requests, {call.seconds:.1f} s", "bold"))
        out.print(table(["section", "about tokens"], [*_sections("system", call.system), *_sections("text", call.text)]))
        for title, text in (("system", call.system), ("text", call.text), ("reply", call.reply)):
            out.print(Text(f"\n──── {title}", "cyan"))
            out.raw(text if text.endswith("\n") else text + "\n")
        bill = "price unknown" if call.dollars is None else f"${call.dollars:.6f}"
        usage = call.usage
        measured = "" if usage.measured else " (worst case: the provider reported no usage)"
        out.print(Text(f"\n{usage.input_tokens} tokens in, {usage.output_tokens} out, {bill}{measured}", "dim"))
        for said in (call.error, call.note):
            if said:
                out.print(Text(said, "yellow"))


def _sections(title: str, text: str) -> list[tuple[str, int]]:
    """(heading, tokens) of every section of a prompt that begins with a second-level heading."""
    from adrs.core.text import estimate_tokens

    found = [(title, "")]
    for line in text.splitlines(keepends=True):
        if line.startswith("## "):
            found.append((f"  {line[3:].strip()}", ""))
        found[-1] = (found[-1][0], found[-1][1] + line)
    return [(name, estimate_tokens(part)) for name, part in found]


def ask(run: RunName, json: Json = False, store: StoreUrl = "sqlite:///adrs.db") -> None:
    """Print the next prompt of a run, to be answered outside adrs.

    Also prints a ticket: pass it to `adrs tell` with your program.

    Examples:

      adrs ask last

      adrs ask last --json | jq -r .text
    """
    from adrs.runs import questions

    stored = opened(store).run(run)
    ticket, asked = questions.ask(stored)
    parent = asked.selection.parent.number
    if json:
        say_json({"run": stored.name, "ticket": ticket, "parent": parent, "system": asked.system, "text": asked.text})
        return
    out.raw(f"{asked.system}\n{asked.text}")
    err.say(f"ticket {ticket}, to improve trial {parent}: adrs tell {stored.name} FILE --ticket {ticket}")


def tell(
    run: RunName,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File with the whole program.")],
    ticket: Annotated[int | None, typer.Option(help="Ticket of the prompt that the program answers.")] = None,
    author: Annotated[str, typer.Option(help="Author of the program (default: your user name).")] = "",
    note: Annotated[str, typer.Option(help="One line that describes the change.")] = "",
    store: StoreUrl = "sqlite:///adrs.db",
) -> None:
    """Submit a program to a run.

    A running search evaluates it next; a stopped one does so when it is resumed.

    Examples:

      adrs tell last mine.py --note "buy on-demand earlier"

      adrs tell last mine.py --ticket 3 --author ada
    """
    from adrs.core.messages import Message
    from adrs.runs.recipe import read_program

    stored = opened(store).run(run)
    said = stored.messages()
    if ticket is not None and not (0 <= ticket < len(said) and said[ticket].kind == "ticket"):
        raise Refusal(f"run {stored.name} has no ticket {ticket}: get one with `adrs ask {stored.name}`, or omit --ticket")
    source = read_program(file)
    number = stored.add_message(Message("program", source, clean(author or getpass.getuser(), 80), clean(note, 200), ticket))
    state = stored.state()
    then = (
        "the run evaluates it next"
        if state == "running"
        else f"`adrs resume {stored.name}` evaluates it (raise its limits if they are reached)"
    )
    out.print(f"submitted program {number}: {then}")


def hint(
    run: RunName,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="Text for the next prompts; without it, hints are listed.")
    ] = None,
    drop: Annotated[int | None, typer.Option(metavar="N", help="Withdraw hint N.")] = None,
    author: Annotated[str, typer.Option(help="Author of the hint (default: your user name).")] = "",
    json: Json = False,
    store: StoreUrl = "sqlite:///adrs.db",
) -> None:
    """Add a hint to the prompts of a run, withdraw one, or list them.

    Examples:

      adrs hint last "waiting is cheap early on"

      adrs hint last --drop 0
    """
    from adrs.core.messages import Message, hints

    if text is not None and not clean(text, 1_000).strip():
        raise Refusal("TEXT is empty: write the hint for the next prompts")
    stored = opened(store).run(run)
    said = stored.messages()
    if drop is not None and drop not in hints(said):
        raise Refusal(f"run {stored.name} has no hint {drop}: `adrs hint {stored.name}` lists them")
    who = clean(author or getpass.getuser(), 80)
    if drop is not None:
        stored.add_message(Message("drop", author=who, about=drop))
    if text:
        stored.add_message(Message("hint", clean(text, 1_000), who))
    said = stored.messages()
    standing = hints(said)
    listed: list[dict[str, Any]] = []
    for number, each in enumerate(said):
        if each.kind == "hint":
            seen = seen_by(stored, each.text)
            listed.append(
                {"number": number, "text": each.text, "author": each.author, "stands": number in standing, "seen_by": seen}
            )
    if json:
        say_json(listed)
    elif not listed:
        out.print("no hints")
    else:
        columns = ["hint", "text", "by", "", "trials that saw it"]
        states = {True: "", False: "dropped"}
        cells = [
            (each["number"], each["text"], each["author"], states[each["stands"]], len(each["seen_by"])) for each in listed
        ]
        out.print(table(columns, cells))


def seen_by(stored: StoredRun, text: str) -> list[int]:
    """Numbers of the trials whose prompts contained a hint."""
    from adrs.core.text import one_line

    line = f"- {one_line(text, 1_000)}"
    return stored.trials_asked(line)
