"""QuickGreedy: group the rows that share a long, frequent cell, wherever it stands, put it first, and go on inside and outside.

Source: Liu et al., "Optimizing LLM Queries in Relational Data Analytics Workloads", MLSys 2025 (greedy group recursion, GGR),
in the form that the ADRS leaderboard uses as its human baseline, with its limits; rewritten for cells that are text.
"""

from collections import Counter
from typing import Any

EARLY_STOP = 100_000
ROW_STOP = 4
COLUMN_STOP = 2
DISTINCT = 0.7
BLOCK_ROWS = 2_000

Line = tuple[list[str], list[int], Any]
"""Cells that are not placed yet, the columns they come from, and the row's number."""


def reorder(names: list[str], columns: list[list[str]]) -> list[tuple[list[int], list[int]]]:
    rows = len(columns[0])
    scores = [column_score(column) for column in columns]
    by_score = sorted(range(len(columns)), key=lambda column: -scores[column])
    kept = [column for column in by_score if len(set(columns[column])) <= DISTINCT * rows]
    aside = [column for column in by_score if column not in kept]
    lines: list[Line] = [([columns[column][row] for column in kept], list(kept), row) for row in range(rows)]
    lines.sort(key=lambda line: line[0])
    done = [line for block in halves(lines) for line in recurse(block, 0, 0)]
    done.sort(key=lambda line: line[0])
    return [(order + aside, [row]) for _, order, row in done]


def column_score(cells: list[str]) -> float:
    distinct = len(set(cells))
    if distinct == len(cells):
        return 0.0
    return (sum(map(len, cells)) / len(cells)) ** 2 * (len(cells) / distinct - 1)


def halves(lines: list[Line]) -> list[list[Line]]:
    if len(lines) <= BLOCK_ROWS:
        return [lines]
    middle = len(lines) // 2
    return halves(lines[:middle]) + halves(lines[middle:])


def recurse(lines: list[Line], row_depth: int, column_depth: int) -> list[Line]:
    """Lines in their new order."""
    if not lines or not lines[0][0]:
        return lines
    if row_depth >= ROW_STOP or column_depth >= COLUMN_STOP:
        return fixed(lines)
    counts = Counter(cell for cells, _, _ in lines for cell in cells)
    best = max(counts, key=lambda cell: len(cell) ** 2 * (counts[cell] - 1))
    if len(best) ** 2 * (counts[best] - 1) < EARLY_STOP:
        return fixed(lines)
    tails: list[Line] = []
    others: list[Line] = []
    for line in lines:
        cells, order, row = line
        if best not in cells:
            others.append(line)
            continue
        first, *places = sorted(range(len(cells)), key=lambda place: cells[place] != best)
        tails.append(([cells[place] for place in places], [order[place] for place in places], (order[first], row)))
    grouped = recurse(tails, row_depth, column_depth + 1)
    back: list[Line] = [([best, *cells], [head, *order], row) for cells, order, (head, row) in grouped]
    return back + recurse(others, row_depth + 1, column_depth)


def fixed(lines: list[Line]) -> list[Line]:
    """One order for all lines, by the score of each column; then sorted."""
    scores = [column_score(list(cells)) for cells in zip(*(line[0] for line in lines), strict=True)]
    places = sorted(range(len(scores)), key=lambda place: -scores[place])
    moved: list[Line] = [
        ([cells[place] for place in places], [order[place] for place in places], row) for cells, order, row in lines
    ]
    return sorted(moved, key=lambda line: line[0])
