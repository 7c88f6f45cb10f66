"""Cached numbers: computed once, never used when damaged, and an unusable cache is no obstacle."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest

from adrs.tasks.cache import cached, digest


class Counted:
    """Counts how often its numbers are computed."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> np.ndarray:
        self.times += 1
        return np.array([[0.1 + 0.2, 1e300, -0.0]])


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ADRS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_numbers_are_computed_once_and_come_back_bit_by_bit(cache: Path) -> None:
    counted = Counted()
    first, again = (cached("task", "key", (1, 3), counted) for _ in range(2))
    assert counted.times == 1
    assert first.tobytes() == again.tobytes()
    assert [path.name for path in cache.rglob("*") if path.is_file()] == ["key.json"]
    cached("other", "key", (1, 3), counted)
    assert counted.times == 2


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"sha256": "", "numbers": [[1, 2, 3]]}', "\udcff"])
def test_a_damaged_file_is_computed_anew_and_replaced(cache: Path, damage: str) -> None:
    counted = Counted()
    whole = cached("task", "key", (1, 3), counted)
    (cache / "bounds/task/key.json").write_bytes(damage.encode("utf-8", "surrogateescape"))
    assert (cached("task", "key", (1, 3), counted) == whole).all()
    assert (cached("task", "key", (1, 3), counted) == whole).all()
    assert counted.times == 2


def test_a_changed_number_or_another_shape_is_not_used(cache: Path) -> None:
    counted = Counted()
    cached("task", "key", (1, 3), counted)
    file = cache / "bounds/task/key.json"
    held = json.loads(file.read_text())
    file.write_text(json.dumps({**held, "numbers": [[1.0, 2.0, 3.0]]}))
    cached("task", "key", (1, 3), counted)
    assert counted.times == 2
    cached("task", "key", (3,), counted)
    assert counted.times == 3


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ADRS_CACHE", str(tmp_path / "file"))
    counted = Counted()
    for _ in range(2):
        assert cached("task", "key", (1, 3), counted).shape == (1, 3)
    assert counted.times == 2


def test_of_many_processes_one_computes(cache: Path) -> None:
    counted = Counted()
    threads = [threading.Thread(target=cached, args=("task", "key", (1, 3), counted)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted.times == 1
    assert [path.name for path in cache.rglob("*") if path.is_file()] == ["key.json"]


def test_boundaries_of_parts_count() -> None:
    assert digest("ab", "c") != digest("a", "bc") != digest("abc")
    assert digest("a") == digest(b"a")
