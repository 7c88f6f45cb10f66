"""reference: Uniform Progress over many games at once, on the trusted side; what a policy's gap is measured from.

The programs that are played are in the `baselines/` of both tasks; tests compare them with this.
"""

from __future__ import annotations

import numpy as np

from adrs.tasks.spot.rules import NONE, ON_DEMAND, SPOT, WORK_S, Codes
from adrs.tasks.spot.simulator import Moment


def uniform_progress(moment: Moment, tick: float, work: float = WORK_S) -> Codes:
    """The actions of Uniform Progress (NSDI 2024, `rc_cr_threshold`); later rules override earlier ones.

    Args:
        moment: with `up` of shape (games,).
        tick, work: seconds of a tick, seconds of work of a job.
    """
    up, current, done = moment.up, moment.current, moment.done_s
    deadline, restart = moment.deadline_s, moment.restart_s
    left = np.floor((deadline - moment.elapsed_s) / tick)
    need = np.ceil((work - done + restart) / tick)
    need_twice = np.ceil((work - done + 2 * restart) / tick)
    otherwise = np.where(done < moment.elapsed_s * work / deadline, ON_DEMAND, NONE)
    action = np.where(up, SPOT, otherwise)
    ahead = done > (moment.elapsed_s + 2 * restart) * work / deadline
    action[(current == ON_DEMAND) & ~(up & ahead)] = ON_DEMAND
    action[(need_twice >= left) & (current != SPOT)] = ON_DEMAND
    healthy = ((current == SPOT) & (moment.pending_s < 1e-3)) | ((restart == 0) & up)
    return np.where(need >= left, np.where(healthy, SPOT, ON_DEMAND), action).astype(np.int8)
