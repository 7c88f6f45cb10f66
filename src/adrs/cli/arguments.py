"""arguments: what several commands take: a task, a run, a store, --json. Said once, so that it means the same everywhere."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from adrs.core.failure import Refusal

if TYPE_CHECKING:
    from adrs.core.storage import Store

TASK_HELP = "A task's name (`adrs tasks`), or the path of a file or folder with one."
TaskName = Annotated[str, typer.Argument(metavar="TASK", help=TASK_HELP)]
TaskUnlessNamed = Annotated[str | None, typer.Argument(metavar="TASK", help=f"{TASK_HELP} A recipe may name it.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="A run's name (`adrs runs`), or `last`.")]
Options = Annotated[
    list[str] | None, typer.Option("-o", "--option", metavar="KEY=VALUE", help="An option of the task; repeatable.")
]
StoreUrl = Annotated[str, typer.Option("--store", envvar="ADRS_STORE", metavar="URL", help="Where runs are kept.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")]


DEFAULT_STORE = "sqlite:///adrs.db"


def at_store(url: str) -> str:
    """What a command that is suggested needs besides, to find this store."""
    known = url in {DEFAULT_STORE, os.environ.get("ADRS_STORE")}
    return "" if known else f" --store {shlex.quote(url)}"


def opened(url: str, create: bool = False) -> Store:
    """The store; only commands that write make a new one.

    Raises:
        Refusal: it cannot be opened, or would be gone with this command.
    """
    from adrs.stores.sql import open_store

    if url in {"sqlite://", "sqlite:///:memory:"}:
        raise Refusal(f"store {url} is gone when this command ends: name a file, sqlite:///NAME.db")

    return open_store(url, create)
