"""dry_run: checks a run and shows its first prompt and estimated cost without starting it."""

from __future__ import annotations

import contextlib
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from adrs.core.failure import Refusal
from adrs.core.parts import Estimate, Orientation, Prompt
from adrs.core.task import SPLITS, Split
from adrs.core.trial import Trial
from adrs.evaluator.games import Games
from adrs.evaluator.stages import Stages
from adrs.runs.recipe import Recipe
from adrs.runs.references import reference_programs
from adrs.runs.session import Session, game_settings


@dataclass(frozen=True)
class DryRun:
    """What a run would use.

    Args:
        workloads: how many of each split.
        references: names of the baselines.
        isolation: the sandbox layers that work here.
        prompt: the first prompt, for a generator that spends.
        estimates: the expected cost of that prompt, per model.
    """

    workloads: dict[Split, int]
    references: tuple[str, ...]
    isolation: tuple[str, ...]
    prompt: Prompt | None = None
    estimates: Sequence[Estimate] = ()


def dry_run(recipe: Recipe) -> DryRun:
    """Make and check everything that a run needs; store nothing and call no model.

    For a generator that spends money, the start program is played on train, so that the first prompt and its cost can be shown.

    Raises:
        Refusal: the run itself would be refused.
    """
    with contextlib.closing(Session(recipe)) as session:
        session.check()
        isolation = session.check_sandbox()
        prompt = _first_prompt(session, recipe) if session.generator.spends else None
        estimates = session.generator.estimate(prompt) if prompt is not None else ()
        workloads = {split: session.splits[split] for split in SPLITS}
        references = tuple(reference_programs(session.task))
        return DryRun(workloads, references, isolation, prompt if estimates else None, estimates)


def _first_prompt(session: Session, recipe: Recipe) -> Prompt:
    """The prompt that the run would begin with."""
    start = session.start_programs()[0]
    referee = Stages(Games(session.task, game_settings(recipe, secrets.token_hex(16)), session.executor))
    trial = Trial(0, start, referee.measure(start.source, ("train",)))
    if not trial.breeds:
        reason = f"task {session.task.name}: no start program is legal ({trial.evaluation.foul})"
        raise Refusal(f"{reason}: fix it, or give another with --seed-program")
    session.selector.tell(trial)
    session.prompts.tell(trial)
    session.prompts.orient(Orientation(session.generator.format))
    selection = session.selector.ask(random.Random(f"{recipe.seed}:1"))
    return session.prompts.compose(session.task, selection, f"{recipe.seed}:1")
