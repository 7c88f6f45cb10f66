"""Random: any transaction of the window, each as likely as any other."""

import random
from typing import Any


class Scheduler:
    def __init__(self, settings: dict[str, Any]) -> None:
        self.rng = random.Random(42)

    def pick(self, obs: dict[str, Any]) -> int:
        return self.rng.randrange(len(obs["pending"]))
