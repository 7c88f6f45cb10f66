"""feedback: what the dollars of one transfer were spent on, in a few lines that help to write the next program."""

from __future__ import annotations

from adrs.tasks.cloudcast.bound import References
from adrs.tasks.cloudcast.kit import Bill, Hop, Model

LONGEST = 300
"""Characters."""


def feedback(model: Model, bill: Bill, known: References) -> str:
    """The bill beside the least of both its parts, and the hop to improve first: the most expensive, or the slowest.

    Args:
        known: of the same transfer.
    """
    problem = model.problem
    ends = 1 + len(problem["destinations"])
    instances = known.bound - known.egress
    above = {"egress": bill.egress - known.egress, "instances": bill.instances - instances}
    said = (
        f"${bill.dollars:.2f}, bound ${known.bound:.2f}: egress ${bill.egress:.2f} (least {known.egress:.2f}), "
        f"instances ${bill.instances:.2f} (least {instances:.2f}): {bill.regions} regions ({ends} needed) for "
        f"{bill.seconds:.0f} s (least {known.seconds:.0f}). "
    )
    if max(above.values()) < 0.005:
        return f"{said}This is optimal."[:LONGEST]
    if above["egress"] >= above["instances"]:
        return f"{said}{_dearest(model, bill)}"[:LONGEST]
    here, there = bill.slowest
    return (
        f"{said}Slowest: {here}>{there}, {bill.parts[bill.slowest]} of {problem['parts']} parts at "
        f"{bill.gbit_s[bill.slowest]:.1f} of {model.gbit_s[bill.slowest]:.1f} Gbit/s."
    )[:LONGEST]


def _dearest(model: Model, bill: Bill) -> str:
    """The most expensive hop, and a cheaper sender to the same region that has the data anyway."""
    share = model.problem["volume_gb"] / model.problem["parts"]
    costs: dict[Hop, float] = {hop: count * share * model.dollars[hop] for hop, count in bill.parts.items()}
    here, there = max(costs, key=costs.__getitem__)
    has = {node for hop in bill.parts for node in hop} - {there}
    near = min(has, key=lambda node: (model.dollars[node, there], node))
    cheaper = model.dollars[near, there] < model.dollars[here, there]
    better = f"; {near} has the data too and sends at {model.dollars[near, there]:g}" if cheaper else ""
    return f"Most expensive: {here}>{there} ${costs[here, there]:.2f} at {model.dollars[here, there]:g} $/GB{better}."
