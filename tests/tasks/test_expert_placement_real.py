"""The measured expert loads from look-alikes of the original file; a file with other content is refused."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from adrs.catalog import load_task
from adrs.core.failure import Refusal
from adrs.tasks.expert_placement import real


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, an empty user data folder and an empty cache."""
    monkeypatch.setenv("ADRS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ADRS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("adrs.tasks.downloads.user_data_dir", lambda name: str(tmp_path / "user" / name))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def steps(count: int, layers: int = 2, experts: int = 256) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 1000, (count, layers, experts))


def write(path: Path, load: np.ndarray, indent: int | None = None) -> Path:
    history = [{"step": at, "logical_expert_load": each.tolist(), "other": [[1, 2], [3]]} for at, each in enumerate(load)]
    path.write_text(json.dumps({"load_history": history}, indent=indent))
    return path


def trust(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a look-alike pass for the original."""
    digest = sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(real, "SOURCE", type(real.SOURCE)(real.SOURCE.name, real.SOURCE.url, digest, 1, "", ""))


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("chunk", [1 << 20, 997])
def test_blocks_of_a_hundred_steps_are_summed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, indent: int | None, chunk: int
) -> None:
    monkeypatch.setattr(real, "_CHUNK", chunk)
    load = steps(230, experts=12)
    windows = real.windows(write(folder / "x.json", load, indent))
    assert windows.dtype == np.int64
    assert np.array_equal(windows, [load[:100].sum(axis=0), load[100:200].sum(axis=0), load[200:].sum(axis=0)])


@pytest.mark.parametrize("layout", [".", "expert_placement", "eplb"])
def test_the_file_is_found_read_once_and_remembered(folder: Path, monkeypatch: pytest.MonkeyPatch, layout: str) -> None:
    (folder / layout).mkdir(exist_ok=True)
    load = steps(1001)
    trust(write(folder / layout / "expert-load.json", load), monkeypatch)
    first = real.series()
    assert first.load.shape == (11, 2, 256)
    assert first.cluster == real.CLUSTER
    monkeypatch.setattr(real, "windows", None)
    assert np.array_equal(real.series().load, first.load)
    task = load_task("expert_placement", {"data": "real"})
    assert [len(workload.data.load) for workload in task.workloads()] == [5, 3, 3]


def test_a_missing_file_is_named_with_the_remedy(folder: Path) -> None:
    with pytest.raises(Refusal, match=rf"needs expert-load\.json, which is not in {folder}.*adrs data fetch.*ADRS_DATA"):
        load_task("expert_placement", {"data": "real"}).workloads()


def test_another_file_of_that_name_is_refused(folder: Path) -> None:
    write(folder / "expert-load.json", steps(1001))
    with pytest.raises(Refusal, match="does not hold the expected loads"):
        real.series()


@pytest.mark.parametrize("shape", [(900, 2, 256), (1001, 2, 250), (1001, 2, 296)])
def test_too_few_windows_or_experts_that_do_not_fit_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int, int]
) -> None:
    trust(write(folder / "expert-load.json", steps(*shape)), monkeypatch)
    with pytest.raises(Refusal, match="does not hold"):
        real.series()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"load_history": []}',
        '{"load_history": [{"logical_expert_load": [[1, 2], [3, 4]',
        '{"load_history": [{"logical_expert_load": [[1, 2], [3]]}]}',
        '{"load_history": [{"logical_expert_load": [[1, 2.5]]}]}',
        '{"load_history": [{"logical_expert_load": [["a", "b"]]}]}',
        '{"load_history": [{"logical_expert_load": [[1, -2]]}]}',
        '{"load_history": [{"logical_expert_load": [[]]}]}',
        '{"load_history": [{"logical_expert_load": [[1, 2]]}, {"logical_expert_load": [[1, 2, 3]]}]}',
        '{"load_history": [{"logical_expert_load": [[99999999999999999999999]]}]}',
    ],
)
def test_damaged_files_are_refused(folder: Path, text: str) -> None:
    (folder / "x.json").write_text(text)
    with pytest.raises(Refusal, match="does not hold"):
        real.windows(folder / "x.json")


def test_the_source_is_pinned() -> None:
    assert real.SOURCE.size == 234_047_730
    assert real.SOURCE.sha256.startswith("d93580b3cb3e404a")
    assert len(real.SOURCE.sha256) == 64
