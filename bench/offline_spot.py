"""offline_spot: what typed edits find on single-region spot, searched on the later windows, tested on the leaderboard's games.

    python bench/offline_spot.py DATA [--start short|canonical] [--trials 300] [--seeds 10]

DATA is the folder with `lb_windows.npz` and `raw_2022-10-26_ticks0-2830.npz`. Played without a sandbox, in one process.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from spot_fast import BOUND, NOTHING, Judge, Window, board, later, leaderboard, leaderboard_score, rng
from spot_programs import CANONICAL, SHORT

from adrs.core.parts import Prompt, SolutionGenerator
from adrs.core.task import Player, Task, Verdict, Workload
from adrs.core.trial import Candidate, Trial
from adrs.generators.offline import Offline, start
from adrs.selectors.tournament import Tournament

UNIFORM_PROGRESS = 45.12


class Spot(Task[None]):
    """A task with a seed and nothing else: the bench plays it by itself."""

    def __init__(self, seed: str) -> None:
        self.seed = seed

    def workloads(self) -> Iterable[Workload[None]]:
        return ()

    def judge(self, player: Player, workload: Workload[None]) -> Verdict:
        raise NotImplementedError


@dataclass
class Run:
    """One search: its trials, and what proposing cost."""

    trials: list[Trial] = field(default_factory=list)
    proposing: float = 0.0
    slowest: float = 0.0

    @property
    def champion(self) -> Trial:
        return max((trial for trial in self.trials if trial.breeds), key=lambda trial: (trial.score or 0, -trial.number))


def search(task: Spot, generator: SolutionGenerator, windows: list[Window], trials: int, seed: int) -> Run:
    """The inner loop without threads."""
    selector, judge, run = Tournament(), Judge(windows), Run()

    def record(candidate: Candidate) -> None:
        trial = Trial(len(run.trials), candidate, judge.evaluate(candidate, judge.bar()))
        run.trials.append(trial)
        for part in (selector, judge, generator):
            part.tell(trial)

    record(start(task))
    while len(run.trials) < trials + 1:
        question = len(run.trials)
        prompt = Prompt("", "", selector.ask(rng(seed, question)), f"{seed}:{question}")
        began = time.process_time()
        candidate = generator.propose(prompt)
        took = time.process_time() - began
        run.proposing += took
        run.slowest = max(run.slowest, took)
        record(candidate)
    return run


def rates(run: Run) -> str:
    """Shares among the trials that the generator wrote."""
    mine = run.trials[1:]
    kinds = Counter(trial.evaluation.foul.kind for trial in mine if trial.evaluation.foul)
    sources: Counter[str] = Counter(trial.candidate.source for trial in run.trials)
    known: set[tuple[float, ...]] = set()
    neutral = 0
    for trial in run.trials:
        if trial.breeds:
            vector = tuple(verdict.score for verdict in trial.evaluation.verdicts().values())
            neutral += vector in known
            known.add(vector)
    stopped = sum(bool(trial.evaluation.stopped) for trial in mine)
    n = len(mine)
    return (
        f"fouls {sum(kinds.values()) / n:.1%} {dict(kinds)} neutral {neutral / n:.1%} stopped {stopped / n:.1%} "
        f"duplicates {(len(run.trials) - len(sources)) / n:.1%} proposal {1e3 * run.proposing / n:.1f} ms"
    )


def main() -> None:
    """Run the seeds one after the other and print a line each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--start", choices=("short", "canonical"), default="short")
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--bandit", action="store_true")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    train, test = later(options.data), leaderboard(options.data)
    scores = []
    for seed in range(options.first, options.first + options.seeds):
        began = time.process_time()
        task = Spot(SHORT if options.start == "short" else CANONICAL)
        run = search(task, Offline(task, bandit=options.bandit), train, options.trials, seed)
        best = run.champion
        held_out = board(best.candidate.source, test)
        scores.append(held_out)
        on_train = leaderboard_score(NOTHING - (best.score or 0) * (NOTHING - BOUND))
        print(f"seed {seed}: train {on_train:.2f} test {held_out:.2f} at {best.number}, {rates(run)}", end=" ")
        print(f"{time.process_time() - began:.1f} s", flush=True)
        if options.show:
            print(best.candidate.source)
    passed = sum(score > UNIFORM_PROGRESS for score in scores)
    print(f"pass {passed} of {len(scores)}; {min(scores):.1f} / {statistics.median(scores):.1f} / {max(scores):.1f}")


if __name__ == "__main__":
    main()
