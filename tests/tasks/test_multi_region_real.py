"""Real traces of several regions from the pack and from look-alikes of the archive; what is not as it should be is refused."""

from __future__ import annotations

import io
import itertools
import json
import shutil
import tarfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_player import DATA, needs

from adrs.core.failure import Refusal
from adrs.tasks.spot_multi_region import real, splits
from adrs.tasks.spot_multi_region.simulator import TICK_S
from adrs.tasks.spot_multi_region.windows import ZONES, Window

PACK = Path(DATA) / real.PACK / real.PACKED
real_data = needs("cant_be_late_multi")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, and an empty user data folder."""
    monkeypatch.setenv("ADRS_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("adrs.tasks.downloads.user_data_dir", lambda name: str(tmp_path / "user" / name))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def add(archive: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text)
    archive.addfile(entry, io.BytesIO(text.encode()))


def write_archive(path: Path, change: str = "") -> None:
    """A look-alike of the archive: the public windows, and others that nobody may open."""
    path.parent.mkdir(exist_ok=True)
    with np.load(PACK) as held:
        down, price, started = held["unavailable"], held["spot_price_e4"], held["start_time"].tolist()
    if change == "flip":
        down = down.copy()
        down[3, 4, 5] ^= 1
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        link = tarfile.TarInfo(f"x/{ZONES[0]}_v100_1/0.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        for at, zone in enumerate(ZONES):
            add(archive, f"converted_multi_region_aligned/{zone}_v100_1/9.json", "{ nobody's business")
            for row, key in enumerate(real.IDS[: -1 if change == "short" else None]):
                held_here: dict[str, Any] = {
                    "metadata": {"gap_seconds": 195, "start_time": started[row]},
                    "data": down[at, row].tolist(),
                    "prices": (price[at, row] / 1e4).tolist(),
                }
                add(archive, f"converted_multi_region_aligned/{zone}_v100_1/{key}.json", json.dumps(held_here))


@real_data
@pytest.mark.parametrize("layout", [real.PACK, ".", real.TASK])
def test_the_pack_is_found_wherever_it_may_lie(folder: Path, layout: str) -> None:
    (folder / layout).mkdir(exist_ok=True)
    shutil.copy(PACK, folder / layout)
    found = real.traces()
    assert found.up.shape == found.price.shape == (9, 75, 1107)
    assert found.up.mean(axis=(1, 2)).round(2).tolist() == [0.15, 0.42, 0.42, 0.55, 0.74, 0.64, 0.91, 0.92, 0.91]


@real_data
def test_the_archive_says_the_same_as_the_pack(folder: Path) -> None:
    write_archive(folder / real.TASK / real.ARCHIVE)
    by_archive = real.traces()
    shutil.copy(PACK, folder)
    by_pack = real.traces()
    assert by_archive.start == by_pack.start
    assert (by_archive.up == by_pack.up).all()
    assert (by_archive.price == by_pack.price).all()


@real_data
@pytest.mark.parametrize("change", ["flip", "short"])
def test_a_changed_archive_is_refused(folder: Path, change: str) -> None:
    write_archive(folder / real.TASK / real.ARCHIVE, change)
    with pytest.raises(Refusal, match=r"does not hold the expected traces: delete it and run `adrs data fetch spot_multi"):
        real.traces()


@pytest.mark.parametrize("name", [real.PACKED, real.ARCHIVE])
@pytest.mark.parametrize("content", [b"", b"no archive at all", b"PK\x03\x04 torn"])
def test_damaged_files_are_refused(folder: Path, name: str, content: bytes) -> None:
    (folder / real.TASK).mkdir()
    (folder / real.TASK / name).write_bytes(content)
    with pytest.raises(Refusal, match=f"{name} does not hold"):
        real.traces()


def test_a_pickle_is_never_opened(folder: Path) -> None:
    np.savez(folder / real.PACKED, regions=np.array([object()]), unavailable=np.zeros(3))
    with pytest.raises(Refusal):
        real.traces()


def test_missing_files_are_named_with_the_remedy(folder: Path) -> None:
    with pytest.raises(Refusal, match=rf"needs {real.ARCHIVE}, which is not in {folder}.*fetch spot_multi_region.*ADRS_DATA"):
        real.traces()


def test_the_archive_of_one_region_is_not_taken_for_ours(folder: Path) -> None:
    (folder / real.ARCHIVE).write_bytes(b"the single-region windows have an archive of the same name")
    with pytest.raises(Refusal, match="needs"):
        real.traces()


def test_the_source_is_pinned() -> None:
    (source,) = real.SOURCES
    assert len(source.sha256) == 64
    assert source.url.startswith(
        "https://raw.githubusercontent.com/FrontierCS/Frontier-CS/4d508c1954766e0dda0347e1f14946978ef6b761/"
    )


@real_data
def test_no_public_window_touches_the_time_that_is_kept() -> None:
    """The windows that are in no list here lie in one gap of more than four days."""
    starts = sorted(real.traces().start.values())
    gap, after = max((b - a, a) for a, b in itertools.pairwise(starts))
    assert gap - 1107 * TICK_S > 4 * 86400
    assert str(real.ORIGIN + timedelta(seconds=after))[:10] == "2023-03-10"
    assert len(real.IDS) == 75


def windows(split: str) -> list[Window]:
    return [workload.data for workload in splits.real_windows("large") if workload.split == split]


@real_data
def test_real_splits_never_overlap() -> None:
    """No moment that a game of one split may see is one that a game of another may see."""
    seen = {split: [(w.start, w.end) for w in windows(split)] for split in ("train", "validation", "test")}
    assert [len(spans) for spans in seen.values()] == [15, 5, 8]
    for split, other in (("train", "validation"), ("train", "test"), ("validation", "test")):
        for begin, end in seen[split]:
            assert all(end <= start or stop <= begin for start, stop in seen[other])
    assert max(end for _, end in seen["train"]) < min(begin for begin, _ in seen["validation"])
    assert all(w.up.shape[1] >= w.ticks for split in seen for w in windows(split))


@real_data
def test_the_test_split_is_the_leaderboards_workload() -> None:
    played = windows("test")
    games = [(at, game) for at, window in enumerate(played) for game in window.games]
    assert len(games) == 34
    assert {(game.deadline_h, game.restart_h) for _, game in games} == {(52, 0.2)}
    counts = {name: sum(game.zones == name for _, game in games) for name in splits.LEADERBOARD_WINDOWS}
    assert counts == splits.LEADERBOARD_WINDOWS
    for name in counts:
        weights = [w.weights[w.sets.index(name)] for w in played if name in w.sets]
        assert sum(weights) == pytest.approx(1)
