"""failure: fouls, faults and refusals. Which one is raised decides what happens next.

A *foul* is the candidate's failure: it is stored with the trial. A *fault* is the machine's failure: there is no score, and
the attempt is retried. A *refusal* reports bad input: one sentence with the remedy, exit code 2. Any other exception is a bug
in adrs and stops the run.
"""

from __future__ import annotations

from typing import Literal, get_args

FoulKind = Literal[
    "syntax",
    "interface",
    "crash",
    "timeout",
    "memory",
    "illegal_answer",
    "budget",
    "misaligned_objective",
    "overfitting",
    "reward_hacking",
    "shallow",
    "endpoint",
    "task",
]
"""The kinds of foul: the candidate-level part of the paper's failure taxonomy, and two that say nothing about a program."""

BLAMELESS: frozenset[FoulKind] = frozenset({"endpoint", "task"})
"""A model's endpoint gave no usable answer; the task's own code failed while it judged the program. No prompt mentions them."""

FOUL_KINDS: tuple[FoulKind, ...] = get_args(FoulKind)


class Foul(Exception):  # noqa: N818 - it is stored more often than it is raised
    """The candidate broke a rule.

    Args:
        kind: one of `FOUL_KINDS`.
        reason: one readable, cleaned sentence; reports and prompts show it.
        who: the instances of a crew that caused it, as positions in the crew's settings; () if no instance is known.
    """

    def __init__(self, kind: FoulKind, reason: str, who: tuple[int, ...] = ()) -> None:
        super().__init__(kind, reason, who)
        self.kind: FoulKind = kind
        self.reason = reason
        self.who = who

    def __str__(self) -> str:
        return f"{self.kind}: {self.reason}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Foul) and self.args == other.args

    def __hash__(self) -> int:
        return hash(self.args)


class Fault(Exception):  # noqa: N818
    """The machine failed, not the program: no score, nothing is learnt about the candidate, and the attempt is repeated."""


class Refusal(Exception):  # noqa: N818
    """Bad input or an impossible request; the text is one sentence that names the problem and the remedy."""


class Exhausted(Exception):  # noqa: N818 - the end of a phase, not an error
    """A generator has nothing more to propose; the phase ends."""
