"""score: rates and scores from characters, and the orders that rates are compared with. Nothing here sees a candidate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from adrs.tasks.cache import Numbers, cached, digest
from adrs.tasks.llm_sql.baselines import quick_greedy
from adrs.tasks.llm_sql.bound import most_hits
from adrs.tasks.llm_sql.metrics import Block, consecutive_hits, lines, lru_hits, prefix_hits
from adrs.tasks.llm_sql.table import Sheet, Table
from adrs.tasks.scale import share

Metric = Literal["prefix_hit_rate", "consecutive_hit_rate", "lru_hit_rate"]
METRICS: tuple[Metric, ...] = ("prefix_hit_rate", "consecutive_hit_rate", "lru_hit_rate")

ROOM = 256
"""Blocks that the bounded cache holds: 4,096 tokens."""

SPEED = 0.05
"""Weight of run time in a score that contains it, as on the leaderboard."""

LIMIT_S = 10.0
"""Seconds for a table from which on the leaderboard gives no points for speed."""

VERSION = "1"
"""Raise it when a change to bound.py, metrics.py or quick_greedy.py may change a number: cached ones are then discarded."""


def rates(table: Table, blocks: Sequence[Block]) -> dict[Metric, float]:
    """Hit rates of each cache, as shares of the table's characters."""
    sent = lines(table, blocks)
    hits = (prefix_hits(sent), consecutive_hits(sent), lru_hits(sent, ROOM))
    return {metric: found / max(table.characters, 1) for metric, found in zip(METRICS, hits, strict=True)}


def unchanged(table: Table) -> list[Block]:
    """All rows and columns in their original order."""
    return [(list(range(len(table.names))), list(range(table.rows)))]


def references(sheet: Sheet) -> Numbers:
    """(4, metrics) rates of the original order, of QuickGreedy, of the bound, and of the cell-level ideal."""
    key = digest(VERSION, sheet.table.digest, sheet.listed.digest)
    return cached("llm_sql", key, (4, len(METRICS)), lambda: _references(sheet))


def _references(sheet: Sheet) -> Numbers:
    table = sheet.table
    greedy = quick_greedy.reorder(list(table.names), [list(column) for column in table.columns])
    characters = max(table.characters, 1)
    forgetful, blocks = most_hits(table)
    ideal = 1 - sum(map(len, table.distinct)) / characters
    return np.array(
        [
            list(rates(sheet.listed, unchanged(sheet.listed)).values()),
            list(rates(table, greedy).values()),
            [forgetful / characters, forgetful / characters, blocks / characters],
            [ideal] * len(METRICS),
        ]
    )


def gained(table: Table, blocks: Sequence[Block], metric: Metric, original: float) -> float:
    """Share of the way from a reference rate to a table's bound."""
    forgetful, whole = most_hits(table)
    bound = (whole if metric == "lru_hit_rate" else forgetful) / max(table.characters, 1)
    return share(original, rates(table, blocks)[metric], bound, "higher")


def leaderboard_hits(original: float, rate: float) -> float:
    """The leaderboard's 0 to 100 for hit rates: their means over the tables; clipped as there."""
    return 100 * min(1.0, max(0.0, (rate - original) / (1 - original)))


def leaderboard_score(original: float, rate: float, seconds: float) -> float:
    """The leaderboard's score, 0 to 100; `seconds` is a mean over the tables."""
    speed = 100 * (LIMIT_S - min(LIMIT_S, seconds)) / LIMIT_S
    return (1 - SPEED) * leaderboard_hits(original, rate) + SPEED * speed
