"""real: forty moments of the Abilene network, and the topologies of four other networks, read from their files.

Every file must have the known checksum; then its texts are parsed as literals, never executed.
"""

from __future__ import annotations

import ast
import csv
import io
import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from adrs.core.failure import Refusal
from adrs.core.task import Source
from adrs.tasks.downloads import github, locate, missing
from adrs.tasks.telemetry_repair.network import Floats, Link, loads, network
from adrs.tasks.telemetry_repair.snapshot import Traffic

TASK = "telemetry_repair"
TABLE, PATHS = "evaluation_data.csv", "paths.json"

_ABILENE = (
    "lynnliu030/ADRS",
    "2d7047e9f6718441708503afe4769f4f27e4c544",
    "openevolve/examples/ADRS/telemetry_repair/ref_data/",
)
_SHAPES = ("arekolek/MaxIST", "6a8b49152cfbf34c1c2728f64b1457a23824fe0d", "problems/")
_FILES = {
    TABLE: ("4fa7656d67d1d67d2149d6e7828b65f2a7b50a0f425daf2c2b99c0e047adc2b5", 787281, "40 moments: counters and demands"),
    PATHS: ("a5316fe3cf03c024fe2d3e6e447adc7679bf9e9ec4b655d9e65179cae76f4f52", 28267, "the path of every demand"),
}
_NETWORKS = {
    "polska": ("9750546899cb8b1b3734b5b399fb2016030fe93dc487abb74be2a69beb3bb7d8", 1900, "12 routers, 18 links"),
    "nobel-germany": ("d7e720203651e1da560972e414daf5bd2ecf825cda283be7ed9d3d4044fd2980", 2519, "17 routers, 26 links"),
    "geant": ("e903d5890aa875bfaf5ee47b75741eeb356ec086816d706be78648775c0a3afc", 3254, "22 routers, 36 links"),
    "germany50": ("a0cf3ef6a9c475efc92e5388bc14595470b37175e920d3debe0d50fee4ca2fe5", 7170, "50 routers, 88 links"),
}

SOURCES = (
    *(
        Source(name, github(*_ABILENE[:2], _ABILENE[2] + name), digest, size, "none stated (public Abilene matrices)", note)
        for name, (digest, size, note) in _FILES.items()
    ),
    *(
        Source(f"{name}.graphml.xml", github(*_SHAPES[:2], f"{_SHAPES[2]}{name}.xml"), digest, size, "MIT (from SNDlib)", note)
        for name, (digest, size, note) in _NETWORKS.items()
    ),
)


def abilene() -> list[Traffic]:
    """The forty moments in order of time, routers and interfaces in the order of the file.

    Raises:
        Refusal: a file is missing, or has other content.
    """
    table, known = _read(TABLE), json.loads(_read(PATHS))["paths"]
    rows = [
        {name: float(ast.literal_eval(text)["ground_truth"]) for name, text in row.items() if name[:4] in ("low_", "high")}
        for row in csv.DictReader(io.StringIO(table))
    ]
    directed = [name.removeprefix("low_").split("_egress_to_") for name in rows[0] if "_egress_to_" in name]
    routers = list(dict.fromkeys(source for source, _ in directed))
    at = {router: place for place, router in enumerate(routers)}
    net = network(routers, [(at[a], at[b]) for a, b in directed])
    routes = {
        (at[source], at[target]): tuple((tuple(at[hop] for hop in way["path"]), float(way["weight"])) for way in ways)
        for source, targets in known.items()
        for target, ways in targets.items()
    }
    return [_traffic(Traffic(net, np.zeros((0, 0)), routes, np.zeros(0), np.zeros(0)), row) for row in rows]


def _traffic(frame: Traffic, row: Mapping[str, float]) -> Traffic:
    """One row: the factors are counter readings divided by predicted loads."""
    net, size = frame.network, len(frame.network.routers)
    demands = np.array([[row[f"high_{a}_{b}"] for b in net.routers] for a in net.routers])
    demands[np.arange(size), np.arange(size)] = 0.0
    load = loads(net, demands, frame.routes)
    pairs = [(net.routers[a], net.routers[b]) for a, b in net.ends]
    rates = np.array([[row[f"low_{a}_ingress_from_{b}"], row[f"low_{a}_egress_to_{b}"]] for a, b in pairs])
    external = np.array([[row[f"low_{router}_origination"], row[f"low_{router}_termination"]] for router in net.routers])
    predicted = np.stack([load[net.partner], load], axis=1)
    outside = np.stack([demands.sum(axis=1), demands.sum(axis=0)], axis=1)
    return Traffic(net, demands, frame.routes, _over(rates, predicted), _over(external, outside))


def _over(read: Floats, predicted: Floats) -> Floats:
    return np.divide(read, predicted, out=np.ones_like(read), where=predicted > 0)


def shape(name: str) -> tuple[int, list[Link]]:
    """Routers and links of a published network.

    Raises:
        Refusal: its file is missing, or has other content.
    """
    root = ElementTree.fromstring(_read(f"{name}.graphml.xml"))
    space = "{http://graphml.graphdrawing.org/xmlns}"
    at = {node.get("id", ""): place for place, node in enumerate(root.iter(f"{space}node"))}
    return len(at), [(at[edge.get("source", "")], at[edge.get("target", "")]) for edge in root.iter(f"{space}edge")]


def _read(name: str) -> str:
    source = next(source for source in SOURCES if source.name == name)
    path = locate(TASK, name) or locate(TASK, f"topologies/{name}")
    if path is None:
        raise missing(TASK, name)
    raw = _bytes(path)
    if sha256(raw).hexdigest() != source.sha256:
        raise Refusal(f"{path} has another checksum than expected: delete it and run `adrs data fetch {TASK}`")
    return raw.decode()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal(f"{path} cannot be read ({type(error).__name__}): run `adrs data fetch {TASK}`") from None
