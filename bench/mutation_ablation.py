"""mutation_ablation: what each pass of the typed edits is good for: fouls, duplicates and neutral edits without it.

    PYTHONPATH=tests python bench/mutation_ablation.py measure TASK > rows.jsonl      # once a task
    python bench/mutation_ablation.py table rows.jsonl ...
    python bench/mutation_ablation.py units                     # edits that mix units; plays nothing

`measure` takes its parents from a short search with all passes on, so that all variants edit the same programs with the same
random states. Each proposal is one of: a duplicate (the text of the parent or of an earlier proposal), a foul, neutral (the
parent's score on every workload), worse, or better. Then it follows chains of edits without selection, where every legal
program is the next parent; they show which passes keep programs small. Programs are played in this process without a sandbox,
on the quickest train workloads. The intervals (95 %) are those of the paired differences to all passes on, parent by parent.
"""

from __future__ import annotations

import argparse
import ast
import json
import math
import random
import signal
import statistics
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adrs.catalog import load_task
from adrs.core.failure import Foul
from adrs.core.parts import Prompt
from adrs.core.program import size
from adrs.core.task import Task, Verdict, Workload
from adrs.core.trial import Candidate, Evaluation, Outcome, Trial
from adrs.generators.offline import DRAWS, Offline
from adrs.mutation import PASSES, Mutator
from adrs.mutation.block import open_block
from adrs.mutation.reading import rules_of
from adrs.mutation.rules import Rules, scopes
from adrs.mutation.tree import every, key
from adrs.mutation.units import Units
from adrs.selectors.tournament import Tournament

WORKLOADS = {"spot_single_region": 1, "cloudcast": 1, "transactions_offline": 2, "llm_sql": 1}
"""Task -> how many train workloads are played, the quickest ones."""
VARIANTS: dict[str, tuple[str, ...]] = {"all on": (), **{f"no {one}": (one,) for one in PASSES}, "all off": PASSES}
FATES = ("duplicate", "foul", "neutral", "worse", "better")
LIMIT = 2.0
"""CPU seconds that one game may take; the rest are fouls."""


class OvertimeError(Exception):
    """A game took too long."""


FAILURES = (
    *(Foul, OvertimeError, ArithmeticError, AttributeError, LookupError, MemoryError, NameError, RuntimeError, TypeError),
    ValueError,
)
"""What a program may raise in this process, where no sandbox turns it into a foul."""


def _alarm(*_: object) -> None:
    raise OvertimeError


@dataclass
class Referee:
    """Plays programs on the quickest train workloads of a task and remembers what came out."""

    task: Task[Any]
    games: list[Workload[Any]] = field(default_factory=list)
    known: dict[str, tuple[float, ...] | None] = field(default_factory=dict)

    def choose_games(self) -> None:
        """Take the quickest train workloads by one play of the start program each."""
        seconds: dict[str, float] = {}
        train = [workload for workload in self.task.workloads() if workload.split == "train"]
        for workload in train:
            began = time.process_time()
            self.task.judge_together(self._player(self.task.offline_seed or self.task.seed), [workload])
            seconds[workload.name] = time.process_time() - began
        self.games = sorted(train, key=lambda workload: seconds[workload.name])[: WORKLOADS[self.task.name]]

    def scores(self, source: str) -> tuple[float, ...] | None:
        """The score on every workload; None for a foul."""
        if source not in self.known:
            self.known[source] = self._play(source)
        return self.known[source]

    def _player(self, source: str) -> Any:
        from adrs.testing import PlainPlayer

        return PlainPlayer(source, self.task.kit)

    def _play(self, source: str) -> tuple[float, ...] | None:
        signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
        try:
            verdicts = self.task.judge_together(self._player(source), self.games)
        except FAILURES:
            return None
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        return tuple(verdict.score for verdict in verdicts)


def trial_of(number: int, candidate: Candidate, scores: tuple[float, ...] | None) -> Trial:
    """A trial with these scores."""
    if scores is None:
        return Trial(number, candidate, Evaluation(foul=Foul("crash", "it fouled")))
    outcomes = tuple(Outcome(f"w{place}", "train", Verdict(score)) for place, score in enumerate(scores))
    return Trial(number, candidate, Evaluation(score=sum(scores) / len(scores), outcomes=outcomes))


def parents_of(referee: Referee, count: int) -> list[str]:
    """Legal programs of a short search with all passes on: the start program, and some drawn from the rest."""
    selector, generator = Tournament(), Offline(referee.task)
    candidate = generator.start_programs(referee.task)[0]
    sources: list[str] = []
    number = 0
    while len(sources) < 2 * count:
        trial = trial_of(number, candidate, referee.scores(candidate.source))
        if trial.breeds:
            sources.append(candidate.source)
        for part in (selector, generator):
            part.tell(trial)
        number += 1
        question = f"parents:{number}"
        candidate = generator.propose(Prompt("", "", selector.ask(random.Random(question)), question))
    rest = sorted(set(sources[1:]))
    return [sources[0], *random.Random("parents").sample(rest, count - 1)]


def proposal(mutator: Mutator, parent: str, mate: str, rng: random.Random) -> tuple[str | None, int]:
    """A program from one question, as the generator asks it, and how many draws it took; duplicates are not drawn again."""
    for draw in range(1, DRAWS + 1):
        edited = mutator.edited(parent, mate, rng)
        if edited is not None:
            return edited.source, draw
    return None, DRAWS


def one_step(referee: Referee, variant: str, without: Collection[str], parents: Sequence[str], draws: int) -> Iterator[Any]:
    """For each parent: the fates of so many proposals."""
    mutator = Mutator(referee.task, without)
    for place, parent in enumerate(parents):
        row: dict[str, Any] = {
            "task": referee.task.name,
            "variant": variant,
            "parent": place,
            **dict.fromkeys(FATES, 0),
            "draws": 0,
        }
        seen = set(mutator.same_texts(parent))
        began, played = time.process_time(), 0.0
        for draw in range(draws):
            rng = random.Random(f"{referee.task.name}:{place}:{draw}")
            source, tried = proposal(mutator, parent, rng.choice(parents), rng)
            row["draws"] += tried
            before = time.process_time()
            row[fate(referee, parent, source, seen)] += 1
            played += time.process_time() - before
        row["cpu_ms"] = 1e3 * (time.process_time() - began - played) / draws
        yield row


def fate(referee: Referee, parent: str, source: str | None, seen: set[str]) -> str:
    """What became of a proposal."""
    if source is None or source in seen:
        return "duplicate"
    seen.add(source)
    scores = referee.scores(source)
    if scores is None:
        return "foul"
    before = referee.scores(parent) or ()
    return "neutral" if scores == before else "better" if sum(scores) > sum(before) else "worse"


def chain(referee: Referee, variant: str, without: Collection[str], number: int, length: int) -> Any:
    """So many legal edits in a row without selection: how many of the edits were neutral, how large the last program is."""
    mutator = Mutator(referee.task, without)
    start = current = mutator.laid_out(referee.task.offline_seed or referee.task.seed)
    row: dict[str, Any] = {"task": referee.task.name, "variant": variant, "chain": number, **dict.fromkeys(FATES, 0)}
    for step in range(length):
        rng = random.Random(f"chain:{number}:{step}")
        source, _ = proposal(mutator, current, start, rng)
        found = fate(referee, current, source, set(mutator.same_texts(current)))
        row[found] += 1
        if source is not None and found in ("neutral", "worse", "better"):
            current = source
    row["nodes"] = size(current) / size(start)
    return row


def measure(name: str, variants: Sequence[str], sizes: tuple[int, int, int, int]) -> None:
    """Print one JSON row per variant and parent, and one per variant and chain.

    Args:
        sizes: parents, proposals for each parent, chains, edits in a chain.
    """
    parents, draws, chains, length = sizes
    signal.signal(signal.SIGVTALRM, _alarm)
    referee = Referee(load_task(name))
    referee.choose_games()
    chosen = parents_of(referee, parents)
    for variant in variants:
        for row in one_step(referee, variant, VARIANTS[variant], chosen, draws):
            print(json.dumps(row), flush=True)
    for variant in variants:
        for number in range(chains):
            print(json.dumps(chain(referee, variant, VARIANTS[variant], number, length)), flush=True)


def mixtures(source: str, rules: Rules) -> set[Any]:
    """The sums and comparisons of a program whose two sides have different units, by the units of the start program."""
    found: set[Any] = set()
    tree = open_block(source)[1]
    for scope in scopes(tree, rules.around):
        shown = rules.functions.get(scope.name)
        terms = {term.name: term.unit for term in rules.terms if term.unit is not None}
        units = Units(ast.Module([], []), {**(shown.units if shown else {}), **terms})
        for node in every(scope.node):
            match node:
                case ast.Compare(left=left, ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()], comparators=[right]):
                    pass
                case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
                    pass
                case _:
                    continue
            if not units.agree(left, right):
                found.add(key(node))
    return found


def mixing(edits: int = 400) -> None:
    """Print how many edits of the start program add or compare different units, with and without the care for units."""
    for name in WORKLOADS:
        task = load_task(name)
        start = task.offline_seed or task.seed
        rules = rules_of(task, start)
        before, shares = mixtures(start, rules), []
        for without in ((), ("units",)):
            mutator = Mutator(task, without)
            made = [mutator.edited(start, None, random.Random(f"mix:{number}")) for number in range(edits)]
            mixed = [bool(mixtures(edited.source, rules) - before) for edited in made if edited is not None]
            share = statistics.fmean(mixed)
            shares.append(f"{100 * share:5.1f} ± {196 * math.sqrt(share * (1 - share) / len(mixed)):3.1f} %")
        print(f"{name:22} with care for units {shares[0]}, without {shares[1]}", flush=True)


def interval(values: Sequence[float]) -> str:
    """Mean and half width of its 95 % interval, by the normal approximation."""
    half = 1.96 * statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    mark = "*" if abs(statistics.fmean(values)) > half else " "
    return f"{statistics.fmean(values):+6.1f} ± {half:4.1f}{mark}"


def table(rows: Sequence[dict[str, Any]], unit: str, measures: dict[str, Any]) -> None:
    """Print all passes on, and for each variant the paired differences to it."""
    names = list(dict.fromkeys(row["variant"] for row in rows))
    columns = {
        (name, measure): {(row["task"], row[unit]): of(row) for row in rows if row["variant"] == name}
        for name in names
        for measure, of in measures.items()
    }
    print(f"{'variant':10}", *(f"{measure:>17}" for measure in measures))
    for name in names:
        cells = []
        for measure in measures:
            base, own = columns["all on", measure], columns[name, measure]
            if name == "all on":
                cells.append(f"{statistics.fmean(own.values()):9.1f}        ")
            else:
                cells.append(f"{interval([own[key] - base[key] for key in own if key in base]):>17}")
        print(f"{name:10}", *cells)
    print()


def tables(paths: Sequence[Path]) -> None:
    """Print the tables of all rows together, then of each task."""
    rows = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]

    def share(fates: str) -> Any:
        return lambda row: 100 * row[fates] / sum(row[one] for one in FATES)

    shares = {fates: share(fates) for fates in FATES}
    steps = [row for row in rows if "parent" in row]
    chains = [row for row in rows if "chain" in row]
    print(f"{sum(row[one] for row in steps for one in FATES)} proposals; per cent of proposals; * = beyond its interval")
    extra = {
        "unfit draws": lambda row: 100 * (1 - sum(row[one] for one in FATES) / row["draws"]),
        "cpu ms": lambda row: row["cpu_ms"],
    }
    table(steps, "parent", shares | extra)
    for task in dict.fromkeys(row["task"] for row in steps):
        print(task)
        table([row for row in steps if row["task"] == task], "parent", shares)
    if chains:
        length = sum(chains[0][one] for one in FATES)
        print(f"chains of {length} edits without selection; nodes in per cent of the start program")
        table(chains, "chain", shares | {"nodes": lambda row: 100 * row["nodes"]})


def main() -> None:
    parser = argparse.ArgumentParser()
    modes = parser.add_subparsers(dest="mode", required=True)
    measuring = modes.add_parser("measure")
    measuring.add_argument("task", choices=WORKLOADS)
    measuring.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS), help="all on must be among them")
    measuring.add_argument("--parents", type=int, default=20)
    measuring.add_argument("--draws", type=int, default=20)
    measuring.add_argument("--chains", type=int, default=4)
    measuring.add_argument("--length", type=int, default=25)
    modes.add_parser("table").add_argument("rows", type=Path, nargs="+")
    modes.add_parser("units")
    options = parser.parse_args()
    if options.mode == "units":
        mixing()
    elif options.mode == "table":
        tables(options.rows)
    else:
        sizes = (options.parents, options.draws, options.chains, options.length)
        measure(options.task, options.variants, sizes)


if __name__ == "__main__":
    main()
