"""resources: connects generators to the run's client, ledger and store."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal

from adrs.core.budget import Budget
from adrs.core.failure import Refusal
from adrs.core.parts import SolutionGenerator
from adrs.core.storage import RunRow
from adrs.core.trial import Call, Evaluation
from adrs.evaluator.stages import Cascade
from adrs.generators.agent import Agent
from adrs.generators.command import Command
from adrs.generators.ensemble import Ensemble
from adrs.generators.model import Model
from adrs.generators.recorded import Recorded
from adrs.llm import Provider, overrides_of
from adrs.runs.recipe import Recipe
from adrs.stores.sql import Database


def models_of(generator: SolutionGenerator) -> list[tuple[Model, float]]:
    """The language models behind a generator, each with its share of the questions."""
    if isinstance(generator, Model):
        return [(generator, 1.0)]
    if not isinstance(generator, Ensemble):
        return []
    total = sum(generator.weights)
    pairs = zip(generator.members, generator.weights, strict=True)
    return [(member, weight / total) for member, weight in pairs if isinstance(member, Model)]


def members_of(generator: SolutionGenerator) -> list[SolutionGenerator]:
    """A generator, or those that it is made of."""
    return list(generator.members) if isinstance(generator, Ensemble) else [generator]


def equip_agents(generator: SolutionGenerator, referee: Cascade, budget: Budget, width: int) -> None:
    """Let coding agents try programs on train, within the attempts that the run may make."""

    def try_out(source: str) -> Evaluation | None:
        return referee.measure(source, ("train",)) if budget.allow_try(width) else None

    for member in members_of(generator):
        if isinstance(member, Agent):
            member.equip(try_out)


def load_recordings(generator: SolutionGenerator, database: Database) -> None:
    """Hand recorded runs to those that repeat them.

    Raises:
        Refusal: there is no such run.
    """
    for member in members_of(generator):
        if isinstance(member, Recorded) and member.run:
            row = database.run(member.run)
            member.hear(list(database.storage(row).trials()), database.calls_by_trial(row))


def check_caps(generator: SolutionGenerator, recipe: Recipe) -> None:
    """Whether what was said of authors, caps and prices makes sense together.

    Raises:
        Refusal: nobody can spend the only thing that is capped, a price is none, or a recording is not named.
    """
    from adrs.llm import overrides_of

    overrides_of(recipe.prices)
    members = members_of(generator)
    if any(isinstance(member, Recorded) and not member.run for member in members):
        raise Refusal("generator recorded needs a run to repeat: write recorded:run=NAME, of a run in the same store")
    caps = [name for name in ("dollars", "tokens") if getattr(recipe.limits, name) is not None]
    endless = recipe.limits.trials is None and recipe.limits.minutes is None
    if caps and endless and not any(isinstance(member, Model | Agent | Command) for member in members):
        raise Refusal(f"--{caps[0]} caps what models use, and no model writes here: give --trials or --minutes")


def check_models(generator: SolutionGenerator, recipe: Recipe) -> None:
    """Whether every model, command and agent can be asked and paid, before a run exists; nothing is asked.

    Raises:
        Refusal: a model has no key, no provider, or no known price under a cap in dollars; a program is not there, or does
            not tell what a cap would need.
    """
    with asking(generator, recipe):
        pass


@contextlib.contextmanager
def asking(
    generator: SolutionGenerator,
    recipe: Recipe,
    database: Database | None = None,
    row: RunRow | None = None,
    halt: threading.Event | None = None,
    say: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """While a run goes: its models have a client, all who cost something a ledger in the store; what was billed in vain is
    stored at the end.

    Args:
        database, row: where the ledger is kept; None to check only.
        say: is told when an endpoint goes down and when it answers again.
    """
    from adrs.core.ledger import Ledger

    models = [model for model, _ in models_of(generator)]
    programs = [member.program for member in members_of(generator) if isinstance(member, Agent | Command)]
    if not models and not programs:
        yield
        return
    halt = halt or threading.Event()
    dollars = None if recipe.limits.dollars is None else Decimal(str(recipe.limits.dollars))
    if database is None or row is None:
        ledger = Ledger(dollars, recipe.limits.tokens, halt=halt)
    else:
        ledger = database.ledger(row, dollars, recipe.limits.tokens, halt)
    for program in programs:
        program.share(ledger, halt)
        program.check()
    if not models:
        yield
        return
    prices = overrides_of(recipe.prices)
    with Provider(halt=halt, say=say) as provider:
        for model in models:
            model.share(provider, ledger, prices)
            model.check()
        try:
            yield
        finally:
            owed: list[Call] = [call for model in models for call in model.owed()]
            if database is not None and row is not None and owed:
                database.add_calls(row, owed)
