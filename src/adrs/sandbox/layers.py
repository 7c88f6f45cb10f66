"""layers: the isolation layers of a player: their bits in a request, the environment, and which of them work."""

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
"""The complete environment of a player."""


@dataclass
class Layers:
    """The result of probing: layer -> version or remark for active layers, layer -> reason for the others."""

    on: dict[str, str] = field(default_factory=dict)
    off: dict[str, str] = field(default_factory=dict)
    accepted_unsafe: bool = False
    """Whether the user accepted missing layers; stored with every trial, so that reports show it."""

    @property
    def level(self) -> str:
        """ "full", "standard", or "unsafe"."""
        required = {"interpreter", "rlimits", "seccomp"} <= self.on.keys()
        if not required or not self.on.keys() & {"landlock", "bwrap"}:
            return "unsafe"
        return "full" if "bwrap" in self.on else "standard"

    def names(self) -> tuple[str, ...]:
        """The level and the layers, as stored with a trial."""
        accepted = ("unsafe accepted",) if self.accepted_unsafe and self.level != "unsafe" else ()
        return (self.level, *(f"{name} {says}".strip() for name, says in self.on.items()), *accepted)
