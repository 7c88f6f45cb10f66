"""offline_spot: what typed edits find on single-region spot: searched on the later windows, tested on the leaderboard's games.

    python bench/offline_spot.py DATA [--start short|canonical] [--vocabulary] [--trials 300] [--seeds 10] [--shrink 60]
    python bench/offline_spot.py DATA --giveaway

DATA is the folder with `lb_windows.npz` and `raw_2022-10-26_ticks0-2830.npz`. Programs are played without a sandbox, in one
process on one core: about 15 s for each random seed. `--giveaway` measures instead how much the start program gives away: its
literals tuned, and single edits of it.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spot_fast import BOUND, NOTHING, Judge, Window, board, later, leaderboard, leaderboard_score, rng

from adrs.catalog import load_task
from adrs.core.failure import Exhausted
from adrs.core.parts import Bar, Part, Prompt, SolutionGenerator, SolutionSelector
from adrs.core.task import Task
from adrs.core.trial import Candidate, Trial
from adrs.generators.offline import Offline, start
from adrs.generators.shrink import Shrink
from adrs.generators.tuner import Tuner
from adrs.selectors.champion import Champion
from adrs.selectors.tournament import Tournament

UNIFORM_PROGRESS = 45.12


@dataclass
class Run:
    """One search: its trials, and the CPU seconds spent on proposals."""

    judge: Judge
    trials: list[Trial] = field(default_factory=list)
    proposing: float = 0.0
    asked: int = 0

    def record(self, candidate: Candidate, bar: Bar, *parts: Part) -> None:
        """Play a candidate and tell the trial to all parts."""
        trial = Trial(len(self.trials), candidate, self.judge.evaluate(candidate, bar))
        self.trials.append(trial)
        for part in (*parts, self.judge):
            part.tell(trial)

    def phase(self, selector: SolutionSelector, generator: SolutionGenerator, trials: int, seed: int) -> None:
        """Run so many trials of the inner loop, without threads; earlier trials are told first."""
        for trial in self.trials:
            selector.tell(trial)
            generator.tell(trial)
        for _ in range(trials):
            question = len(self.trials)
            prompt = Prompt("", "", selector.ask(rng(seed, question)), f"{seed}:{question}")
            began = time.process_time()
            try:
                candidate = generator.propose(prompt)
            except Exhausted:
                return
            self.proposing += time.process_time() - began
            self.asked += 1
            self.record(candidate, self.judge.bar() if candidate.phase == "search" else Bar(), selector, generator)

    @property
    def champion(self) -> Trial:
        """The best on train."""
        return max((trial for trial in self.trials if trial.breeds), key=lambda trial: (trial.score or 0.0, -trial.number))


def search(task: Task[Any], windows: list[Window], trials: int, seed: int, bandit: bool = False) -> Run:
    """A whole search from the task's start program."""
    run = Run(Judge(windows))
    run.record(start(task), Bar())
    run.phase(Tournament(), Offline(task, bandit=bandit), trials, seed)
    return run


def on_train(trial: Trial) -> float:
    """A trial's train score on the leaderboard's scale."""
    return leaderboard_score(NOTHING - (trial.score or 0.0) * (NOTHING - BOUND))


def rates(run: Run) -> str:
    """Shares among the trials that the generator wrote."""
    mine = [trial for trial in run.trials if trial.candidate.phase == "search"]
    kinds = Counter(trial.evaluation.foul.kind for trial in mine if trial.evaluation.foul)
    sources = {trial.candidate.source for trial in run.trials}
    known: set[tuple[float, ...]] = set()
    neutral = 0
    for trial in run.trials:
        if trial.breeds:
            vector = tuple(verdict.score for verdict in trial.evaluation.verdicts().values())
            neutral += vector in known
            known.add(vector)
    stopped = sum(bool(trial.evaluation.stopped) for trial in mine)
    return (
        f"fouls {sum(kinds.values()) / len(mine):.1%} {dict(kinds) or ''} neutral {neutral / len(mine):.0%} "
        f"stopped {stopped / len(mine):.0%} duplicates {(len(run.trials) - len(sources)) / len(mine):.1%} "
        f"proposal {1e3 * run.proposing / run.asked:.1f} ms"
    )


def giveaway(task: Task[Any], train: list[Window]) -> None:
    """How much the start program gives away: its literals tuned with 40 trials, and the best of 300 single edits of it."""
    tuned = Run(Judge(train))
    tuned.record(start(task), Bar())
    tuned.phase(Champion(tolerance=0.0), Tuner(task), 40, 0)
    print(f"start {on_train(tuned.trials[0]):.2f} tuned {on_train(tuned.champion):.2f}", end=" ")
    single = Run(Judge(train))
    single.record(start(task), Bar())
    generator = Offline(task)
    selector = Tournament()
    selector.tell(single.trials[0])
    k = 0
    while len(single.trials) <= 300:
        k += 1
        candidate = generator.propose(Prompt("", "", selector.ask(rng(0, k)), f"single:{k}"))
        if len(candidate.operators) == 1:
            single.record(candidate, Bar(), generator)
    print(f"best of 300 single edits {on_train(single.champion):.2f} ({single.champion.candidate.note})")


def main() -> None:
    """Run the random seeds one after the other and print a line for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--start", choices=("short", "canonical"), default="short")
    parser.add_argument("--vocabulary", action="store_true")
    parser.add_argument("--giveaway", action="store_true")
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--shrink", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--bandit", action="store_true")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    train, test = later(options.data), leaderboard(options.data)
    task = load_task("spot_single_region", {"vocabulary": options.vocabulary})
    if options.start == "canonical":
        task.offline_seed = ""
    if options.giveaway:
        giveaway(task, train)
        return
    scores = []
    for seed in range(options.first, options.first + options.seeds):
        began = time.process_time()
        run = search(task, train, options.trials, seed, options.bandit)
        best, tally = run.champion, rates(run)
        if options.shrink:
            run.phase(Champion(), Shrink(task), options.shrink, seed)
            selector = Champion()
            for trial in run.trials:
                selector.tell(trial)
            best = selector.ask(rng(seed, 0)).parent
        scores.append(board(best.candidate.source, test))
        print(f"seed {seed}: train {on_train(best):.2f} test {scores[-1]:.2f} at {best.number}, {tally}", end=" ")
        print(f"{time.process_time() - began:.1f} s", flush=True)
        if options.show:
            print(best.candidate.source)
    passed = sum(score > UNIFORM_PROGRESS for score in scores)
    print(f"pass {passed} of {len(scores)}; {min(scores):.1f} / {statistics.median(scores):.1f} / {max(scores):.1f}")


if __name__ == "__main__":
    main()
