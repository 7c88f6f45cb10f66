"""reference: Uniform Progress over many games at once, on the trusted side; what a policy's gap is measured from.

The program that is played is `baselines/uniform_progress.py`; a test compares the two.
"""

from __future__ import annotations

from adrs.tasks.spot import reference
from adrs.tasks.spot.rules import Codes
from adrs.tasks.spot.simulator import Moment
from adrs.tasks.spot_single_region.simulator import TICK_S


def uniform_progress(moment: Moment) -> Codes:
    """The actions of Uniform Progress in one region."""
    return reference.uniform_progress(moment, TICK_S)
