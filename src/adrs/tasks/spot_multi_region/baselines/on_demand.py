"""All on demand: the trivial baseline, always 890 ticks; score 0."""

from typing import Any


class Policy:
    def __init__(self, job: dict[str, Any]) -> None:
        pass

    def decide(self, obs: dict[str, Any]) -> tuple[int, str]:
        return obs["region"], "ON_DEMAND"
