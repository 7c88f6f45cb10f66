"""statements: operators on statements: a new guard, one from another program, one fewer, two in another order."""

from __future__ import annotations

import ast

from adrs.mutation.edit import Edit, last_return
from adrs.mutation.inference import WHOLE, Kind
from adrs.mutation.ingredients import LARGEST
from adrs.mutation.operators.expressions import KINDS, text
from adrs.mutation.places import Line, Site
from adrs.mutation.program import Program
from adrs.mutation.tree import (
    clone,
    count,
    every,
    free_names,
    literal,
    names_bound,
    names_read,
    path,
    pure,
    same,
    short,
)


def guard(edit: Edit) -> str | None:
    """Insert `if q: return result`, or `if q: name = value`, anywhere in a function."""
    lines = list(edit.lines())
    if not lines:
        return None
    line = edit.rng.choice(lines)
    condition = edit.ingredients.condition(line.function, line.bound)
    action = _action(edit, line)
    if condition is None or action is None:
        return None
    new = ast.If(condition, [action], [])
    line.body.insert(line.index, new)
    return f"{short(new)}: {short(action)}"


def _action(edit: Edit, line: Line) -> ast.stmt | None:
    results = edit.ingredients.results(line.function, line.bound)
    names = _variables(line)
    if names and (not results or edit.rng.random() < 0.4):
        name, kind = edit.rng.choice(names)
        value = edit.ingredients.draw(line.function, line.bound, kind)
        return None if value is None else ast.Assign([ast.Name(name, ast.Store())], value, lineno=0)
    return ast.Return(clone(edit.rng.choice(results))) if results else None


def _variables(line: Line) -> list[tuple[str, Kind]]:
    """Local names that are bound at a line and may be assigned again; terms and arguments may not."""
    function = line.function
    kinds = {name: function.types.of(ast.Name(name, ast.Load())) for name in names_bound(function.body)}
    return [
        (name, kind)
        for name, kind in kinds.items()
        if kind in ("number", "bool", "str") and name in line.bound and name not in function.terms
    ]


def delete(edit: Edit) -> str | None:
    """Delete a statement: assignments and loops with a fifth of the chance, because most programs need them; never a return."""
    lines = [line for line in edit.lines() if line.statement is not None and not last_return(line)]
    lines = [
        line for line in lines if not isinstance(line.statement, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom)
    ]
    if not lines:
        return None
    weights = [0.2 if isinstance(line.statement, ast.Assign | ast.For | ast.While) else 1.0 for line in lines]
    line = edit.rng.choices(lines, weights)[0]
    if line.statement is None:
        return None
    note = f"without {short(line.statement)}"
    del line.body[line.index]
    if not line.body:
        line.body.append(ast.Pass())
    return note


def swap(edit: Edit) -> str | None:
    """Exchange two neighbouring statements, if neither needs the other and neither leaves the body for good."""
    lines = {(id(line.body), line.index): line for line in edit.lines()}
    pairs = [
        (one, other)
        for (body, index), one in lines.items()
        if (other := lines.get((body, index + 1))) is not None and _independent(one, other)
    ]
    if not pairs:
        return None
    one, other = edit.rng.choice(pairs)
    body, index = one.body, one.index
    body[index], body[index + 1] = body[index + 1], body[index]
    return short(body[index + 1])


def _independent(one: Line, other: Line) -> bool:
    first, second = one.statement, other.statement
    if first is None or second is None or last_return(one) or last_return(other) or same(first, second):
        return False
    if isinstance(first, ast.FunctionDef | ast.ClassDef) or isinstance(second, ast.FunctionDef | ast.ClassDef):
        return False
    stored, stored_too = names_bound(first), names_bound(second)
    return not any(name in stored for name in (*names_read(second), *stored_too)) and not any(
        name in stored_too for name in names_read(first)
    )


def branch(edit: Edit) -> str | None:
    """Exchange the branches of an `if` or of a conditional expression, or the results of a guard and of the return after it."""
    conditionals = [site.node for site in edit.sites() if isinstance(site.node, ast.IfExp)]
    branches = [
        line for line in edit.lines() if isinstance(line.statement, ast.If) and (line.statement.orelse or _answers(line))
    ]
    if not conditionals and not branches:
        return None
    pick = edit.rng.randrange(len(conditionals) + len(branches))
    if pick < len(conditionals):
        node = conditionals[pick]
        node.body, node.orelse = node.orelse, node.body
        return short(node)
    line = branches[pick - len(conditionals)]
    statement = line.statement
    if isinstance(statement, ast.If) and statement.orelse:
        statement.body, statement.orelse = statement.orelse, statement.body
    elif isinstance(statement, ast.If):
        statement.body[0], line.body[line.index + 1] = line.body[line.index + 1], statement.body[0]
    return short(statement) if statement is not None else None


def _answers(line: Line) -> bool:
    """Whether a line is `if q: return a` and the next one `return b`."""
    after = line.body[line.index + 1 : line.index + 2]
    statement = line.statement
    return (
        isinstance(statement, ast.If)
        and len(statement.body) == 1
        and isinstance(statement.body[0], ast.Return)
        and bool(after)
        and isinstance(after[0], ast.Return)
    )


def cross(edit: Edit) -> str | None:
    """Insert a statement of the inspiration with the assignments that it needs, or put one of its expressions in a place."""
    if edit.inspiration is None:
        return None
    if edit.rng.random() < 0.5:
        return _statement_from(edit, edit.inspiration) or _expression_from(edit, edit.inspiration)
    return _expression_from(edit, edit.inspiration) or _statement_from(edit, edit.inspiration)


def _statement_from(edit: Edit, other: Program) -> str | None:
    donors = [
        line
        for line in other.places.lines
        if not line.protected and isinstance(line.statement, ast.If | ast.Assign | ast.AugAssign | ast.Expr | ast.For)
    ]
    if not donors:
        return None
    donor = edit.rng.choice(donors)
    jumps = any(isinstance(node, ast.Break | ast.Continue) for node in every(donor.statement or ast.Pass()))
    places = [line for line in edit.lines() if line.function.name == donor.function.name and (line.loop or not jumps)]
    if not places or donor.statement is None:
        return None
    line = edit.rng.choice(places)
    new = [*_needed(donor, line), clone(donor.statement)]
    if any(same(statement, new[-1]) for statement in line.body):
        return None
    line.body[line.index : line.index] = new
    return f"{short(donor.statement)} comes in"


def _needed(donor: Line, line: Line) -> list[ast.stmt]:
    """The assignments at the top of the donor's function that its statement needs and that are missing at the new place."""
    if donor.statement is None:
        return []
    assigned = {
        name: statement
        for statement in donor.function.body
        if isinstance(statement, ast.Assign) and (name := path(statement.targets[0])) is not None
    }
    missing = [name for name in names_read(donor.statement) if name not in line.bound]
    found: dict[str, ast.stmt] = {}
    while missing:
        name = missing.pop()
        if name in assigned and name not in found:
            found[name] = assigned[name]
            missing += [read for read in names_read(assigned[name]) if read not in line.bound]
    return [clone(statement) for statement in donor.function.body if any(statement is one for one in found.values())]


def _expression_from(edit: Edit, other: Program) -> str | None:
    donors = [site for site in other.places.sites if not site.protected and _portable(site)]
    if not donors:
        return None
    donor = edit.rng.choice(donors)
    needs = free_names(donor.node)
    places = [
        site
        for site in edit.sites(donor.kind)
        if site.function.name == donor.function.name
        and not text(site.node)
        and not same(site.node, donor.node)
        and all(name in site.bound for name in needs)
    ]
    if not places:
        return None
    site = edit.rng.choice(places)
    note = f"{short(site.node)} -> {short(donor.node)}"
    site.put(clone(donor.node))
    return note


def _portable(site: Site) -> bool:
    if site.kind in WHOLE and not pure(site.node):
        return False
    return site.kind in KINDS and not text(site.node) and literal(site.node) is None and count(site.node) <= LARGEST
