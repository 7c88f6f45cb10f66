"""4 bits everywhere in Hessian order: on the entropy track a code makes them shorter."""

from typing import Any


def allocate(layers: list[dict[str, Any]], rules: dict[str, Any]) -> list[dict[str, Any]]:
    answers = []
    for layer in layers:
        scores = layer["hessian_score"]
        order = sorted(range(layer["columns"]), key=lambda column: -scores[column])
        answers.append({"order": order, "bits": [4] * (layer["columns"] // rules["segment"])})
    return answers
