"""The measured network: golden values of the five published transfers, splits, and files with other content."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from fake_player import DATA, FakePlayer, needs

from adrs.catalog import load_task
from adrs.core.failure import Refusal
from adrs.core.task import Verdict
from adrs.tasks.cloudcast import real
from adrs.tasks.cloudcast.bound import steiner_price
from adrs.tasks.cloudcast.task import Cloudcast
from adrs.tasks.cloudcast.transfers import RELAYS_PAY, tree_price

PACK = Path(DATA) / "cloudcast"
needs_data = needs("cloudcast")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, and an empty user data folder."""
    monkeypatch.setenv("ADRS_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("adrs.tasks.downloads.user_data_dir", lambda name: str(tmp_path / "user" / name))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def made(**options: object) -> Cloudcast:
    task = load_task("cloudcast", {"data": "real", **options})
    assert isinstance(task, Cloudcast)
    return task


def played(task: Cloudcast, program: str) -> dict[str, Verdict]:
    """name -> verdict on the published transfers."""
    return {w.name: task.judge(FakePlayer(program), w) for w in task.workloads() if w.split == "test"}


GOLDEN = {
    "direct": ((165.02, 144.94, 167.16, 332.16, 389.88), 1199.169, -0.03),
    "dijkstra": ((165.02, 144.94, 161.47, 268.85, 305.57), 1045.860, 26.74),
    "steiner": ((59.52, 99.79, 143.06, 161.94, 161.94), 626.245, 100.00),
}


@needs_data
@pytest.mark.parametrize("rules", ["clean", "leaderboard"])
@pytest.mark.parametrize("name", GOLDEN)
def test_published_dollars_to_the_cent(name: str, rules: str) -> None:
    task = made(rules=rules)
    verdicts = played(task, task.baselines[name])
    cents, total, score = GOLDEN[name]
    assert list(verdicts) == list(real.PUBLISHED)
    for golden, verdict in zip(cents, verdicts.values(), strict=True):
        assert verdict.metrics["cost"] == pytest.approx(golden, abs=0.00501)
    summary = task.summary(list(verdicts.values()))
    assert summary["total_cost"] == pytest.approx(total, abs=5e-4)
    assert summary["leaderboard_score"] == pytest.approx(score, abs=0.005)


@needs_data
def test_the_published_bound_and_shares() -> None:
    task = made()
    verdicts = list(played(task, task.baselines["dijkstra"]).values())
    bounds = [float(verdict.metrics["cost_bound"]) for verdict in verdicts]
    assert bounds == pytest.approx([57.50, 99.16, 141.36, 160.86, 160.91], abs=0.00501)
    assert sum(bounds) == pytest.approx(619.793, abs=5e-4)
    assert task.total(verdicts) == pytest.approx(0.192, abs=5e-4)
    steiner = list(played(task, task.baselines["steiner"]).values())
    assert task.total(steiner) == pytest.approx(0.978, abs=5e-4)


@needs_data
def test_the_tree_without_relays_is_within_the_ties_of_the_published_one() -> None:
    """Published 683.9 to 684.7, depending on ties; its egress does not depend on them."""
    task = made()
    verdicts = list(played(task, task.baselines["mdst"]).values())
    summary = task.summary(verdicts)
    assert 683.4 < summary["total_cost"] < 684.8
    assert 5 * summary["egress"] == pytest.approx(676.80)


@needs_data
def test_splits_have_no_source_in_common() -> None:
    workloads = made().workloads()
    sources = {split: {w.data.source for w in workloads if w.split == split} for split in ("train", "validation", "test")}
    assert not sources["train"] & sources["validation"]
    assert not (sources["train"] | sources["validation"]) & sources["test"]
    for seed in range(4):
        drawn = {w.data.source for w in made(data_seed=seed).workloads() if w.split == "train"}
        assert not drawn & (sources["validation"] | sources["test"])


@needs_data
def test_drawn_transfers_have_relays_that_pay() -> None:
    for workload in made().workloads():
        if workload.name.endswith("relay"):
            case = (workload.data.network.dollars, workload.data.source, workload.data.destinations)
            assert tree_price(*case) >= (1 + RELAYS_PAY) * steiner_price(*case)


@needs_data
def test_only_all_five_published_transfers_have_a_leaderboard_score() -> None:
    task = made()
    verdicts = list(played(task, task.baselines["direct"]).values())
    assert "leaderboard_score" not in task.summary(verdicts[:4])
    train = next(iter(task.workloads()))
    assert "leaderboard_points" not in task.judge(FakePlayer(task.seed), train).metrics


# files


def copy(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    for name in names or [path.name for path in PACK.iterdir() if path.suffix in (".csv", ".json")]:
        shutil.copy(PACK / name, folder)


def as_original(folder: Path, **changed: str) -> None:
    """A look-alike of the original bandwidth table: more columns, self-pairs, another order of rows."""
    with (PACK / real.SLIM).open(newline="") as rows, (folder / real.THROUGHPUT).open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["", "src_region", "dst_region", "src_tier", "throughput_sent", "log, with a comma"])
        for number, row in enumerate(reversed(list(csv.DictReader(rows)))):
            here, there, rate = row["src_region"], row["dst_region"], row["throughput_sent_bps"]
            writer.writerow([number, here, there, "PREMIUM", changed.get(here, rate), 'said "done", in 5 s'])
            if number == 0:
                writer.writerow(["x", here, here, "PREMIUM", "1.0", ""])


@needs_data
@pytest.mark.parametrize("layout", ["cloudcast", "."])
def test_the_pack_is_found_wherever_it_may_lie(folder: Path, layout: str) -> None:
    copy(folder / layout)
    assert len(real.published(real.network())) == 5


@needs_data
def test_the_original_table_says_the_same_as_the_extract(folder: Path) -> None:
    copy(folder)
    extract = real.network()
    (folder / real.SLIM).unlink()
    as_original(folder)
    whole = real.network()
    assert (whole.names, whole.gbit_s.tolist()) == (extract.names, extract.gbit_s.tolist())


@needs_data
def test_changed_numbers_are_refused(folder: Path) -> None:
    copy(folder)
    (folder / real.SLIM).unlink()
    as_original(folder, **{"aws:us-east-1": "5e9"})
    with pytest.raises(Refusal, match=r"throughput\.csv does not hold the expected numbers: delete it and run"):
        real.network()
    as_original(folder)
    prices = (folder / real.COST).read_text().replace("0.147", "0.146", 1)
    (folder / real.COST).write_text(prices)
    with pytest.raises(Refusal, match=r"cost\.csv does not hold"):
        real.network()


@needs_data
@pytest.mark.parametrize("change", [("source_node", "aws:us-east-1"), ("data_vol", 200), ("num_partitions", 5)])
def test_a_changed_transfer_is_refused(folder: Path, change: tuple[str, object]) -> None:
    copy(folder)
    path = folder / "intra_gcp.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), change[0]: change[1]}))
    with pytest.raises(Refusal, match="does not hold the expected numbers"):
        real.published(real.network())


@needs_data
@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"source_node": 3}', "[" * 100_000])
def test_damaged_transfers_are_refused(folder: Path, text: str) -> None:
    copy(folder)
    (folder / "inter_agz.json").write_text(text)
    with pytest.raises(Refusal, match=r"inter_agz\.json does not hold"):
        real.published(real.network())


@pytest.mark.parametrize(
    "content",
    [b"", b"src,dest\n", b"src,dest,cost\na,b\n", b"src,dest,cost\na,b,free\n", b"\xff\xfe", b"src,dest,cost\na,b,1\n"],
)
def test_damaged_tables_are_refused(folder: Path, content: bytes) -> None:
    for name in (real.COST, real.SLIM):
        (folder / name).write_bytes(content)
    with pytest.raises(Refusal, match=r"delete it and run `adrs data fetch cloudcast`"):
        real.network()


def test_missing_files_are_named_with_the_remedy(folder: Path) -> None:
    with pytest.raises(Refusal, match=rf"needs cost\.csv, which is not in {folder}.*adrs data fetch cloudcast.*ADRS_DATA"):
        made().workloads()
    (folder / real.COST).write_text("")
    with pytest.raises(Refusal, match=r"needs throughput\.csv"):
        real.network()


def test_sources_are_pinned() -> None:
    assert [source.name for source in real.SOURCES] == [
        real.COST,
        real.THROUGHPUT,
        *(f"{name}.json" for name in real.PUBLISHED),
    ]
    for source in real.SOURCES:
        assert len(source.sha256) == 64
        assert "/4d508c1954766e0dda0347e1f14946978ef6b761/research/problems/cloudcast/resources/" in source.url
        assert source.licence.startswith("MIT")
