"""running: the commands that start and continue runs."""

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

GENERATOR_HELP = 'Who writes programs: a part with options, offline:bandit=true. Repeatable with weights: "0.8 model:name=A".'


def run(
    task: TaskUnlessNamed = None,
    option: Options = None,
    generator: Annotated[list[str] | None, typer.Option(metavar="PART", help=GENERATOR_HELP)] = None,
    model: Annotated[str | None, typer.Option(metavar="M", help="A language model: openai:gpt-5, ollama:NAME, …")] = None,
    fast: Annotated[str | None, typer.Option(metavar="M", help="A fast model for 8 of 10 questions; with --reasoning.")] = None,
    reasoning: Annotated[str | None, typer.Option(metavar="M", help="A reasoning model for the other 2.")] = None,
    price: Annotated[list[str] | None, typer.Option(metavar="M=in:X,out:Y", help="Dollars per million tokens.")] = None,
    selector: Annotated[str | None, typer.Option(metavar="PART", help="Whom to breed; tournament by default.")] = None,
    prompts: Annotated[str | None, typer.Option(metavar="PART", help="What to say to the generator; improve.")] = None,
    trials: Annotated[int | None, typer.Option(help="Cap on attempts; 300 where no cap is given.")] = None,
    dollars: Annotated[float | None, typer.Option(help="Cap on what model calls may cost; never passed.")] = None,
    tokens: Annotated[int | None, typer.Option(help="Cap on tokens, sent and written.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Cap on wall-clock minutes, earlier sittings included.")] = None,
    width: Annotated[int | None, typer.Option(help="Attempts in flight; with 1 offline runs are identical.")] = None,
    workers: Annotated[int | None, typer.Option(help="Games at once; all cores by default.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of all randomness; 0 by default.")] = None,
    name: Annotated[str, typer.Option(help="Name of the run; made of the task's name by default.")] = "",
    recipe: Annotated[Path | None, typer.Option(metavar="FILE", help="TOML with these settings; flags win.")] = None,
    seed_program: Annotated[list[Path] | None, typer.Option(metavar="FILE", help="To start from; repeatable.")] = None,
    hint: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="Advice for the prompts; repeatable.")] = None,
    tuned: Annotated[int | None, typer.Option(help="Trials on the seed's constants alone, for comparison; 40.")] = None,
    shrink: Annotated[int | None, typer.Option(help="Trials that may shorten the champion afterwards; 0.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, print the recipe, start nothing.")] = False,
    unsafe: Annotated[bool, typer.Option("--unsafe", help="Run although a layer of the sandbox is missing.")] = False,
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
    """The task that a person names, or that the recipe does."""
    if named and written and named != written:
        raise Refusal(f"recipe {recipe} is for task {written}, not {named}: leave TASK out, or take `task` out of the recipe")
    if not named and not written:
        raise Refusal("which task? name one (`adrs tasks` lists them), or give a --recipe that does; see `adrs run --help`")
    return named or written or ""


def _parsed(path: Path, source: str) -> str:
    """The text of a program, if it is one."""
    from adrs.evaluator.preflight import parse

    try:
        parse(source)
    except Foul as foul:
        raise Refusal(f"program {path} does not parse: {foul.reason}") from None
    return source


def _check_free(name: str, url: str) -> None:
    """Whether a run could have this name."""
    from adrs.core.storage import check_name, taken
    from adrs.stores.sql import open_store

    check_name(name)
    try:
        database = open_store(url, create=False)
    except Refusal:
        return  # no store, no names
    try:
        if name in {run.name for run in database.runs()}:
            raise taken(database.shown, name)
    finally:
        database.close()


def _who_writes(generator: list[str] | None, model: str | None, fast: str | None, reasoning: str | None) -> Any:
    """What --generator, --model, --fast and --reasoning say together: a generator, several with weights, or None."""
    if (fast is None) != (reasoning is None):
        raise Refusal("--fast and --reasoning go together: two models, 80 and 20 of 100 questions; --model takes one")
    ways = [given for given in (generator, model, fast) if given]
    if len(ways) > 1:
        raise Refusal("give one of --generator, --model, or --fast with --reasoning")
    if model:
        return f"model:name={model}"
    if fast:
        return [f"0.8 model:name={fast}", f"0.2 model:name={reasoning}"]
    return generator[0] if generator and len(generator) == 1 else generator


def _start(recipe: Recipe, url: str, name: str, by_default: bool) -> None:
    from adrs.cli.panel import follower
    from adrs.runs.session import Session

    note = "no model is configured: the offline generator writes the programs" if by_default else ""
    session = Session(recipe, follower(live_wanted(), note))
    with contextlib.closing(session):
        session.check()  # before a store exists, so that a mistyped name leaves no empty store behind
        store = opened(url, create=True)
        with _second_interrupt_explained():
            stored = session.start(store, name)
    _result(stored, url)


def _dry_run(recipe: Recipe) -> None:
    """Print what a run would be: its recipe as a file for --recipe on stdout, the rest on stderr."""
    from adrs.runs.dry_run import dry_run
    from adrs.runs.recipe import as_toml

    found = dry_run(recipe)
    counts = ", ".join(f"{count} {split}" for split, count in found.workloads.items())
    err.say(f"task {recipe.task}: {counts} workloads; compared with {', '.join(found.references)}")
    err.say(f"isolation: {', '.join(found.isolation)}")
    if found.prompt is not None:
        _tell_cost(found, found.prompt, recipe.limits.trials)
    err.say("nothing was started, stored or spent; this is the recipe:")
    out.raw(as_toml(recipe))


def _tell_cost(found: DryRun, prompt: Prompt, trials: int | None) -> None:
    """Print the first prompt, and what a trial and the run may cost with short, usual and long replies."""
    err.say("the first prompt:")
    err.raw(f"{prompt.system}\n{prompt.text}\n")
    ranges = []
    for each in found.estimates:
        says = f"{each.model}, {each.share:.0%} of the questions: about {each.input_tokens} tokens in"
        if each.dollars is None:
            err.say(f"{says}; no known price: state it with --price, or limit --tokens")
        else:
            short, usual, longest = each.dollars
            err.say(f"{says}; ${usual:.5f} a trial (short replies ${short:.5f}, the longest ${longest:.5f})")
            ranges.append([each.share * dollars for dollars in each.dollars])
    if trials and ranges and len(ranges) == len(found.estimates):
        short, usual, longest = (trials * sum(column) for column in zip(*ranges, strict=True))
        err.say(f"{trials} trials: about ${usual:.2f}, from ${short:.2f} with short replies to ${longest:.2f} with the longest")


def resume(
    run: RunName,
    trials: Annotated[int | None, typer.Option(help="A higher cap on attempts.")] = None,
    dollars: Annotated[float | None, typer.Option(help="A higher cap on dollars.")] = None,
    tokens: Annotated[int | None, typer.Option(help="A higher cap on tokens.")] = None,
    minutes: Annotated[float | None, typer.Option(help="A higher cap on minutes.")] = None,
    store: StoreUrl = "sqlite:///adrs.db",
) -> None:
    """Go on with a run where it stopped.

    Budgets may be raised, nothing else changes.

    Examples:

      adrs resume last

      adrs resume spot-single-region-2 --trials 1000
    """
    from adrs.cli.panel import follower
    from adrs.core.budget import Limits
    from adrs.runs.session import resume as go_on

    opened_store = opened(store)
    with _second_interrupt_explained():
        stored = go_on(opened_store, run, Limits(trials, dollars, tokens, minutes), follower(live_wanted()))
    _result(stored, store)


@contextlib.contextmanager
def _second_interrupt_explained() -> Iterator[None]:
    """Say what a second Ctrl-C did."""
    try:
        yield
    except KeyboardInterrupt:
        err.say("stopped at once; every finished trial is kept: `adrs runs` lists the run, `adrs resume` goes on with it")
        raise


def _result(stored: StoredRun, url: str) -> None:
    """What a run came to, in a dozen lines, and how to go on. Leaves with 130 when it was interrupted."""
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
        err.print(f"stopped; everything finished is kept: `adrs resume {stored.name}{where}` goes on")
        raise typer.Exit(130)
