"""task: Telemetry Repair: the statement and the referee."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Literal

from adrs.core.task import Player, Task, Verdict, Workload
from adrs.tasks.cache import digest
from adrs.tasks.options import checked_seeds
from adrs.tasks.scale import share
from adrs.tasks.telemetry_repair import real, splits
from adrs.tasks.telemetry_repair.answer import Answer, repair
from adrs.tasks.telemetry_repair.feedback import feedback
from adrs.tasks.telemetry_repair.picture import picture
from adrs.tasks.telemetry_repair.published import points
from adrs.tasks.telemetry_repair.score import quality, references
from adrs.tasks.telemetry_repair.splits import LARGE, LEGACY, Scenario

FULL = '''
def run_repair(telemetry: dict, topology: dict, external: dict, demands: dict, paths: dict) -> dict:
    """Repair one snapshot of a network. Rates are in Mbit/s; each call has 1 s of CPU time.

    telemetry: interface -> {"interface_status": "up" | "down", "rx_rate": float, "tx_rate": float, "connected_to": the
        interface at the other end, "local_router": str, "remote_router": str}; the interface of A towards B is "A_to_B".
    topology: router -> list of its interfaces.
    external: router -> {"origination": rate that enters the network there, "termination": rate that leaves it there}.
    demands: router -> {router: rate from the first to the second}.
    paths: router -> {router: [[[routers from the first to the second], share of the demand], ...]}.

    Returns, for EVERY interface of telemetry, {"rx_rate": (as reported, repaired, confidence), "tx_rate": the same,
    "interface_status": (as reported, "up" | "down", confidence)}; rates from 0, confidences from 0 to 1.
    """
'''
PLAIN = '''
def run_repair(telemetry: dict, topology: dict) -> dict:
    """Repair one snapshot of a network. Rates are in Mbit/s; each call has 1 s of CPU time.

    telemetry: interface -> {"interface_status": "up", "rx_rate": float, "tx_rate": float, "connected_to": the interface at
        the other end, "local_router": str, "remote_router": str}; the interface of A towards B is "A_to_B".
    topology: router -> list of its interfaces.

    Returns, for EVERY interface of telemetry, {"rx_rate": (as reported, repaired, confidence), "tx_rate": the same,
    "interface_status": (as reported, "up" | "down", confidence)}; rates from 0, confidences from 0 to 1.
    """
'''


class TelemetryRepair(Task[Scenario]):
    """Repair wrong interface counters of a wide-area network, using the other counters, the demands and the paths.

    THE PROBLEM. The controller of a wide-area network acts on what its routers report. Every interface counts the rate
    that it receives (rx) and the rate that it sends (tx), in Mbit/s, and has a status. Some of what is reported is wrong.
    You get one snapshot and return what every counter and status would read if nothing were wrong with it, and how sure you
    are.

    WHAT HELPS. (1) Link symmetry: what A sends towards B is what B receives from A, so tx of "A_to_B" and rx of "B_to_A"
    measure the same flow. (2) Flow conservation: what enters a router, from its neighbours and from outside (origination),
    leaves it again, to its neighbours and to the outside (termination). (3) Demands and paths predict the load of every
    link: each demand loads every link of its paths with its share. Sound counters satisfy all three within about 3 %.

    WHAT GOES WRONG, in unknown mixtures. Counters of an interface: both drop to 0; each is scaled by 0.5 to 0.8 or 1.2 to
    1.5; both are stale (of another moment), in a wrong unit (x 8, / 8, x 1000), or swapped with another interface of the
    router. Drops and scalings hit single interfaces or all of a router. External counters suffer the same. Demands: a tenth
    or a third of them are wrong by factors from 0.5 to 1.5, all are too low by a fifth, or one path is not the one that
    traffic takes. Statuses: an interface that is up is reported down, or the reverse. And links really fail: then nothing
    flows on them, demands go round them, the true status of both ends is "down", and 0 is the truth.

    SCORE. combined = 0.6 counter + 0.1 status + 0.2 calibration + 0.1 harm, over all snapshots of a workload together.
    counter: 1 - mean of min(e, 1), with e = |repaired - true| / true (where the truth is 0: repaired / 10 Mbit/s). status:
    the share of statuses that are right, computed apart for those that are up or down and reported up or down, then averaged.
    calibration: 1 - mean of (confidence - h)^2, h = 1 if e <= 0.05 and else 0, over all counters (the confidence in a
    status counts for nothing). harm: the share of sound counters whose repaired value has e <= 0.03. A workload's score is
    0 for believing everything with confidence 1 and 1 for combined = 1, the whole truth with confidence 1.

    FOULS. An exception, a time-out, an interface that is missing or does not exist, something that is not a triple, a rate
    that is negative or not finite, a confidence outside 0 to 1, a status that is neither "up" nor "down": each ends the
    workload. Calls are independent: snapshots come from different networks or moments, under names without a meaning.

    EXAMPLE. Routers A, B, C in a row; A sends 100 to C. Reported: A_to_B tx 100, B_to_A rx 0, B_to_C tx 0, C_to_B rx 101 (B
    dropped its counters). Symmetry alone repairs both of B's: {"B_to_A": {"rx_rate": (0.0, 100.0, 0.95), "tx_rate": (0.0,
    0.0, 0.95), "interface_status": ("up", "up", 0.9)}, ...}. If A and B both reported 0, the demand would still say 100.

    Args:
        data: "synthetic": made-up networks and traffic; the test has larger networks than train and validation. "real":
            forty measured moments of Abilene, split by time, and four published networks that train never sees.
        rules: "clean", or "leaderboard": run_repair(telemetry, topology) only, one bug of four in each snapshot, statuses never
            wrong, and the public evaluator's score (0.75 counter + 0.05 status + 0.2 of its own calibration); with
            data=real the test is its Abilene workload, its thirty snapshots of seed 42 included.
        data_seed: selects the synthetic networks and the corruptions of train.
        held_out_seed: the same for validation and test; none: data_seed. A run draws its own, which stays secret.
        size: "small", or "large" with four times the workloads.
    """

    interface = FULL
    seconds = 1.0
    bound = 1.0
    state_of_the_art = "democratic_trust"
    sources = real.SOURCES

    def __init__(
        self,
        *,
        data: Literal["synthetic", "real"] = "synthetic",
        rules: Literal["clean", "leaderboard"] = "clean",
        data_seed: int = 0,
        held_out_seed: int | None = None,
        size: Literal["small", "large"] = "small",
    ) -> None:
        self.data_seed, self.held_out_seed = checked_seeds(data_seed, held_out_seed)
        self.published_test = data == "real" and rules == "leaderboard"
        self.data = data
        self.rules = rules
        self.size = size
        self._known: dict[str, list[float]] = {}
        if rules == "leaderboard":
            self.interface = PLAIN
            self.state_of_the_art = "link_symmetry"

    def workloads(self) -> Sequence[Workload[Scenario]]:
        return self._workloads

    @cached_property
    def _workloads(self) -> tuple[Workload[Scenario], ...]:
        draws = LARGE if self.size == "large" else 1
        if self.rules == "leaderboard":
            return tuple(splits.published_workloads(self.seed_of, draws, self.data == "real"))
        return tuple((splits.real_workloads if self.data == "real" else splits.synthetic_workloads)(self.seed_of, draws))

    def picture(self) -> str:
        return picture(next(workload.data for workload in self._workloads if workload.split == "train").snapshots)

    def fingerprint(self) -> str:
        return digest(*(part for w in self._workloads for part in (w.name, w.split, w.data.key)))

    def judge(self, player: Player, workload: Workload[Scenario]) -> Verdict:
        snapshots = workload.data.snapshots
        repairs = [
            repair(snapshot.reported.network, player.call("run_repair", *snapshot.message, expect=Answer))
            for snapshot in snapshots
        ]
        parts = quality(snapshots, repairs)
        through, symmetry, trust, ideal = self._references(workload)
        metrics = {
            **parts,
            "pass_through": through,
            "link_symmetry": symmetry,
            "democratic_trust": trust,
            "ideal": ideal,
            "gain_over_pass_through": parts["combined"] - through,
            "gain_over_symmetry": parts["combined"] - symmetry,
            "gap_closed": share(trust if self.rules == "clean" else symmetry, parts["combined"], 1.0, "higher"),
        }
        if self.rules == "leaderboard":
            metrics["points"] = points(parts["combined"])
        if workload.name == LEGACY:
            metrics |= {"legacy_combined": parts["combined"], "legacy_points": metrics["points"]}
        said = feedback(snapshots, repairs, parts)
        return Verdict(share(through, parts["combined"], 1.0, "higher"), metrics, said)

    def _references(self, workload: Workload[Scenario]) -> list[float]:
        if workload.name not in self._known:
            self._known[workload.name] = references(workload.data.snapshots).tolist()
        return self._known[workload.name]

    def summary(self, verdicts: Sequence[Verdict]) -> dict[str, float]:
        """Means over the workloads and derived metrics; the thirty snapshots of seed 42 have metrics of their own."""
        legacy = [verdict for verdict in verdicts if "legacy_combined" in verdict.metrics]
        others = [verdict for verdict in verdicts if verdict not in legacy] or legacy
        means = {name: math.fsum(float(v.metrics[name]) for v in others) / len(others) for name in others[0].metrics}
        means["gap_closed"] = share(means[self.state_of_the_art], means["combined"], 1.0, "higher")
        if "points" in means:
            means["points"] = points(means["combined"])
        for verdict in legacy:
            means |= {name: float(verdict.metrics[name]) for name in ("legacy_combined", "legacy_points")}
        return means
