"""job_order: in which order should one machine do twelve jobs, if every minute that a job is late has a price?"""

import random
from collections.abc import Iterator
from functools import cache
from itertools import accumulate, product

from adrs import SPLITS, Foul, Player, Task, Verdict, Workload

Jobs = tuple[tuple[int, int, int], ...]  # (length, price, due) of each, in the order in which they came
PROGRAM = """def order(jobs: list[tuple[int, int, int]]) -> list[int]:
    now, waiting, chosen = 0, list(range(len(jobs))), []
    while waiting:
        chosen.append(max(waiting, key=lambda job: (priority(jobs[job][0], jobs[job][1], jobs[job][2] - now), -job)))
        waiting.remove(chosen[-1])
        now += jobs[chosen[-1]][0]
    return chosen
# EVOLVE-BLOCK-START
def priority(length: int, price: int, left: int) -> float:
    return RULE
# EVOLVE-BLOCK-END"""


def cost(jobs: Jobs, order: list[int]) -> int:
    ends = accumulate(jobs[job][0] for job in order)
    return sum(jobs[job][1] * max(0, end - jobs[job][2]) for job, end in zip(order, ends, strict=True))


@cache
def cheapest(jobs: Jobs) -> int:  # exact: whichever jobs are done first, one of them ends last (Held and Karp, 1962)
    costs = [0]
    for done in range(1, 1 << len(jobs)):
        members = [job for job in range(len(jobs)) if done >> job & 1]
        end = sum(jobs[job][0] for job in members)
        costs.append(min(costs[done ^ 1 << job] + jobs[job][1] * max(0, end - jobs[job][2]) for job in members))
    return costs[-1]


class JobOrder(Task[Jobs]):
    """Order twelve jobs on one machine. Every minute that a job ends after its due time costs its price.

    A program defines order(jobs) -> the jobs' positions; a job is (length, price, due), in minutes. Usually only priority is
    changed: the waiting job with the highest goes next; left = minutes until it is due. 0 = as they came, 1 = the optimum.
    """

    seed = PROGRAM.replace("RULE", "0.0")  # first come, first served
    baselines = {"dearest": PROGRAM.replace("RULE", "price / length"), "due_first": PROGRAM.replace("RULE", "-left")}
    interface, bound = "def order(jobs: list[tuple[int, int, int]]) -> list[int]: ...", 1.0

    def __init__(self, *, data_seed: int = 0, held_out_seed: int | None = None) -> None:
        self.data_seed, self.held_out_seed = data_seed, held_out_seed  # a run draws both, and keeps the second secret

    def workloads(self) -> Iterator[Workload[Jobs]]:
        for split, number in product(SPLITS, range(24)):
            draw = random.Random(f"{self.seed_of(split)} {split} {number}").randint
            yield Workload(f"{split}-{number}", tuple((draw(5, 60), draw(1, 9), draw(20, 350)) for _ in range(12)), split)

    def judge(self, player: Player, workload: Workload[Jobs]) -> Verdict:
        jobs, order = workload.data, player.call("order", workload.data, expect=list[int])
        if sorted(order) != list(range(len(jobs))):
            raise Foul("illegal_answer", f"{order} does not hold every job from 0 to {len(jobs) - 1} once")
        paid, as_came, best = cost(jobs, order), cost(jobs, list(range(len(jobs)))), cheapest(jobs)
        return Verdict((as_came - paid) / (as_came - best), {"cost": paid}, f"cost {paid}, at best {best}")
