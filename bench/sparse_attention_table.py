"""sparse_attention_table: the simulator's reference table: simple policies on large train contexts, in this process.

    python bench/sparse_attention_table.py [--contexts 3]

Means over heads, as the reference figures are, and over kinds, as the task scores. The oracle track; one draw a query.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from adrs.tasks.sparse_attention.asking import Reading
from adrs.tasks.sparse_attention.baselines import sink_window, top_mass, top_p, uniform, vattention
from adrs.tasks.sparse_attention.estimate import Choice
from adrs.tasks.sparse_attention.heads import Floats, Head
from adrs.tasks.sparse_attention.hindsight import best
from adrs.tasks.sparse_attention.score import Outcome, combined, drawn
from adrs.tasks.sparse_attention.splits import SHAPES
from adrs.tasks.sparse_attention.synthetic import KINDS, layer

Policy = Callable[[Floats, np.random.Generator], Choice]

REFERENCE = {
    "sink + window 5 %": (0.417, 0.050),
    "sink + window 10 %": (0.318, 0.100),
    "uniform 5 %": (0.173, 0.052),
    "uniform 10 %": (0.126, 0.102),
    "top-p 0.9": (0.034, 0.119),
    "oracle top-k 2 %": (0.064, 0.021),
    "oracle top-k 5 %": (0.043, 0.051),
    "oracle top-k 10 %": (0.030, 0.101),
    "oracle top-k 20 %": (0.019, 0.201),
    "vAttention start": (0.0201, 0.0605),
    "vAttention .015, .25/.25": (0.0157, 0.0656),
    "vAttention .02, .1/.1": (0.0333, 0.0443),
    "top mass 97 %, 3 %, 1 %": (0.0310, 0.0377),
    "best (k, b) in hindsight": (0.0224, 0.0248),
}
"""Policy -> (error, density) of the simulator's prototype."""


def module(program: object, function: str, **constants: float) -> Policy:
    """A baseline with other constants, for one query."""

    def choose(logits: Floats, rng: np.random.Generator) -> Choice:
        before = {name: getattr(program, name) for name in constants}
        for name, value in constants.items():
            setattr(program, name, value)
        meta = {"queries": 1, "keys": len(logits), "seed": int(rng.integers(1 << 40)), "round": 0}
        ((keys, chances),) = getattr(program, function)(logits[None], {}, meta)
        for name, value in before.items():
            setattr(program, name, value)
        return Choice(keys, chances)

    return choose


def top(share: float) -> Policy:
    def choose(logits: Floats, rng: np.random.Generator) -> Choice:  # noqa: ARG001
        keys = np.argsort(-logits)[: round(share * len(logits))]
        return Choice(keys, np.ones(len(keys)))

    return choose


def policies() -> dict[str, Policy]:
    def quantile(delta: float) -> float:
        return NormalDist().inv_cdf(1 - delta / 2)

    return {
        **{f"sink + window {p} %": module(sink_window, "select", WINDOW=p / 100) for p in (5, 10)},
        **{f"uniform {p} %": module(uniform, "select", RATE=p / 100) for p in (5, 10)},
        "top-p 0.9": module(top_p, "select"),
        **{f"oracle top-k {p} %": top(p / 100) for p in (2, 5, 10, 20)},
        "vAttention start": module(vattention, "select"),
        "vAttention .015, .25/.25": module(vattention, "select", BASE=0.015, EPSILON=0.25, Z=quantile(0.25)),
        "vAttention .02, .1/.1": module(vattention, "select", TOP=0.02, EPSILON=0.1, Z=quantile(0.1)),
        "top mass 97 %, 3 %, 1 %": module(top_mass, "select"),
    }


def play(policy: Policy, heads: list[Head]) -> Outcome:
    rng = np.random.default_rng(0)
    errors, densities = [], []
    for number, head in enumerate(heads):
        reading = Reading([policy(row, rng) for row in head.logits], np.zeros(head.logits.shape, bool))
        found, density = drawn(head, reading, (number,))
        errors.append(found)
        densities.append(density)
    return Outcome(tuple(head.kind for head in heads), np.array(errors), np.array(densities), np.zeros((1, 1)))


def hindsight(heads: list[Head], *, weighted: bool, times: int) -> Outcome:
    found = [best(head, (number,), weighted=weighted, times=times) for number, head in enumerate(heads)]
    errors, densities = (np.array(column) for column in zip(*found, strict=True))
    return Outcome(tuple(head.kind for head in heads), errors[:, :, None], densities, np.zeros((1, 1)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contexts", type=int, default=3)
    contexts = parser.parse_args().contexts
    shape = SHAPES["large"]["train"][0]
    found: dict[str, list[Outcome]] = {}
    for place in range(contexts):
        heads = list(layer(shape, (0, 0, place)).make())
        for name, policy in policies().items():
            found.setdefault(name, []).append(play(policy, heads))
        found.setdefault("best (k, b) in hindsight", []).append(hindsight(heads, weighted=False, times=1))
        found.setdefault("the task's hindsight", []).append(hindsight(heads, weighted=True, times=2))
    print("| policy | reference | over heads | over kinds |\n| --- | --- | --- | --- |")
    for name, outcomes in found.items():
        heads_error = np.mean([np.minimum(each.errors, 1).mean() for each in outcomes])
        heads_density = np.mean([each.densities.mean() for each in outcomes])
        kinds = np.mean([each.by_kind(tuple(KINDS)) for each in outcomes], axis=0)
        error, density = kinds.mean(axis=0)
        known = REFERENCE.get(name)
        reference = f"{known[0]:.4f} / {known[1]:.4f} / {-sum(known) / 2:.4f}" if known else "–"
        ours = f"{heads_error:.4f} / {heads_density:.4f} / {-(heads_error + heads_density) / 2:.4f}"
        print(f"| {name} | {reference} | {ours} | {error:.4f} / {density:.4f} / {combined(kinds):.4f} |")


if __name__ == "__main__":
    main()
