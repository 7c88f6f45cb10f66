"""plan: checks that an answer brings every part to every destination. The kit computes the cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

from adrs.core.failure import Foul

Rules = Literal["clean", "leaderboard"]
Answer = dict[str, list[list[str]]]


def check(answer: Answer, problem: Mapping[str, Any], rules: Rules) -> None:
    """Check that an answer is a plan for the problem.

    Args:
        rules: under "clean" every path leads from the source to its destination and visits no region twice; under
            "leaderboard" the paths of a part may be pieces, as long as together they lead from the source to every destination.

    Raises:
        Foul: the first error, and where it is.
    """
    destinations, parts = problem["destinations"], problem["parts"]
    for destination in destinations:
        if destination not in answer:
            raise _foul(f"nothing is sent to {destination}: the answer needs a list of {parts} paths for each destination")
        if len(answer[destination]) != parts:
            raise _foul(f"{destination} has {len(answer[destination])} paths, not one for each of the {parts} parts")
    for name in answer:
        if name not in destinations:
            raise _foul(f"{_shown(name)} has paths but is not a destination")
    known = frozenset(problem["nodes"])
    for destination in destinations:
        for part, path in enumerate(answer[destination]):
            where = f"the path of part {part} to {destination}"
            for name in path:
                if name not in known:
                    raise _foul(f"{where} goes through {_shown(name)}, which is not a region")
            for here, there in pairwise(path):
                if here == there:
                    raise _foul(f"{where} goes from {here} to {here}, and there is no such edge")
            if rules == "clean":
                _complete(path, problem["source"], destination, where)
    if rules == "leaderboard":
        for part in range(parts):
            reached = _reached(problem["source"], (answer[destination][part] for destination in destinations))
            for destination in destinations:
                if destination not in reached:
                    raise _foul(f"part {part} never reaches {destination}: no hops of its paths lead there from the source")


def _complete(path: Sequence[str], source: str, destination: str, where: str) -> None:
    if not path:
        raise _foul(f"{where} is empty")
    if path[0] != source:
        raise _foul(f"{where} begins at {path[0]}, not at the source {source}")
    if path[-1] != destination:
        raise _foul(f"{where} ends at {path[-1]}")
    if len(set(path)) < len(path):
        twice = next(name for name in path if path.count(name) > 1)
        raise _foul(f"{where} visits {twice} twice")


def _reached(source: str, paths: Iterable[Sequence[str]]) -> set[str]:
    """Regions to which the hops of some paths lead from the source."""
    onward: dict[str, list[str]] = {}
    for path in paths:
        for here, there in pairwise(path):
            onward.setdefault(here, []).append(there)
    reached, waiting = {source}, [source]
    while waiting:
        for there in onward.get(waiting.pop(), ()):
            if there not in reached:
                reached.add(there)
                waiting.append(there)
    return reached


def _shown(name: str) -> str:
    """A candidate's text, shortened to one line."""
    return repr(name[:60])


def _foul(reason: str) -> Foul:
    return Foul("illegal_answer", reason)
