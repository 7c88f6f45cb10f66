"""reference: Uniform Progress with any region over many games at once, on the trusted side; a policy's gap starts there.

The program that is played is `baselines/uniform_progress_any_region.py`; a test holds the two equal.
"""

from __future__ import annotations

import numpy as np

from adrs.tasks.spot_multi_region.simulator import TICK_S, Moment
from adrs.tasks.spot_single_region.reference import uniform_progress
from adrs.tasks.spot_single_region.simulator import SPOT, WORK_S, Bools, Codes, Ints
from adrs.tasks.spot_single_region.simulator import Moment as SingleMoment


def uniform_progress_any_region(moment: Moment) -> tuple[Ints, Codes]:
    """Uniform Progress, where spot anywhere is spot: here if there is some, else in the first region that has some."""
    rows = np.arange(len(moment.who))
    target = np.where(moment.up[rows, moment.region], moment.region, moment.up.argmax(axis=1))
    somewhere: Bools = np.asarray(moment.up.any(axis=1))
    single = SingleMoment(
        moment.tick,
        moment.elapsed_s,
        moment.who,
        moment.done_s,
        moment.pending_s,
        moment.last,
        moment.current,
        somewhere,
        moment.deadline_s,
        moment.restart_s,
    )
    action = uniform_progress(single, WORK_S, TICK_S)
    return np.where((action == SPOT) & somewhere, target, moment.region), action
