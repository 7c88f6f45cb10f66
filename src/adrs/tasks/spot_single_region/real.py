"""real: the measured availability of six AWS pools (us-west-2, from 2022-10-26, every 600 s), from files.

Sources: skypilot-org/spot-traces, whose files say 1 = available, and the leaderboard's windows, cut from the same series, which
say 1 = unavailable. The content is compared with a checksum. Ticks after 2830 are in the original files
and are never used: they are reserved for a later test.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adrs.core.task import Source
from adrs.tasks.downloads import github, locate, missing
from adrs.tasks.spot.archives import UNREADABLE, arrays, members, wrong_content
from adrs.tasks.spot.rules import Bools

Flags = NDArray[np.uint8]

TASK = "spot_single_region"
PACK = "cant_be_late"
TICKS = 2831
POOLS = (
    "us-west-2a_k80_8",
    "us-west-2b_k80_1",
    "us-west-2b_k80_8",
    "us-west-2a_v100_1",
    "us-west-2a_v100_8",
    "us-west-2b_v100_1",
)
SERIES_PACK = "raw_2022-10-26_ticks0-2830.npz"
WINDOWS_PACK = "lb_windows.npz"
WINDOWS_ORIGINAL = "real_traces.tar.gz"
WINDOW = 554
"""Ticks of a window of the leaderboard."""

LEADERBOARD: Mapping[int, int] = {
    0: 684, 107: 62, 117: 1136, 126: 623, 135: 671, 145: 37, 154: 789, 163: 142, 172: 794, 182: 511,
    191: 3, 20: 474, 21: 969, 219: 764, 228: 1168, 238: 714, 247: 747, 256: 1184, 266: 599, 275: 570,
    284: 423, 294: 789, 33: 1044, 42: 1126, 51: 1022, 61: 16, 70: 214, 8: 451, 9: 382, 99: 641,
}  # fmt: skip
"""Window id -> start tick: the thirty windows of the leaderboard's workload, in its order."""

_SERIES_SHA256 = "17fb98889dc96d6976df36fe8e1d498cf14883fd98b2672856a79ae4507aeb6b"
"""Of the unavailable flags as bytes, pool by pool."""

_ORIGINS = {
    "us-west-2a_k80_8": "ecb5f2986bff1f5e80b2ea44d23aca29cfd03ca47c7bc2e309b525ca42f8b571",
    "us-west-2b_k80_1": "9697653ce4f26491498a27f4cd4841085af9de89578983be6a9fe728ec489245",
    "us-west-2b_k80_8": "ab59caed709b533ea9c03a853cf238cdbc475af3723bc4513e289f38d9ac3f5c",
    "us-west-2a_v100_1": "51100f536cec660cd324125f02cdb45a4bdda3ccfdad790a1842b9c94bd365e2",
    "us-west-2a_v100_8": "41971ffc4be92abc945b42e10edd8489f7ecbb59806e69c329b703b9b8d3b831",
    "us-west-2b_v100_1": "37690146ecbd330903e0aa791b748d40574a4766af0647cbd6b8841d33c42ce3",
}

SOURCES = tuple(
    Source(
        name=f"{pool}.json",
        url=github(
            "skypilot-org/spot-traces",
            "221da1ab9bdfe7966da296265d7694d52dc0c5a6",
            f"availability/1-node/aws-10-26-2022/{pool}.json",
        ),
        sha256=digest,
        size=11729,
        licence="none stated (cite Can't Be Late, NSDI 2024)",
        note="3,895 samples, 1 = available; ticks 0 to 2830 are used",
    )
    for pool, digest in _ORIGINS.items()
)
"""All files that are needed: the leaderboard's windows are pieces of these series."""


def series() -> Bools:
    """(6, 2831) availability, pools in the order of `POOLS`.

    Raises:
        Refusal: no data is found, or a file has other content.
    """
    pack = locate(TASK, SERIES_PACK, PACK)
    originals = [locate(TASK, source.name, PACK) for source in SOURCES]
    if pack:
        shown, down = pack, _read_pack(pack)
    elif all(originals):
        files = [path for path in originals if path]
        shown, down = files[0].parent, np.stack([1 - _read_json(path)[:TICKS] for path in files])
    else:
        raise missing(TASK, next(source.name for source, path in zip(SOURCES, originals, strict=True) if not path))
    if sha256(np.ascontiguousarray(down).tobytes()).hexdigest() != _SERIES_SHA256:
        raise wrong_content(shown, TASK)
    up: Bools = down == 0
    return up


def leaderboard(whole: Bools) -> dict[int, Bools]:
    """Window id -> (6, 554) availability, from the leaderboard's own file if it is available, else cut from the series.

    Args:
        whole: what `series` returns.

    Raises:
        Refusal: the file's windows are not pieces of the series.
    """
    cut = {key: whole[:, start : start + WINDOW] for key, start in LEADERBOARD.items()}
    if path := locate(TASK, WINDOWS_PACK, PACK):
        ids, down = arrays(path, ("window_id", "unavailable"), TASK)
        read = {int(key): down[:, row] == 0 for row, key in enumerate(ids) if key in cut}
    elif path := locate(TASK, WINDOWS_ORIGINAL, PACK):
        read = _read_archive(path)
    else:
        return cut
    if read.keys() != cut.keys() or not all(np.array_equal(read[key], cut[key]) for key in cut):
        raise wrong_content(path, TASK)
    return {key: read[key] for key in LEADERBOARD}


def _read_pack(path: Path) -> Flags:
    pools, down = arrays(path, ("pools", "unavailable"), TASK)
    if tuple(pools.tolist()) != POOLS:
        raise wrong_content(path, TASK)
    return down.astype(np.uint8)


def _read_json(path: Path) -> Flags:
    """The flags of an original file, unchanged."""
    try:
        flags = np.array(json.loads(path.read_text("utf-8"))["data"])
    except (OSError, ValueError, TypeError, KeyError):
        raise wrong_content(path, TASK) from None
    if flags.ndim != 1 or len(flags) < TICKS or not np.isin(flags, (0, 1)).all():
        raise wrong_content(path, TASK)
    return flags.astype(np.uint8)


def _read_archive(path: Path) -> dict[int, Bools]:
    """The leaderboard's windows from its archive."""
    wanted = {f"{pool}/traces/random_start/{key}.json": (pool, key) for pool in POOLS for key in LEADERBOARD}
    try:
        found = {at: np.array(held["data"])[:WINDOW] == 0 for at, held in members(path, wanted, 4).items()}
        return {key: np.stack([found[pool, key] for pool in POOLS]) for key in LEADERBOARD}
    except UNREADABLE:
        raise wrong_content(path, TASK) from None
