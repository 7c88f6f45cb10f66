"""layers: the layers around a player: their bits in a request, the environment, and which of them were seen to work."""

from __future__ import annotations

from dataclasses import dataclass, field

RLIMITS, LANDLOCK, SECCOMP = 1, 2, 4
ALL_LAYERS = RLIMITS | LANDLOCK | SECCOMP
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
"""The whole environment of a player."""


@dataclass
class Layers:
    """What was found: layer -> version or remark for those that are on, and why the others are not."""

    on: dict[str, str] = field(default_factory=dict)
    off: dict[str, str] = field(default_factory=dict)
    accepted_unsafe: bool = False
    """Whether somebody said that less would do; it is stored as well, so that no report can hide it."""

    @property
    def level(self) -> str:
        """ "full", "standard", or "unsafe"."""
        required = {"interpreter", "rlimits", "seccomp"} <= self.on.keys()
        if not required or not self.on.keys() & {"landlock", "bwrap"}:
            return "unsafe"
        return "full" if "bwrap" in self.on else "standard"

    def names(self) -> tuple[str, ...]:
        """The level and the layers, as they are stored with a trial."""
        accepted = ("unsafe accepted",) if self.accepted_unsafe and self.level != "unsafe" else ()
        return (self.level, *(f"{name} {says}".strip() for name, says in self.on.items()), *accepted)
