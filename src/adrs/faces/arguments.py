"""arguments: what several commands take: a task, a run, a store, --json. Said once, so that it means the same everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from adrs.stores.sql import Database

TaskName = Annotated[
    str, typer.Argument(metavar="TASK", help="A task's name (`adrs tasks`), or the path of a file or folder with one.")
]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="A run's name (`adrs runs`), or `last`.")]
Options = Annotated[
    list[str] | None, typer.Option("-o", "--option", metavar="KEY=VALUE", help="An option of the task; repeatable.")
]
StoreUrl = Annotated[str, typer.Option("--store", envvar="ADRS_STORE", metavar="URL", help="Where runs are kept.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")]


def opened(url: str, create: bool = False) -> Database:
    """The store; only commands that write make a new one."""
    from adrs.stores.sql import open_store

    return open_store(url, create)
