"""Never wait: spot if available, else on demand; one action differs from greedy."""

from typing import Any


class Policy:
    def __init__(self, job: dict[str, float]) -> None:
        pass

    def decide(self, obs: dict[str, Any]) -> str:
        return "SPOT" if obs["spot_available"] else "ON_DEMAND"
