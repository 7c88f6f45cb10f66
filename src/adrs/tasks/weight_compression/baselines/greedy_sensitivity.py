"""Greedy: Hessian order, then one segment at a time gets its next width where the estimated loss falls most per stored bit."""

from typing import Any

import kit

EXCHANGE = 0.04
"""Estimated nats a byte that one more bit a weight must save; chosen on the train split."""


def allocate(layers: list[dict[str, Any]], rules: dict[str, Any]) -> list[dict[str, Any]]:
    segment, entropy = rules["segment"], rules["track"] == "entropy"
    widths = sorted(rules["widths"])
    weights = sum(layer["rows"] * layer["columns"] for layer in layers)
    orders, bits = [], []
    for layer in layers:
        scores = layer["hessian_score"]
        orders.append(sorted(range(layer["columns"]), key=lambda column: -scores[column]))
        bits.append([4] + [2] * (layer["columns"] // segment - 1))

    def tried(at: int, widths_of: list[int]) -> tuple[float, float]:
        layer = layers[at]
        stored = kit.quantise(layer["weights"], layer["hessian"], orders[at], widths_of, segment)
        return kit.damage(layer, stored), kit.stored_bits(stored, entropy) / weights

    def step(at: int) -> tuple[float, list[int]]:
        """Nats saved per bit a weight in a layer's best next step, and the widths after it."""
        loss, size = tried(at, bits[at])
        best: tuple[float, list[int]] = (0.0, bits[at])
        # widths fall along the order, so only the first segment of each width can go up
        for place in range(len(bits[at])):
            here = bits[at][place]
            if here == widths[-1] or (place and bits[at][place - 1] == here):
                continue
            wider = list(bits[at])
            wider[place] = widths[widths.index(here) + 1]
            after, larger = tried(at, wider)
            gain = (loss - after) / max(larger - size, 1e-9)
            if gain > best[0]:
                best = gain, wider
        return best

    steps = [step(at) for at in range(len(layers))]
    while True:
        at = max(range(len(layers)), key=lambda layer: steps[layer][0])
        gain, wider = steps[at]
        if gain < EXCHANGE:
            break
        bits[at] = wider
        steps[at] = step(at)
    return [{"order": order, "bits": widths_of} for order, widths_of in zip(orders, bits, strict=True)]
