"""replay: plays every stored candidate again and lists each result that differs. It calls no model."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from adrs import analysis, catalog
from adrs.core.failure import Foul
from adrs.core.parts import Bar
from adrs.core.resources import Recording
from adrs.core.storage import StoredRun
from adrs.core.task import Verdict
from adrs.core.trial import Evaluation, Trial
from adrs.evaluator.executors.local import LocalExecutor
from adrs.evaluator.games import Games
from adrs.evaluator.stages import Stages
from adrs.generators.recorded import Recorded
from adrs.runs.session import game_settings, stored_recipe


@dataclass(frozen=True)
class Replayed:
    """The result of a replay: the number of trials, and one line for each difference."""

    trials: int
    differences: tuple[str, ...]


def replay(run: StoredRun, *, workers: int) -> Replayed:
    """Play every stored candidate again, against the bar that it faced, and compare all scores bit by bit.

    Only the generator `recorded` runs: it turns the stored replies into programs again, which must equal the stored ones. Each
    trial records how many trials were known when its prompt was composed, so a run of any width replays exactly.
    """
    recipe = stored_recipe(run)
    task = catalog.load_task(recipe.task, recipe.options)
    trials = list(run.trials())
    recorded = Recorded(run=run.name)
    recorded.load(Recording(trials, run.calls_by_trial()))
    with LocalExecutor(workers) as executor, ThreadPoolExecutor(workers) as threads:
        games = Games(task, game_settings(recipe, run.record.secret), executor)
        search, shrink = Stages(games), Stages(games, slack=analysis.TOLERANCE)
        bars = [search.bar()]
        for trial in trials:
            search.tell(trial)
            bars.append(search.bar())

        def again(trial: Trial) -> Evaluation:
            candidate = recorded.again(trial.number)
            if candidate.foul is not None:
                return Evaluation(foul=candidate.foul)
            bar = Bar() if candidate.phase == "seed" else bars[trial.seen]
            return (shrink if candidate.phase == "shrink" else search).evaluate(candidate, bar)

        found = [
            difference
            for trial, evaluation in zip(trials, threads.map(again, trials), strict=True)
            for difference in _differences(trial, evaluation)
        ]
    return Replayed(len(trials), (*_rewritten(trials, recorded), *found))


def _rewritten(trials: Sequence[Trial], recorded: Recorded) -> list[str]:
    """Trials whose stored reply no longer yields the stored program."""
    return [
        f"trial {trial.number}: its stored reply yields another program than the stored one"
        for trial in trials
        if recorded.again(trial.number).source != trial.candidate.source
    ]


def _differences(trial: Trial, now: Evaluation) -> list[str]:
    """One line for each result of a trial that differs.

    A foul is compared by its kind and its instances: its sentence may contain a measured time, and may be worded anew.
    """
    before = trial.evaluation
    found = [
        f"trial {trial.number}: {name} was {getattr(before, name)!r}, now {getattr(now, name)!r}"
        for name in ("score", "partial", "validation", "stopped")
        if getattr(before, name) != getattr(now, name)
    ]
    if _charge(before.foul) != _charge(now.foul):
        found.append(f"trial {trial.number}: foul was {before.foul!r}, now {now.foul!r}")
    was = {outcome.workload: outcome.result for outcome in before.outcomes}
    for outcome in now.outcomes:
        old = was.get(outcome.workload)
        if isinstance(outcome.result, Verdict) and isinstance(old, Verdict) and old.score != outcome.result.score:
            found.append(f"trial {trial.number}, {outcome.workload}: score was {old.score!r}, now {outcome.result.score!r}")
    return found


def _charge(foul: Foul | None) -> tuple[str, tuple[int, ...]] | None:
    return None if foul is None else (foul.kind, foul.who)
