"""transactions_optimum: the shortest makespan of batch W3, with OR-tools: the best order found, and a lower bound.

pip install ortools; ADRS_DATA=… python bench/transactions_optimum.py [--seconds 600]

Start times are variables; of two transactions in conflict one comes first, and starts so much earlier that their operations
on a key do not meet. Positions keep the choices from going round in a circle, as the rule plays them in one order.
"""

from __future__ import annotations

import argparse
import itertools
import time
from importlib import import_module
from typing import Any

from adrs.tasks.transactions.kit import operations
from adrs.tasks.transactions.real import PROVEN, leaderboard


def delay(first: list[tuple[str, str, int]], second: list[tuple[str, str, int]]) -> int | None:
    """By how many time units the second must start after the first; None when they do not conflict. May be below 0."""
    gaps = [
        p + 1 - q
        for (kind, key, p), (other, same, q) in itertools.product(first, second)
        if key == same and "w" in (kind, other)
    ]
    return max(gaps, default=None)


def prove(texts: list[str], seconds: float) -> tuple[str, int, int]:
    """The solver's status, the makespan of the best order found, and a lower bound."""
    cp: Any = import_module("ortools.sat.python.cp_model")
    model = cp.CpModel()
    ops = [operations(text) for text in texts]
    lengths = [len(text.split()) for text in texts]
    within = 2 * sum(lengths) // len(lengths) + 40
    makespan = model.new_int_var(max(lengths), within, "makespan")
    start = [model.new_int_var(1, within - length + 1, f"s{at}") for at, length in enumerate(lengths)]
    place = [model.new_int_var(0, len(texts) - 1, f"p{at}") for at in range(len(texts))]
    for at, length in enumerate(lengths):
        model.add(makespan >= start[at] + length - 1)
    model.minimize(makespan)
    for a, b in itertools.combinations(range(len(texts)), 2):
        there, back = delay(ops[a], ops[b]), delay(ops[b], ops[a])
        if there is None or back is None:
            continue
        first = model.new_bool_var(f"{a}<{b}")
        model.add(start[b] >= start[a] + there).only_enforce_if(first)
        model.add(place[b] > place[a]).only_enforce_if(first)
        model.add(start[a] >= start[b] + back).only_enforce_if(first.negated())
        model.add(place[a] > place[b]).only_enforce_if(first.negated())
    solver = cp.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    word = str(solver.status_name(solver.solve(model)))
    return word, round(solver.objective_value), round(solver.best_objective_bound)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600.0, help="wall seconds before it gives up")
    seconds = parser.parse_args().seconds
    for name, optimum in PROVEN.items():
        began = time.monotonic()
        word, found, bound = prove([request.text for request in leaderboard()[name].requests], seconds)
        took = time.monotonic() - began
        print(f"{name}: {word}, an order ends at {found}, none before {bound}; stated {optimum}; {took:.0f} s")


if __name__ == "__main__":
    main()
