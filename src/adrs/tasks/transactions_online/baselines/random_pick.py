"""Random: a transaction of the window, drawn uniformly."""

import random
from typing import Any


class Scheduler:
    def __init__(self, settings: dict[str, Any]) -> None:
        self.rng = random.Random(42)

    def pick(self, obs: dict[str, Any]) -> int:
        return self.rng.randrange(len(obs["pending"]))
