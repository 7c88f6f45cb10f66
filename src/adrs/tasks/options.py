"""options: checks of options that many tasks have. Conversion of texts belongs to the catalogue."""

from __future__ import annotations

from adrs.core.failure import Refusal


def checked_seeds(data_seed: int, held_out_seed: int | None) -> tuple[int, int | None]:
    """The random seeds that synthetic workloads are drawn from, as `core.task.Task` keeps them.

    Raises:
        Refusal: one of them is negative.
    """
    for name, value in (("data_seed", data_seed), ("held_out_seed", held_out_seed)):
        if value is not None and value < 0:
            raise Refusal(f"{name}={value} is below 0: give a whole number from 0 on")
    return data_seed, held_out_seed
