"""scoring: the commands eval, verify and replay."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from adrs.cli.arguments import Json, Options, RunName, StoreUrl, TaskName, opened
from adrs.cli.terminal import busy, err, number, out, percent, say_json, span, table
from adrs.core.failure import Refusal
from adrs.core.task import SPLITS, Split

WORST_SHOWN = 5
HELD_OUT_NOTES = {
    "secret": "",
    "guessable": "no evidence: the test workloads are drawn from a seed that a program can guess: start a run without "
    "held_out_seed (it draws its own), or give one of at least 2^32 and keep it secret",
    "published": "the test workloads are published data: a program may have been written with knowledge of them",
    "fixed": "the test workloads are the same in every run: the evidence holds if no author of a program has seen the task's "
    "file; let the task draw them from held_out_seed (see docs/evidence.md)",
}
"""What `verify` says about the secrecy of the test workloads."""
Workers = Annotated[int | None, typer.Option(help="Games played at once (default: all cores).")]


def _cores(workers: int | None) -> int:
    if workers is not None and workers < 1:
        raise Refusal(f"--workers {workers} is too low: give 1 or more")
    return workers or len(os.sched_getaffinity(0))


def evaluate(
    task: TaskName,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="Program to score.")] = None,
    baseline: Annotated[str, typer.Option(help="Baseline to score instead, `seed`, or `best` (state of the art).")] = "",
    split: Annotated[str, typer.Option(help="train, validation, test or all (default: train and validation).")] = "",
    option: Options = None,
    workers: Workers = None,
    unsafe: Annotated[bool, typer.Option("--unsafe", help="Run even if a required sandbox layer is missing.")] = False,
    json: Json = False,
) -> None:
    """Score a program in the sandbox, outside any run.

    Exits with 1 if the program fouls.

    Examples:

      adrs eval spot_single_region --baseline greedy --split test --json

      adrs eval all --baseline best
    """
    from adrs import catalog
    from adrs.catalog import nearest, split_pairs
    from adrs.runs import verification
    from adrs.runs.recipe import read_program
    from adrs.runs.references import reference_programs

    options = split_pairs(option or [], "the task")
    if task == "all":
        if file is not None or baseline not in {"seed", "best"} or options:
            raise Refusal("eval all takes neither FILE nor options: give only --baseline seed or --baseline best")
        _evaluate_all(baseline, _splits(split), _cores(workers), unsafe, json)
        return
    loaded = catalog.load_task(task, options)
    known = {"seed": loaded.seed, **reference_programs(loaded)}
    if loaded.state_of_the_art:
        known["best"] = loaded.baselines[loaded.state_of_the_art]
    if (file is None) == (not baseline):
        raise Refusal("nothing to score, or two things: give either FILE or --baseline NAME")
    if baseline and baseline not in known:
        raise Refusal(f"task {task} has no baseline {baseline!r}: {nearest(baseline, known, 'this task has no baselines')}")
    source = read_program(file) if file else known[baseline]
    with busy(f"scoring on {task}; the first time, reference values are computed"):
        document = verification.evaluate(task, options, source, _splits(split), workers=_cores(workers), unsafe=unsafe)
    if json:
        say_json(document)
    else:
        _show_evaluation(document, file.name if file else baseline)
    if document["foul"]:
        raise typer.Exit(1)


def _splits(split: str) -> tuple[Split, ...]:
    """The splits that --split names.

    Raises:
        Refusal: unknown split.
    """
    if split not in {"", "all", *SPLITS}:
        raise Refusal(f"--split {split!r} is unknown: give train, validation, test or all")
    if split == "all":
        return SPLITS
    return tuple(each for each in SPLITS if each == split) or ("train", "validation")


def _evaluate_all(baseline: str, splits: tuple[Split, ...], workers: int, unsafe: bool, json: bool) -> None:
    """Score the start program, or the best baseline, of every task that comes with adrs."""
    from adrs import catalog
    from adrs.runs import verification

    documents, cells = [], []
    for name in catalog.task_names():
        task = catalog.load_task(name)
        program = task.state_of_the_art if baseline == "best" else "seed"
        err.say(f"{name}: {program}")
        source = task.seed if program == "seed" else task.baselines[program]
        document = verification.evaluate(name, {}, source, splits, workers=workers, unsafe=unsafe)
        documents.append({**document, "program": program})
        scores = [number(each["score"]) for each in document["splits"].values()]
        cells.append((name, program, *scores, document["foul"]["kind"] if document["foul"] else "", span(document["seconds"])))
    if json:
        say_json(documents)
    else:
        out.print(table(["task", "program", *splits, "foul", "took"], cells))
    if any(document["foul"] for document in documents):
        raise typer.Exit(1)


def _show_evaluation(document: dict[str, Any], name: str) -> None:
    splits: dict[str, Any] = document["splits"]
    if foul := document["foul"]:
        out.print(Text(f"{name} fouled: {foul['kind']}: {foul['reason']}", "bold red"))
    metrics = list(dict.fromkeys(metric for each in splits.values() for metric in each["metrics"]))
    cells = [("score", *(number(each["score"]) for each in splits.values()))]
    cells += [(metric, *(number(each["metrics"].get(metric)) for each in splits.values())) for metric in metrics]
    out.print(table([name, *splits], cells))
    for split, each in splits.items():
        scored = [verdict for verdict in each["verdicts"] if verdict["score"] is not None]
        if split != "train" or not scored:
            continue
        out.print(Text("\nlowest-scoring train workloads", "bold"))
        for verdict in sorted(scored, key=lambda verdict: verdict["score"])[:WORST_SHOWN]:
            out.print(Text(f"{verdict['workload']}: {number(verdict['score'])}  ", "cyan") + Text(verdict["feedback"], "dim"))
    cpu = document["cpu_seconds"]
    if document["held_out"] == "guessable":
        seed = document["options"].get("data_seed", 0)
        out.print(f"\nworkloads: the published set (data_seed={seed}); a run draws held-out workloads of its own")
    out.print(
        f"\n{span(document['seconds'])}; CPU seconds: referee {cpu['referee']:.2f}, player {cpu['player']:.2f}; "
        f"isolation: {', '.join(document['isolation'])}"
    )


def verify(
    run: RunName,
    trial: Annotated[
        int | None,
        typer.Option(metavar="N", help="Verify trial N instead; selecting a trial by its test score invalidates the evidence."),
    ] = None,
    workers: Workers = None,
    json: Json = False,
    store: StoreUrl = "sqlite:///adrs.db",
) -> None:
    """Play the champion and all baselines on the test split.

    Each program is played once. Prints confidence intervals of the gain and exits with 1 unless every gain is significant.

    Examples:

      adrs verify last

      adrs verify spot-single-region-1 --trial 17 --json
    """
    from adrs.runs import verification

    stored = opened(store).run(run)
    number_of = verification.to_verify(stored, trial).number
    who = "the champion" if trial is None else f"trial {number_of}"
    if not json:
        err.say(f"playing {who} and every baseline on test; crews of {who} are also replayed one game at a time")
    document = verification.verify(stored, workers=_cores(workers), trial=number_of)
    if json:
        say_json(document)
    else:
        _show_verdict(document, who.removeprefix("the "))
    if not sure_gain(document):
        raise typer.Exit(1)


def sure_gain(document: dict[str, Any]) -> bool:
    """Whether the verified program beats every baseline, with the whole interval above 0, on workloads nobody could know."""
    if document["held_out"] == "guessable":
        return False
    differences = [each["difference"] for each in document["baselines"].values() if each["score"] is not None]
    return document["score"] is not None and all(each and each["low"] is not None and each["low"] > 0 for each in differences)


def _show_verdict(document: dict[str, Any], who: str) -> None:
    """Print the evidence as a table; `who` is "champion" or "trial 17"."""
    which = f"champion trial {document['trial']}" if who == "champion" else who
    out.print(Text(f"run {document['run']}, {which}, test split", "bold"))
    if foul := document["foul"]:
        out.say(f"{which} fouled on test: {foul['kind']}: {foul['reason']}", "bold red")
    cells = [(who, number(document["score"]), "", "", "")]
    ranked = sorted(
        document["baselines"].items(), key=lambda pair: -(pair[1]["score"] if pair[1]["score"] is not None else -1e300)
    )
    for name, each in ranked:
        gap = each["difference"]
        interval = f"{number(gap['low'])} to {number(gap['high'])}" if gap and gap["low"] is not None else "–"
        p = f"{gap['p']:.2g}" if gap and gap["p"] is not None else "–"
        cells.append((name, number(each["score"]), f"{gap['mean']:+.4f}" if gap else "–", interval, p))
    if document["bound"] is not None:
        cells.append(("bound", number(document["bound"]), "", "", ""))
    out.print(table(["program", "score on test", f"{who} ahead by", "95 % interval", "p, Holm"], cells))
    first = next((each["difference"] for _, each in ranked if each["difference"]), None)
    if first:
        out.print(Text(f"{first['method']}, {first['pairs']} paired workloads", "dim"))
    if document["gap_closed"] is not None:
        out.print(f"gap closed between the best baseline and the bound: {percent(document['gap_closed'])}")
    if document["task_changed"]:
        out.say("the task changed during this run: some trials were scored by another version (see `adrs show`)", "yellow")
    if note := HELD_OUT_NOTES[document["held_out"]]:
        out.say(note, "yellow")
    if document["held_out"] == "guessable":
        return
    out.print(_verdict_line(document))


def _verdict_line(document: dict[str, Any]) -> Text:
    """A gain needs all intervals above 0 at once, which a chance gain passes less often than one of them: no correction."""
    if sure_gain(document):
        return Text("a significant gain over every baseline", "bold green")
    differences = [each["difference"] for each in document["baselines"].values() if each["difference"]]
    undecided = [each for each in differences if each["low"] is None and each["mean"] != 0]
    if undecided:
        return Text("undecided: the test workloads do not allow a comparison with every baseline", "bold yellow")
    return Text("no significant gain over every baseline", "bold yellow")


def replay(run: RunName, workers: Workers = None, json: Json = False, store: StoreUrl = "sqlite:///adrs.db") -> None:
    """Play every stored program again and compare all scores.

    Calls no generator. Exits with 1 if a score differs.

    Examples:

      adrs replay last

      adrs replay spot-single-region-1 --json
    """
    from adrs.runs.replay import replay as play_again

    stored = opened(store).run(run)
    replayed = play_again(stored, workers=_cores(workers))
    if json:
        say_json(
            {
                "run": stored.name,
                "trials": replayed.trials,
                "same": not replayed.differences,
                "differences": list(replayed.differences),
            }
        )
    else:
        for line in replayed.differences:
            out.print(Text(line))
        out.print(f"replayed {replayed.trials} trials: {len(replayed.differences) or 'no'} differences")
    if replayed.differences:
        raise typer.Exit(1)
