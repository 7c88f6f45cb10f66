"""referee: plays games in a trusted process: one task, one program, some workloads; returns verdicts or a foul. Holds no keys.

Runs in worker processes behind an executor: names and text go in, outcomes come out. Tasks and sandboxes are reused between
games, players never.
"""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adrs import catalog
from adrs.core.failure import Fault, Foul, Refusal
from adrs.core.task import SPLITS, Split, Task, Verdict, Workload
from adrs.core.text import clean
from adrs.core.trial import Outcome
from adrs.evaluator.preflight import names_of, preflight
from adrs.sandbox import PlayerLimits, Sandbox, SandboxOptions, SandboxPlayer, Watch, ZygoteDied, playing_alone

SHORT_SECONDS = 1.0
"""CPU seconds per call in the smoke stage, even if the task allows more."""
PRINTED_CHARACTERS = 300
SEARCH_SPLITS: tuple[Split, ...] = ("train", "validation")
"""The splits that a search may play."""


@dataclass(frozen=True)
class Game:
    """The unit of work that is sent to a worker; it consists of text and numbers.

    Args:
        task, options: arguments of `catalog.load_task`.
        source: text of the program.
        workloads: names of workloads of one split, in the order of play.
        seed: the run's random seed; the candidate's randomness derives from it and the workload's name.
        draw: 0, or 1 for a second play with fresh randomness.
        secret, watch: choose the games of a crew that the canary replays.
        short: use tighter limits, for the smoke stage.
    """

    task: str
    options: Mapping[str, Any]
    source: str
    workloads: tuple[str, ...]
    seed: int = 0
    draw: int = 0
    secret: str = ""
    watch: Watch = "few"
    short: bool = False
    unsafe: bool = False


@dataclass(frozen=True)
class Played:
    """The result of a game. After a foul, the remaining workloads have no outcome."""

    outcomes: tuple[Outcome, ...]
    referee_seconds: float = 0.0
    player_seconds: float = 0.0
    isolation: tuple[str, ...] = ()

    @property
    def foul(self) -> Foul | None:
        return next((outcome.result for outcome in self.outcomes if isinstance(outcome.result, Foul)), None)


def ready(task: str, options: Mapping[str, Any], unsafe: bool) -> tuple[str, ...]:
    """Load the task and start its sandbox in a worker; return the active isolation layers.

    Raises:
        Refusal: the sandbox lacks a required layer, or the task cannot be loaded.
    """
    loaded = _task(task, options)
    return _sandbox(loaded.packages, unsafe).layers.names()


def play(game: Game) -> Played:
    """Play one game of a search. A candidate that kills the sandbox twice has fouled; it cannot stop a run.

    Raises:
        Refusal: the sandbox lacks a required layer, or the task cannot be loaded.
        Fault: the machine failed, or the game names a test workload.
    """
    return _play(game, SEARCH_SPLITS)


def examine(game: Game) -> Played:
    """Play one game on any split; only `examination` calls it. Raises the same exceptions as `play`."""
    return _play(game, SPLITS)


def _play(game: Game, splits: Sequence[Split]) -> Played:
    began = time.process_time()
    task = _task(game.task, game.options)
    sandbox = _sandbox(task.packages, game.unsafe)
    chosen = _workloads(task, game.workloads, splits)
    spent = _Spent()
    try:
        preflight(game.source, task.interface, task.packages)
        outcomes = _replayed_once(task, sandbox, game, chosen, spent)
    except Foul as foul:
        outcomes = [Outcome(workload.name, workload.split, foul) for workload in chosen]
    return Played(tuple(outcomes), time.process_time() - began, spent.player_seconds, sandbox.layers.names())


@dataclass
class _Spent:
    player_seconds: float = 0.0
    died: int = field(default=0)


def _replayed_once(
    task: Task[Any], sandbox: Sandbox, game: Game, chosen: Sequence[Workload[Any]], spent: _Spent
) -> list[Outcome]:
    """The outcomes; if the zygote dies, the whole game is repeated once."""
    try:
        return _outcomes(task, sandbox, game, chosen, spent)
    except ZygoteDied:
        sandbox.restart()
    try:
        return _outcomes(task, sandbox, game, chosen, spent)
    except ZygoteDied:
        sandbox.restart()
        raise Foul("crash", "the program took the sandbox down, twice") from None


def _outcomes(task: Task[Any], sandbox: Sandbox, game: Game, chosen: Sequence[Workload[Any]], spent: _Spent) -> list[Outcome]:
    """Play until the first foul; each group of workloads gets its own player."""
    outcomes: list[Outcome] = []
    groups = [list(chosen)] if task.together else [[workload] for workload in chosen]
    for group in groups:
        with playing_alone(task.timed), _player(task, sandbox, game, group[0].name, spent) as player:
            results: Sequence[Verdict | Foul]
            try:
                results = _judged(task, player, group)
                player.check_channels()
                player.check_crews()
                results = _with_output(results, player.output(PRINTED_CHARACTERS))
            except Foul as foul:
                results = [Foul(foul.kind, clean(foul.reason), foul.who)] * len(group)
        if len(results) != len(group):
            raise Fault(f"the task {task.name} returned {len(results)} verdicts for {len(group)} workloads")
        outcomes += [Outcome(workload.name, workload.split, result) for workload, result in zip(group, results, strict=True)]
        if any(isinstance(result, Foul) for result in results):
            break
    return outcomes


def _judged(task: Task[Any], player: SandboxPlayer, group: Sequence[Workload[Any]]) -> Sequence[Verdict]:
    """The task's verdicts. An error in a user's task file is a foul of kind "task" that names the line."""
    try:
        verdicts = list(task.judge_together(player, group)) if task.together else [task.judge(player, group[0])]
        if wrong := [type(each).__name__ for each in verdicts if not isinstance(each, Verdict)]:
            raise TypeError(f"judge returned a {wrong[0]} instead of a Verdict")
        return verdicts
    except (Foul, Fault, Refusal):
        raise
    except Exception as error:
        file, ours = catalog.origin(task)
        if ours:
            raise
        lines = [step.lineno for step in traceback.extract_tb(error.__traceback__) if step.filename == str(file)]
        where = f"{file.name}, line {lines[-1]}" if lines else file.name
        said = f"{type(error).__name__}: {error}"
        raise Foul("task", f"the task's code failed while judging {group[0].name}: {said} ({where})") from error


def _with_output(verdicts: Sequence[Verdict | Foul], printed: str) -> Sequence[Verdict | Foul]:
    """Add the program's printed output to the first verdict's feedback, marked as untrusted."""
    first = verdicts[0] if verdicts else None
    if not printed or not isinstance(first, Verdict):
        return verdicts
    said = f"{first.feedback}\noutput of the candidate, untrusted: {printed}".strip()
    return [Verdict(first.score, first.metrics, said), *verdicts[1:]]


@contextlib.contextmanager
def _player(task: Task[Any], sandbox: Sandbox, game: Game, workload: str, spent: _Spent) -> Iterator[SandboxPlayer]:
    limits = PlayerLimits(
        seconds=min(task.seconds, SHORT_SECONDS) if game.short else task.seconds,
        player_seconds=task.player_seconds,
        memory_mb=task.memory_mb,
        room=task.answer_bytes,
        seed=f"{game.seed}:{game.draw}:" + ("" if task.together else workload),
        watch=game.watch,
        secret=game.secret,
        interface=names_of(task.interface),
    )
    player = SandboxPlayer(sandbox, game.source, task.kit, limits)
    try:
        yield player
    finally:
        spent.player_seconds += player.cpu_seconds
        player.close()


_tasks: dict[str, Task[Any]] = {}


def _task(name: str, options: Mapping[str, Any]) -> Task[Any]:
    """The worker's task with this name and these options; loaded on first use and kept."""
    key = repr((name, sorted(options.items())))
    if key not in _tasks:
        _tasks[key] = catalog.load_task(name, options)
    return _tasks[key]


_sandboxes: dict[tuple[tuple[str, ...], bool], Sandbox] = {}


def _sandbox(packages: tuple[str, ...], unsafe: bool) -> Sandbox:
    """The worker's sandbox for a set of packages; started on first use and kept."""
    key = (packages, unsafe)
    if key not in _sandboxes:
        _sandboxes[key] = Sandbox(SandboxOptions(packages=packages, unsafe=unsafe))
    return _sandboxes[key]


def close_sandboxes() -> None:
    """End this process's zygotes."""
    while _sandboxes:
        _sandboxes.popitem()[1].close()


_known: dict[int, dict[str, Workload[Any]]] = {}


def _workloads(task: Task[Any], names: Sequence[str], splits: Sequence[Split]) -> list[Workload[Any]]:
    if id(task) not in _known:
        _known[id(task)] = {workload.name: workload for workload in catalog.workloads_of(task)}
    found = [_known[id(task)].get(name) for name in names]
    for name, workload in zip(names, found, strict=True):
        if workload is None:
            raise Fault(f"the task {task.name} has no workload {name} in a worker: return the same ones in every process")
        if workload.split not in splits:
            raise Fault(f"workload {name} of the task {task.name} is held out: a search cannot play it")
    return [workload for workload in found if workload is not None]
