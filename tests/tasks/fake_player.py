"""fake_player: a candidate in our own process, for tests of tasks. No sandbox, no limits, no seeds of its own."""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from adrs.core.failure import Foul
from adrs.testing import PlainPlayer

DATA = os.environ.get("ADRS_DATA", "")


def needs(folder: str) -> pytest.MarkDecorator:
    """Skip a test where a folder of real data is missing."""
    there = (Path(DATA) / folder).is_dir()
    return pytest.mark.skipif(not there, reason=f"set ADRS_DATA to a folder with {folder}/ to run it on real data")


needs_data = needs("cant_be_late")


class FakeCrew:
    """Steps instances one after another and remembers what the last message held."""

    def __init__(self, instances: list[Any], apart: Sequence[Hashable]) -> None:
        self.instances = instances
        self.apart = list(apart)
        self.columns: dict[str, Any] = {}
        self.messages = 0
        self.decisions = 0

    def step(self, method: str, columns: Mapping[str, Any], who: Sequence[int], expect: Any) -> list[Any]:
        assert list(who) == sorted(set(who))
        self.columns = dict(columns)
        self.messages += 1
        self.decisions += len(who)
        values = {}
        for name, column in columns.items():
            plain = column.tolist() if isinstance(column, np.ndarray) else column
            assert not isinstance(plain, list) or len(plain) == len(who), name
            values[name] = plain if isinstance(plain, list) else [plain] * len(who)
        allowed, answers = get_args(expect), []
        for position, *observation in zip(who, *values.values(), strict=True):
            answer = getattr(self.instances[position], method)(dict(zip(values, observation, strict=True)))
            if answer not in allowed:
                raise Foul("illegal_answer", f"{answer!r} is none of {allowed}", (position,))
            answers.append(answer)
        return answers


class FakePlayer(PlainPlayer):
    """A program's source as a player that remembers its crews."""

    def __init__(self, source: str, kit: str = "") -> None:
        super().__init__(source, kit)
        self.crews: list[FakeCrew] = []
        self.settings: list[Mapping[str, Any]] = []

    def crew(self, cls: str, settings: Sequence[Mapping[str, Any]], apart: Sequence[Hashable] | None = None) -> FakeCrew:
        self.settings = list(settings)
        instances = [self.names[cls]({**setting, "seed": position}) for position, setting in enumerate(settings)]
        self.crews.append(FakeCrew(instances, apart if apart is not None else [0] * len(settings)))
        return self.crews[-1]
