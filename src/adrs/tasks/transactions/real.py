"""real: the three batches of 100 transactions that the ADRS leaderboard scores, from any of the files that hold them.

They are synthetic too, but public: `published` makes more of the same kinds. The content must match a checksum.
"""

from __future__ import annotations

import ast
import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adrs.core.failure import Refusal
from adrs.core.task import Source
from adrs.tasks.cache import digest
from adrs.tasks.downloads import github, locate, missing, wrong_content
from adrs.tasks.transactions.batches import Requests
from adrs.tasks.transactions.requests import Request

TASK = "transactions_offline"
PACKS = "txn_scheduling"
PACK = "leaderboard_workloads.json.gz"

SOURCES = (
    Source(
        name="workloads.py",
        url=github(
            "UCB-ADRS/ADRS-Leaderboard",
            "f856497ded0c34c97323730f2012a2767b1caa92",
            "problems/txn_scheduling/resources/workloads.py",
        ),
        sha256="948b67d47508b4f91ca5d35648a9d1b82dfd5ff9deaac3101c3f8808e712d2e5",
        size=16485,
        licence="none stated by the repository; the problem's pyproject says MIT",
        note="three texts of JSON with 100 transactions each; read as text, never executed",
    ),
)

KINDS = {"W1": "zipf16", "W2": "tpcc_mini", "W3": "alternating"}
PROVEN = {"W3": 28}
"""Optimal makespans, which `bench/transactions_optimum.py` proves with OR-tools in minutes."""

_SHA256 = "162bc499bffd076f8f96035f0acc52e192ee842026a3527fe0214775fc2e79c5"
"""Of all texts, batch by batch."""


def leaderboard() -> dict[str, Requests]:
    """The batches W1, W2 and W3.

    Raises:
        Refusal: no data is found, or a file has other content.
    """
    if path := locate(TASK, PACK, PACKS):
        texts = _read_pack(path)
    elif path := locate(TASK, SOURCES[0].name, PACKS):
        texts = _read_module(path)
    else:
        raise missing(TASK, SOURCES[0].name)
    if digest(*(text for batch in texts for text in batch)) != _SHA256:
        raise _wrong_content(path)
    made = zip(KINDS.items(), texts, strict=True)
    return {
        name: Requests(kind, tuple(Request(text, kind) for text in batch), PROVEN.get(name, 0)) for (name, kind), batch in made
    }


def _wrong_content(path: Path) -> Refusal:
    return wrong_content(TASK, path, "batches")


def _read_pack(path: Path) -> list[list[str]]:
    try:
        held = json.loads(gzip.decompress(path.read_bytes()))
        return [_in_order(held[name]) for name in KINDS]
    except (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError, AttributeError):
        raise _wrong_content(path) from None


def _read_module(path: Path) -> list[list[str]]:
    """The JSON texts that a module assigns to names, in order of appearance."""
    try:
        tree = ast.parse(path.read_text("utf-8"))
        return [_in_order(json.loads(text)) for text in _assigned(tree)]
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _wrong_content(path) from None


def _assigned(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value


def _in_order(held: dict[str, Any]) -> list[str]:
    """txn0, txn1, …"""
    return [str(held[f"txn{number}"]).strip() for number in range(len(held))]
