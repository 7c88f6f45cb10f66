"""real: prices and bandwidths between 71 regions of three clouds, and the five published transfers, from files.

Source: FrontierCS/Frontier-CS, whose profiles come from the measurements of Skyplane and Cloudcast (November 2022). Bandwidths
are read from the original table or from an extract of three of its columns. The content of every file is compared with a
checksum.
"""

from __future__ import annotations

import csv
import json
from hashlib import sha256
from pathlib import Path

import numpy as np

from adrs.core.failure import Refusal
from adrs.core.task import Source
from adrs.tasks.cloudcast.network import INGRESS, Network, Transfer
from adrs.tasks.downloads import github, locate, missing, wrong_content

TASK = "cloudcast"
REGIONS = 71
COST, THROUGHPUT, SLIM = "cost.csv", "throughput.csv", "throughput_slim.csv"
PUBLISHED = ("intra_aws", "intra_azure", "intra_gcp", "inter_agz", "inter_gaz2")
"""The five published configurations, in their order."""

_CONTENT = {
    "prices": "77d8524aa3e00e4cae973c88e10657a2bace0fa27a15a9de573bebeb65e292b6",
    "bandwidths": "5e8d8f30d05bc65e94ea80292ae9a4e049ae054825e4625cd9f52707ba8652ca",
    "transfers": "20bd8b7f2208fbedaf7936da02b6431b48f8437043964d4c0fbef467f9959155",
}
"""SHA-256 of the content: rows in the order of the regions' names, numbers as Python writes them."""

_FILES = {
    f"profiles/{COST}": (204128, "b0f97b744b8f0ba464f1098975a25232f168ff8a2c12bfc09efb1c35e4453eac", "$/GB of 4,970 edges"),
    f"profiles/{THROUGHPUT}": (
        3006324,
        "e45ee4f0b4101bee184966aedf8efb1e83add7cb3737e172f8729eac00b19e27",
        "three columns are read: src_region, dst_region, throughput_sent (bit/s of one VM)",
    ),
    "examples/config/intra_aws.json": (444, "986e7d1f1b7d7186398ac13c1c4fe499a48a164d84a4a7ca8ff17cde3198be42", ""),
    "examples/config/intra_azure.json": (464, "ac1d872c8f90b2496bf750b1c8a2b8500b2c74b3b1d2675dc9cc25413541a49f", ""),
    "examples/config/intra_gcp.json": (489, "a4f3293f3e973b5c682f270dca8c008a485cecd9bc440d41e4364c196211cfae", ""),
    "examples/config/inter_agz.json": (477, "e6f7de15894c79bca94907d0776c17414785e7395e0d369743022146bbc42df4", ""),
    "examples/config/inter_gaz2.json": (501, "b40631902a840d17c8089ff93356e7b2542ca1c34e32d11c227eb8176e9bd0f9", ""),
}

SOURCES = tuple(
    Source(
        name=path.rsplit("/", 1)[1],
        url=github(
            "FrontierCS/Frontier-CS",
            "4d508c1954766e0dda0347e1f14946978ef6b761",
            f"research/problems/cloudcast/resources/{path}",
        ),
        sha256=digest,
        size=size,
        licence="MIT, Copyright (c) 2025 FrontierCS Team",
        note=note or "one published transfer",
    )
    for path, (size, digest, note) in _FILES.items()
)


def network() -> Network:
    """The measured network, regions in the order of the price list.

    Raises:
        Refusal: no data is found, or a file has other content.
    """
    prices_at, rates_at = _found(COST), locate(TASK, SLIM) or _found(THROUGHPUT)
    prices = _table(prices_at, "src", "dest", "cost")
    column = "throughput_sent_bps" if rates_at.name == SLIM else "throughput_sent"
    rates = _table(rates_at, "src_region", "dst_region", column)
    names = tuple(dict.fromkeys(here for here, _ in prices))
    for kind, table, path in (("prices", prices, prices_at), ("bandwidths", rates, rates_at)):
        if sha256(repr(sorted(table.items())).encode()).hexdigest() != _CONTENT[kind]:
            raise _wrong_content(path)
    place = {name: at for at, name in enumerate(names)}
    dollars, gbit_s = np.zeros((2, REGIONS, REGIONS))
    for (here, there), price in prices.items():
        dollars[place[here], place[there]] = price
        gbit_s[place[here], place[there]] = rates[here, there] / 1e9
    return Network(names, dollars, gbit_s)


def published(net: Network) -> list[tuple[str, Transfer]]:
    """(name, transfer) of the five published configurations, in their order.

    Raises:
        Refusal: a file is missing, or has other content.
    """
    place = {name: at for at, name in enumerate(net.names)}
    seen, transfers = sha256(), []
    for name in PUBLISHED:
        path = _found(f"{name}.json")
        try:
            held = json.loads(path.read_text("utf-8"))
            source, destinations = held["source_node"], held["dest_nodes"]
            volume, parts = float(held["data_vol"]), int(held["num_partitions"])
            ingress, egress = (
                {cloud: float(held[side][cloud]) for cloud in INGRESS} for side in ("ingress_limit", "egress_limit")
            )
            ends = tuple(place[destination] for destination in destinations)
            transfer = Transfer(net, place[source], ends, volume, parts, ingress, egress, published=True)
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            raise _wrong_content(path) from None
        seen.update(repr((source, destinations, volume, parts, ingress, egress)).encode())
        transfers.append((name, transfer))
    if seen.hexdigest() != _CONTENT["transfers"]:
        raise _wrong_content(_found(f"{PUBLISHED[0]}.json").parent)
    return transfers


def _found(name: str) -> Path:
    path = locate(TASK, name)
    if path is None:
        raise missing(TASK, name)
    return path


def _table(path: Path, here: str, there: str, value: str) -> dict[tuple[str, str], float]:
    """(from, to) -> value of a file with a row for every ordered pair of regions."""
    table: dict[tuple[str, str], float] = {}
    try:
        with path.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                if row[here] != row[there]:
                    table[row[here], row[there]] = float(row[value])
    except (OSError, ValueError, TypeError, KeyError, csv.Error):
        raise _wrong_content(path) from None
    return table


def _wrong_content(path: Path) -> Refusal:
    return wrong_content(TASK, path, "numbers")
