"""Direct: every destination by the edge from the source; score 0."""

from typing import Any


def broadcast(problem: dict[str, Any]) -> dict[str, list[list[str]]]:
    source, parts = problem["source"], problem["parts"]
    return {destination: [[source, destination]] * parts for destination in problem["destinations"]}
