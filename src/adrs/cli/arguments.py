"""arguments: the arguments and options that several commands share: a task, a run, a store, --json."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from adrs.core.failure import Refusal

if TYPE_CHECKING:
    from adrs.core.storage import Store

TASK_HELP = "Name of a task (`adrs tasks`), or path of a file or folder with a task."
TaskName = Annotated[str, typer.Argument(metavar="TASK", help=TASK_HELP)]
TaskUnlessNamed = Annotated[str | None, typer.Argument(metavar="TASK", help=f"{TASK_HELP} Optional if the recipe names one.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="Name of a run (`adrs runs`), or `last`.")]
Options = Annotated[
    list[str] | None, typer.Option("-o", "--option", metavar="KEY=VALUE", help="Option of the task; repeatable.")
]
StoreUrl = Annotated[str, typer.Option("--store", envvar="ADRS_STORE", metavar="URL", help="Store that holds the runs.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else there.")]


DEFAULT_STORE = "sqlite:///adrs.db"


def at_store(url: str) -> str:
    """The option that a suggested command needs to find this store, "" for the default store."""
    known = url in {DEFAULT_STORE, os.environ.get("ADRS_STORE")}
    return "" if known else f" --store {shlex.quote(url)}"


def opened(url: str, create: bool = False) -> Store:
    """Open a store; only commands that write create a new one.

    Raises:
        Refusal: the store cannot be opened, or it would vanish with this command.
    """
    from adrs.stores.sql import open_store

    if url in {"sqlite://", "sqlite:///:memory:"}:
        raise Refusal(f"store {url} is lost when this command ends: name a file, sqlite:///NAME.db")

    return open_store(url, create)
