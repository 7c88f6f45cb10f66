"""plain_player: a trusted program of ours as a player, in this process. No sandbox, no limits; for seeds and baselines only.

Arguments and answers take the way through the wire's bytes, so what cannot travel fails here too.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Mapping, Sequence
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np

from adrs.core.task import Crew, Timing
from adrs.sandbox import decode, encode, encode_answer, plain, read


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
            answers.append(getattr(self._instances[position], method)(observation))
        said: list[Any] = read(encode_answer(plain(answers)), list[expect])
        return said


class PlainPlayer:
    """Calls what the program defines. `timed` knows no clock: every program takes one second."""

    seconds = 0.0
    cpu_seconds = 0.0

    def __init__(self, source: str, kit: str = "") -> None:
        self._kit = ModuleType("kit")
        exec(kit, vars(self._kit))
        self.names: dict[str, Any] = {}
        with patch.dict(sys.modules, kit=self._kit):
            exec(source, self.names)

    def call(self, function: str, *arguments: Any, expect: Any) -> Any:
        sent = decode(encode(arguments))
        with patch.dict(sys.modules, kit=self._kit):
            answer = self.names[function](*sent)
        return read(encode_answer(plain(answer)), expect)

    def timed(self, function: str, variants: Sequence[Sequence[Any]], expect: Any, reference: str) -> Timing:
        del reference
        answers = [self.call(function, *arguments, expect=expect) for arguments in variants]
        return Timing(answers, 1.0, 1.0, *((1.0,) * (len(answers) - 1),) * 2)

    def crew(self, cls: str, settings: Sequence[Mapping[str, Any]], apart: Sequence[Hashable] | None = None) -> Crew:
        assert apart is None or len(apart) == len(settings)
        return PlainCrew([self.names[cls]({**setting, "seed": place}) for place, setting in enumerate(settings)])
