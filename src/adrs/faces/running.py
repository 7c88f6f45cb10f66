"""running: the commands that start and continue runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adrs.faces.arguments import Options, RunName, StoreUrl, TaskName, opened
from adrs.faces.terminal import err, live_wanted, number, out, table, who

if TYPE_CHECKING:
    from adrs.recipe import Recipe
    from adrs.stores.sql import Database, RunRow


def run(
    task: TaskName,
    option: Options = None,
    generator: Annotated[
        str | None, typer.Option(help="Who writes programs: a part with options, offline:bandit=true.")
    ] = None,
    selector: Annotated[str | None, typer.Option(help="Whom to breed: tournament, islands:count=4,migrate=20, …")] = None,
    prompts: Annotated[str | None, typer.Option(help="What to say to the generator.")] = None,
    trials: Annotated[int | None, typer.Option(help="Cap on attempts.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Cap on wall-clock minutes, earlier sittings included.")] = None,
    width: Annotated[int | None, typer.Option(help="Attempts in flight; 1 makes offline runs identical.")] = None,
    workers: Annotated[int | None, typer.Option(help="Games at once; all cores by default.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of all randomness.")] = None,
    name: Annotated[str, typer.Option(help="Name of the run; made of the task's name by default.")] = "",
    recipe: Annotated[Path | None, typer.Option(help="A TOML file with these settings; flags override it.")] = None,
    seed_program: Annotated[list[Path] | None, typer.Option(help="A program to start from; repeatable.")] = None,
    hint: Annotated[list[str] | None, typer.Option(help="Advice for the prompts; repeatable.")] = None,
    tuned: Annotated[int | None, typer.Option(help="Trials on the seed's constants alone, for comparison.")] = None,
    shrink: Annotated[int | None, typer.Option(help="Trials that may shorten the champion afterwards.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, print the recipe, start nothing.")] = False,
    unsafe: Annotated[bool, typer.Option("--unsafe", help="Run although a layer of the sandbox is missing.")] = False,
    store: StoreUrl = "sqlite:///adrs.db",
) -> None:
    """Start a run and follow it to its end.

    Examples:

      adrs run spot_single_region --trials 300

      adrs run ./mine.py -o size=large --selector islands --minutes 10
    """
    from adrs.options import split_pairs
    from adrs.recipe import make_recipe, read_program, read_recipe

    given: dict[str, Any] = read_recipe(recipe) if recipe else {}
    single = {"generator": generator, "selector": selector, "prompts": prompts, "trials": trials, "minutes": minutes}
    single |= {"width": width, "workers": workers, "seed": seed, "tuned": tuned, "shrink": shrink, "unsafe": unsafe or None}
    given |= {key: value for key, value in single.items() if value is not None}
    given["task"] = task
    given["options"] = {**given.get("options", {}), **split_pairs(option or [], "the task")}
    if seed_program:
        given["seed_programs"] = [read_program(path) for path in seed_program]
    if hint:
        given["hints"] = [*given.get("hints", ()), *hint]
    made = make_recipe(given)
    if dry_run:
        _rehearse(made)
    else:
        _start(made, store, name, "generator" not in given)


def _start(recipe: Recipe, url: str, name: str, by_default: bool) -> None:
    from adrs.conduct import check_names, start
    from adrs.faces.panel import follower

    check_names(recipe)  # what is mistyped leaves no empty store behind
    database = opened(url, create=True)
    note = "no model is configured: the offline generator writes the programs" if by_default else ""
    with _told():
        row = start(recipe, database, name, follower(live_wanted(), note))
    _result(database, row)


def _rehearse(recipe: Recipe) -> None:
    """What a run would be: its recipe as a file for --recipe on stdout, the rest on stderr."""
    from adrs.conduct import rehearse
    from adrs.recipe import as_toml

    rehearsed = rehearse(recipe)
    counts = ", ".join(f"{count} {split}" for split, count in rehearsed.workloads.items())
    err.say(f"task {recipe.task}: {counts} workloads; compared with {', '.join(rehearsed.references)}")
    err.say(f"isolation: {', '.join(rehearsed.isolation)}")
    err.say("nothing was started or stored; this is the recipe:")
    out.raw(as_toml(recipe))


def resume(
    run: RunName,
    trials: Annotated[int | None, typer.Option(help="A higher cap on attempts.")] = None,
    minutes: Annotated[float | None, typer.Option(help="A higher cap on minutes.")] = None,
    store: StoreUrl = "sqlite:///adrs.db",
) -> None:
    """Go on with a run where it stopped.

    Budgets may be raised, nothing else changes.

    Examples:

      adrs resume last

      adrs resume spot-single-region-2 --trials 1000
    """
    from adrs.conduct import resume as go_on
    from adrs.core.budget import Limits
    from adrs.faces.panel import follower

    database = opened(store)
    with _told():
        row = go_on(database, run, Limits(trials=trials, minutes=minutes), follower(live_wanted()))
    _result(database, row)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Say what a second Ctrl-C did."""
    try:
        yield
    except KeyboardInterrupt:
        err.say("stopped at once; every finished trial is kept: `adrs runs` lists the run, `adrs resume` goes on with it")
        raise


def _result(database: Database, row: RunRow) -> None:
    """What a run came to, in a dozen lines, and how to go on. Leaves with 130 when it was interrupted."""
    from adrs import report
    from adrs.faces.reading import disclose, references

    trials = list(database.storage(row).trials())
    best = report.champion(trials)
    out.print()
    if best is None:
        out.print(f"run {row.name}: no legal program")
    else:
        rows = references(database, row)
        rows.append((f"champion, trial {best.number}", best.score, best.evaluation.validation))
        rows.sort(key=lambda each: each[1] if each[1] is not None else float("-inf"))
        out.print(table(["program", "train", "validation"], [(name, number(a), number(b)) for name, a, b in rows]))
        out.print()
        out.say(f"champion by {who(best)}")
    out.print(f"isolation: {', '.join(report.isolation(trials))}")
    disclose(trials)
    out.print(f"adrs show {row.name}  ·  adrs verify {row.name}  ·  adrs best {row.name} --out best.py")
    if database.state(row) == "stopped":
        err.print(f"stopped; everything finished is kept: `adrs resume {row.name}` goes on")
        raise typer.Exit(130)
