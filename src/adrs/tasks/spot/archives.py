"""archives: reads packed arrays and archives of traces, and refuses files that hold something else. No task's content."""

from __future__ import annotations

import json
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from adrs.core.failure import Refusal
from adrs.tasks import downloads

LARGEST = 1 << 20
"""Bytes; no member of an archive that is read is larger."""

UNREADABLE = (OSError, EOFError, ValueError, TypeError, KeyError, tarfile.TarError, zlib.error, BadZipFile)
"""Errors from reading a file with other content."""

Key = tuple[str, int]


def wrong_content(path: Path, task: str) -> Refusal:
    """The refusal of a file that does not hold a task's traces."""
    return downloads.wrong_content(task, path, "traces")


def arrays(path: Path, names: Sequence[str], task: str) -> list[NDArray[Any]]:
    """Arrays of a pack by name, read without pickles.

    Raises:
        Refusal: the file is not a pack, or lacks one of them.
    """
    try:
        with np.load(path, allow_pickle=False) as held:
            return [held[name] for name in names]
    except UNREADABLE:
        raise wrong_content(path, task) from None


def members(path: Path, wanted: Mapping[str, Key], depth: int) -> dict[Key, Any]:
    """The JSON documents of an archive, member by member; nothing is written to disk, and no other member is opened.

    Args:
        wanted: the last `depth` parts of a member's path, "/"-separated -> the key it gets.

    Returns:
        What was found; documents that are not there are missing.

    Raises:
        tarfile.TarError, OSError, ValueError and others of `UNREADABLE`: the file is not an archive of JSON documents.
    """
    found: dict[Key, Any] = {}
    with tarfile.open(path, "r|gz") as archive:
        for member in archive:
            at = wanted.get("/".join(member.name.split("/")[-depth:]))
            if at is None or at in found or not member.isfile() or member.size > LARGEST:
                continue
            if file := archive.extractfile(member):
                found[at] = json.load(file)
            if len(found) == len(wanted):
                break
    return found
