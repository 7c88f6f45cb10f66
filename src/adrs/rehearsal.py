"""rehearsal: what a run would be, and what it would ask next; nothing is searched here."""

from __future__ import annotations

import random
from dataclasses import dataclass

from adrs import report
from adrs.conduct import Sitting, Watcher, reference_programs, stored_recipe
from adrs.core.failure import Refusal
from adrs.core.parts import Orientation, Prompt
from adrs.core.steering import Message, hints
from adrs.core.task import SPLITS, Split
from adrs.recipe import Recipe
from adrs.stores.rows import RunRow
from adrs.stores.sql import Database, open_store


@dataclass(frozen=True)
class Rehearsal:
    """What a run would find: workloads by split, the programs it would be compared with, the layers that are on."""

    workloads: dict[Split, int]
    references: tuple[str, ...]
    isolation: tuple[str, ...]


def check_names(recipe: Recipe) -> None:
    """Make the task and all parts, so that what is mistyped is said before there is a store.

    Raises:
        Refusal: a name, an option or the task's data is not there.
    """
    Sitting(recipe, open_store("sqlite:///:memory:"), Watcher())


def rehearse(recipe: Recipe) -> Rehearsal:
    """Make all parts of a run, start a worker and its sandbox, and stop there; nothing is played or stored.

    Raises:
        Refusal: what `start` would refuse.
    """
    sitting = Sitting(recipe, open_store("sqlite:///:memory:"), Watcher())
    try:
        isolation = sitting.check()
    finally:
        sitting.executor.kill()
    return Rehearsal({split: sitting.splits[split] for split in SPLITS}, tuple(reference_programs(sitting.task)), isolation)


def ask(database: Database, row: RunRow) -> tuple[int, Prompt]:
    """The next question of a run for somebody outside it, and the ticket under which the answer is handed in.

    Raises:
        Refusal: there is no legal program to build on, or the task cannot be loaded.
    """
    recipe = stored_recipe(database, row)
    sitting = Sitting(recipe, database, Watcher())
    said = database.messages(row)
    trials = list(database.storage(row).trials())
    if not any(trial.breeds for trial in trials):
        raise Refusal(f"run {row.name} has no legal program to build on yet: start it with `adrs run`")
    for trial in trials:
        sitting.selector.tell(trial)
        sitting.prompts.tell(trial)
    scores = report.reference_scores(database.measurements(row))
    sitting.prompts.orient(Orientation("file", scores, tuple(hints(said).values())))
    seed = f"{recipe.seed}:{len(trials)}:ask:{len(said)}"
    selection = sitting.selector.ask(random.Random(seed))
    ticket = database.say(row, Message("ticket", f"{selection.parent.number} {selection.niche}"))
    return ticket, sitting.prompts.compose(sitting.task, selection, seed)
