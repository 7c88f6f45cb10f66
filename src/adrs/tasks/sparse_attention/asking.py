"""asking: asks a policy for its choices and checks the answers, for trusted policies and candidates alike."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from adrs.core.failure import Foul
from adrs.core.task import Array
from adrs.tasks.sparse_attention.estimate import Choice
from adrs.tasks.sparse_attention.heads import PAGE, Head, Ints

Track = Literal["oracle", "budgeted"]
Call = Callable[..., Any]
"""`call(function, *arguments, expect)`, as of a player."""

ROUNDS = 2
"""Rounds in which the budgeted track asks which keys to read."""
SMALLEST = 1e-6
"""The smallest probability that is allowed."""


@dataclass(frozen=True)
class Reading:
    """The keys that the queries of a head read: those chosen, and those read before to learn logits (budgeted track only).

    Args:
        choices: one for each query.
        looked: (queries, keys) whether a key was read before the choice.
    """

    choices: list[Choice]
    looked: NDArray[np.bool_]


def ask(call: Call, head: Head, track: Track) -> Reading:
    """A policy's choices for all queries of a head.

    Raises:
        Foul: `illegal_answer`, with the query and what is wrong with its keys or probabilities.
    """
    queries, length = head.logits.shape
    meta: dict[str, Any] = {"queries": queries, "keys": length, "page": PAGE, "round": 0, "rounds": ROUNDS}
    looked = np.zeros(head.logits.shape, bool)
    if track == "oracle":
        return Reading(_choices(call, head.logits, {}, {**meta, "seed": player_seed(head.logits)}), looked)
    free = head.sketch()
    sketch = {"distance": free.distance, "page_upper": free.page_upper, "page_lower": free.page_lower}
    meta["seed"] = player_seed(free.distance, free.page_upper)
    known = np.full(head.logits.shape, np.nan)
    for turn in range(ROUNDS):
        wanted = call("ask", known, sketch, {**meta, "round": turn}, expect=(_KEYS,) * queries)
        for query, keys in enumerate(wanted):
            _check_keys(keys, length, f"ask, round {turn}, query {query}")
            looked[query, keys] = True
        known = np.where(looked, head.logits, np.nan)
        if not sum(len(keys) for keys in wanted):
            break
    return Reading(_choices(call, known, sketch, {**meta, "round": ROUNDS}), looked)


def player_seed(*shown: NDArray[Any]) -> int:
    """A seed for a policy's own randomness, derived from what it sees, so that it reveals nothing else."""
    return int.from_bytes(hashlib.sha256(b"".join(array.tobytes() for array in shown)).digest()[:6], "little")


_KEYS, _PROBABILITIES = Array("i8", (None,)), Array("f8", (None,))


def _choices(call: Call, logits: NDArray[np.float64], sketch: dict[str, Any], meta: dict[str, Any]) -> list[Choice]:
    queries, length = logits.shape
    answer: Sequence[Any] = call("select", logits, sketch, meta, expect=((_KEYS, _PROBABILITIES),) * queries)
    return [checked(keys, chances, length, query) for query, (keys, chances) in enumerate(answer)]


def checked(keys: Ints, probabilities: NDArray[np.float64], length: int, query: int) -> Choice:
    """The choice of a query, checked.

    Raises:
        Foul: it is not legal.
    """
    _check_keys(keys, length, f"query {query}")
    if len(keys) != len(probabilities):
        raise Foul("illegal_answer", f"query {query}: {len(keys)} keys and {len(probabilities)} probabilities")
    wrong = np.flatnonzero(~((probabilities >= SMALLEST) & (probabilities <= 1)))
    if len(wrong):
        at = int(wrong[0])
        raise Foul(
            "illegal_answer", f"query {query}: the probability of key {keys[at]} is {probabilities[at]:.6g}, not in [1e-6, 1]"
        )
    if probabilities.sum() < 1 - 1e-9:
        total = float(probabilities.sum())
        raise Foul("illegal_answer", f"query {query}: the probabilities add up to {total:.6g}; at least one key must be read")
    return Choice(keys, probabilities)


def _check_keys(keys: Ints, length: int, where: str) -> None:
    if not len(keys):
        return
    if keys.min() < 0 or keys.max() >= length:
        odd = int(keys.min() if keys.min() < 0 else keys.max())
        raise Foul("illegal_answer", f"{where}: key {odd} is not one of 0 to {length - 1}")
    twice = np.flatnonzero(np.bincount(keys, minlength=1) > 1)
    if len(twice):
        raise Foul("illegal_answer", f"{where}: key {int(twice[0])} is named more than once")
