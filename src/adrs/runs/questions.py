"""questions: composes the next prompt of a run for a person or a program outside it."""

from __future__ import annotations

import random

from adrs import analysis
from adrs.core.failure import Refusal
from adrs.core.messages import Message, hints
from adrs.core.parts import Orientation, Prompt
from adrs.core.storage import StoredRun
from adrs.runs.session import Session, stored_recipe


def ask(run: StoredRun) -> tuple[int, Prompt]:
    """The next prompt of a run and the ticket under which the answer is submitted.

    Raises:
        Refusal: no legal program exists to build on, or the task cannot be loaded.
    """
    run.check_writable()
    recipe = stored_recipe(run)
    session = Session(recipe)
    said = run.messages()
    trials = list(run.trials())
    if not any(trial.breeds for trial in trials):
        raise Refusal(f"run {run.name} has no legal program yet: continue it with `adrs resume {run.name}` first")
    for trial in trials:
        session.selector.tell(trial)
        session.prompts.tell(trial)
    scores = analysis.reference_scores(run.measurements())
    session.prompts.orient(Orientation("file", scores, tuple(hints(said).values())))
    seed = f"{recipe.seed}:{len(trials)}:ask:{len(said)}"
    selection = session.selector.ask(random.Random(seed))
    ticket = run.add_message(Message("ticket", f"{selection.parent.number} {selection.niche}"))
    return ticket, session.prompts.compose(session.task, selection, seed)
