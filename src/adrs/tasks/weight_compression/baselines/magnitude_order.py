"""Columns by their mean magnitude; the first segment of each layer has 4 bits."""

from typing import Any


def allocate(layers: list[dict[str, Any]], rules: dict[str, Any]) -> list[dict[str, Any]]:
    answers = []
    for layer in layers:
        scores = layer["magnitude_score"]
        order = sorted(range(layer["columns"]), key=lambda column: -scores[column])
        segments = layer["columns"] // rules["segment"]
        answers.append({"order": order, "bits": [4] + [2] * (segments - 1)})
    return answers
