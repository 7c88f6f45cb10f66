"""picture: some rows of one table as given and reordered; prefixes that an earlier row shares are coloured."""

from __future__ import annotations

from collections.abc import Sequence

import svg

from adrs.tasks.drawing import COLOURS, INK, PALE, block, line, page, text
from adrs.tasks.llm_sql.baselines.column_statistics import reorder
from adrs.tasks.llm_sql.metrics import Block, prefix_hits, shared
from adrs.tasks.llm_sql.score import unchanged
from adrs.tasks.llm_sql.table import Sheet, Table

WIDTH, LEFT, CHARACTER, ROW = 860, 30, 8.8, 20
SHOWN = 11
"""Rows of each panel."""
FITS = int((WIDTH - 2 * LEFT) / CHARACTER)
"""Characters of a row that are drawn."""


def picture(sheet: Sheet) -> str:
    """Draw a piece of the table in its own order and in that of the column statistics."""
    table = _piece(sheet.table)
    ordered = reorder(list(table.names), [list(column) for column in table.columns])
    shapes: list[svg.Element] = [
        text(LEFT, 32, "Rows of a table on their way to a language model, one request a row", size=16),
        block(LEFT, 44, 14, 14, COLOURS[0], opacity=0.35),
        text(LEFT + 20, 56, "prefix shared with an earlier row: already computed"),
        line([(LEFT + 401, 44), (LEFT + 401, 58)], COLOURS[3]),
        text(LEFT + 410, 56, "border between two cells"),
    ]
    top = 92.0
    for title, blocks in (("as it came", unchanged(table)), ("columns and rows reordered", ordered)):
        shapes += _panel(table, blocks, title, top)
        top += ROW * (SHOWN + 2.4)
    return page(WIDTH, int(top) - 20, "A table before and after reordering, row by row", shapes)


def _piece(table: Table) -> Table:
    """The neighbouring rows for a panel that share most when sorted by column statistics."""
    starts = range(0, table.rows - SHOWN, SHOWN)
    pieces = [Table(table.name, table.names, tuple(column[at : at + SHOWN] for column in table.columns)) for at in starts]
    fitting = [piece for piece in pieces if max(piece.lengths) <= FITS and len(set(piece.columns[-1])) > 2]
    return min(fitting or pieces, key=lambda piece: len("".join(piece.distinct)) / piece.characters)


def _panel(table: Table, blocks: Sequence[Block], title: str, top: float) -> list[svg.Element]:
    rows = [[table.columns[column][row] for column in order] for order, numbers in blocks for row in numbers]
    sent = ["".join(cells) for cells in rows]
    rate = prefix_hits(sent) / table.characters
    shapes: list[svg.Element] = [text(LEFT, top, f"{title}: {100 * rate:.0f} % of the characters are hits", size=14)]
    for place, cells in enumerate(rows):
        y = top + 8 + place * ROW
        hit = max((shared(sent[place], earlier) for earlier in sent[:place]), default=0)
        drawn = sent[place][:FITS]
        shapes.append(block(LEFT, y, len(drawn) * CHARACTER, ROW - 3, PALE, opacity=0.15))
        if hit:
            shapes.append(block(LEFT, y, min(hit, FITS) * CHARACTER, ROW - 3, COLOURS[0], opacity=0.35))
        shapes.append(_typed(LEFT, y + 13, drawn))
        end = 0
        for cell in cells[:-1]:
            end += len(cell)
            if 0 < end < FITS:
                x = LEFT + end * CHARACTER
                shapes.append(line([(x, y), (x, y + ROW - 3)], COLOURS[3], width=1))
    return shapes


def _typed(x: float, y: float, words: str) -> svg.Text:
    """Monospaced text."""
    return svg.Text(
        x=x,
        y=y,
        text=words.replace(" ", "\u00a0"),
        font_size=14,
        fill=INK,
        font_family="monospace",
        textLength=round(len(words) * CHARACTER, 1),
        lengthAdjust="spacingAndGlyphs",
    )
