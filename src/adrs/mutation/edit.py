"""edit: what an operator works on: one program opened for editing, the inspiration, the ingredients and the randomness."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from adrs.mutation.inference import Kind
from adrs.mutation.ingredients import Ingredients
from adrs.mutation.places import Line, Site
from adrs.mutation.program import Program
from adrs.mutation.tree import literal


@dataclass
class Edit:
    """One edit. An operator changes the tree in place; after that this object no longer describes the tree.

    Args:
        program: the parent, or what earlier edits made of it.
        inspiration: another program of the same task, to take parts from; None for an edit without one.
        rng: the source of all random choices.
    """

    program: Program
    inspiration: Program | None
    rng: random.Random

    @cached_property
    def ingredients(self) -> Ingredients:
        """Expressions and conditions to build with; collected when the first operator asks."""
        return Ingredients(self.program, self.rng)

    def sites(self, kind: Kind = "", protected: bool = False) -> Iterator[Site]:
        """Places of expressions.

        Args:
            kind: the kind that must fit there; "" for all.
            protected: include those in definitions of terms.
        """
        for site in self.program.places.sites:
            if (not kind or site.kind == kind) and (protected or not site.protected):
                yield site

    def lines(self) -> Iterator[Line]:
        """Places of statements outside the definitions of terms, ends of bodies included."""
        for line in self.program.places.lines:
            if not line.protected:
                yield line

    def numbers(self) -> list[Site]:
        """Places of numbers that are not literals."""
        return [site for site in self.sites("number") if literal(site.node) is None]

    def tests(self) -> list[Site]:
        """Places of conditions, operands of `and` and `or` included."""
        return [site for site in self.sites("bool") if site.role == "test"]


Operator = Callable[[Edit], str | None]
"""Makes one edit and returns what changed, in a few words; None when it found nothing to do and changed nothing."""


def last_return(line: Line) -> bool:
    """Whether the line's statement always leaves its body: a return, raise, break or continue."""
    return isinstance(line.statement, ast.Return | ast.Raise | ast.Break | ast.Continue)
