"""Column statistics: one order of columns for all rows, long and repetitive ones first; then the rows, sorted.

The score of a column is QuickGreedy's: squared mean length times (rows / distinct cells - 1).
"""


def reorder(names: list[str], columns: list[list[str]]) -> list[tuple[list[int], list[int]]]:
    rows = range(len(columns[0]))
    scores = [column_score(column) for column in columns]
    order = sorted(range(len(columns)), key=lambda column: -scores[column])
    return [(order, sorted(rows, key=lambda row: [columns[column][row] for column in order]))]


def column_score(cells: list[str]) -> float:
    return (sum(map(len, cells)) / len(cells)) ** 2 * (len(cells) / len(set(cells)) - 1)
