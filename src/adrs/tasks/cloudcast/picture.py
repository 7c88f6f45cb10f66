"""picture: one transfer and its cheapest tree with relays, with the price of each copy in it and of a direct one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

import svg

from adrs.tasks.cloudcast.baselines import direct, steiner
from adrs.tasks.cloudcast.kit import Bill, Model
from adrs.tasks.cloudcast.network import Transfer
from adrs.tasks.drawing import COLOURS, INK, PALE, PAPER, block, dot, line, page, text

WIDTH, LEFT, TOP, ROW, INDENT = 860, 50, 118, 40, 34
BARS, LONGEST = 400, 330
"""Where the bars begin, and the length of the longest in pixels."""

COLOUR = {"aws": COLOURS[1], "gcp": COLOURS[0], "azure": COLOURS[4]}

Tree = Mapping[str, Sequence[str]]
"""Region -> the regions that it sends to."""


def picture(transfer: Transfer) -> str:
    """Draw the plan of the program `steiner`, which uses one tree for all parts."""
    problem = transfer.problem()
    model = Model(problem)
    plan = steiner.broadcast(problem)
    tree = _tree([paths[0] for paths in plan.values()])
    rows = list(_rows(tree, problem["source"], 0))
    at = {name: (LEFT + INDENT * depth, TOP + ROW * row) for row, (name, depth) in enumerate(rows)}
    bottom = TOP + ROW * len(rows)
    hops = [(source, there) for here in tree for there in tree[here] for source in (here, problem["source"])]
    highest = max(model.dollars[hop] for hop in hops)

    shapes: list[svg.Element] = [
        text(LEFT - 10, 34, f"{problem['volume_gb']:g} GB to {len(problem['destinations'])} regions", size=16),
        text(LEFT - 10, 56, _compared(model.bill(direct.broadcast(problem)), model.bill(plan)), fill=PALE),
        text(BARS, 88, "dollars a gigabyte: in this tree, and directly from the source"),
    ]
    for here in tree:
        (x, y), (_, last) = at[here], at[tree[here][-1]]
        shapes.append(line([(x, y), (x, last)], COLOUR[_cloud(here)], width=2.5))
        for there in tree[here]:
            shapes.append(line([(x, at[there][1]), at[there]], COLOUR[_cloud(here)], width=2.5))
            paid, straight = model.dollars[here, there], model.dollars[problem["source"], there]
            shapes += _bar(at[there][1] - 13, paid / highest, COLOUR[_cloud(here)], f"{paid:.3f}", INK)
            if there in problem["destinations"]:
                shapes += _bar(at[there][1] + 2, straight / highest, "#cbd2d9", f"{straight:.3f}", PALE)
    for name, (x, y) in at.items():
        needs = name == problem["source"] or name in problem["destinations"]
        shapes += [_mark(x, y, COLOUR[_cloud(name)], filled=needs), text(x + 14, y + 5, name)]
    shapes += [dot(LEFT + 90 * n, bottom + 8, 7, colour) for n, colour in enumerate(COLOUR.values())]
    shapes += [text(LEFT + 12 + 90 * n, bottom + 13, cloud) for n, cloud in enumerate(COLOUR)]
    shapes += [
        _mark(LEFT + 290, bottom + 8, INK, filled=False),
        text(LEFT + 303, bottom + 13, "relay that does not need the data itself"),
    ]
    return page(WIDTH, bottom + 36, "A transfer and its cheapest tree with relays", shapes)


def _bar(y: float, share: float, colour: str, words: str, ink: str) -> list[svg.Element]:
    length = max(2.0, share * LONGEST)
    return [block(BARS, y, length, 12, colour), text(BARS + length + 8, y + 10, words, size=12, fill=ink)]


def _mark(x: float, y: float, colour: str, *, filled: bool) -> svg.Element:
    """A region: filled if it has or needs the data."""
    return dot(x, y, 7, colour) if filled else svg.Circle(cx=x, cy=y, r=6, fill=PAPER, stroke=colour, stroke_width=3)


def _tree(paths: Sequence[Sequence[str]]) -> Tree:
    """The tree of paths of one plan."""
    tree: dict[str, list[str]] = {}
    for path in paths:
        for here, there in itertools.pairwise(path):
            if there not in tree.setdefault(here, []):
                tree[here].append(there)
    return tree


def _rows(tree: Tree, name: str, depth: int) -> Iterator[tuple[str, int]]:
    """(region, depth) of all regions, every one before those that it sends to."""
    yield name, depth
    for child in tree.get(name, ()):
        yield from _rows(tree, child, depth + 1)


def _compared(straight: Bill, plan: Bill) -> str:
    tree = f"${plan.dollars:.2f} (${plan.instances:.2f} of it instances)"
    return f"sent directly to every region ${straight.dollars:.2f}, over this tree {tree}"


def _cloud(name: str) -> str:
    return name.split(":", 1)[0]
