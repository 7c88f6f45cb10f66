"""plain_player: a trusted program of ours as a player, in this process. No sandbox, no limits; for seeds and baselines only."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np


class PlainCrew:
    """Steps its instances one after another."""

    def __init__(self, instances: list[Any]) -> None:
        self._instances = instances

    def step(self, method: str, columns: Mapping[str, Any], who: Sequence[int], expect: Any) -> list[Any]:
        assert list(who) == sorted(set(who)), "positions must ascend"
        values = {name: column.tolist() if isinstance(column, np.ndarray) else column for name, column in columns.items()}
        assert all(len(value) == len(who) for value in values.values() if isinstance(value, list)), "one value for each"
        answers = []
        for place, position in enumerate(who):
            observation = {name: value[place] if isinstance(value, list) else value for name, value in values.items()}
            answers.append(msgspec.convert(getattr(self._instances[position], method)(observation), expect))
        return answers


class PlainPlayer:
    """Calls what the program defines."""

    seconds = 0.0
    cpu_seconds = 0.0

    def __init__(self, source: str) -> None:
        self._names: dict[str, Any] = {}
        exec(source, self._names)

    def call(self, function: str, *arguments: Any, expect: Any) -> Any:
        return msgspec.convert(self._names[function](*arguments), expect)

    def crew(self, cls: str, settings: Sequence[Mapping[str, Any]], apart: Sequence[Hashable] | None = None) -> PlainCrew:
        assert apart is None or len(apart) == len(settings)
        return PlainCrew([self._names[cls]({**setting, "seed": place}) for place, setting in enumerate(settings)])
