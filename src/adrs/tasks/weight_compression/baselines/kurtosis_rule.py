"""The hand-made rule of the original search: ratio and mixture of scores by the kurtosis of weights and inputs."""

import math
from typing import Any


def rule(weights: float, inputs: float) -> tuple[float, float]:
    """Share of columns with 4 bits, and the Hessian's share of the mixed score."""
    if weights > 12 or inputs > 12:
        return 0.08, 0.5
    if weights > 8:
        return 0.05, 0.7
    if weights > 6:
        return 0.08, 0.7
    if weights > 5:
        return 0.10, 0.75
    if weights > 4:
        return 0.25, 0.75
    if weights > 3.5:
        return 0.35, 0.8
    if weights > 3.05:
        return 0.52, 0.9
    return 0.12, 1.0


def allocate(layers: list[dict[str, Any]], rules: dict[str, Any]) -> list[dict[str, Any]]:
    answers = []
    for layer in layers:
        ratio, alpha = rule(layer["weight_kurtosis"], layer["input_kurtosis"])
        hessian, magnitude = layer["hessian_score"], layer["magnitude_score"]
        scores = alpha * hessian / hessian.max() + (1 - alpha) * magnitude / magnitude.max()
        order = sorted(range(layer["columns"]), key=lambda column: -scores[column])
        segments = layer["columns"] // rules["segment"]
        high = math.ceil(ratio * segments)
        answers.append({"order": order, "bits": [4] * high + [2] * (segments - high)})
    return answers
