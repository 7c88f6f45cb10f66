"""Abilene and the held-out networks: known figures, splits that never overlap, and files with other content."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from fake_player import DATA, needs

from adrs.catalog import load_task
from adrs.core.failure import Refusal
from adrs.core.task import SPLITS
from adrs.tasks.telemetry_repair import published, real
from adrs.tasks.telemetry_repair.answer import repair
from adrs.tasks.telemetry_repair.baselines import (
    demand_only,
    half_confident,
    link_symmetry,
    median_of_three,
    pass_through,
    symmetry_mean,
)
from adrs.tasks.telemetry_repair.score import quality
from adrs.tasks.telemetry_repair.snapshot import RX, TX, Snapshot, Traffic, renamed, state
from adrs.tasks.telemetry_repair.splits import LEGACY
from adrs.tasks.telemetry_repair.task import TelemetryRepair
from adrs.testing import PlainPlayer

HERE = Path(DATA) / real.TASK
needs_data = needs(real.TASK)


@pytest.fixture(scope="module")
def moments() -> list[Traffic]:
    return real.abilene()


def made(**options: object) -> TelemetryRepair:
    task = load_task("telemetry_repair", {"data": "real", **options})
    assert isinstance(task, TelemetryRepair)
    return task


def scored(program: object, snapshots: list[Snapshot]) -> dict[str, float]:
    return quality(snapshots, [repair(s.reported.network, program.run_repair(*s.message)) for s in snapshots])  # type: ignore[attr-defined]


# the data


@needs_data
def test_forty_moments_of_abilene(moments: list[Traffic]) -> None:
    net = moments[0].network
    assert (len(moments), len(net.routers), len(net.ends)) == (40, 12, 30)
    assert net.names[:2] == ("ATLAM5_to_ATLAng", "ATLAng_to_ATLAM5")
    rates = np.concatenate([state(moment).rates for moment in moments])
    assert np.percentile(rates, [5, 25, 50, 75, 95]) == pytest.approx([4.4, 83, 175, 293, 507], rel=0.02)
    assert rates.max() == pytest.approx(5768, abs=1)
    assert (rates == 0).mean() == pytest.approx(0.0042, abs=0.0001)


@needs_data
def test_sound_counters_agree_as_known(moments: list[Traffic]) -> None:
    ends, balance = [], []
    for moment in moments:
        true = state(moment)
        tx, rx = true.rates[:, TX], true.rates[true.network.partner, RX]
        ends += (np.abs(tx - rx) / np.maximum(np.maximum(tx, rx), 1e-9)).tolist()
        for router, own in enumerate(true.network.own):
            into = true.external[router, 0] + true.rates[list(own), RX].sum()
            out = true.external[router, 1] + true.rates[list(own), TX].sum()
            balance.append(abs(into - out) / max(into, out))
    assert max(ends) <= 0.0384
    assert np.median(balance) == pytest.approx(0.008, abs=0.002)
    assert max(balance) <= 0.035


@needs_data
@pytest.mark.parametrize(
    ("name", "routers", "links"), [("polska", 12, 18), ("nobel-germany", 17, 26), ("geant", 22, 36), ("germany50", 50, 88)]
)
def test_shapes_of_the_held_out_networks(name: str, routers: int, links: int) -> None:
    size, joined = real.shape(name)
    assert (size, len(joined)) == (routers, links)
    assert {end for pair in joined for end in pair} == set(range(routers))


# figures that are known


@needs_data
@pytest.mark.parametrize(
    ("program", "combined", "counter", "calibration", "points"),
    [
        (half_confident, 0.7994, 0.831, 0.631, 0),
        (pass_through, 0.8381, 0.831, 0.824, 55.0),
        (link_symmetry, 0.9554, 0.953, 0.955, 87.6),
    ],
)
def test_the_public_evaluators_figures_of_seed_42(
    moments: list[Traffic], program: object, combined: float, counter: float, calibration: float, points: float
) -> None:
    parts = scored(program, published.legacy(moments))
    assert parts["combined"] == pytest.approx(combined, abs=5e-5)
    assert parts["counter"] == pytest.approx(counter, abs=5e-4)
    assert parts["calibration"] == pytest.approx(calibration, abs=5e-4)
    assert published.points(parts["combined"]) == pytest.approx(points, abs=0.05)


@needs_data
@pytest.mark.parametrize(("program", "mean", "spread"), [(pass_through, 0.8674, 0.0194), (link_symmetry, 0.9527, 0.0073)])
def test_the_public_evaluators_figures_over_ten_seeds(
    moments: list[Traffic], program: object, mean: float, spread: float
) -> None:
    combined = [scored(program, published.legacy(moments, seed))["combined"] for seed in range(10)]
    assert np.mean(combined) == pytest.approx(mean, abs=6e-4)
    assert np.std(combined, ddof=1) == pytest.approx(spread, abs=5e-4)


@needs_data
@pytest.mark.parametrize(
    ("program", "counter"),
    [
        (median_of_three, (0.940, 0.986, 0.941, 0.984)),
        (symmetry_mean, (0.940, 0.930, 0.941, 0.935)),
        (demand_only, (0.989, 0.989, 0.989, 0.989)),
    ],
)
def test_known_accuracies_with_sound_demands(moments: list[Traffic], program: object, counter: tuple[float, ...]) -> None:
    """The published corruption and counter score, with demands and paths given; three draws of all forty moments.

    Whole routers fall silent or do not, so means over 40 moments differ by a point and more between draws.
    """
    rng = np.random.default_rng(0)
    for bug, expected in zip(published.BUGS, counter, strict=True):
        drawn = [published.corrupted(state(moment), bug, rng) for moment in moments for _ in range(3)]
        said = [
            repair(s.reported.network, program.run_repair(*Snapshot(s.true, s.reported, s.kinds, s.bugs).message))  # type: ignore[attr-defined]
            for s in drawn
        ]
        assert quality(drawn, said)["counter"] == pytest.approx(expected, abs=0.02 if bug == "router drop" else 0.012), bug


# splits


@needs_data
def test_abilene_is_split_by_time_and_networks_are_held_out_whole(moments: list[Traffic]) -> None:
    task = made()
    assert [sum(workload.split == split for workload in task.workloads()) for split in SPLITS] == [6, 12, 12]
    totals = {round(float(moment.demands.sum()), 6): number for number, moment in enumerate(moments)}
    seen: dict[str, set[int]] = {split: set() for split in SPLITS}
    for workload in task.workloads():
        if "abilene" in workload.name:
            numbers = [totals[round(float(s.true.demands.sum()), 6)] for s in workload.data.snapshots]
            assert len(set(numbers)) == len(numbers)
            seen[workload.split] |= set(numbers)
            assert all(name.startswith("R") for s in workload.data.snapshots for name in s.reported.network.routers)
        else:
            sizes = {len(s.true.network.routers) for s in workload.data.snapshots}
            assert sizes == ({12, 17} if workload.split == "validation" else {22, 50})
    assert max(seen["train"]) < min(seen["validation"]) <= max(seen["validation"]) < min(seen["test"])


@needs_data
def test_the_leaderboards_test_is_abilene_and_the_rest_is_not() -> None:
    task = made(rules="leaderboard")
    test = [workload for workload in task.workloads() if workload.split == "test"]
    assert len(test) == 13
    assert [len(workload.data.snapshots) for workload in test] == [40] * 12 + [30]
    assert all(workload.data.snapshots[0].reported.network.routers[0] == "ATLAM5" for workload in test)
    others = [workload for workload in task.workloads() if workload.split != "test"]
    assert all(workload.data.snapshots[0].reported.network.routers[0] == "R01" for workload in others)
    last = test[-1]
    assert last.name == LEGACY
    verdict = task.judge(PlainPlayer(task.baselines["pass_through"]), last)
    summary = task.summary([verdict])
    assert summary["legacy_combined"] == pytest.approx(0.8381, abs=5e-5)
    assert summary["legacy_points"] == pytest.approx(55.0, abs=0.05)


@needs_data
def test_an_outage_of_measured_traffic_keeps_what_was_measured_elsewhere(moments: list[Traffic]) -> None:
    (one,) = renamed(moments[:1], np.random.default_rng(0))
    assert state(one).rates.sum() == pytest.approx(state(moments[0]).rates.sum())


# files


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ADRS_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("adrs.tasks.downloads.user_data_dir", lambda name: str(tmp_path / "user" / name))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_files_that_are_not_there_are_named_with_the_remedy(folder: Path) -> None:
    with pytest.raises(Refusal, match=rf"evaluation_data\.csv, which is not in {folder}.*adrs data fetch telemetry_repair"):
        made().workloads()
    with pytest.raises(Refusal, match=r"geant\.graphml\.xml"):
        real.shape("geant")


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe", b",x\n1,\"__import__('os').getcwd()\"\n"])
def test_another_table_is_refused_before_it_is_parsed(folder: Path, content: bytes) -> None:
    (folder / real.TABLE).write_bytes(content)
    with pytest.raises(Refusal, match=r"has another checksum than expected: delete it"):
        real.abilene()


def test_another_network_is_refused(folder: Path) -> None:
    (folder / real.TASK).mkdir()
    (folder / real.TASK / "polska.graphml.xml").write_text("<graphml/>")
    with pytest.raises(Refusal, match="has another checksum than expected"):
        real.shape("polska")


@needs_data
def test_files_are_found_wherever_they_may_lie(folder: Path) -> None:
    for source in real.SOURCES:
        path = next(path for path in (HERE / source.name, HERE / "topologies" / source.name) if path.is_file())
        shutil.copy(path, folder)
    assert len(real.abilene()) == 40
    assert real.shape("geant")[0] == 22


def test_sources_are_pinned() -> None:
    assert len(real.SOURCES) == 6
    for source in real.SOURCES:
        assert len(source.sha256) == 64
        assert any(
            commit in source.url for commit in ("/2d7047e9f6718441708503afe4769f4f27e4c544/", "/6a8b49152cfbf34c1c2728f64")
        )
