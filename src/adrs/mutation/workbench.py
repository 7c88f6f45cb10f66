"""workbench: one program opened for editing with everything an operator needs: places, pool, inspiration, randomness."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from adrs.mutation.infer import Kind
from adrs.mutation.pool import Pool
from adrs.mutation.program import Program
from adrs.mutation.scope import Line, Site
from adrs.mutation.tree import literal


@dataclass
class Workbench:
    """What an operator works on. An operator changes the tree in place; after that the workbench is stale.

    Args:
        program: the parent, or what earlier edits made of it.
        inspiration: another program of the same task, to take parts from; None if there is none.
    """

    program: Program
    inspiration: Program | None
    rng: random.Random

    @cached_property
    def pool(self) -> Pool:
        """What there is to build with."""
        return Pool(self.program, self.rng)

    def sites(self, kind: Kind = "", protected: bool = False) -> Iterator[Site]:
        """Places of expressions, of a kind if one is given; those in definitions of terms only on demand."""
        for site in self.program.places.sites:
            if (not kind or site.kind == kind) and (protected or not site.protected):
                yield site

    def lines(self) -> Iterator[Line]:
        """Places of statements outside the definitions of terms, ends of bodies included."""
        for line in self.program.places.lines:
            if not line.protected:
                yield line

    def numbers(self) -> list[Site]:
        """Places of numbers that are no literals."""
        return [site for site in self.sites("number") if literal(site.node) is None]

    def tests(self) -> list[Site]:
        """Places of conditions, operands of `and` and `or` included."""
        return [site for site in self.sites("bool") if site.role == "test"]


Operator = Callable[[Workbench], str | None]
"""Makes one edit and says in a few words what changed; None when it found nothing to do and changed nothing."""


def last_return(line: Line) -> bool:
    """Whether the line's statement leaves its body for good."""
    return isinstance(line.statement, ast.Return | ast.Raise | ast.Break | ast.Continue)
