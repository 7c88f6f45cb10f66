"""Capabilities: a part of 26 of the acceptance list: a player has none, not even where it stays root, and can gain none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sandbox_table import HONEST, LEVELS, WITHOUT, Table, process_of

from adrs.sandbox.isolation import Sandbox, SandboxOptions
from adrs.sandbox.player import SandboxPlayer

pytest_plugins = ["sandbox_levels"]

SETS = ("CapInh", "CapPrm", "CapEff", "CapAmb")


def status_of(player: SandboxPlayer) -> dict[str, str]:
    """What the kernel says of a player that was asked once: it cannot even ask by itself."""
    assert player.call("answer", 1.0, 1.0, expect=float) == 0.5
    lines = Path(f"/proc/{process_of(player).pid}/status").read_text("utf-8").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def assert_without_rights(status: dict[str, str]) -> None:
    assert {status[name] for name in SETS} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"], status["Threads"], status["Groups"]) == ("1", "2", "1", "")


def test_26_a_player_has_no_capability(table: Table) -> None:
    status = status_of(table.player(HONEST))
    if os.getuid():
        status["Groups"] = ""  # a user keeps the groups that the user is in
    assert_without_rights(status)
    if "uid" in table.sandbox.layers.on:
        assert {int(uid) >= 1 << 30 for uid in status["Uid"].split()} == {True}


@pytest.mark.skipif(os.getuid() != 0, reason="who is not root keeps no root")
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("packages", [(), ("scipy",)], ids=["closed", "open"])
def test_26_not_even_where_root_is_kept(level: str, packages: tuple[str, ...]) -> None:
    if packages:
        pytest.importorskip("scipy", reason="a package that imports lazily is needed to open the world")
    made = Sandbox(SandboxOptions(packages=packages, without=WITHOUT[level] | {"uid"}))
    table = Table(made)
    try:
        lazily = "import scipy.optimize\n" if packages else ""
        status = status_of(table.player(lazily + HONEST, seconds=5.0, memory_mb=2048))
        assert set(status["Uid"].split()) == {"0"}
        assert_without_rights({**status, "Groups": ""})
    finally:
        table.close()
        made.close()
