"""All on demand: the trivial baseline, 890 ticks whatever the markets do; score 0."""

from typing import Any


class Policy:
    def __init__(self, job: dict[str, Any]) -> None:
        pass

    def decide(self, obs: dict[str, Any]) -> tuple[int, str]:
        return obs["region"], "ON_DEMAND"
