"""The leaderboard's batches from the pack and from look-alikes of the original file; anything else is refused."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from random import Random

import pytest
from fake_player import DATA, needs

from adrs.core.failure import Refusal
from adrs.tasks.transactions import real
from adrs.tasks.transactions.reference import SEED, smf

PACK = Path(DATA) / "txn_scheduling" / real.PACK
needs_pack = needs("txn_scheduling")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, and an empty user data folder."""
    monkeypatch.setenv("ADRS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ADRS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("adrs.tasks.downloads.user_data_dir", lambda name: str(tmp_path / "user" / name))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@needs_pack
@pytest.mark.parametrize("layout", [real.PACKS, real.TASK, "."])
def test_the_pack_is_found_and_has_the_published_makespans(folder: Path, layout: str) -> None:
    (folder / layout).mkdir(exist_ok=True)
    shutil.copy(PACK, folder / layout)
    batches = real.leaderboard()
    assert [batch.first_come for batch in batches.values()] == [452, 38, 47]
    assert [batch.bound for batch in batches.values()] == [127, 33, 28]
    rng = Random(SEED)
    assert sum(batch.batch.makespan(smf(batch.batch, rng)) for batch in batches.values()) == 352
    assert [batch.batch.makespan(smf(batch.batch, Random(SEED))) for batch in batches.values()] == [244, 55, 61]


@needs_pack
def test_the_original_says_the_same_and_is_never_run(folder: Path) -> None:
    held = json.loads(gzip.decompress(PACK.read_bytes()))
    names = ("WORKLOAD_1", "WORKLOAD_2", "WORKLOAD_3")
    lines = [
        "raise SystemExit('run')",
        *(f"{name} = {json.dumps(held[kind])!r}" for name, kind in zip(names, held, strict=True)),
    ]
    (folder / "workloads.py").write_text("\n".join(lines))
    assert [batch.first_come for batch in real.leaderboard().values()] == [452, 38, 47]


def test_missing_files_are_named_with_the_remedy(folder: Path) -> None:
    with pytest.raises(Refusal, match=rf"needs workloads\.py, which is not in {folder}.*adrs data fetch.*ADRS_DATA"):
        real.leaderboard()


@pytest.mark.parametrize("name", [real.PACK, "workloads.py"])
@pytest.mark.parametrize(
    "content", [b"", b"\x1f\x8b torn", b"x = '{}'", b"x = 1\ny = '['", b"\xff\xfe", gzip.compress(b'{"W1": 3}', mtime=0)]
)
def test_damaged_files_are_refused(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(Refusal, match=f"{name} does not hold the expected batches"):
        real.leaderboard()


@needs_pack
def test_another_batch_is_refused(folder: Path) -> None:
    held = json.loads(gzip.decompress(PACK.read_bytes()))
    held["W2"]["txn3"] = held["W2"]["txn4"]
    (folder / real.PACK).write_bytes(gzip.compress(json.dumps(held).encode()))
    with pytest.raises(Refusal, match="delete it"):
        real.leaderboard()


def test_the_source_is_pinned() -> None:
    (source,) = real.SOURCES
    assert len(source.sha256) == 64
    assert "/f856497ded0c34c97323730f2012a2767b1caa92/" in source.url
