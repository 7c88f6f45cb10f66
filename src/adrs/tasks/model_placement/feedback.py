"""feedback: which instance of a workload lost most, on which GPU, and what is on it. Never more than one workload."""

from __future__ import annotations

from collections.abc import Sequence

from adrs.tasks.model_placement.instance import Instance

LONGEST = 300
"""Characters."""


def feedback(instances: Sequence[Instance], placements: Sequence[Sequence[int]], bounds: Sequence[float]) -> str:
    """A few lines about one workload.

    Args:
        bounds: the least cost of each instance.
    """
    costs = [instance.cost(placement) for instance, placement in zip(instances, placements, strict=True)]
    above = [cost - bound for cost, bound in zip(costs, bounds, strict=True)]
    optimal = sum(extra < 1e-9 for extra in above)
    head = f"{optimal} of {len(costs)} optimal."
    if optimal == len(costs):
        return head
    worst = max(range(len(costs)), key=above.__getitem__)
    instance, placement = instances[worst], placements[worst]
    pressures = instance.pressures(placement)
    gpu = max(range(len(pressures)), key=pressures.__getitem__)
    members = [at for at, there in enumerate(placement) if there == gpu]
    share = 100 * pressures[gpu] / sum(pressures)
    lines = [
        head,
        f"Most lost: instance {worst} ({len(pressures)} GPUs, {len(placement)} models) costs {costs[worst]:.4f}, "
        f"bound {bounds[worst]:.4f}.",
        f"GPU {gpu} carries {share:.0f} % of the pressure ({pressures[gpu]:.4f}; lowest {min(pressures):.4f}): "
        f"models {', '.join(map(str, members[:6]))}{', …' if len(members) > 6 else ''}, "
        f"{instance.used(placement)[gpu]} of {instance.memory_gb[gpu]} GB.",
    ]
    if instance.move_cost:
        moved = instance.moved_gb(placement)
        lines.append(f"{moved} of {sum(instance.sizes)} GB moved for {instance.move_cost * moved:.4f}.")
    surprise = max(members, key=lambda at: instance.models[at].scored_rate - instance.models[at].req_rate)
    model = instance.models[surprise]
    if model.scored_rate > model.req_rate:
        lines.append(f"Model {surprise} went from {model.req_rate} to {model.scored_rate} req/s.")
    text = lines[0]
    for line in lines[1:]:
        if len(text) + 1 + len(line) <= LONGEST:
            text = f"{text} {line}"
    return text
