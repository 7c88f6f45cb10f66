"""real: measured expert loads, `expert-load.json` of abmfy/eplb-openevolve, summed to windows of a hundred steps.

The file is JSON, {"load_history": [{"logical_expert_load": [[tokens of each expert] for each layer]}, …]}, 234 MB. It is read
entry by entry, so memory holds one entry, and the sums are cached. Its checksum is compared with the published one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path

import numpy as np

from adrs.core.failure import Refusal
from adrs.core.task import Source
from adrs.tasks.cache import Numbers, cached, digest
from adrs.tasks.downloads import locate, missing, wrong_content
from adrs.tasks.expert_placement.series import Cluster, Ints, Series

TASK = "expert_placement"
PACK = "eplb"
STEPS = 100
"""Entries of the file that are one window."""

CLUSTER = Cluster(slots=288, groups=8, nodes=4, gpus=32)
SHORTEST = 10
"""Windows that the splits need."""

SOURCE = Source(
    name="expert-load.json",
    url="https://huggingface.co/datasets/abmfy/eplb-openevolve/resolve/main/expert-load.json",
    sha256="d93580b3cb3e404a60237fa708271b360229a0c6fdfdd924a8ec4fdb440b71ad",
    size=234_047_730,
    licence="not known; see the data set's page",
    note="tokens of each expert in each layer, step by step; a hundred steps are summed to a window",
)

_KEY = b'"logical_expert_load"'
_ENTRY = re.compile(_KEY + rb"\s*:\s*(\[\s*\[[^\]]*(?:\]\s*,\s*\[[^\]]*)*\]\s*\])")
_CHUNK = 1 << 20
_LONGEST = 1 << 24
"""Bytes of an entry."""


def series() -> Series:
    """All windows of the file.

    Raises:
        Refusal: the file is missing, or has other content.
    """
    path = locate(TASK, SOURCE.name, PACK)
    if path is None:
        raise missing(TASK, SOURCE.name)
    if _checksum(path) != SOURCE.sha256:
        raise _wrong_content(path)
    load = _remembered_windows(path)
    if len(load) < SHORTEST or not CLUSTER.fits(load.shape[2]):
        raise _wrong_content(path)
    return Series(load, CLUSTER)


def _wrong_content(path: Path) -> Refusal:
    return wrong_content(TASK, path, "loads")


def _checksum(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        raise _wrong_content(path) from None


def _remembered_windows(path: Path) -> Ints:
    """`windows(path)`, cached on this machine: first the number of values, then the values."""
    read: list[Ints] = []

    def all_windows() -> Ints:
        if not read:
            read.append(windows(path))
        return read[0]

    def shape() -> Numbers:
        return np.array(all_windows().shape, np.float64)

    def sums() -> Numbers:
        return all_windows().astype(np.float64)

    lengths = cached(TASK, digest("shape", SOURCE.sha256), (3,), shape)
    return cached(TASK, digest("windows", SOURCE.sha256), [int(n) for n in lengths], sums).astype(np.int64)


def windows(path: Path) -> Ints:
    """(windows, layers, experts) tokens; a block of fewer than a hundred entries at the end is a window too.

    Raises:
        Refusal: the file has no entries, or an entry has another form.
    """
    sums: list[Ints] = []
    for number, entry in enumerate(_entries(path)):
        if entry.ndim != 2 or entry.dtype.kind not in "iu" or not entry.size or (entry < 0).any():
            raise _wrong_content(path)
        if sums and entry.shape != sums[0].shape:
            raise _wrong_content(path)
        if number % STEPS == 0:
            sums.append(np.zeros(entry.shape, np.int64))
        sums[-1] += entry
    if not sums:
        raise _wrong_content(path)
    return np.array(sums)


def _entries(path: Path) -> Iterator[Ints]:
    """The matrix of each entry, in the order of the file."""
    held = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            held += chunk
            end = 0
            for entry in _ENTRY.finditer(held):
                end = entry.end()
                try:
                    yield np.array(json.loads(entry[1]))
                except (ValueError, RecursionError):
                    raise _wrong_content(path) from None
            held = held[end:]
            if _KEY not in held:
                held = held[-len(_KEY) :]
            elif len(held) > _LONGEST:
                raise _wrong_content(path)
    if _KEY in held:
        raise _wrong_content(path)
