"""Real traces from packs and from look-alikes of the original files; a file with other content is refused."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from fake_player import DATA, needs_data

from adrs.core.failure import Refusal
from adrs.tasks.spot_single_region import real

PACKS = Path(DATA) / "cant_be_late"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, and an empty user data folder."""
    monkeypatch.setenv("ADRS_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("adrs.tasks.downloads.user_data_dir", lambda name: str(tmp_path / "user" / name))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def packed() -> tuple[np.ndarray, np.ndarray]:
    """(6, 2831) unavailable, and the leaderboard's (6, 300, 554)."""
    with np.load(PACKS / real.SERIES_PACK) as series, np.load(PACKS / real.WINDOWS_PACK) as windows:
        return series["unavailable"], windows["unavailable"]


def write_originals(folder: Path, down: np.ndarray) -> None:
    """Look-alikes of spot-traces' files: 3,895 samples, 1 = available; the rest after tick 2830 is noise."""
    folder.mkdir(exist_ok=True)
    later = np.random.default_rng(0).integers(0, 2, 3895 - real.TICKS)
    for pool, flags in zip(real.POOLS, down, strict=True):
        held = {"metadata": {"gap_seconds": 600}, "data": [*(1 - flags).tolist(), *later.tolist()]}
        (folder / f"{pool}.json").write_text(json.dumps(held))


def write_archive(path: Path, windows: np.ndarray, overhead: str = "0.02") -> None:
    """A look-alike of the leaderboard's archive, with other members in it."""
    with tarfile.open(path, "w:gz") as archive:

        def add(name: str, text: str) -> None:
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))

        add("real/README", "hello")
        link = tarfile.TarInfo(f"x/{real.POOLS[0]}/traces/random_start/0.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        for pool, rows in zip(real.POOLS, windows, strict=True):
            for key, flags in enumerate(rows):
                inside = f"real/ddl=search+task=48+overhead={overhead}/real/{pool}/traces/random_start/{key}.json"
                add(inside, json.dumps({"metadata": {}, "data": flags.tolist()}))


@needs_data
@pytest.mark.parametrize("layout", ["cant_be_late", ".", real.TASK])
def test_packs_are_found_wherever_they_may_lie(folder: Path, layout: str) -> None:
    (folder / layout).mkdir(exist_ok=True)
    shutil.copy(PACKS / real.SERIES_PACK, folder / layout)
    assert (real.series() == (packed()[0] == 0)).all()


@needs_data
@pytest.mark.parametrize("layout", [real.TASK, "."])
def test_original_files_say_the_same_as_the_pack(folder: Path, layout: str) -> None:
    write_originals(folder / layout, packed()[0])
    assert (real.series() == (packed()[0] == 0)).all()


@needs_data
@pytest.mark.parametrize("source", ["none", "pack", "archive"])
def test_the_leaderboards_windows_from_any_file_are_the_same(folder: Path, source: str) -> None:
    shutil.copy(PACKS / real.SERIES_PACK, folder)
    down, windows = packed()
    if source == "pack":
        shutil.copy(PACKS / real.WINDOWS_PACK, folder)
    if source == "archive":
        write_archive(folder / real.WINDOWS_ORIGINAL, windows)
    found = real.leaderboard(real.series())
    assert list(found) == list(real.LEADERBOARD)
    for key, up in found.items():
        assert (up == (windows[:, key] == 0)).all()
        assert (up == (down[:, real.LEADERBOARD[key] :][:, :554] == 0)).all()


@needs_data
def test_the_thirty_windows_are_the_leaderboards_own_choice(folder: Path) -> None:
    """Names sorted as text, then thirty positions at equal distances."""
    names = sorted(f"{key}.json" for key in range(300))
    chosen = [int(names[round(j * 299 / 29)].removesuffix(".json")) for j in range(30)]
    assert chosen == list(real.LEADERBOARD)
    with np.load(PACKS / real.WINDOWS_PACK) as held:
        starts = dict(zip(held["window_id"].tolist(), held["start_tick"].tolist(), strict=True))
    assert {key: starts[key] for key in chosen} == real.LEADERBOARD


@needs_data
def test_a_changed_series_is_refused(folder: Path) -> None:
    down = packed()[0].copy()
    down[3, 1000] ^= 1
    write_originals(folder / real.TASK, down)
    with pytest.raises(Refusal, match=r"does not hold the expected traces: delete it and run `adrs data fetch"):
        real.series()


@needs_data
@pytest.mark.parametrize("change", ["flip", "short"])
def test_a_changed_archive_is_refused(folder: Path, change: str) -> None:
    shutil.copy(PACKS / real.SERIES_PACK, folder)
    windows = packed()[1].copy()
    windows[0, 107, 3] ^= 1
    write_archive(folder / real.WINDOWS_ORIGINAL, windows if change == "flip" else windows[:, :200])
    with pytest.raises(Refusal, match=real.WINDOWS_ORIGINAL):
        real.leaderboard(real.series())


@pytest.mark.parametrize("text", ["", "{", "[]", '{"data": 3}', '{"data": [1, 2]}', '{"data": "0101"}'])
def test_damaged_originals_are_refused(folder: Path, text: str) -> None:
    for pool in real.POOLS:
        (folder / f"{pool}.json").write_text(text)
    with pytest.raises(Refusal, match="delete it"):
        real.series()


@pytest.mark.parametrize("name", [real.SERIES_PACK, real.WINDOWS_PACK, real.WINDOWS_ORIGINAL])
@pytest.mark.parametrize("content", [b"", b"no archive at all", b"PK\x03\x04 torn"])
def test_damaged_packs_are_refused(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    dark = np.zeros((6, real.TICKS), bool)
    read = real.series if name == real.SERIES_PACK else partial(real.leaderboard, dark)
    with pytest.raises(Refusal, match=f"{name} does not hold"):
        read()


def test_a_pickle_is_never_opened(folder: Path) -> None:
    np.savez(folder / real.SERIES_PACK, pools=np.array([object()]), unavailable=np.zeros(3))
    with pytest.raises(Refusal):
        real.series()


def test_missing_files_are_named_with_the_remedy(folder: Path) -> None:
    (folder / f"{real.POOLS[0]}.json").write_text("{}")
    with pytest.raises(Refusal, match=rf"needs {real.POOLS[1]}\.json, which is not in {folder}.*adrs data fetch.*ADRS_DATA"):
        real.series()


def test_sources_are_pinned() -> None:
    assert [source.name for source in real.SOURCES] == [f"{pool}.json" for pool in real.POOLS]
    for source in real.SOURCES:
        assert len(source.sha256) == 64
        assert source.url.startswith("https://raw.githubusercontent.com/skypilot-org/spot-traces/221da1ab9bdfe7966da296265d")
