"""The sparse attention task: what a player sees, what is a foul, what scores are measured from, and captured tensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adrs.catalog import load_task
from adrs.core.failure import Foul, Refusal
from adrs.core.task import SPLITS, Workload
from adrs.tasks.sparse_attention.asking import player_seed
from adrs.tasks.sparse_attention.heads import Layer
from adrs.tasks.sparse_attention.score import references
from adrs.tasks.sparse_attention.synthetic import KINDS, Shape, head, layer
from adrs.tasks.sparse_attention.task import SparseAttention
from adrs.testing import PlainPlayer

TINY = Workload("tiny", layer(Shape(256, 2, (1, 1, 1, 1)), (0, 9)), "train")


def made(**options: object) -> SparseAttention:
    task = load_task("sparse_attention", options)
    assert isinstance(task, SparseAttention)
    return task


def program(choice: str, asked: str = "np.zeros(0, np.int64)") -> str:
    return f"""
import numpy as np
def ask(logits, sketch, meta):
    n = meta["keys"]
    return [{asked} for q in range(meta["queries"])]
def select(logits, sketch, meta):
    n = meta["keys"]
    return [{choice} for q in range(meta["queries"])]
"""


def metrics(choice: str, asked: str = "np.zeros(0, np.int64)", **options: object) -> dict[str, Any]:
    return dict(made(**options).judge(PlainPlayer(program(choice, asked)), TINY).metrics)


# fouls


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ("(np.array([0, 0]), np.ones(2))", "key 0 is named more than once"),
        ("(np.array([n]), np.ones(1))", "key 256 is not one of 0 to 255"),
        ("(np.array([-1, 3]), np.ones(2))", "key -1 is not one of"),
        ("(np.array([1, 2]), np.ones(3))", "2 keys and 3 probabilities"),
        ("(np.array([1, 2]), np.array([1.0, 1.5]))", "probability of key 2 is 1.5, not in"),
        ("(np.array([1, 2]), np.array([1.0, 0.0]))", "probability of key 2 is 0, not in"),
        ("(np.zeros(0, np.int64), np.zeros(0))", "at least one key must be read"),
        ("(np.arange(n), np.full(n, 1e-4))", "add up to 0.0256"),
        ("(np.array([1.0]), np.ones(1))", "array of float64, not of int64"),
        ("(np.array([1]), np.array([np.nan]))", "NaN"),
        ("(np.array([[1]]), np.ones(1))", "shape"),
        ("(np.array([1]), np.ones(1))][:1] + [", "syntax"),
    ],
)
def test_an_illegal_choice_is_a_foul(choice: str, says: str) -> None:
    if says == "syntax":
        choice, says = "(np.array([1]), np.ones(1))", "parts"
        source = program(choice).replace('range(meta["queries"])]\n', "range(1)]\n")
    else:
        source = program(choice)
    with pytest.raises(Foul, match=says) as caught:
        made().judge(PlainPlayer(source), TINY)
    assert caught.value.kind == "illegal_answer"


def test_asking_for_a_key_twice_or_for_a_missing_one_is_a_foul() -> None:
    for asked, says in (("np.array([5, 5])", "ask, round 0, query 0: key 5"), ("np.array([n])", "key 256 is not one")):
        with pytest.raises(Foul, match=says):
            metrics("(np.arange(n), np.ones(n))", asked, track="budgeted")


# what is counted


def test_reading_everything_costs_everything_and_is_exact() -> None:
    found = metrics("(np.arange(n), np.ones(n))")
    assert found["density"] == 1
    assert found["error"] == pytest.approx(0, abs=1e-9)
    assert found["combined"] == pytest.approx(-0.5)


def test_reading_one_key_is_legal_and_far_below_the_trivial_baseline() -> None:
    verdict = made().judge(PlainPlayer(program("(np.array([0]), np.ones(1))")), TINY)
    assert verdict.score < -0.5
    assert float(verdict.metrics["error"]) <= 1


def test_a_key_that_is_asked_for_and_drawn_counts_once_and_one_that_is_only_asked_for_counts_too() -> None:
    same = metrics("(np.arange(16), np.ones(16))", "np.arange(16)", track="budgeted")
    assert same["density"] == same["asked"] == 16 / 256
    other = metrics("(np.arange(16, 32), np.ones(16))", "np.arange(16)", track="budgeted")
    assert other["density"] == 2 * other["asked"] == 32 / 256


WATCHER = """
import numpy as np
seen = []
def ask(logits, sketch, meta):
    seen.append((logits.copy(), sketch, dict(meta)))
    return [np.array([7 + meta["round"]]) for _ in range(meta["queries"])]
def select(logits, sketch, meta):
    seen.append((logits.copy(), sketch, dict(meta)))
    return [(np.arange(4), np.ones(4)) for _ in range(meta["queries"])]
"""


def test_a_player_of_the_budgeted_track_learns_only_what_it_asks_for() -> None:
    player = PlainPlayer(WATCHER)
    made(track="budgeted").judge(player, TINY)
    rounds = player.names["seen"]
    assert len(rounds) == 3 * 4
    for number, one in enumerate(TINY.data.make()):
        for turn, (logits, sketch, meta) in enumerate(rounds[3 * number : 3 * number + 3]):
            known = ~np.isnan(logits)
            assert np.flatnonzero(known[0]).tolist() == [7, 8][:turn]
            assert logits[known].tolist() == one.logits[known].tolist()
            assert set(sketch) == {"distance", "page_upper", "page_lower"}
            assert set(meta) == {"queries", "keys", "page", "seed", "round", "rounds"}
            assert meta["seed"] == player_seed(sketch["distance"], sketch["page_upper"]), (
                "made of what is shown, of nothing else"
            )


def test_a_player_of_the_oracle_track_gets_logits_and_no_values() -> None:
    player = PlainPlayer(WATCHER)
    made().judge(player, TINY)
    assert [sketch for _, sketch, _ in player.names["seen"]] == [{}] * 4
    assert all(meta["seed"] == player_seed(logits) for logits, _, meta in player.names["seen"])
    assert all(logits.shape == (2, 256) for logits, _, _ in player.names["seen"])


def test_the_interface_is_that_of_the_track() -> None:
    assert "def ask" not in made().interface
    assert "def ask" in made(track="budgeted").interface


# heads


@pytest.mark.parametrize("kind", list(KINDS))
def test_page_bounds_hold_and_near_hashes_have_greater_logits(kind: str) -> None:
    one = head(kind, 500, 3, np.random.default_rng(1))
    sketch = one.sketch()
    page = np.arange(500) // 16
    assert (one.logits <= sketch.page_upper[:, page] + 1e-5).all()
    assert (one.logits >= sketch.page_lower[:, page] - 1e-5).all()
    if kind in ("retrieval", "topic"):
        near = np.corrcoef(-sketch.distance[0].astype(float)[4:], one.logits[0][4:])[0, 1]
        assert near > 0.3


def test_kinds_spread_their_mass_as_they_should() -> None:
    def keys_for_most(kind: str) -> float:
        one = head(kind, 2048, 6, np.random.default_rng(0))
        weights = np.sort(np.exp(one.logits - one.logits.max(axis=1, keepdims=True)), axis=1)[:, ::-1]
        shares = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
        return float((shares < 0.9).sum(axis=1).mean()) / 2048

    shares = {kind: keys_for_most(kind) for kind in KINDS}
    assert max(shares["retrieval"], shares["topic"], shares["local"]) < 0.08 < 0.6 < shares["flat"]


def test_splits_have_their_own_seeds_and_the_test_is_longer() -> None:
    task = made()
    assert [sum(w.split == split for w in task.workloads()) for split in SPLITS] == [3, 4, 6]
    assert len({w.data.seed for w in task.workloads()}) == 13
    assert made().fingerprint() == task.fingerprint() != made(data_seed=1).fingerprint() != made(size="large").fingerprint()


# scores


@pytest.mark.parametrize("track", ["oracle", "budgeted"])
def test_scores_are_measured_from_the_trivial_baseline_and_the_state_of_the_art(track: str) -> None:
    task = made(track=track)
    verdicts = {name: task.judge(PlainPlayer(source), TINY) for name, source in task.baselines.items()}
    assert verdicts["sink_window"].score == 0
    assert verdicts["vattention"].metrics["gap_closed"] == pytest.approx(0, abs=1e-12)
    assert task.judge(PlainPlayer(task.seed), TINY) == verdicts["vattention"]
    known = references(TINY.data, "oracle")
    assert known.hindsight.sum() < known.vattention.sum() < known.trivial.sum()


def test_feedback_names_the_kind_that_loses_most() -> None:
    said = made().judge(PlainPlayer(program("(np.arange(n), np.ones(n))")), TINY).feedback
    assert len(said) <= 300
    assert all(kind in said for kind in KINDS)
    assert "Most lost" in said


# captured tensors


def tensors(path: Path, **changes: Any) -> str:
    rng = np.random.default_rng(0)
    arrays = {
        "q": rng.standard_normal((6, 2, 8), dtype=np.float32) * 4,
        "k": rng.standard_normal((3, 64, 8), dtype=np.float32),
        "v": rng.standard_normal((3, 64, 5), dtype=np.float32),
    }
    np.savez(path, **{name: array for name, array in {**arrays, **changes}.items() if array is not None})
    return str(path)


@pytest.mark.parametrize("track", ["oracle", "budgeted"])
def test_captured_heads_are_played(tmp_path: Path, track: str) -> None:
    task = made(track=track, data="captured", tensors=tensors(tmp_path / "t.npz"))
    splits: dict[str, Workload[Layer]] = {workload.split: workload for workload in task.workloads()}
    assert list(splits) == list(SPLITS)
    heads = list(splits["train"].data.make())
    with np.load(tmp_path / "t.npz") as held:
        expected = held["q"][1].astype(float) @ held["k"][0].T.astype(float) / np.sqrt(8)
    assert len(heads) == 2
    assert heads[1].logits == pytest.approx(expected)
    assert np.isfinite(task.judge(PlainPlayer(task.seed), splits["train"]).score)


@pytest.mark.filterwarnings("error")
def test_captured_heads_may_be_very_sharp(tmp_path: Path) -> None:
    hot = np.random.default_rng(1).standard_normal((3, 64, 8)).astype(np.float16) * 3000
    task = made(data="captured", tensors=tensors(tmp_path / "t.npz", k=hot))
    for workload in task.workloads():
        assert np.isfinite(task.judge(PlainPlayer(task.seed), workload).score)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"v": None}, "not an .npz file with the arrays"),
        ({"k": np.zeros((4, 64, 8), np.float32)}, "do not fit"),
        ({"k": np.zeros((3, 64, 7), np.float32)}, "do not fit"),
        ({"v": np.full((3, 64, 5), np.nan)}, "NaN"),
        ({"v": np.full((3, 64, 5), 1e300)}, "too large for attention"),
        ({"k": np.full((3, 64, 8), 1e200)}, "too large for attention"),
        ({"q": np.array(["a"])}, "do not fit"),
        ({"q": np.array([{}], object)}, "not an .npz file"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(Refusal, match=says):
        made(data="captured", tensors=tensors(tmp_path / "t.npz", **changes))


def test_bad_options_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"PK no zip")
    for options, says in (
        ({"data_seed": -1}, "below 0"),
        ({"tensors": "x.npz"}, "only read with data=captured"),
        ({"data": "captured"}, "needs tensors"),
        ({"data": "captured", "tensors": str(tmp_path / "none.npz")}, "no such file"),
        ({"data": "captured", "tensors": str(tmp_path / "x.npz")}, "not an .npz file"),
    ):
        with pytest.raises(Refusal, match=says):
            made(**options)
