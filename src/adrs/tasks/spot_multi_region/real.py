"""real: measured availability and spot prices of nine AWS zones (one V100, from 2023-02-16, every 195 s), from either file.

Sources: the archive that the leaderboard and Frontier-CS share, and a pack of the same windows. Both say 1 = unavailable.
The content is compared with a checksum. The archive holds 100 windows; 25 of them, all in one stretch of
time, are in no list here and never used: they are reserved for a later test.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adrs.core.task import Source
from adrs.tasks.downloads import github, locate, missing
from adrs.tasks.spot.archives import UNREADABLE, arrays, members, wrong_content
from adrs.tasks.spot.rules import Bools
from adrs.tasks.spot_multi_region.windows import LENGTH, ZONES, Prices

TASK = "spot_multi_region"
PACK = "cant_be_late_multi"
PACKED = "windows_public.npz"
ARCHIVE = "real_traces.tar.gz"

IDS = tuple(
    int(number)
    for number in (
        "0 1 2 3 4 5 6 7 8 10 12 13 14 15 19 20 22 24 25 26 28 30 31 34 35 36 37 38 39 40 41 42 43 44 46 47 48 52 53 54 55 "
        "56 57 59 60 61 62 63 64 67 68 69 70 71 73 74 75 76 78 80 81 82 85 86 88 89 90 91 92 93 94 95 96 97 98"
    ).split()
)
"""Windows that are used."""

ORIGIN = datetime(2023, 2, 16)
"""When second 0 of a window's start is; the source states no time zone."""

_SHA256 = "6e810f18222032032d3f705fb4b7188e2327cfc67ea641fb5d54cafeb2a5a4e7"
"""Of the unavailable flags as bytes, then the prices as little-endian uint16, both (zones, windows, ticks), then starts."""

SOURCES = (
    Source(
        name=ARCHIVE,
        url=github(
            "FrontierCS/Frontier-CS",
            "4d508c1954766e0dda0347e1f14946978ef6b761",
            "research/problems/cant_be_late_multi/common/real_traces.tar.gz",
        ),
        sha256="f82ec52ddc704339768aa9d08f8ab6e41ba0ca9de576ce063b140da4eef4b5be",
        size=140870,
        licence="MIT",
        note="100 windows of nine zones, 1,107 samples each, 1 = unavailable; 75 windows are used",
    ),
)


@dataclass(frozen=True, eq=False)
class Traces:
    """What was measured.

    Args:
        start: window id -> seconds since `ORIGIN`.
        up: (zones, windows, ticks), zones as in `ZONES`, windows as in `IDS`.
        price: (zones, windows, ticks).
    """

    start: dict[int, int]
    up: Bools
    price: Prices


def traces() -> Traces:
    """All windows that are used.

    Raises:
        Refusal: no data is found, or a file has other content.
    """
    if path := locate(TASK, PACKED, PACK):
        started, down, price = _read_pack(path)
    elif (path := locate(TASK, ARCHIVE, PACK)) and path.parent.name in (TASK, PACK):  # elsewhere it is one region's
        started, down, price = _read_archive(path)
    else:
        raise missing(TASK, ARCHIVE)
    whole = sha256(down.astype("u1").tobytes() + price.astype("<u2").tobytes() + repr(started).encode()).hexdigest()
    if whole != _SHA256:
        raise wrong_content(path, TASK)
    starts = [round((datetime.fromisoformat(text) - ORIGIN).total_seconds()) for text in started]
    return Traces(dict(zip(IDS, starts, strict=True)), down == 0, price.astype(np.int32))


Read = tuple[list[str], NDArray[Any], NDArray[Any]]
"""Start times, and (zones, windows, ticks) flags and prices, as in a file."""


def _read_pack(path: Path) -> Read:
    names = ("regions", "window_id", "start_time", "unavailable", "spot_price_e4")
    regions, ids, started, down, price = arrays(path, names, TASK)
    if [str(name).removesuffix("_v100_1") for name in regions] != list(ZONES) or tuple(ids.tolist()) != IDS:
        raise wrong_content(path, TASK)
    return [str(text) for text in started], down, price


def _read_archive(path: Path) -> Read:
    """The windows from the archive; no other window is opened."""
    wanted = {f"{zone}_v100_1/{key}.json": (zone, key) for zone in ZONES for key in IDS}
    try:
        found = members(path, wanted, 2)
        down = np.array([[found[zone, key]["data"][:LENGTH] for key in IDS] for zone in ZONES])
        price = np.array([[found[zone, key]["prices"][:LENGTH] for key in IDS] for zone in ZONES], float)
        started = [found[ZONES[0], key]["metadata"]["start_time"] for key in IDS]
        return [datetime.fromisoformat(text[:19]).isoformat() for text in started], down, np.round(price * 1e4)
    except UNREADABLE:
        raise wrong_content(path, TASK) from None
