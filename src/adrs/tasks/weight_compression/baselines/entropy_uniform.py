"""One width everywhere in Hessian order, the middle of those allowed: 3 bits on the entropy track, where codes are shorter."""

from typing import Any


def allocate(layers: list[dict[str, Any]], rules: dict[str, Any]) -> list[dict[str, Any]]:
    width = sorted(rules["widths"])[len(rules["widths"]) // 2]
    answers = []
    for layer in layers:
        scores = layer["hessian_score"]
        order = sorted(range(layer["columns"]), key=lambda column: -scores[column])
        answers.append({"order": order, "bits": [width] * (layer["columns"] // rules["segment"])})
    return answers
