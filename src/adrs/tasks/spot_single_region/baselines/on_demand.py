"""All on demand: the trivial baseline, always 289 ticks; score 0."""

from typing import Any


class Policy:
    def __init__(self, job: dict[str, float]) -> None:
        pass

    def decide(self, obs: dict[str, Any]) -> str:
        return "ON_DEMAND"
