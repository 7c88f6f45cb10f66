"""task: multicast over three clouds: the statement and the referee."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Literal

from adrs.core.task import Player, Task, Verdict, Workload
from adrs.tasks.cache import digest
from adrs.tasks.cloudcast import real, splits
from adrs.tasks.cloudcast.bound import References, references
from adrs.tasks.cloudcast.feedback import feedback
from adrs.tasks.cloudcast.kit import Model
from adrs.tasks.cloudcast.network import Transfer
from adrs.tasks.cloudcast.picture import picture
from adrs.tasks.cloudcast.plan import Answer, Rules, check
from adrs.tasks.options import checked_seeds
from adrs.tasks.programs import baseline
from adrs.tasks.scale import share

ANCHOR_DIRECT, ANCHOR_STEINER = 1199.00, 626.24
"""Dollars of the five published transfers together at which the leaderboard's score is 0 and 100."""


class Cloudcast(Task[Transfer]):
    """Send data from one cloud region to many, over relays in three clouds, for as few dollars as possible.

    THE PROBLEM. A source region holds some hundred gigabytes, all of which 5 to 8 destination regions need. Regions belong
    to aws, gcp and azure (names like "aws:eu-1"); every region can send to every other, but prices per gigabyte differ by a
    factor of ten and bandwidths by more, and both differ by direction. The data is cut into equal parts. For each
    destination and each part you choose a path from the source; any region may relay, and parts may take different paths.

    WHAT IT COSTS. dollars = egress + instances. Egress: for every edge, the gigabytes that cross it times its price. A part
    crosses an edge once, however many destinations lie behind it: paths of a part that have edges in common share them
    (multicast). Instances: each region in use, relays included, is rented with all its VMs until the last byte has arrived:
    regions * vms * vm_dollars_per_hour / 3600 * round(seconds, 2).

    HOW LONG IT TAKES. All edges stream at once, and the length of a path costs no time: seconds is the largest, over the edges
    in use, of parts on the edge * gigabytes of a part * 8 / Gbit/s that the edge gets. An edge gets its bandwidth, but a region
    has limits: if its edges in use bring in more together than its ingress limit, each gets at most limit / number of incoming
    edges; likewise for what goes out. Shares are equal, and what one edge does not need is not passed on. (Regions are
    processed in the order in which they first appear on the paths, destination by destination, part by part; both sums of a
    region are taken before either is reduced.)

    YOUR PROGRAM defines broadcast(problem); see the interface. `from kit import Model` gives you this cost model:
    Model(problem).bill(plan).dollars, for trying out plans. The referee computes the bill itself from your paths.

    SCORE, per transfer: (direct - cost) / (direct - bound). 0 is the cost of sending directly to every destination, 1 a proven
    lower bound: the cheapest egress of any tree with relays, and only source and destinations rented, for the least time
    that the limits allow. It is seldom reached exactly. In some transfers relays pay off; others have low limits, so that
    instances are some 5 to 10 % of the bill and compete with egress.

    FOULS. A destination without a path for each part, or a name that is not a destination; a path that is empty, does not begin
    at the source, does not end at its destination, visits a region twice or names an unknown one. One foul ends the
    transfer. Decide from `problem` alone.

    EXAMPLE. 100 GB in 2 parts from A to B and C; A>B, A>C cost 0.10 $/GB, B>C 0.02; every edge has 10 Gbit/s, no limit binds.
    Directly, {"B": [["A","B"], ["A","B"]], "C": [["A","C"], ["A","C"]]}: 20 $ egress; 2 parts * 50 GB * 8 / 10 = 80 s. Over B,
    {"B": [["A","B"], ["A","B"]], "C": [["A","B","C"], ["A","B","C"]]}: 10 $ + 2 $ = 12 $ egress, 80 s too. With 2 VMs at
    0.54 $/h both pay 3 * 2 * 0.54 / 3600 * 80 = 0.072 $ for instances.

    Args:
        data: "synthetic": made-up networks with price lists and bandwidths like the real ones. "real": 71 measured regions;
            the test split is the five published transfers.
        rules: "clean", or "leaderboard": paths of a part may be pieces, as long as together they reach every destination.
        data_seed: selects the transfers of train.
        held_out_seed: the same for validation and test; none: data_seed. A run draws its own, which stays secret.
        size: "small", or "large": three times as many transfers, and synthetic networks of 71 regions instead of 24.
    """

    seed = baseline(__file__, "dijkstra")
    interface = '''
def broadcast(problem: dict) -> dict:
    """Paths for every destination: {destination: [path of part 0, path of part 1, ...]}; a path is a list of region names
    from the source to the destination.

    problem: {"nodes": [name, ...], "edges": [[from, to, dollars a gigabyte, Gbit/s of all VMs together], ...] (every ordered
    pair of regions), "source": name, "destinations": [name, ...], "parts": int, "volume_gb": float (all parts together),
    "ingress_gbit_s": {name: limit}, "egress_gbit_s": {name: limit} (of all VMs of a region together),
    "vms": int (of each region in use), "vm_dollars_per_hour": float}.
    """
'''
    seconds = 5.0
    bound = 1.0
    state_of_the_art = "steiner"
    sources = real.SOURCES

    def __init__(
        self,
        *,
        data: Literal["synthetic", "real"] = "synthetic",
        rules: Rules = "clean",
        data_seed: int = 0,
        held_out_seed: int | None = None,
        size: splits.Size = "small",
    ) -> None:
        self.data_seed, self.held_out_seed = checked_seeds(data_seed, held_out_seed)
        self.published_test = data == "real"
        self.data = data
        self.rules: Rules = rules
        self.size: splits.Size = size
        self._known: dict[str, References] = {}

    def workloads(self) -> Sequence[Workload[Transfer]]:
        return self._workloads

    @cached_property
    def _workloads(self) -> tuple[Workload[Transfer], ...]:
        drawn = splits.real_transfers if self.data == "real" else splits.synthetic_transfers
        return tuple(drawn(self.seed_of, self.size))

    def picture(self) -> str:
        return picture(next(workload.data for workload in self._workloads if workload.split == "train"))

    def fingerprint(self) -> str:
        return digest(*(part for w in self._workloads for part in (w.name, w.split, w.data.digest)))

    def judge(self, player: Player, workload: Workload[Transfer]) -> Verdict:
        transfer = workload.data
        problem = transfer.problem()
        answer = player.call("broadcast", problem, expect=Answer)
        check(answer, problem, self.rules)
        model = Model(problem)
        bill = model.bill(answer)
        known = self._references(transfer)
        metrics = {
            "cost": bill.dollars,
            "cost_direct": known.direct,
            "cost_steiner": known.steiner,
            "cost_bound": known.bound,
            "egress": bill.egress,
            "instances": bill.instances,
            "seconds": bill.seconds,
            "regions": float(bill.regions),
            "gap_closed": share(known.steiner, bill.dollars, known.bound),
        }
        if transfer.published:
            metrics["leaderboard_points"] = leaderboard_points(bill.dollars)
        return Verdict(share(known.direct, bill.dollars, known.bound), metrics, feedback(model, bill, known))

    def summary(self, verdicts: Sequence[Verdict]) -> dict[str, float]:
        """Means over transfers, the total dollars, and the leaderboard's score if these are the five published ones."""
        means = super().summary(verdicts)
        points = means.pop("leaderboard_points", None)
        total = {name: math.fsum(float(verdict.metrics[name]) for verdict in verdicts) for name in TOTALS}
        more = {
            "total_cost": total["cost"],
            "gap_closed": share(total["cost_steiner"], total["cost"], total["cost_bound"]),
        }
        if points is not None and len(verdicts) == len(real.PUBLISHED):
            more["leaderboard_score"] = points * len(verdicts)
        return {**means, **more}

    def _references(self, transfer: Transfer) -> References:
        if transfer.digest not in self._known:
            self._known[transfer.digest] = references(transfer)
        return self._known[transfer.digest]


TOTALS = ("cost", "cost_steiner", "cost_bound")


def leaderboard_points(dollars: float) -> float:
    """The part of one published transfer in the leaderboard's score, neither rounded nor clipped."""
    return 100 * (ANCHOR_DIRECT / len(real.PUBLISHED) - dollars) / (ANCHOR_DIRECT - ANCHOR_STEINER)
