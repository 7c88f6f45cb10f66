"""reading: the commands runs, show, best and diff. They write nothing to the store."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from adrs.cli.arguments import Json, RunName, StoreUrl, opened
from adrs.cli.terminal import diff_text, number, one_line, out, percent, plot, say_json, show_program, span, table, who
from adrs.cli.trials import show_trial
from adrs.core.failure import Refusal
from adrs.core.trial import Call, Trial

if TYPE_CHECKING:
    from adrs.analysis import About, Tally
    from adrs.core.storage import Event, StoredRun

LINEAGE_SHOWN = 12


def runs(json: Json = False, store: StoreUrl = "sqlite:///adrs.db") -> None:
    """List the runs of a store, oldest first.

    Examples:

      adrs runs

      adrs runs --json --store sqlite:///other.db
    """
    rows: list[dict[str, Any]] = [
        {
            "name": stored.name,
            "task": stored.recipe.get("task"),
            "state": stored.state(),
            "trials": stored.attempts(),
            "best": stored.best_score(),
            "created": stored.record.created,
            "seconds": stored.seconds(),
        }
        for stored in opened(store).runs()
    ]
    if json:
        say_json(rows)
        return
    cells = [
        (
            row["name"],
            short(row["task"]),
            row["state"],
            row["trials"],
            number(row["best"]),
            span(row["seconds"]),
            _date(row["created"]),
        )
        for row in rows
    ]
    columns = ["run", "task", "state", "trials", "best", "time", "started"]
    out.print(table(columns, cells))


def short(task: str | None) -> str:
    """The name of a task, or of its file."""
    path = Path(task or "–")
    return path.parent.name if path.name == "task.py" else path.name


def _date(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def show(
    run: RunName,
    trial: Annotated[int | None, typer.Argument(metavar="N", help="Number of a trial to show in full.")] = None,
    json: Json = False,
    store: StoreUrl = "sqlite:///adrs.db",
) -> None:
    """Show the results of a run, or one trial. Works while the run is in progress.

    Shows champion, lineage as diffs, score curve, fouls, and the success of each operator.

    Examples:

      adrs show last

      adrs show spot-single-region-1 17 --json
    """
    from adrs import analysis

    stored = opened(store).run(run)
    if trial is not None:
        show_trial(stored.name, stored.trial(trial), json)
        return
    if json:
        trials = list(stored.trials())
        say_json(analysis.summary(about_run(stored), trials, stored.measurements()))
        return
    read = _read(stored)
    about, recipe = read.about, read.about.recipe
    out.print(
        Text(
            f"{stored.name}: {short(about.task)}, {about.state}, {read.counted.attempts} trials in {span(read.seconds)}", "bold"
        )
    )
    out.print(Text(f"{recipe.get('generator')}, {recipe.get('selector')}, seed {recipe.get('seed')}", "dim"))
    _champion(read)
    _curve(read)
    _counts(read)


@dataclass(frozen=True)
class _Read:
    """Everything that is shown of a run, read before anything is printed, so that a damaged store prints only its error."""

    about: About
    trials: list[Trial]
    counted: Tally
    references: list[tuple[str, float | None, float | None]]
    events: Sequence[Event]
    calls: Sequence[Call]
    billed: Decimal
    seconds: float


def _read(stored: StoredRun) -> _Read:
    from adrs.analysis import tally

    trials = list(stored.trials())
    return _Read(
        about_run(stored),
        trials,
        tally(trials),
        references(stored),
        stored.events(),
        stored.calls(),
        stored.spent().dollars,
        stored.seconds(),
    )


def about_run(stored: StoredRun) -> About:
    """Facts about a run for its summary, apart from its trials; the bound is None if the task cannot be loaded."""
    from adrs import analysis, catalog
    from adrs.runs.seeds import shown

    options, bound = stored.recipe.get("options", {}), None
    try:
        task = catalog.load_task(stored.recipe["task"], options)
        bound, options = task.bound, catalog.task_spec(task)[1]
    except Refusal:
        pass
    recipe = {**stored.recipe, "options": shown(stored.recipe.get("options", {}))}
    return analysis.About(stored.name, recipe["task"], shown(options), recipe, stored.state(), bound, stored.task_changed())


def references(stored: StoredRun) -> list[tuple[str, float | None, float | None]]:
    """(name, train score, validation score) of each baseline."""
    measured = {each.program: each.evaluation for each in stored.measurements() if each.purpose == "reference"}
    return [(name, evaluation.score, evaluation.validation) for name, evaluation in measured.items()]


def _champion(read: _Read) -> None:
    from adrs import analysis

    trials, bound = read.trials, read.about.bound
    best = analysis.champion(trials)
    if best is None:
        out.print("\nno legal program yet")
        return
    rows = list(read.references)
    rows.append((f"champion, trial {best.number}", best.score, best.evaluation.validation))
    if bound is not None:
        rows.append(("bound", bound, bound))
    rows.sort(key=lambda each: each[1] if each[1] is not None else float("-inf"))
    out.print()
    out.print(table(["program", "train", "validation"], [(name, number(a), number(b)) for name, a, b in rows]))
    others = [score for name, score, _ in rows if not name.startswith(("champion", "bound")) and score is not None]
    if bound is not None and best.score is not None and others and bound > max(others):
        closed = (best.score - max(others)) / (bound - max(others))
        solved = "; solved" if best.score >= bound - 1e-9 else ""
        out.print(f"gap closed between the best baseline and the bound on train: {percent(closed)}{solved}")
    out.print(Text(f"\nchampion: trial {best.number} by {one_line(best.candidate.author)}", "bold"))
    show_program(best.candidate.source)
    steps = analysis.lineage(trials, best.number)
    out.print(Text(f"\nlineage: {len(steps)} generations", "bold"))
    if len(steps) > LINEAGE_SHOWN:
        out.print(Text(f"the first {len(steps) - LINEAGE_SHOWN} are not shown; use `adrs diff {read.about.run} A B`", "dim"))
    for step in steps[-LINEAGE_SHOWN:]:
        trial = step.trial
        out.say(f"trial {trial.number}, {number(trial.score)}, {who(trial)}", "cyan")
        if step.diff:
            out.print(diff_text(step.diff, limit=20))


def _curve(read: _Read) -> None:
    lines = {name: score for name, score, _ in read.references if score is not None}
    if read.about.bound is not None:
        lines["bound"] = read.about.bound
    last = read.trials[-1].number if read.trials else 0
    out.print(Text("\nbest train score so far", "bold"))
    out.print(plot(read.counted.curve, last, lines, max(30, min(out.width - 34, 90))))


def _counts(read: _Read) -> None:
    from adrs import analysis
    from adrs.analysis import diagnose

    trials, counted = read.trials, read.counted

    out.print(Text("\ntrials", "bold"))
    out.print(
        f"{counted.attempts} trials: {percent(counted.acceptance)} above their parent, {counted.stopped} stopped early, "
        f"{percent(counted.neutral_share)} neutral, {percent(counted.foul_share)} fouls, {counted.unusable} unusable replies"
    )
    for kind, count in sorted(counted.fouls.items(), key=lambda pair: -pair[1]):
        example = next(
            trial.evaluation.foul for trial in reversed(trials) if trial.evaluation.foul and trial.evaluation.foul.kind == kind
        )
        out.say(f"  {kind} {count}, latest: {one_line(example.reason, 160)}", "dim")
    for title, counts in (("operator", counted.operators), ("author", counted.authors)):
        if counts:
            cells = [
                (name, each.trials, each.fouls, each.same, each.beat, each.records)
                for name, each in sorted(counts.items(), key=lambda pair: (-pair[1].records, -pair[1].beat))
            ]
            out.print()
            out.print(table([title, "trials", "fouls", "same verdicts", "beat parent", "records"], cells))
    _spend(read)
    for label in diagnose(trials):
        out.print(Text(f"{label.name}: {label.says}", "yellow"))
    for event in read.events:
        if event.kind in {"fault", "stopped", "resumed"} or event.text:
            out.say(f"{_date(event.at)} {event.kind} {event.text}", "dim")
    out.print(f"isolation: {', '.join(analysis.isolation(trials))}")
    disclose(trials)


def disclose(trials: list[Trial]) -> None:
    """Print that no model wrote the programs, if the offline generator did."""
    if any(trial.candidate.author == "offline" for trial in trials):
        from adrs.generators.offline import SENTENCE

        out.print(SENTENCE)


def _spend(read: _Read) -> None:
    """Spending by author and phase, and the score gained per dollar."""
    counted, billed = read.counted, read.billed
    spend = counted.spend
    if not spend.calls:
        out.print("\nspend: no model was called")
        return
    cells = [
        (name, each.trials, each.spend.calls, f"${each.spend.dollars:.4f}", each.spend.input_tokens, each.spend.output_tokens)
        for rows in (counted.authors, counted.phases)
        for name, each in rows.items()
        if each.spend.calls
    ]
    out.print()
    out.print(table(["spend by author and phase", "trials", "calls", "dollars", "tokens in", "tokens out"], cells))
    if counted.best is not None and counted.seed_score is not None and billed:
        gained = counted.best - counted.seed_score
        out.print(f"score gained per dollar: {gained / float(billed):.3g} ({number(gained)} for ${billed:.4f})")
    guessed = [call.dollars or 0.0 for call in read.calls if not call.usage.measured and call.dollars]
    if guessed:
        out.print(f"${sum(guessed):.4f} of this is the worst case of {len(guessed)} calls whose cost was never reported")
    unknown = billed - Decimal(str(spend.dollars))
    if unknown > Decimal("0.00005"):
        out.print(f"${unknown:.4f} of this is the worst case of calls whose trial was never stored")
    if spend.tries:
        out.print(f"generators tried {spend.tries} programs before they proposed one; each try counts as a trial")


def best(
    run: RunName,
    trial: Annotated[int | None, typer.Option(metavar="N", help="Print the program of trial N instead.")] = None,
    out_file: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to this file, not to stdout.")] = None,
    json: Json = False,
    store: StoreUrl = "sqlite:///adrs.db",
) -> None:
    """Print the program of the champion or of any trial.

    The champion is the best trial on validation.

    Examples:

      adrs best last

      adrs best last --trial 17 --out seventeen.py
    """
    from adrs import analysis

    stored = opened(store).run(run)
    found = analysis.champion(stored.trials()) if trial is None else stored.trial(trial)
    if found is None:
        raise Refusal(f"run {stored.name} has no legal program yet: see `adrs show {stored.name}` for the reason")
    source = found.candidate.source
    if not source:
        raise Refusal(
            f"trial {found.number} of run {stored.name} has no program: "
            f"see `adrs show {stored.name} {found.number}` for the reason"
        )
    if out_file is not None:
        try:
            out_file.write_text(source, "utf-8")
        except OSError as error:
            raise Refusal(f"--out {out_file} cannot be written ({error.strerror}): name another file") from None
    if json:
        validated = found.evaluation.validation
        say_json({"run": stored.name, "trial": found.number, "score": found.score, "validation": validated, "source": source})
    elif out_file is None:
        out.raw(source if source.endswith("\n") else source + "\n")


def diff(
    run: RunName,
    a: Annotated[int, typer.Argument(metavar="A", help="Number of the first trial.")],
    b: Annotated[int, typer.Argument(metavar="B", help="Number of the second trial.")],
    json: Json = False,
    store: StoreUrl = "sqlite:///adrs.db",
) -> None:
    """Compare the programs and scores of two trials.

    Examples:

      adrs diff last 0 42

      adrs diff spot-single-region-1 17 42 --json
    """
    from adrs import analysis

    stored = opened(store).run(run)
    old, new = stored.trial(a), stored.trial(b)
    text = analysis.diff(old, new)
    if json:
        say_json({"run": stored.name, "a": a, "b": b, "scores": [old.score, new.score], "diff": text})
        return
    out.print(Text(f"trial {a} {number(old.score)}  ->  trial {b} {number(new.score)}", "bold"))
    out.print(diff_text(text) if text else Text("the programs are the same", "dim"))
