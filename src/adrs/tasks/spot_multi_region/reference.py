"""reference: Uniform Progress with any region over many games at once, on the trusted side; gaps are measured from it.

The program that is played is `baselines/uniform_progress_any_region.py`; a test compares the two.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from adrs.tasks.spot.reference import uniform_progress
from adrs.tasks.spot.rules import SPOT, Bools, Codes, Ints
from adrs.tasks.spot_multi_region.simulator import TICK_S, Moment


def uniform_progress_any_region(moment: Moment) -> tuple[Ints, Codes]:
    """Uniform Progress, where spot anywhere counts as spot: here if available, else in the first region that has some."""
    rows = np.arange(len(moment.who))
    target = np.where(moment.up[rows, moment.region], moment.region, moment.up.argmax(axis=1))
    somewhere: Bools = np.asarray(moment.up.any(axis=1))
    action = uniform_progress(replace(moment, up=somewhere), TICK_S)
    return np.where((action == SPOT) & somewhere, target, moment.region), action
