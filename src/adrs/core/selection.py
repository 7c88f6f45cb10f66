"""selection: the trial to improve next, as a selector returns it."""

from __future__ import annotations

from dataclasses import dataclass

from adrs.core.trial import Trial


@dataclass(frozen=True)
class Selection:
    """The trial to improve, other programs to show with it, and the niche that the child belongs to."""

    parent: Trial
    inspirations: tuple[Trial, ...] = ()
    niche: str = ""
