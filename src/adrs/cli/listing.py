"""listing: the commands tasks, parts, data, new and doctor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.text import Text

from adrs.cli.arguments import Json, Options, StoreUrl, TaskName
from adrs.cli.terminal import err, number, out, say_json, table
from adrs.core.failure import Refusal
from adrs.core.task import SPLITS

if TYPE_CHECKING:
    from adrs.catalog import Option
    from adrs.core.task import Task

data = typer.Typer(help="List and fetch the real data of tasks.", no_args_is_help=True)


def tasks(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Task to describe: statement, interface, baselines, splits.")
    ] = "",
    option: Options = None,
    measure: Annotated[
        bool | None, typer.Option(help="Score start programs and baselines that have no score yet (default for one task).")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Write a picture of the problem to this file instead.")
    ] = None,
    json: Json = False,
) -> None:
    """List the tasks, or describe one in full.

    Examples:

      adrs tasks --measure

      adrs tasks spot_single_region --picture spot.svg
    """
    from adrs import catalog
    from adrs.catalog import split_pairs

    if picture and not name:
        raise Refusal("--picture draws one task: name it, as in adrs tasks NAME --picture FILE.svg")
    if picture and picture.suffix.lower() != ".svg":
        raise Refusal(f"--picture {picture} does not end in .svg: call it {picture.stem or 'FILE'}.svg")
    if not name:
        if measure:
            _measure_all(json)
            return
        listed = [{"name": each, "says": catalog.describe_task(each).says} for each in catalog.task_names()]
        if json:
            say_json(listed)
        else:
            out.print(table(["task", "says"], [(each["name"], each["says"]) for each in listed]))
        return
    options = split_pairs(option or [], "the task")
    task = catalog.load_task(name, options)
    if picture:
        _draw(task, picture)
        return
    described = _described(name, task, _measured(name, options, task) if measure is not False else {})
    if json:
        say_json(described)
    else:
        _show(described)


def _measure_all(json: bool) -> None:
    """Score the start program and baselines of every task on every split; scores are cached."""
    from adrs import catalog

    known = {}
    for name in catalog.task_names():
        err.say(name)
        known[name] = _measured(name, {}, catalog.load_task(name))
    if json:
        say_json(known)
        return
    cells = [
        (name, program, *(number(scores[split]) for split in SPLITS))
        for name, programs in known.items()
        for program, scores in programs.items()
    ]
    out.print(table(["task", "program", *SPLITS], cells))


def _draw(task: Task[Any], file: Path) -> None:
    drawn = task.picture()
    if not drawn:
        raise Refusal(f"task {task.name} has no picture: give {type(task).__name__} a method picture() that returns SVG text")
    try:
        file.write_text(drawn, "utf-8")
    except OSError as error:
        raise Refusal(f"--picture {file} cannot be written ({error.strerror}): name another file") from error
    err.say(f"wrote {file}")


def _measured(name: str, options: dict[str, Any], task: Task[Any]) -> dict[str, dict[str, float | None]]:
    """Program -> split -> score; played once for each task and its data, then cached."""
    import math
    import os

    import numpy as np

    from adrs import catalog
    from adrs.runs import verification
    from adrs.tasks.cache import cached, digest

    programs = {"seed": task.seed, **task.baselines}

    def play() -> Any:
        err.say("scoring the start program and baselines on all splits of the published set (cached afterwards)")
        played = [
            verification.evaluate(name, options, source, SPLITS, workers=len(os.sched_getaffinity(0)))
            for source in programs.values()
        ]
        scores = [[each["splits"][split]["score"] for split in SPLITS] for each in played]
        return np.array([[math.nan if score is None else score for score in row] for row in scores])

    key = digest(catalog.fingerprint(task), *programs, *programs.values())
    known = cached("measured", key, (len(programs), len(SPLITS)), play).tolist()
    return {
        program: {split: None if math.isnan(score) else score for split, score in zip(SPLITS, row, strict=True)}
        for program, row in zip(programs, known, strict=True)
    }


def _described(name: str, task: Task[Any], scores: dict[str, dict[str, float | None]]) -> dict[str, Any]:
    import inspect

    from adrs import catalog

    description = catalog.describe_task(name)
    splits = [workload.split for workload in catalog.workloads_of(task)]
    return {
        "name": name,
        "statement": inspect.cleandoc(type(task).__doc__ or ""),
        "interface": task.interface.strip(),
        "options": [_option(each) for each in description.options],
        "baselines": {each: scores.get(each) for each in ("seed", *task.baselines)},
        "bound": task.bound,
        "splits": {split: splits.count(split) for split in SPLITS},
        "guards": [str(guard) for guard in task.guards],
        "limits": {"seconds": task.seconds, "memory_mb": task.memory_mb, "timed": task.timed, "packages": list(task.packages)},
        "data": [source.name for source in task.sources],
    }


def _option(option: Option) -> dict[str, Any]:
    return {
        "name": option.name,
        "type": option.type,
        "required": option.required,
        "default": None if option.required else repr(option.default),
    }


def _show(described: dict[str, Any]) -> None:
    out.print(Text(described["name"], "bold"))
    out.written(described["statement"])
    out.print(Text("\ninterface", "bold"))
    out.written(described["interface"])
    if described["options"]:
        out.print()
        cells = [(each["name"], each["type"], each["default"]) for each in described["options"]]
        out.print(table(["option (-o name=value)", "type", "default"], cells))
    out.print()
    scores = described["baselines"]
    splits = [split for split, count in described["splits"].items() if count]
    if any(scores.values()):
        cells = [(each, *(number((scores[each] or {}).get(split)) for split in splits)) for each in scores]
        out.print(table(["program", *splits], cells))
    else:
        out.print(f"baselines: {', '.join(scores)}")
    out.print(f"bound: {number(described['bound'])}")
    out.print("workloads: " + ", ".join(f"{count} {split}" for split, count in described["splits"].items()))
    if described["data"]:
        out.print(f"real data: {', '.join(described['data'])} (`adrs data list`)")


def parts(
    kind: Annotated[
        Literal["selector", "prompts", "generator"] | None,
        typer.Argument(metavar="KIND", help="Kind of part: selector, prompts or generator."),
    ] = None,
    json: Json = False,
) -> None:
    """List selectors, prompts and generators with their options.

    Examples:

      adrs parts

      adrs parts selector --json
    """
    from adrs import catalog

    kinds: tuple[Literal["selector", "prompts", "generator"], ...] = (kind,) if kind else ("selector", "prompts", "generator")
    listed: list[dict[str, Any]] = [
        {"name": name, "kind": each, "says": described.says, "options": [_option(option) for option in described.options]}
        for each in kinds
        for name in catalog.part_names(each)
        for described in [catalog.describe_part(each, name)]
    ]
    if json:
        say_json(listed)
        return
    cells = [
        (
            each["name"],
            each["kind"],
            ", ".join(f"{option['name']}={option['default']}" for option in each["options"]),
            each["says"],
        )
        for each in listed
    ]
    out.print(table(["part", "kind", "options", "says"], cells))


@data.command("list")
def data_list(json: Json = False) -> None:
    """List the files of real data and their location.

    Shows origin, licence, size and checksum of each file.

    Examples:

      adrs data list

      adrs data list --json
    """
    from adrs import catalog
    from adrs.tasks.downloads import locate

    listed = [
        {
            "name": source.name,
            "task": name,
            "origin": source.url,
            "licence": source.licence,
            "bytes": source.size,
            "sha256": source.sha256,
            "checksum": source.checksum,
            "note": source.note,
            "path": str(found) if (found := locate(name, source.name)) else None,
        }
        for name in catalog.task_names()
        for source in catalog.load_task(name).sources
    ]
    if json:
        say_json(listed)
        return
    for each in listed:
        out.print(
            Text(f"{each['task']}: {each['name']}", "bold") + Text(f"  {each['bytes']} bytes, {each['path'] or 'not fetched'}")
        )
        out.print(Text(f"  {each['origin']}\n  {each['checksum']}\n  licence: {each['licence']}", "dim"))


@data.command("fetch")
def data_fetch(task: TaskName) -> None:
    """Fetch the real data of a task and verify its checksums.

    Complete files are not fetched again.

    Examples:

      adrs data fetch spot_single_region

      ADRS_DATA=/data adrs data fetch spot_single_region
    """
    from adrs import catalog
    from adrs.tasks.downloads import fetch

    loaded = catalog.load_task(task)
    if not loaded.sources:
        raise Refusal(f"task {task} has no real data to fetch: its workloads are generated")
    failed: list[str] = []
    for source in loaded.sources:
        err.print(Text(f"fetching {source.name}"))
        try:
            out.print(Text(str(fetch(task, source))))
        except Refusal as refusal:  # other files can still be fetched
            failed.append(str(refusal))
    if failed:
        raise Refusal("\n".join(failed))


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the task; writes NAME.py to this folder.")],
) -> None:
    """Write a commented one-file task that runs at once.

    Examples:

      adrs new my_problem

      adrs new cache_eviction && adrs run ./cache_eviction.py
    """
    from adrs.cli.scaffold import scaffold

    path = scaffold(name, Path.cwd())
    out.print(Text(f"wrote {path.name}; read it, then run `adrs run ./{path.name} --trials 100`"))


def doctor(
    model: Annotated[list[str] | None, typer.Option(metavar="M", help="Test whether this model answers; repeatable.")] = None,
    json: Json = False,
    store: StoreUrl = "sqlite:///adrs.db",
) -> None:
    """Check whether this machine can run adrs.

    Names a remedy for each gap. Exits with 1 if no run can start or a model does not answer.

    Examples:

      adrs doctor --json

      adrs doctor --model ollama:qwen3
    """
    from adrs.cli.doctor import checkup

    findings = checkup(store, model or ())
    if json:
        say_json([{"name": each.name, "ok": each.ok, "says": each.says, "remedy": each.remedy} for each in findings])
    else:
        marks = {True: Text("ok", "green"), False: Text("missing", "red"), None: Text("–", "dim")}
        out.print(table(["", "", "", "remedy"], [(each.name, marks[each.ok], each.says, each.remedy) for each in findings]))
    if any(each.ok is False and each.required for each in findings):
        raise typer.Exit(1)
