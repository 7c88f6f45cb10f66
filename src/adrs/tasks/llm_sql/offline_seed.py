"""Nested groups: every group of rows has a next column, whose cells divide the group; each part continues by itself."""


def reorder(names: list[str], columns: list[list[str]]) -> list[tuple[list[int], list[int]]]:
    waiting: list[tuple[list[int], list[int], list[int]]] = [([], list(range(len(columns))), list(range(len(columns[0]))))]
    blocks = []
    while waiting:
        order, free, rows = waiting.pop()
        if len(rows) == 1 or not free:
            blocks.append((order + free, rows))
            continue
        best = max(free, key=lambda column: worth_of([columns[column][row] for row in rows], len(order)))
        parts: dict[str, list[int]] = {}
        for row in rows:
            parts.setdefault(columns[best][row], []).append(row)
        left = [column for column in free if column != best]
        waiting += [([*order, best], left, parts[cell]) for cell in sorted(parts, reverse=True)]
    return blocks


def worth_of(cells: list[str], depth: int) -> float:
    counts: dict[str, int] = {}
    for cell in cells:
        counts[cell] = counts.get(cell, 0) + 1
    length = sum(map(len, cells)) / len(cells)
    spelled = sum(map(len, counts)) / len(counts)
    return worth(length, spelled, float(len(counts)), float(len(cells)), float(max(counts.values())), float(depth))


# EVOLVE-BLOCK-START
def worth(length: float, spelled: float, distinct: float, rows: float, most: float, depth: float) -> float:
    """The value of a column as the next one in a group of rows.

    length: mean characters of its cells; spelled: the same over its distinct cells; distinct: the number of these;
    rows: of the group; most: rows with its most frequent cell; depth: columns placed already.
    """
    return rows / distinct


# EVOLVE-BLOCK-END
