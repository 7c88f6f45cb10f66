"""running: the commands run and resume."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adrs.cli.arguments import Options, RunName, StoreUrl, TaskUnlessNamed, at_store, opened
from adrs.cli.terminal import err, live_wanted, number, one_line, out, table, who
from adrs.core.failure import Foul, Refusal

if TYPE_CHECKING:
    from adrs.core.parts import Prompt
    from adrs.core.storage import StoredRun
    from adrs.runs.dry_run import DryRun
    from adrs.runs.recipe import Recipe

GENERATOR_HELP = 'Generator of programs, such as offline:bandit=true. Repeatable with weights: "0.8 model:name=A".'


def run(
    task: TaskUnlessNamed = None,
    option: Options = None,
    generator: Annotated[list[str] | None, typer.Option(metavar="PART", help=GENERATOR_HELP)] = None,
    model: Annotated[str | None, typer.Option(metavar="M", help="Language model, such as openai:gpt-5 or ollama:NAME.")] = None,
    fast: Annotated[str | None, typer.Option(metavar="M", help="Fast model for 80 % of prompts; needs --reasoning.")] = None,
    reasoning: Annotated[str | None, typer.Option(metavar="M", help="Reasoning model for the other 20 %.")] = None,
    price: Annotated[
        list[str] | None, typer.Option(metavar="M=in:X,out:Y", help="Price in dollars per million tokens.")
    ] = None,
    selector: Annotated[str | None, typer.Option(metavar="PART", help="Parent selector (default: tournament).")] = None,
    prompts: Annotated[str | None, typer.Option(metavar="PART", help="Prompt generator (default: improve).")] = None,
    trials: Annotated[int | None, typer.Option(help="Limit on trials (default: 300 if no limit is given).")] = None,
    dollars: Annotated[float | None, typer.Option(help="Hard limit on the cost of model calls.")] = None,
    tokens: Annotated[int | None, typer.Option(help="Hard limit on input and output tokens.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Limit on wall-clock minutes, over all sessions.")] = None,
    width: Annotated[int | None, typer.Option(help="Attempts in flight; with 1, offline runs are reproducible.")] = None,
    workers: Annotated[int | None, typer.Option(help="Games played at once (default: all cores).")] = None,
    seed: Annotated[int | None, typer.Option(help="Random seed (default: 0).")] = None,
    name: Annotated[str, typer.Option(help="Name of the run (default: made from the task's name).")] = "",
    recipe: Annotated[Path | None, typer.Option(metavar="FILE", help="TOML file of these settings; flags override it.")] = None,
    seed_program: Annotated[list[Path] | None, typer.Option(metavar="FILE", help="Start program; repeatable.")] = None,
    hint: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="Hint for the prompts; repeatable.")] = None,
    tuned: Annotated[int | None, typer.Option(help="Trials that tune only constants, as a baseline (default: 40).")] = None,
    shrink: Annotated[int | None, typer.Option(help="Trials that shorten the champion at the end (default: 0).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and print the recipe; start nothing.")] = False,
    unsafe: Annotated[bool, typer.Option("--unsafe", help="Run even if a required sandbox layer is missing.")] = False,
    store: StoreUrl = "sqlite:///adrs.db",
) -> None:
    """Start a run and follow it to its end.

    Examples:

      adrs run spot_single_region --trials 300

      adrs run ./mine.py -o size=large --selector islands --minutes 10
    """
    from adrs.catalog import split_pairs
    from adrs.runs.recipe import make_recipe, read_program, read_recipe

    single: dict[str, Any] = {"selector": selector, "prompts": prompts, "trials": trials, "minutes": minutes}
    single |= {"dollars": dollars, "tokens": tokens, "prices": price, "width": width, "workers": workers, "seed": seed}
    single |= {"tuned": tuned, "shrink": shrink, "unsafe": unsafe or None}
    single["generator"] = _who_writes(generator, model, fast, reasoning)
    given: dict[str, Any] = read_recipe(recipe) if recipe else {}
    given |= {key: value for key, value in single.items() if value is not None}
    given["task"] = _task(task, given.get("task"), recipe)
    given["options"] = {**given.get("options", {}), **split_pairs(option or [], "the task")}
    if seed_program:
        given["seed_programs"] = [_parsed(path, read_program(path)) for path in seed_program]
    given["hints"] = [*given.get("hints", ()), *(hint or ())]
    made = make_recipe(given)
    if dry_run:
        _check_free(name, store)
        _dry_run(made)
    else:
        _start(made, store, name, "generator" not in given)


def _task(named: str | None, written: str | None, recipe: Path | None) -> str:
    """The task named on the command line or in the recipe."""
    if named and written and named != written:
        raise Refusal(f"recipe {recipe} is for task {written}, not {named}: omit TASK, or remove `task` from the recipe")
    if not named and not written:
        raise Refusal("TASK is missing: name one from `adrs tasks`, or give a --recipe that names one; see `adrs run --help`")
    return named or written or ""


def _parsed(path: Path, source: str) -> str:
    """The source, once it is known to parse."""
    from adrs.evaluator.preflight import parse

    try:
        parse(source)
    except Foul as foul:
        raise Refusal(f"program {path} is not valid Python ({foul.reason}): fix it") from None
    return source


def _check_free(name: str, url: str) -> None:
    """Refuse a name that is invalid or taken."""
    from adrs.core.storage import check_name, taken
    from adrs.stores.sql import open_store

    check_name(name)
    try:
        database = open_store(url, create=False)
    except Refusal:
        return  # without a store no name is taken
    try:
        if name in {run.name for run in database.runs()}:
            raise taken(database.shown, name)
    finally:
        database.close()


def _who_writes(generator: list[str] | None, model: str | None, fast: str | None, reasoning: str | None) -> Any:
    """The generator that --generator, --model, --fast and --reasoning name: one, several with weights, or None."""
    if (fast is None) != (reasoning is None):
        raise Refusal("--fast and --reasoning must be given together: they share the prompts 80:20; use --model for one model")
    ways = [given for given in (generator, model, fast) if given]
    if len(ways) > 1:
        raise Refusal("--generator, --model and --fast with --reasoning exclude one another: give only one of them")
    if model:
        return f"model:name={model}"
    if fast:
        return [f"0.8 model:name={fast}", f"0.2 model:name={reasoning}"]
    return generator[0] if generator and len(generator) == 1 else generator


def _start(recipe: Recipe, url: str, name: str, by_default: bool) -> None:
    from adrs.cli.panel import follower
    from adrs.runs.session import new_session

    note = "no model is configured: the offline generator writes the programs" if by_default else ""
    session = new_session(recipe, follower(live_wanted(), note))
    with contextlib.closing(session):
        session.check()  # before a store exists, so that a bad setting leaves no empty store behind
        store = opened(url, create=True)
        with _second_interrupt_explained():
            stored = session.start(store, name)
    _result(stored, url)


def _dry_run(recipe: Recipe) -> None:
    """Print the recipe of the run on stdout, as a file for --recipe, and everything else on stderr."""
    from adrs.runs.dry_run import dry_run
    from adrs.runs.recipe import as_toml

    found = dry_run(recipe)
    counts = ", ".join(f"{count} {split}" for split, count in found.workloads.items())
    err.say(f"task {recipe.task}: {counts} workloads; baselines: {', '.join(found.references)}")
    err.say(f"isolation: {', '.join(found.isolation)}")
    if found.prompt is not None:
        _show_cost(found, found.prompt, recipe.limits.trials)
    err.say("dry run: nothing was started, stored or spent. The recipe:")
    out.raw(as_toml(recipe))


def _show_cost(found: DryRun, prompt: Prompt, trials: int | None) -> None:
    """Print the first prompt and the estimated cost of a trial and of the run, for short, usual and longest replies."""
    err.say("the first prompt:")
    err.raw(f"{prompt.system}\n{prompt.text}\n")
    ranges = []
    for each in found.estimates:
        says = f"{each.model}, {each.share:.0%} of the prompts: about {each.input_tokens} tokens in"
        if each.dollars is None:
            err.say(f"{says}; price unknown: give it with --price, or limit --tokens")
        else:
            short, usual, longest = each.dollars
            err.say(f"{says}; ${usual:.5f} per trial (${short:.5f} with short replies, ${longest:.5f} with the longest)")
            ranges.append([each.share * dollars for dollars in each.dollars])
    if trials and ranges and len(ranges) == len(found.estimates):
        short, usual, longest = (trials * sum(column) for column in zip(*ranges, strict=True))
        err.say(f"{trials} trials: about ${usual:.2f} (${short:.2f} with short replies, ${longest:.2f} with the longest)")


def resume(
    run: RunName,
    trials: Annotated[int | None, typer.Option(help="New, higher limit on trials.")] = None,
    dollars: Annotated[float | None, typer.Option(help="New, higher limit on dollars.")] = None,
    tokens: Annotated[int | None, typer.Option(help="New, higher limit on tokens.")] = None,
    minutes: Annotated[float | None, typer.Option(help="New, higher limit on minutes.")] = None,
    accept_task_change: Annotated[
        bool, typer.Option("--accept-task-change", help="Continue although the task changed; `show` and `verify` then say so.")
    ] = False,
    store: StoreUrl = "sqlite:///adrs.db",
) -> None:
    """Continue a run where it stopped.

    Limits may be raised; nothing else changes.

    Examples:

      adrs resume last

      adrs resume spot-single-region-2 --trials 1000
    """
    from adrs.cli.panel import follower
    from adrs.core.budget import Limits
    from adrs.runs.session import resume as go_on

    opened_store = opened(store)
    with _second_interrupt_explained():
        limits, watcher = Limits(trials, dollars, tokens, minutes), follower(live_wanted())
        stored = go_on(opened_store, run, limits, watcher, accept_task_change=accept_task_change)
    _result(stored, store)


@contextlib.contextmanager
def _second_interrupt_explained() -> Iterator[None]:
    """Explain the effect of a second Ctrl-C."""
    try:
        yield
    except KeyboardInterrupt:
        err.say("stopped at once; finished trials are kept: `adrs runs` lists the run, `adrs resume` continues it")
        raise


def _result(stored: StoredRun, url: str) -> None:
    """Print the result of a run and the next commands; exit with 130 if the run was interrupted."""
    from adrs import analysis
    from adrs.cli.reading import disclose, references

    trials = list(stored.trials())
    best = analysis.champion(trials)
    out.print()
    if best is None:
        out.print(f"run {stored.name}: no legal program")
    else:
        rows = references(stored)
        rows.append((f"champion, trial {best.number}", best.score, best.evaluation.validation))
        rows.sort(key=lambda each: each[1] if each[1] is not None else float("-inf"))
        out.print(table(["program", "train", "validation"], [(name, number(a), number(b)) for name, a, b in rows]))
        out.print()
        out.say(f"champion by {who(best)}")
    stopped = stored.state() == "stopped"
    if not stopped and (little := analysis.shortfall(trials, stored.events()[-1].text)):
        out.say(one_line(little))
    out.print(f"isolation: {', '.join(analysis.isolation(trials))}")
    disclose(trials)
    if any(each.calls for each in (trial.candidate.spend for trial in trials)):
        spent = stored.spent()
        out.print(f"spent: ${spent.dollars:.4f}, {spent.tokens} tokens")
    where = at_store(url)
    out.print(
        f"adrs show {stored.name}{where}  ·  adrs verify {stored.name}{where}  ·  adrs best {stored.name}{where} --out best.py"
    )
    if stopped:
        err.print(f"stopped; finished trials are kept: continue with `adrs resume {stored.name}{where}`")
        raise typer.Exit(130)
