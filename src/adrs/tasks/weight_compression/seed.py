"""One ratio for all layers: the columns with the highest mixed score keep more bits."""

from typing import Any

# EVOLVE-BLOCK-START
RATIO = 0.25
ALPHA = 0.75


def score_columns(layer: dict[str, Any]) -> list[float]:
    hessian = layer["hessian_score"]
    magnitude = layer["magnitude_score"]
    top_hessian = float(hessian.max())
    top_magnitude = float(magnitude.max())
    scores = []
    for column in range(layer["columns"]):
        importance = float(hessian[column]) / top_hessian
        size = float(magnitude[column]) / top_magnitude
        scores.append(ALPHA * importance + (1 - ALPHA) * size)
    return scores


def allocate(layers: list[dict[str, Any]], rules: dict[str, Any]) -> list[dict[str, Any]]:
    answers = []
    for layer in layers:
        scores = score_columns(layer)
        order = sorted(range(layer["columns"]), key=lambda column: -scores[column])
        segments = layer["columns"] // rules["segment"]
        high = round(RATIO * segments)
        bits = [4 if segment < high else 2 for segment in range(segments)]
        answers.append({"order": order, "bits": bits})
    return answers


# EVOLVE-BLOCK-END
