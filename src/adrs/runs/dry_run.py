"""dry_run: checks a run and shows its first prompt and estimated cost without starting it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from adrs import analysis
from adrs.core.failure import Refusal
from adrs.core.messages import Message, hints
from adrs.core.parts import Orientation, Prompt
from adrs.core.storage import RunRow
from adrs.core.task import SPLITS, Split
from adrs.core.trial import Trial, Usage
from adrs.evaluator.stages import Cascade
from adrs.generators.model import Model
from adrs.llm import cost
from adrs.prompts.improve import tokens_in
from adrs.runs.recipe import Recipe
from adrs.runs.resources import asking, models_of
from adrs.runs.session import Sitting, Watcher, reference_programs, stored_recipe, table_of
from adrs.stores.sql import Database, open_store


@dataclass(frozen=True)
class Rehearsal:
    """What a run would find: workloads by split, the programs it would be compared with, the layers that are on."""

    workloads: dict[Split, int]
    references: tuple[str, ...]
    isolation: tuple[str, ...]
    prompt: Prompt | None = None
    estimates: tuple[Estimate, ...] = ()


@dataclass(frozen=True)
class Estimate:
    """What one trial by one model may cost.

    Args:
        share: of the questions that go to it.
        input_tokens: of the first prompt, about.
        dollars: (short, usual, longest reply); None where the model has no known price.
    """

    model: str
    share: float
    input_tokens: int
    dollars: tuple[float, float, float] | None


SHORT, USUAL = 300, 1_200
"""Output tokens of a small edit, and of a whole small program with some thought before it."""


def check_names(recipe: Recipe) -> None:
    """Make the task and all parts, so that what is mistyped is said before there is a store.

    Raises:
        Refusal: a name, an option or the task's data is not there.
    """
    Sitting(recipe, open_store("sqlite:///:memory:"), Watcher()).check_given()


def rehearse(recipe: Recipe) -> Rehearsal:
    """Make all parts of a run, start a worker and its sandbox, and stop there; nothing is stored, and no model is asked.

    With a model, the seed is played on train, so that the first prompt and its price can be told.

    Raises:
        Refusal: what `start` would refuse.
    """
    sitting = Sitting(recipe, open_store("sqlite:///:memory:"), Watcher())
    try:
        isolation = sitting.check()
        models = models_of(sitting.generator)
        prompt = _first_prompt(sitting, recipe) if models else None
    finally:
        sitting.executor.kill()
    estimates: tuple[Estimate, ...] = ()
    if prompt is not None:
        with asking(sitting.generator, recipe):
            estimates = tuple(_estimate(model, share, prompt) for model, share in models)
    workloads = {split: sitting.splits[split] for split in SPLITS}
    return Rehearsal(workloads, tuple(reference_programs(sitting.task)), isolation, prompt, estimates)


def _first_prompt(sitting: Sitting, recipe: Recipe) -> Prompt:
    """The question that the run would begin with."""
    seed = sitting.seeds()[0]
    referee = Cascade(sitting.task, table_of(recipe), sitting.executor)
    trial = Trial(0, seed, referee.measure(seed.source, ("train",)))
    if not trial.breeds:
        told = f"task {sitting.task.name}: no seed program is legal ({trial.evaluation.foul})"
        raise Refusal(f"{told}: mend it, or give another one with --seed-program")
    sitting.selector.tell(trial)
    sitting.prompts.tell(trial)
    sitting.prompts.orient(Orientation(sitting.generator.format))
    return sitting.prompts.compose(sitting.task, sitting.selector.ask(random.Random(f"{recipe.seed}:1")), f"{recipe.seed}:1")


def _estimate(model: Model, share: float, prompt: Prompt) -> Estimate:
    tokens = tokens_in(prompt.system) + tokens_in(prompt.text)
    price = model.price
    if price is None:
        return Estimate(model.name, share, tokens, None)
    replies = (SHORT, USUAL, model.settings.max_output_tokens)
    short, usual, longest = (float(cost(Usage(input_tokens=tokens, output_tokens=reply), price)) for reply in replies)
    return Estimate(model.name, share, tokens, (short, usual, longest))


def ask(database: Database, row: RunRow) -> tuple[int, Prompt]:
    """The next question of a run for somebody outside it, and the ticket under which the answer is handed in.

    Raises:
        Refusal: there is no legal program to build on, or the task cannot be loaded.
    """
    database.check_writable()
    recipe = stored_recipe(database, row)
    sitting = Sitting(recipe, database, Watcher())
    said = database.messages(row)
    trials = list(database.storage(row).trials())
    if not any(trial.breeds for trial in trials):
        raise Refusal(f"run {row.name} has no legal program to build on yet: start it with `adrs run`")
    for trial in trials:
        sitting.selector.tell(trial)
        sitting.prompts.tell(trial)
    scores = analysis.reference_scores(database.measurements(row))
    sitting.prompts.orient(Orientation("file", scores, tuple(hints(said).values())))
    seed = f"{recipe.seed}:{len(trials)}:ask:{len(said)}"
    selection = sitting.selector.ask(random.Random(seed))
    ticket = database.say(row, Message("ticket", f"{selection.parent.number} {selection.niche}"))
    return ticket, sitting.prompts.compose(sitting.task, selection, seed)
