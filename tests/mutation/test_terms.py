"""Terms are defined while a program uses them; a task whose terms contradict its start program is refused."""

from __future__ import annotations

import pytest
from sample_programs import spot

from adrs.core.failure import Refusal
from adrs.core.task import Term
from adrs.mutation.block import open_block
from adrs.mutation.check import finished
from adrs.mutation.program import Program
from adrs.mutation.reading import rules_from

SEED = """class Policy:
    def __init__(self, job):
        self.job = job

    def decide(self, obs):
        if obs["a"] < 2:
            return "x"
        return "y"

    def other(self, thing):
        return 1
"""
TERMS = (
    Term("margin", "float", 'obs["a"] - obs["b"]', "what is left"),
    Term("twice", "float", "2 * margin", "two of it"),
    Term("recent", "float", "self.recent_a", "lately", "", 0, 1, "self.recent_a = 0.5", "self.recent_a += 0"),
)
MEMORY = Term(
    "lately",
    "float",
    "self.mean",
    "mean of a",
    initial="self.mean = 0.5",
    update='self.mean = self.mean + 0.1 * (obs["a"] - self.mean)',
)


def with_body(*lines: str) -> str:
    return SEED.replace('        if obs["a"] < 2:\n            return "x"\n', "".join(f"        {line}\n" for line in lines))


def after(source: str, *terms: Term) -> str:
    block, tree = open_block(source)
    done = finished(block, tree, rules_from(SEED, terms))
    assert done is not None
    return done


def test_a_used_term_is_defined_with_what_it_needs() -> None:
    done = after(with_body("if twice < 3:", "    return 'x'"), *TERMS[:2])
    decide = done[done.index("def decide") :]
    assert "margin = obs['a'] - obs['b']\n        twice = 2 * margin\n        if twice < 3" in decide


def test_a_term_goes_with_its_last_use() -> None:
    done = after(
        with_body("margin = obs['a'] - obs['b']", "twice = 2 * margin", "if margin < 3:", "    return 'x'"), *TERMS[:2]
    )
    assert "margin = " in done
    assert "twice" not in done


def test_a_tuned_definition_is_kept_and_moves_to_the_head() -> None:
    done = after(
        with_body("if obs['a'] > 7:", "    return 'x'", "twice = 2.5 * margin", "if twice < 3:", "    return 'x'"), *TERMS[:2]
    )
    decide = done[done.index("def decide") :]
    assert decide.index("margin = ") < decide.index("twice = 2.5 * margin") < decide.index("if obs['a'] > 7")


def test_a_name_that_a_program_assigns_other_code_to_is_not_a_term_there() -> None:
    guarded = ("if obs['b'] == 0:", "    return 'z'", "margin = obs['a'] / obs['b']", "if margin < 3:", "    return 'x'")
    done = after(with_body(*guarded), *TERMS[:1])
    assert done.index("return 'z'") < done.index("margin = obs['a'] / obs['b']")


def test_memory_is_initialised_updated_and_forgotten() -> None:
    done = after(with_body("if lately < 3:", "    return 'x'"), MEMORY)
    assert done.index("self.mean = 0.5") < done.index("def decide")
    assert "self.mean = self.mean + 0.1 * (obs['a'] - self.mean)\n        lately = self.mean" in done
    assert "self.mean" not in after(done.replace("if lately < 3:", "if obs['a'] < 3:"), MEMORY)


def test_a_term_is_offered_only_where_its_arguments_are() -> None:
    rules = rules_from(SEED, TERMS[:2])
    program = Program(open_block(SEED)[1], rules)
    assert {function.name: sorted(function.terms) for function in program.functions} == {
        "decide": ["margin", "twice"],
        "other": [],
    }


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ((Term("margin", "float", "obs[", ""),), "does not parse"),
        ((Term("a", "float", "b + 1", ""), Term("b", "float", "obs['a']", "")), "not declared before"),
        ((Term("a", "float", "a + 1", ""),), "not declared before"),
        ((Term("a", "float", "obs.pop()", ""),), "pure expression"),
        ((TERMS[2],), "both `initial` and `update`"),
        ((Term("a", "float", "self.a", "", update="self.a = 1"),), "both `initial` and `update`"),
    ],
)
def test_malformed_terms_are_refused(terms: tuple[Term, ...], says: str) -> None:
    with pytest.raises(Refusal, match=says):
        rules_from(SEED, terms)


def test_a_name_that_the_start_program_assigns_other_code_to_is_refused() -> None:
    seed = with_body("margin = 3", "if margin < obs['a']:", "    return 'x'")
    with pytest.raises(Refusal, match="rename one"):
        rules_from(seed, TERMS[:1])
    rules_from(with_body("margin = obs['a'] - obs['b']", "if margin < 3:", "    return 'x'"), TERMS[:1])


def test_a_task_without_terms_gets_those_of_its_start_program() -> None:
    rules = rules_from(spot()["spot start"])
    assert [(term.name, term.kind) for term in rules.terms] == [
        ("spot", "bool"),
        ("work_left", "number"),
        ("time_left", "number"),
        ("slack", "number"),
    ]
    units = {term.name: term.unit for term in rules.terms}
    assert units["slack"] == units["work_left"] != units["spot"]


@pytest.mark.parametrize(
    "lines",
    [
        ("x = obs['a']", "x = x + 1"),
        ("x = self.next()",),
        ("for y in obs['l']:", "    x = y"),
        ("if obs['b'] == 0:", "    return 'x'", "x = obs['a'] / (obs['b'] - 1)"),
        ("obs = dict(obs)", "x = obs['a'] + 1"),
        ("self.n = self.n + 1", "x = self.n + 1"),
    ],
)
def test_a_definition_that_cannot_move_to_the_head_is_not_a_derived_term(lines: tuple[str, ...]) -> None:
    assert "x" not in [term.name for term in rules_from(with_body(*lines, "if x > 3:", "    return 'x'")).terms]
