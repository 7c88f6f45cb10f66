"""The sandbox's files: a package that is offered comes with what it imports, and with nothing else."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from adrs.core.failure import Refusal
from adrs.sandbox import mounts, wire
from adrs.sandbox.isolation import Sandbox, SandboxOptions

TORCH = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the extra torch is not installed")


def names(*packages: str) -> set[str]:
    return {Path(path).name for path in mounts.places(packages).packages}


def test_an_offered_package_brings_its_requirements_and_their_own() -> None:
    assert {"rich", "pygments", "markdown_it", "mdurl"} <= names("rich")
    assert not names("rich") & {"adrs", "pytest", "sqlalchemy", "scipy"}
    assert "pygments" not in names()


def test_extras_of_a_package_stay_out() -> None:
    assert "pandas" not in names("numpy")
    assert "pygments" not in names("jinja2"), "nothing that only an extra of it asks for"


def test_a_package_that_is_not_there_is_named() -> None:
    with pytest.raises(Refusal, match="no_such_thing, which is not installed: pip install no_such_thing"):
        mounts.places(("no_such_thing",))


def test_a_package_with_requirements_costs_no_layer() -> None:
    """Except the user id, and only without bubblewrap, where another user could not read the interpreter."""
    levels: list[set[str]] = []
    for packages in ((), ("rich",)):
        sandbox = Sandbox(SandboxOptions(packages=packages))
        levels.append(set(sandbox.layers.names()))
        sandbox.close()
    lost = {"uid"} if mounts.find_bwrap() is None and mounts.places(("rich",)).private else set()
    assert levels[0] - levels[1] <= lost
    assert levels[1] <= levels[0]


def test_a_device_is_there_for_the_package_that_wants_it_alone() -> None:
    def devices(*packages: str) -> list[str]:
        return [part for part in mounts.bwrap_command("bwrap", mounts.places(), {}, packages) if part.startswith("/dev")]

    assert devices() == devices("scipy") == []
    assert devices("torch") == ["/dev", "/dev/urandom", "/dev/urandom"]


class Tensor:
    """What the wire knows of torch's."""

    def detach(self) -> Tensor:
        return self

    cpu = detach

    def numpy(self) -> np.ndarray:
        return np.arange(6).reshape(2, 3)


def test_tensors_travel_as_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(wire.Unsendable, match="a value of type Tensor"):
        wire.plain(Tensor())
    monkeypatch.setattr(Tensor, "__module__", "torch")
    assert np.array_equal(wire.decode(wire.encode_answer(wire.plain([Tensor()])))[0], np.arange(6).reshape(2, 3))


@TORCH
def test_torch_costs_no_layer_and_its_tensors_travel() -> None:
    plain, torch = Sandbox(), Sandbox(SandboxOptions(packages=("torch",)))
    assert torch.layers.names() == plain.layers.names()
    plain.close()
    torch.close()
    tensor = importlib.import_module("torch").arange(6).reshape(2, 3)
    assert np.array_equal(wire.decode(wire.encode_answer(wire.plain(tensor))), np.arange(6).reshape(2, 3))
