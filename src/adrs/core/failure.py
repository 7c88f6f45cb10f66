"""failure: the three ways in which an attempt can go wrong, and the one in which a person can; never mixed.

A *foul* is the candidate's: data, stored with its trial. A *fault* is the machine's: no score, retried. A *refusal* is an
answer to a person: one sentence with the remedy, exit code 2. Everything else is a bug of ours and stops the run.
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
]
"""What a candidate can be charged with; the candidate-level part of the paper's failure taxonomy."""

FOUL_KINDS: tuple[FoulKind, ...] = get_args(FoulKind)


class Foul(Exception):  # noqa: N818 - the field's word, and it is data more often than it is raised
    """The candidate broke a rule.

    Args:
        kind: one of `FOUL_KINDS`.
        reason: one readable, cleaned sentence; it reaches reports and prompts.
        who: the instances of a crew that it is about, as positions in the crew's settings; () if it is about none.
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
    """The machine failed, not the program: no score, nothing is learnt about the candidate, the attempt is repeated."""


class Refusal(Exception):  # noqa: N818
    """What a person asked for cannot be done; the text is one sentence that names the thing and the remedy."""


class Exhausted(Exception):  # noqa: N818 - the end of a phase, not an error
    """A generator has nothing more to propose; the phase ends."""
