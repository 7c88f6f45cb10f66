"""GPTQ with 4 bits everywhere, columns as they are."""

from typing import Any


def allocate(layers: list[dict[str, Any]], rules: dict[str, Any]) -> list[dict[str, Any]]:
    answers = []
    for layer in layers:
        segments = layer["columns"] // rules["segment"]
        answers.append({"order": list(range(layer["columns"])), "bits": [4] * segments, "feedback": True})
    return answers
