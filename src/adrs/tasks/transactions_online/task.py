"""task: scheduling transactions as they come, with a small window and limited sight: the statement and the referee."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from random import Random
from typing import Any

from adrs.core.failure import Foul
from adrs.core.task import Player, Task, Verdict, Workload
from adrs.tasks.cache import digest
from adrs.tasks.options import checked_seeds
from adrs.tasks.transactions import batches, schedules
from adrs.tasks.transactions.batches import Requests
from adrs.tasks.transactions.reference import SEED, window_smf
from adrs.tasks.transactions_online import splits
from adrs.tasks.transactions_online.feedback import feedback
from adrs.tasks.transactions_online.picture import picture
from adrs.tasks.transactions_online.play import Stream, play
from adrs.tasks.transactions_online.sight import Sight
from adrs.tasks.transactions_online.splits import Size

WINDOW = 20
USUAL_SAMPLE = 5
"""The k of SMF, with full sight, that `gap_closed` is measured from."""
DECISION_SECONDS = 0.001
"""CPU seconds that a decision may take on average."""
START_SECONDS = 0.1
"""CPU seconds that starting a process and loading the program may take in addition."""


class TransactionsOnline(Task[Requests]):
    """Release database transactions one after another from a window of 20, so that the last of them ends as soon as possible.

    THE PROBLEM. A stream of transactions comes in (200 or 500; the number is not given). The oldest 20 that are not yet
    released wait in a window. At each step you pick one of them; it is released, and the next arrival takes its place at
    the end of the window. A released transaction cannot be reordered.

    THE RULE. A transaction is a string of operations that take one unit of time each and run back to back: reads and writes
    of keys, and private work. Released transactions start as early as they can, in the order of their release: a read must
    come strictly after the latest write of its key by anything released before, a write strictly after the latest write and
    the latest read. Readers may share a time unit; a transaction never waits for itself; any number run at once; nothing is
    aborted. A transaction that is released later may run earlier in time, where nothing delays it. The makespan is the
    time unit in which the last one ends. Time does not pass while you decide: only the order counts.

    SIGHT. What you see of a waiting transaction depends on the task's option `sight`. "full": all its operations.
    "hot": those on the 20 keys of the stream that are used most. "class": none. You always see its template, its length, and
    its hot-key class, a number that identifies the hot key that it uses (0: none; in TPC-C: the district or warehouse). After
    its release you see all of it.

    YOUR PROGRAM defines a class Scheduler, made once for each stream and asked at each step; see the interface. `from kit
    import Clocks, needs_of` gives you the rule: needs_of(length, ops) makes a transaction, Clocks().start(needs) says when it
    would start, .append(needs) lets it come next. The referee ignores the kit's results.

    SCORE, per stream: (F - m) / (F - L), with m your makespan, F that of first come first served, and L a lower
    bound of the makespan, proven even for a scheduler that sees everything. 0 is first come first served, 1 the
    bound; worse is below 0.

    FOULS. An answer that is not a place of the window. More than 1 ms of CPU time a decision, on average over all streams that
    are played together. Decide only from the arguments of your instance and from what it remembers: do not look at the
    clock; streams share a process, are replayed alone, and an answer that then differs is a foul. A policy that wants
    randomness takes it from random.Random(settings["seed"]).

    EXAMPLE. The window holds A = "w-1 r-2" (released first, so it starts at 1 and writes 1 at time 1), B = "r-1" and C =
    "w-2". Then B must read after time 1 and starts at 2, and C must write after A's read at time 2 and starts at 3:
    makespan 3.

    Args:
        sight: "full", "hot" or "class": what a scheduler sees of a waiting transaction.
        data_seed: selects the streams of train.
        held_out_seed: the same for validation and test; none: data_seed. A run draws its own, which stays secret.
        size: "small": train has 8 streams of 200 transactions. "large": 16 of 500.
    """

    interface = '''
class Scheduler:
    """One stream's scheduler: every stream has an instance of its own."""

    def __init__(self, settings: dict) -> None:
        """settings: {"window": 20, "sight": "full", "hot" or "class", "seed": int, this stream's own}."""

    def pick(self, obs: dict) -> int:
        """The place in obs["pending"] of the transaction to release next.

        obs: {"pending": the window, oldest first, each {"id": its arrival number, "template": str, "length": time units,
        "hot_class": int, "ops": [["r" or "w", key, position from 1], ...], those that you can see}, "last": the one released
        before, with all its operations and its "start", the first time unit that it ran in; None at first}.
        """
'''
    together = True
    bound = 1.0
    state_of_the_art = "smf_k5"
    hints = ("Operations of released transactions tell which keys a template and a hot-key class go with.",)

    def __init__(
        self, *, sight: Sight = "full", data_seed: int = 0, held_out_seed: int | None = None, size: Size = "small"
    ) -> None:
        self.data_seed, self.held_out_seed = checked_seeds(data_seed, held_out_seed)
        self.sight: Sight = sight
        self.size: Size = size
        self.kit = batches.kit()
        self._usual: dict[str, list[int]] = {}

    def workloads(self) -> Sequence[Workload[Requests]]:
        return self._workloads

    @cached_property
    def _workloads(self) -> tuple[Workload[Requests], ...]:
        return tuple(splits.streams(self.seed_of, self.size))

    def picture(self) -> str:
        return picture(next(workload.data for workload in self._workloads if workload.split == "train"), WINDOW)

    def fingerprint(self) -> str:
        return digest(*(f"{workload.name} {workload.data.digest}" for workload in self._workloads))

    def judge(self, player: Player, workload: Workload[Requests]) -> Verdict:
        return self.judge_together(player, [workload])[0]

    def judge_together(self, player: Player, workloads: Sequence[Workload[Requests]]) -> list[Verdict]:
        streams = [Stream(workload.data, WINDOW, self.sight) for workload in workloads]
        before = player.cpu_seconds
        settings = [{"window": WINDOW, "sight": self.sight, "seed": workload.name} for workload in workloads]
        crew = player.crew("Scheduler", settings)

        def ask(columns: Mapping[str, Any], who: Sequence[int]) -> Sequence[int]:
            return crew.step("pick", columns, who, expect=int)

        decisions = play(streams, ask)
        in_time(player.cpu_seconds - before, decisions)
        return [self._verdict(stream) for stream in streams]

    def summary(self, verdicts: Sequence[Verdict]) -> dict[str, float]:
        """Sums over the streams of a split, and derived metrics."""
        return schedules.summary(verdicts)

    def _verdict(self, stream: Stream) -> Verdict:
        requests = stream.requests
        if requests.digest not in self._usual:
            self._usual[requests.digest] = window_smf(requests.batch, Random(SEED), WINDOW, USUAL_SAMPLE)
        makespan = stream.clocks.makespan
        metrics = schedules.metrics(requests, makespan, self._usual[requests.digest])
        return Verdict(schedules.score(requests, makespan), metrics, feedback(stream))


def in_time(spent: float, decisions: int) -> None:
    """Check the CPU time of decisions: a scheduler must not take longer than the work that it orders.

    Raises:
        Foul: decisions took too long on average.
    """
    if spent > START_SECONDS + decisions * DECISION_SECONDS:
        each = 1000 * (spent - START_SECONDS) / decisions
        raise Foul(
            "timeout",
            f"{decisions} decisions took {each:.2f} ms of CPU time each on average, {1000 * DECISION_SECONDS:g} allowed",
        )
