"""ingredients: expressions and conditions from which edits are built: terms, parts of the program, small new expressions.

They always have the kind that fits the place, and their names are bound there; their units fit most of the time. None of them
is a new division, because most of those fail on a divisor that is sometimes 0.
"""

from __future__ import annotations

import ast
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from adrs.mutation.inference import WHOLE, Kind
from adrs.mutation.normal_form.fold import inverse
from adrs.mutation.normal_form.rounding import significant
from adrs.mutation.places import Function
from adrs.mutation.program import Program
from adrs.mutation.tree import clone, count, every, free_names, key, literal, number, path, pure

T = TypeVar("T")

UNIT_CARE = 0.7
"""Chance that the second operand of a sum or a comparison must have the same unit."""
TERM_CARE = 0.5
"""Chance that a term is taken where one fits."""
LARGEST = 20
COMPARISONS: tuple[type[ast.cmpop], ...] = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def choose(rng: random.Random, weighted: Sequence[tuple[float, T]]) -> T:
    """One of several, drawn by weight."""
    return rng.choices([value for _, value in weighted], [weight for weight, _ in weighted])[0]


@dataclass(frozen=True)
class Ingredient:
    """One expression that may be built in.

    Args:
        needs: names that must be bound where it is used.
        weight: of its draw; large expressions are drawn less often.
        term: whether it is the name of a term."""

    node: ast.expr
    kind: Kind
    needs: tuple[str, ...]
    weight: float
    term: bool = False


class Ingredients:
    """The expressions that edits of one program may build in.

    Args:
        program: the parent, opened.
        rng: the source of all random choices.
    """

    def __init__(self, program: Program, rng: random.Random) -> None:
        self.program = program
        self.rng = rng
        self._known: dict[str, tuple[Ingredient, ...]] = {}

    def _all(self, function: Function) -> tuple[Ingredient, ...]:
        """All expressions for a function: terms, then the program's own expressions, then the paths of the start program."""
        if function.name not in self._known:
            found: dict[Any, Ingredient] = {}
            for term in self.program.offered(function):
                node = ast.Name(term.name, ast.Load())
                found[key(node)] = Ingredient(node, term.kind, (term.name,), 1.0, term=True)
            for site in self.program.places.sites:
                if site.function is function:
                    self._add(found, site.node, site.kind)
            shown = self.program.rules.functions.get(function.name)
            for start_path in shown.paths if shown else ():
                self._add(found, start_path, function.types.of(start_path))
            self._known[function.name] = tuple(found.values())
        return self._known[function.name]

    def _add(self, found: dict[Any, Ingredient], node: ast.expr, kind: Kind) -> None:
        if any(path(part) in self.program.memory for part in every(node)):
            return  # the state of a term: the term may be out of use where the expression goes
        if kind in WHOLE and not pure(node):
            return  # a copy of a random index is another index
        size = count(node)
        if kind in ("number", "position", "count", "bool", "str", "list") and size <= LARGEST and literal(node) is None:
            name = key(node)
            if name not in found and not isinstance(node, ast.Constant):
                found[name] = Ingredient(node, kind, free_names(node), 1 / (1 + 0.15 * size))

    def fitting(self, function: Function, bound: frozenset[str], kind: Kind) -> list[Ingredient]:
        """The expressions that fit a place."""
        return [one for one in self._all(function) if one.kind == kind and all(name in bound for name in one.needs)]

    def draw(self, function: Function, bound: frozenset[str], kind: Kind, like: ast.expr | None = None) -> ast.expr | None:
        """An expression of a kind, sometimes a small new one; None if nothing fits.

        Args:
            like: an expression whose unit must be met, with the chance `UNIT_CARE`.
        """
        if kind == "bool" and self.rng.random() < 0.4:
            return self.condition(function, bound)
        if kind == "number" and self.rng.random() < 0.2:
            return self._small(function, bound)
        chosen = self.pick(self.fitting(function, bound, kind), like, function)
        return None if chosen is None else clone(chosen.node)

    def pick(self, fitting: Sequence[Ingredient], like: ast.expr | None, function: Function) -> Ingredient | None:
        """One of several, drawn by weight; with the chance `UNIT_CARE` one with the unit of `like`, if there is one."""
        if like is not None and self.rng.random() < UNIT_CARE and "units" not in self.program.rules.without:
            units = self.program.units[function.name]
            fitting = [one for one in fitting if units.agree(one.node, like)] or fitting
        if self.rng.random() < TERM_CARE:
            fitting = [one for one in fitting if one.term] or fitting
        return choose(self.rng, [(one.weight, one) for one in fitting]) if fitting else None

    def _small(self, function: Function, bound: frozenset[str]) -> ast.expr | None:
        leaves = [one for one in self.fitting(function, bound, "number") if one.term or count(one.node) <= 5]
        first = self.pick(leaves, None, function)
        if first is None:
            return None
        form = choose(self.rng, [(3, "scale"), (2, "+"), (2, "-"), (1, "min"), (1, "max"), (0.3, "*")])
        if form == "scale":
            return ast.BinOp(number(self.factor(0.5)), ast.Mult(), clone(first.node))
        second = self.pick(leaves, None if form == "*" else first.node, function)
        if second is None or second is first:
            return None
        left, right = clone(first.node), clone(second.node)
        if form in ("min", "max"):
            return ast.Call(ast.Name(form, ast.Load()), [left, right], [])
        operators: dict[str, ast.operator] = {"+": ast.Add(), "-": ast.Sub(), "*": ast.Mult()}
        return ast.BinOp(left, operators[form], right)

    def factor(self, spread: float) -> float:
        """A log-normal factor with three significant digits."""
        return significant(math.exp(self.rng.gauss(0, spread)))

    def condition(self, function: Function, bound: frozenset[str]) -> ast.expr | None:
        """A new condition: a comparison, a bool or its negation, a path compared with a string, or a varied comparison."""
        makers: list[tuple[float, Callable[[Function, frozenset[str]], ast.expr | None]]] = [
            (55, self._comparison),
            (25, self._flag),
            (12, self._equal),
            (8, self._varied),
        ]
        while makers:
            make = choose(self.rng, makers)
            if (made := make(function, bound)) is not None:
                return made
            makers = [(weight, other) for weight, other in makers if other != make]
        return None

    def _comparison(self, function: Function, bound: frozenset[str]) -> ast.expr | None:
        numbers = self.fitting(function, bound, "number")
        by_name = {term.name: term for term in self.program.offered(function)}
        terms = [one for one in numbers if one.term]
        operation = self.rng.choice(COMPARISONS)()
        ranged = [one for one in terms if by_name[one.needs[0]].high is not None]
        if ranged:
            first = self.rng.choice(ranged)
            term = by_name[first.needs[0]]
            if self.rng.random() < 0.5:
                low, high = term.low or 0.0, term.high or 0.0
                bound_value = number(significant(self.rng.uniform(low, high)))
                return ast.Compare(clone(first.node), [operation], [bound_value])
            return self._against(first, [one for one in terms if one is not first] or numbers, operation, function)
        one = self.pick(numbers, None, function)
        return None if one is None else self._against(one, numbers, operation, function)

    def _against(
        self, one: Ingredient, others: Sequence[Ingredient], operation: ast.cmpop, function: Function
    ) -> ast.expr | None:
        """`one < c * other` or `one < other + c`."""
        other = self.pick([another for another in others if another is not one], one.node, function)
        if other is None:
            return None
        right: ast.expr = clone(other.node)
        term = next((e for e in self.program.offered(function) if one.term and e.name == one.needs[0]), None)
        if term is not None and term.high is not None and self.rng.random() < 0.5:
            offset = significant(self.rng.gauss(0, 0.15 * (term.high - (term.low or 0.0))))
            right = ast.BinOp(right, ast.Add(), number(offset))
        else:
            right = ast.BinOp(number(self.factor(0.5)), ast.Mult(), right)
        return ast.Compare(clone(one.node), [operation], [right])

    def _flag(self, function: Function, bound: frozenset[str]) -> ast.expr | None:
        fitting = self.fitting(function, bound, "bool")
        if not fitting:
            return None
        node = clone(choose(self.rng, [(one.weight, one) for one in fitting]).node)
        return inverse(node) if self.rng.random() < 0.4 else node

    def _equal(self, function: Function, bound: frozenset[str]) -> ast.expr | None:
        paths = [one for one in self.fitting(function, bound, "str") if path(one.node) is not None]
        texts = strings(self.program)
        if not paths or not texts:
            return None
        operation = self.rng.choice((ast.Eq, ast.NotEq))()
        return ast.Compare(clone(self.rng.choice(paths).node), [operation], [ast.Constant(self.rng.choice(texts))])

    def _varied(self, function: Function, bound: frozenset[str]) -> ast.expr | None:
        fitting = [one.node for one in self.fitting(function, bound, "bool") if isinstance(one.node, ast.Compare)]
        if not fitting:
            return None
        node = clone(self.rng.choice(fitting))
        if isinstance(node.ops[0], COMPARISONS):
            node.ops[0] = self.rng.choice(COMPARISONS)()
            return node
        return inverse(node)

    def results(self, function: Function, bound: frozenset[str]) -> list[ast.expr]:
        """What a new guard may return at a place: the results of the start program and the program's own."""
        shown = self.program.rules.functions.get(function.name)
        own = [
            line.statement.value
            for line in self.program.places.lines
            if line.function is function and isinstance(line.statement, ast.Return) and line.statement.value is not None
        ]
        unique = {key(node): node for node in (*(shown.results if shown else ()), *own)}
        return [node for node in unique.values() if all(name in bound for name in free_names(node))]


def strings(program: Program) -> list[str]:
    """The strings that the block compares with or returns, in order of appearance."""
    found = [site.node.value for site in program.places.sites if isinstance(site.node, ast.Constant)]
    results = [node for one in program.rules.functions.values() for node in one.results]
    found += [node.value for node in results if isinstance(node, ast.Constant)]
    return list(dict.fromkeys(text for text in found if isinstance(text, str)))
