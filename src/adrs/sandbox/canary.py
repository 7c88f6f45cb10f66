"""canary: replays secretly chosen games of a crew alone; an honest program gives the same answers.

Catches instances that share state (class attributes, module globals) and programs that behave differently when observed.
If a program cheats in a fraction f of the games and k are checked, it is caught with probability 1 - (1 - f)^k.
"""

from __future__ import annotations

import bisect
import copy
import hashlib
import hmac
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from adrs.core.failure import Foul

Watch = Literal["none", "one", "few", "crew", "all"]
"""How many games of a crew are checked: none, one, three, one from every process, or all."""
_COUNTS = {"none": 0, "one": 1, "few": 3}


def choose(watch: Watch, homes: Sequence[int], secret: str, source: str) -> tuple[int, ...]:
    """The instances to watch, ascending; determined by the secret and the source.

    Args:
        homes: the process of each instance.
    """
    digest = hmac.new(secret.encode(), source.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
    rng = random.Random(digest)
    everybody = range(len(homes))
    if watch == "all":
        return tuple(everybody)
    if watch in _COUNTS:
        return tuple(sorted(rng.sample(everybody, min(_COUNTS[watch], len(homes)))))
    members: dict[int, list[int]] = {}
    for instance, home in enumerate(homes):
        members.setdefault(home, []).append(instance)
    return tuple(sorted(rng.choice(members[home]) for home in sorted(members)))


@dataclass
class Record:
    """The observations and answers of a crew's watched instances, tick by tick."""

    watched: tuple[int, ...]
    steps: dict[int, list[tuple[str, Mapping[str, Any], tuple[str, ...], tuple[Any, ...], Any]]] = field(default_factory=dict)

    def note(
        self,
        method: str,
        shared: Mapping[str, Any],
        columns: Mapping[str, Sequence[Any]],
        who: Sequence[int],
        answers: Sequence[Any],
    ) -> None:
        """Record one step as it was sent; `who` is ascending. A referee may change its lists afterwards, so they are copied."""
        names = tuple(columns)
        shared = {name: _kept(value) for name, value in shared.items()} if self.watched else shared
        for instance in self.watched:
            place = bisect.bisect_left(who, instance)
            if place < len(who) and who[place] == instance:
                row = tuple(_kept(column[place]) for column in columns.values())
                self.steps.setdefault(instance, []).append((method, shared, names, row, answers[place]))


def _kept(value: Any) -> Any:
    """The value, copied if it can change."""
    return value if value is None or isinstance(value, (bool, int, float, str, bytes)) else copy.deepcopy(value)


Lonely = Callable[[int], Callable[[str, Mapping[str, Any]], Any]]
"""instance -> a function (method, observation) -> answer, backed by a fresh player with this instance alone."""


def check(record: Record, lonely: Lonely) -> None:
    """Replay every watched instance alone with its recorded observations, and require the same answers.

    Raises:
        Foul: `reward_hacking` if it answers differently alone, and the same way each time; `interface` if its answers are
            not a function of observations, settings and seed.
    """
    for instance in record.watched:
        company = [said for *_, said in record.steps.get(instance, ())]
        alone = _alone(record, instance, lonely)
        if alone == company:
            continue
        tick = next(at for at, said in enumerate(company) if alone[at : at + 1] != [said])
        differs = f"step {tick}: {company[tick]!r} in company, {alone[tick]!r} alone"
        if _alone(record, instance, lonely) == alone:  # compare all answers: a single one is too often equal by chance
            raise Foul(
                "reward_hacking",
                f"{differs}: instances share state, or the program behaves differently "
                "when observed (usual causes: class attributes, module globals)",
                (instance,),
            )
        raise Foul(
            "interface",
            f"{differs}, and not the same again: answers are not a function of "
            "observations, settings and seed (usual causes: clocks, unseeded randomness, module globals)",
            (instance,),
        )


@dataclass(frozen=True)
class _FoulAlone:
    """Placeholder for an answer that ended in a foul; it equals no answer."""

    kind: str

    def __repr__(self) -> str:
        return f"the foul {self.kind}"


def _alone(record: Record, instance: int, lonely: Lonely) -> list[Any]:
    """The answers of the instance alone to all its observations; ends at the first foul."""
    play = lonely(instance)
    answers: list[Any] = []
    for method, shared, names, row, _ in record.steps.get(instance, ()):
        try:
            answers.append(play(method, {**dict(zip(names, row, strict=True)), **shared}))
        except Foul as foul:
            return [*answers, _FoulAlone(foul.kind)]
    return answers
