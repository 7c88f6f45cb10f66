"""Local search: single moves and swaps from three starts, on the true cost at the newest rates, moving included.

The starts are where models are now, bisection with best-fit decreasing, and greedy. The step that lowers the cost most is
taken; of equal costs the one with the smaller sum of squared pressures. It does not forecast rates.
"""

from typing import Any

FULL = 1_000_000.0
HALVINGS = 30
Step = tuple[tuple[int, int], ...]


class Search:
    def __init__(self, memory_gb: list[int], models: list[dict[str, Any]], move_cost: float) -> None:
        self.memory = memory_gb
        self.load = [model["req_rate"] / model["slo"] for model in models]
        self.size = [model["size_gb"] for model in models]
        self.home = [model["gpu"] for model in models]
        self.move_cost = move_cost

    def best_fit(self, limit: float) -> list[int] | None:
        item = [self.load[i] + limit * self.size[i] for i in range(len(self.load))]
        room = [limit * memory for memory in self.memory]
        placement = [0] * len(item)
        for i in sorted(range(len(item)), key=lambda i: -item[i]):
            fitting = [gpu for gpu in range(len(room)) if item[i] <= room[gpu]]
            if not fitting:
                return None
            placement[i] = min(fitting, key=lambda gpu: room[gpu])
            room[placement[i]] -= item[i]
        return placement

    def bisected(self) -> list[int]:
        best = self.home
        low = sum(self.load) / (sum(self.memory) - sum(self.size))
        high = 8 * low
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            found = self.best_fit(middle)
            if found is None:
                low = middle
            else:
                best, high = found, middle
        return best

    def greedy(self) -> list[int]:
        load, free, placement = [0.0] * len(self.memory), list(self.memory), list(self.home)
        for i in sorted(range(len(self.load)), key=lambda i: -self.load[i]):
            fitting = [gpu for gpu in range(len(free)) if self.size[i] < free[gpu]]
            if not fitting:
                return self.home
            placement[i] = min(fitting, key=lambda gpu: load[gpu] / free[gpu])
            load[placement[i]] += self.load[i]
            free[placement[i]] -= self.size[i]
        return placement

    def cost(self, load: list[float], free: list[float], moved: float) -> tuple[float, float]:
        pressure = [0.0 if w <= 1e-12 else w / f if f > 0 else FULL for w, f in zip(load, free, strict=True)]
        return max(pressure) + self.move_cost * moved, sum(p * p for p in pressure)

    def improve(self, placement: list[int]) -> tuple[tuple[float, float], list[int]]:
        placement = list(placement)
        n, gpus = len(placement), range(len(self.memory))
        load, free, moved = [0.0] * len(gpus), [float(memory) for memory in self.memory], 0.0
        for i, gpu in enumerate(placement):
            load[gpu] += self.load[i]
            free[gpu] -= self.size[i]
            moved += self.size[i] * (gpu != self.home[i])
        now = self.cost(load, free, moved)
        while True:
            steps: list[Step] = [((i, gpu),) for i in range(n) for gpu in gpus if gpu != placement[i]]
            steps += [
                ((i, placement[k]), (k, placement[i])) for i in range(n) for k in range(i) if placement[i] != placement[k]
            ]
            best, chosen = now, None
            for step in steps:
                undo = tuple((i, placement[i]) for i, _ in step)
                moved += self.apply(step, placement, load, free)
                there = self.cost(load, free, moved)
                if min(free) >= 0 and (
                    there[0] < best[0] - 1e-12 or (there[0] < best[0] + 1e-12 and there[1] < best[1] - 1e-12)
                ):
                    best, chosen = there, step
                moved += self.apply(undo, placement, load, free)
            if chosen is None:
                return now, placement
            moved += self.apply(chosen, placement, load, free)
            now = best

    def apply(self, step: Step, placement: list[int], load: list[float], free: list[float]) -> float:
        change = 0.0
        for i, gpu in step:
            change += self.size[i] * ((gpu != self.home[i]) - (placement[i] != self.home[i]))
            load[placement[i]] -= self.load[i]
            free[placement[i]] += self.size[i]
            load[gpu] += self.load[i]
            free[gpu] -= self.size[i]
            placement[i] = gpu
        return change


def place(memory_gb: list[int], models: list[dict[str, Any]], move_cost: float) -> list[int]:
    search = Search(memory_gb, models, move_cost)
    starts = [search.home, search.bisected(), search.greedy()]
    return min(search.improve(start) for start in starts)[1]
