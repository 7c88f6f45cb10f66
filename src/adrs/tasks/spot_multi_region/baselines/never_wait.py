"""Never wait: spot here, else spot in the cheapest region that has some, else on demand."""

from typing import Any


class Policy:
    def __init__(self, job: dict[str, Any]) -> None:
        pass

    def decide(self, obs: dict[str, Any]) -> tuple[int, str]:
        here, up, price = obs["region"], obs["spot_available"], obs["spot_price"]
        if up[here]:
            return here, "SPOT"
        if any(up):
            return min((region for region in range(len(up)) if up[region]), key=lambda region: price[region]), "SPOT"
        return here, "ON_DEMAND"
