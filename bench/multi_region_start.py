"""multi_region_start: what tuned literals and single edits of the offline start program of `spot_multi_region` reach.

    ADRS_DATA=... PYTHONPATH=tests python bench/multi_region_start.py    # real train windows; without ADRS_DATA synthetic ones

Played without a sandbox, in one process, on the train split.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

from adrs.catalog import load_task
from adrs.core.failure import Foul
from adrs.core.parts import Prompt, SolutionGenerator, SolutionSelector
from adrs.core.trial import Candidate, Evaluation, Trial
from adrs.generators.offline import Offline, start
from adrs.generators.tuner import Tuner
from adrs.sandbox.wire import Unsendable
from adrs.selectors.champion import Champion
from adrs.selectors.tournament import Tournament
from adrs.tasks.spot_multi_region.task import SpotMultiRegion
from adrs.testing import PlainPlayer


def judged(task: SpotMultiRegion, source: str) -> Evaluation:
    """A program's evaluation on the train split; what goes wrong in it is a foul."""
    train = [workload for workload in task.workloads() if workload.split == "train"]
    try:
        return Evaluation(score=task.total(task.judge_together(PlainPlayer(source), train)))
    except Foul as foul:
        return Evaluation(foul=foul)
    except (ArithmeticError, AttributeError, LookupError, NameError, TypeError, ValueError, Unsendable) as error:
        return Evaluation(foul=Foul("crash", str(error)))


def best(
    task: SpotMultiRegion,
    parts: tuple[SolutionSelector, SolutionGenerator],
    trials: int,
    wanted: Callable[[Candidate], bool],
    follow: bool,
) -> tuple[float, str]:
    """The best of a given number of candidates; if not `follow`, all of them are edits of the start program."""
    selector, generator = parts
    first = Trial(0, start(task), judged(task, start(task).source))
    done = [first]
    for part in parts:
        part.tell(first)
    k = 0
    while len(done) <= trials:
        k += 1
        candidate = generator.propose(Prompt("", "", selector.ask(random.Random(f"0:{k}")), f"start:{k}"))
        if wanted(candidate):
            done.append(Trial(len(done), candidate, judged(task, candidate.source)))
            for part in parts if follow else parts[1:]:
                part.tell(done[-1])
    champion = max((trial for trial in done if trial.score is not None), key=lambda trial: trial.score or 0)
    return champion.score or 0.0, champion.candidate.note


def main() -> None:
    for vocabulary in (False, True):
        options = {"data": "real" if os.environ.get("ADRS_DATA") else "synthetic", "vocabulary": vocabulary}
        task = load_task("spot_multi_region", options)
        assert isinstance(task, SpotMultiRegion)
        print(options, "start", round(judged(task, start(task).source).score or 0, 4), flush=True)
        if not vocabulary:
            tuned = best(task, (Champion(tolerance=0.0), Tuner(task)), 40, lambda _: True, True)
            print("  literals, 40 trials:", tuned, flush=True)
        single = best(task, (Tournament(), Offline(task)), 300, lambda candidate: len(candidate.operators) == 1, False)
        print("  single edits, best of 300:", single, flush=True)


if __name__ == "__main__":
    main()
