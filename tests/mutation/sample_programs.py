"""sample_programs: programs of many shapes to edit, and the steps from a program to an edited one in normal form."""

from __future__ import annotations

import ast
import random
from dataclasses import dataclass, replace

from adrs.catalog import load_task
from adrs.mutation.block import open_block
from adrs.mutation.check import finished
from adrs.mutation.edit import Edit
from adrs.mutation.literals import literals
from adrs.mutation.operators.table import random_edit, weights
from adrs.mutation.program import Program
from adrs.mutation.reading import rules_from
from adrs.mutation.rules import Rules

ORDER = """import random


class Search:
    def order(self, batch, budget, seed):
        rng = random.Random(seed)
        current = best = list(range(len(batch)))
        for step in range(budget):
            trial = move(current, rng, step, budget)
            if accept(len(trial), len(current), step / budget, rng.random()):
                current = trial
        return best


# EVOLVE-BLOCK-START
def move(order, rng, step, budget):
    n = len(order)
    i = rng.randrange(n)
    j = rng.randrange(n)
    new = list(order)
    new[i], new[j] = new[j], new[i]
    return new


def accept(cost, current, progress, noise):
    return cost < current
# EVOLVE-BLOCK-END
"""

SCOPES = """# EVOLVE-BLOCK-START
SHARE = 0.25


def allocate(layers, segment):
    answers = []
    for layer in layers:
        scores = [weight * weight + column for column, weight in enumerate(layer)]
        order = sorted(range(len(layer)), key=lambda column: -scores[column])
        high = round(SHARE * len(layer) / segment)
        bits = [4 if place < high else 2 for place in range(len(layer) // segment)]
        answers.append((order, bits))
    return answers
# EVOLVE-BLOCK-END
"""

INSIDE = """def place(jobs, gpus, memory):
    loads = [0.0] * gpus
    used = [0.0] * gpus
    out = []
    for j in sorted(range(len(jobs)), key=lambda j: -jobs[j][0]):
        size, load = jobs[j]
        # EVOLVE-BLOCK-START
        best = 0
        best_score = 1e18
        for g in range(gpus):
            if used[g] + size > memory:
                continue
            score = loads[g] + 0.5 * load
            if score < best_score:
                best, best_score = g, score
        # EVOLVE-BLOCK-END
        out.append(best)
        loads[best] += load
        used[best] += size
    return out
"""

EVERYTHING = '''"""Much of what Python has."""
import heapq
import math
from collections import defaultdict

ALPHA = 0.5
BETA: float = 3.0
WEIGHTS = {"a": 1.5, "b": 2}


def outer(items, *args, scale=1.0, **kwargs):
    """Doc.

    Indented doc.
    """
    # a comment
    total, best = 0.0, None
    seen: set[int] = set()
    lookup = defaultdict(list)
    text = """multi
    line"""

    def inner(x):
        nonlocal total
        total += x * scale
        return x + ALPHA if x > BETA else -x

    for i, item in enumerate(items):
        if (n := len(item)) > 3 and item not in seen:
            seen.add(i)
            continue
        elif n == 0:
            break
        try:
            value = inner(item[0]) / n
        except (ZeroDivisionError, IndexError) as error:
            value = f"{error!r:>10}" and 0
        finally:
            total -= 1
        lookup[n].append((value, -i, *item))
    else:
        total = max(total, 2 * total - 1)
    while total > 100 and not best:
        total = total / 2
        best = min(items, key=lambda t: (len(t), -t[0]), default=None)
    with open("x") as handle:
        data = handle.read()
    order = sorted(items, key=lambda t: t[0] / 3 + len(t), reverse=True)
    pairs = {k: v for k, v in zip(range(len(order)), order) if v}
    gen = sum(x * x for x in range(10) if x % 2)
    matrix = lookup[1, ::-1][:2]
    match total:
        case 0 | 1:
            best = order[0]
        case [a, b, *rest]:
            best = a
        case _:
            pass
    a = b = c = 1
    first, *others = order
    x = [0] * len(order)
    x[len(x) // 2 - 1] += 1
    del lookup[0]
    assert total >= 0, "bad"
    if not (a < b <= c) or a is None or "z" in kwargs:
        raise ValueError("no")
    heapq.heappush(x, (a, b))
    return [v for v in pairs.values()][: min(5, len(pairs))], total, gen, text, data, first, others, matrix


class Thing(dict):
    LIMIT = 7

    def __init__(self, job):
        self.job = job
        self.count = 0

    @property
    def rate(self) -> float:
        return self.job["x"] / max(1, self.count)

    @staticmethod
    def weigh(a: int, b: float = 2.5) -> float:
        return a * b if a > 3 else -b

    def step(self, obs):
        self.count += 1
        margin = obs["a"] - obs["b"] * 2
        ratio = (obs["a"] + 1) / (obs["b"] + 1e-9)
        if margin < 3.14159 and ratio > 1234567:
            return "GO"
        label = "A" if obs["mode"] == "fast" else "B"
        if self.rate > 0.5 or label != "A":
            return label
        return "STOP"
'''


def spot() -> dict[str, str]:
    """Programs that a search on the spot task may start from."""
    task = load_task("spot_single_region")
    return {"spot seed": task.seed, "spot start": task.offline_seed, "uniform": task.baselines["uniform_progress"]}


PROGRAMS = {"order": ORDER, "inside": INSIDE, "everything": EVERYTHING, "scopes": SCOPES, **spot()}


def allowing(rules: Rules, *sources: str) -> Rules:
    """The rules with the literals of these programs: only new ones are rounded."""
    return replace(rules, kept_literals=rules.kept_literals.union(*(literals(open_block(source)[1]) for source in sources)))


@dataclass(frozen=True)
class Edited:
    """A program after random edits, in normal form, with the rules that it was made under."""

    source: str
    rules: Rules
    steps: tuple[tuple[str, str], ...]


def edited(parent: str, mate: str, rules: Rules, rng: random.Random) -> Edited | None:
    """`parent` after one or two random edits, in normal form, as the generator makes it; None if it is unfit."""
    own = allowing(rules, parent, mate)
    block, tree = open_block(parent)
    steps = []
    for _ in range(rng.choice((1, 2))):
        step = random_edit(Edit(Program(tree, own), Program(open_block(mate)[1], own), rng), weights(False))
        if step is not None:
            steps.append(step)
    source = finished(block, tree, own)
    return None if source is None else Edited(source, own, tuple(steps))


def function(body: str, arguments: str = "a, b, c, flag") -> str:
    """A program of one function."""
    lines = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
    return f"def f({arguments}):\n{lines}\n"


def normalised(body: str, arguments: str = "a, b, c, flag") -> str:
    """The body of a function in normal form, rounding included; its names are numbers if their use shows it."""
    source = function(body, arguments)
    block, tree = open_block(source)
    rules = rules_from(function("return a", arguments))
    done = finished(block, tree, rules)
    assert done is not None
    first = ast.parse(done).body[0]
    assert isinstance(first, ast.FunctionDef)
    return "\n".join(ast.unparse(statement) for statement in first.body)
