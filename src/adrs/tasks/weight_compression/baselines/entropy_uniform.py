"""GPTQ with one width everywhere, the middle of those allowed: 3 bits on the entropy track, where codes are shorter."""

from typing import Any


def allocate(layers: list[dict[str, Any]], rules: dict[str, Any]) -> list[dict[str, Any]]:
    answers = []
    for layer in layers:
        segments = layer["columns"] // rules["segment"]
        answers.append(
            {
                "order": list(range(layer["columns"])),
                "bits": [sorted(rules["widths"])[(len(rules["widths"]) - 1) // 2]] * segments,
                "feedback": True,
            }
        )
    return answers
