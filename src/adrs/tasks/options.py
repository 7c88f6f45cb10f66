"""options: checks of options that many tasks have. Conversion of texts belongs to the catalogue."""

from __future__ import annotations

from adrs.core.failure import Refusal


def checked_seed(data_seed: int) -> int:
    """`data_seed`, the number that synthetic workloads are made from.

    Raises:
        Refusal: it is negative.
    """
    if data_seed < 0:
        raise Refusal(f"data_seed={data_seed} is below 0: give a whole number from 0 on")
    return data_seed
