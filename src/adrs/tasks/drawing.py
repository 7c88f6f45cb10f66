"""drawing: shapes and colours for the pictures of all tasks. Each task decides what its picture shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import svg

Anchor = Literal["start", "middle", "end"]

INK = "#1f2933"
PALE = "#9aa5b1"
PAPER = "#ffffff"
COLOURS = ("#2f6f9f", "#d9822b", "#3f8f5f", "#a8425a", "#7a5fa8", "#8a6d3b")
"""Distinguishable with red-green colour blindness too, in this order."""

FONT = "system-ui, sans-serif"
SIZE = 13
"""Size of ordinary text in pixels."""


def page(width: int, height: int, title: str, shapes: Sequence[svg.Element]) -> str:
    """An SVG document on white paper that scales with the page it stands on.

    Args:
        width, height: of the picture's own coordinates.
        title: the text alternative of the picture.
    """
    paper = svg.Rect(x=0, y=0, width=width, height=height, fill=PAPER)
    drawn = svg.SVG(
        viewBox=svg.ViewBoxSpec(0, 0, width, height),
        width=width,
        height=height,
        elements=[svg.Title(text=title), paper, *shapes],
    )
    return f"{drawn.as_str()}\n"


def text(x: float, y: float, words: str, *, size: float = SIZE, fill: str = INK, anchor: Anchor = "start") -> svg.Text:
    """Words whose baseline begins, is centred or ends ("start", "middle", "end") at a point."""
    return svg.Text(x=x, y=y, text=words, font_size=size, fill=fill, text_anchor=anchor, font_family=FONT)


def block(x: float, y: float, width: float, height: float, fill: str, *, opacity: float = 1.0) -> svg.Rect:
    """A filled rectangle."""
    return svg.Rect(x=x, y=y, width=width, height=height, fill=fill, fill_opacity=opacity)


def line(
    points: Sequence[tuple[float, float]], stroke: str = INK, *, width: float = 1.5, dashes: Sequence[float] = ()
) -> svg.Polyline:
    """A line through points."""
    path = [svg.Point(round(x, 2), round(y, 2)) for x, y in points]
    return svg.Polyline(points=path, stroke=stroke, stroke_width=width, fill="none", stroke_dasharray=list(dashes) or None)


def dot(x: float, y: float, radius: float, fill: str) -> svg.Circle:
    """A filled circle."""
    return svg.Circle(cx=x, cy=y, r=radius, fill=fill)
