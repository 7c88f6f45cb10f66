"""First come first served: always the oldest; score 0."""

from typing import Any


class Scheduler:
    def __init__(self, settings: dict[str, Any]) -> None:
        pass

    def pick(self, obs: dict[str, Any]) -> int:
        return 0
