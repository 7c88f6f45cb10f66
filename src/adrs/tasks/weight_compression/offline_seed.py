"""Two small rules: the importance of a column for the order, and the value of storing a segment wider."""

from typing import Any

import kit


# EVOLVE-BLOCK-START
def importance(hessian: float, magnitude: float, mean: float) -> float:
    """Columns are quantised by descending importance. mean: of the layer's hessian scores."""
    return hessian


def deserved(saved: float, place: float, bits: float, kurtosis: float) -> float:
    """A segment goes one width up while this is positive.

    saved: estimated nats a byte that it saves; place: 0 for the first segment of the layer, 1 for the last; bits: its cost in
    bits a weight of the whole network; kurtosis: of the layer's inputs.
    """
    return 0.05 - place


# EVOLVE-BLOCK-END


def allocate(layers: list[dict[str, Any]], rules: dict[str, Any]) -> list[dict[str, Any]]:
    weights = sum(layer["rows"] * layer["columns"] for layer in layers)
    return [allocate_layer(layer, rules, weights) for layer in layers]


def allocate_layer(layer: dict[str, Any], rules: dict[str, Any], weights: int) -> dict[str, Any]:
    segment, entropy, widths = rules["segment"], rules["track"] == "entropy", sorted(rules["widths"])
    hessian, magnitude = layer["hessian_score"].tolist(), layer["magnitude_score"].tolist()
    mean = sum(hessian) / len(hessian)
    scores = [importance(one, other, mean) for one, other in zip(hessian, magnitude, strict=True)]
    order = sorted(range(layer["columns"]), key=lambda column: -scores[column])
    bits = [2] * (layer["columns"] // segment)

    def tried() -> tuple[float, float]:
        stored = kit.quantise(layer["weights"], layer["hessian"], order, bits, segment)
        return kit.damage(layer, stored), kit.stored_bits(stored, entropy) / weights

    loss, size = tried()
    for at in range(len(bits)):
        for width in widths[widths.index(2) + 1 :]:
            before, bits[at] = bits[at], width
            after, larger = tried()
            if deserved(loss - after, at / (len(bits) - 1), larger - size, layer["input_kurtosis"]) <= 0:
                bits[at] = before
                break
            loss, size = after, larger
    return {"order": order, "bits": bits}
