"""The referee of llm_sql: options, scores, fouls, every loophole that the public evaluators have, and run time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fake_player import FakePlayer, needs

from adrs.catalog import load_task
from adrs.core.failure import Foul, Refusal
from adrs.core.task import SPLITS, Split, Timing, Verdict, Workload
from adrs.tasks.llm_sql import synthetic
from adrs.tasks.llm_sql.answer import check
from adrs.tasks.llm_sql.baselines import quick_greedy
from adrs.tasks.llm_sql.metrics import lines, prefix_hits
from adrs.tasks.llm_sql.score import gained, leaderboard_hits, leaderboard_score, rates, references, unchanged
from adrs.tasks.llm_sql.table import Sheet, Table
from adrs.tasks.llm_sql.task import LlmSql
from adrs.tasks.llm_sql.variants import COUNT, disguised, kept


@pytest.fixture(scope="module")
def task() -> LlmSql:
    return made()


def made(**options: Any) -> LlmSql:
    loaded = load_task("llm_sql", options)
    assert isinstance(loaded, LlmSql)
    return loaded


def of(task: LlmSql, split: Split) -> list[Workload[Sheet]]:
    return [workload for workload in task.workloads() if workload.split == split]


def played(task: LlmSql, program: str, workloads: Sequence[Workload[Sheet]]) -> list[Verdict]:
    return [task.judge(FakePlayer(program), workload) for workload in workloads]


def answering(body: str) -> str:
    """A program with the column numbers c, the row numbers r, and an answer made of them."""
    head = "def reorder(names, columns):\n    c, r = list(range(len(columns))), list(range(len(columns[0])))\n"
    return f"{head}    {body}\n"


TINY = Table("beer", ("who", "beer"), (("ann", "bob", "ann"), ("Stout", "Stout", "Stout")))
TINY_WORKLOAD: Workload[Sheet] = Workload("tiny", Sheet("tiny", lambda: TINY, ()), "train")


# options and workloads


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"data_seed": -1}, "data_seed=-1"),
        ({"rules": "leaderboard", "metric": "lru_hit_rate"}, "prefix_hit_rate"),
        ({"size": "huge"}, "size"),
        ({"metric": "speed"}, "metric"),
    ],
)
def test_bad_options_are_refused_in_a_sentence(options: dict[str, Any], says: str) -> None:
    with pytest.raises(Refusal, match=says):
        made(**options)


def test_every_split_has_every_kind_and_no_table_twice(task: LlmSql) -> None:
    assert [len(of(task, split)) for split in SPLITS] == [5, 5, 10]
    for split in SPLITS:
        assert {workload.data.table.name for workload in of(task, split)} == set(synthetic.KINDS)
    assert len({workload.data.table.digest for workload in task.workloads()}) == 20
    sizes = [workload.data.table.characters for workload in of(task, "train")]
    assert sizes == sorted(sizes), "the cheapest first"
    assert made(data_seed=1).fingerprint() != task.fingerprint()


def test_large_tables_are_only_made_when_they_are_looked_at() -> None:
    large = made(size="large")
    assert len(large.workloads()) == 20
    assert large.fingerprint() != made().fingerprint()
    assert large.seconds > made().seconds


# scores


def test_the_example_of_the_statement() -> None:
    example = made()
    came, turned = played(example, answering("return [(c, r)]"), [TINY_WORKLOAD]), "return [([1, 0], [0, 2, 1])]"
    assert came[0].metrics["prefix_hit_rate"] == pytest.approx(0.3333, abs=5e-5)
    assert came[0].score == 0
    assert played(example, answering(turned), [TINY_WORKLOAD])[0].metrics["prefix_hit_rate"] == pytest.approx(0.5417, abs=5e-5)


def test_the_scale_goes_from_the_original_order_to_the_bound(task: LlmSql) -> None:
    for verdict in played(task, task.baselines["original"], of(task, "train")):
        assert verdict.score == 0
    for verdict in played(task, task.baselines["quick_greedy"], of(task, "train")):
        rate, original, bound = (float(verdict.metrics[name]) for name in ("prefix_hit_rate", "original", "bound"))
        assert verdict.score == pytest.approx((rate - original) / (bound - original))
        assert verdict.metrics["gap_closed"] == 0
        assert rate == verdict.metrics["quick_greedy"]
        assert rate < bound < 1
        assert 0 < verdict.score < 1


def test_the_summary_is_made_of_means(task: LlmSql) -> None:
    verdicts = played(task, task.seed, of(task, "train"))
    summary = task.summary(verdicts)
    rate, greedy, bound, original = (summary[name] for name in ("prefix_hit_rate", "quick_greedy", "bound", "original"))
    assert summary["gap_closed"] == pytest.approx((rate - greedy) / (bound - greedy))
    assert summary["leaderboard_hits"] == pytest.approx(100 * (rate - original) / (1 - original))
    assert task.total(verdicts) == pytest.approx(sum(verdict.score for verdict in verdicts) / 5)


def test_baselines_stand_in_their_known_order(task: LlmSql) -> None:
    totals = {
        name: task.total(played(task, program, of(task, "train")))
        for name, program in {"seed": task.seed, "offline": task.offline_seed, **task.baselines}.items()
    }
    assert 0 == totals["original"] < totals["seed"] < totals["column_statistics"]
    assert totals["offline"] == pytest.approx(totals["seed"], abs=0.02)
    assert totals["evolved"] == pytest.approx(totals["quick_greedy"], abs=0.01)


@pytest.mark.parametrize("metric", ["consecutive_hit_rate", "lru_hit_rate"])
def test_other_metrics_look_at_the_order_of_rows(metric: Any) -> None:
    task = made(metric=metric)
    workload = of(task, "train")[0]
    program = task.baselines["column_statistics"]
    (ranked,) = played(task, program, [workload])
    mixed = program.replace("return [(order, ", "return [(order, mixed(").replace(
        "for column in order]))]", "for column in order])))]"
    )
    mixed += "\ndef mixed(rows):\n    return sorted(rows, key=lambda row: row * 7919 % len(rows))\n"
    (loose,) = played(task, mixed, [workload])
    assert loose.metrics["prefix_hit_rate"] == ranked.metrics["prefix_hit_rate"]
    assert loose.score < ranked.score <= 1
    assert ranked.feedback.startswith(metric)


def test_feedback_is_short_and_about_its_own_table(task: LlmSql) -> None:
    workloads = of(task, "train")
    for verdict in played(task, task.seed, workloads):
        assert 50 < len(verdict.feedback) <= 300
        assert f"{float(verdict.metrics['prefix_hit_rate']):.4f}" in verdict.feedback
        assert not any(other.name in verdict.feedback for other in workloads)
    beer = played(task, task.seed, workloads[:1])[0].feedback
    assert "Most missed: beer/beerId_beer/name" in beer


# fouls and loopholes


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return []", "row 0 is missing"),
        ("return [(c, r[1:])]", "row 0 is missing"),
        ("return [(c, r), (c, [0])]", "row 0 appears 2 times"),
        ("return [(c, r[:-1] + [0])]", "row 0 appears 2 times"),
        ("return [(c, r[:-1] + [len(r)])]", "there is no row 3"),
        ("return [(c, r[:-1] + [-1])]", "there is no row -1"),
        ("return [(c, r), (c, [])]", "block 1 has no rows: leave it out"),
        ("return [(c[1:], r)]", "block 0: column 0 is missing"),
        ("return [(c, r[:1]), ([1, 1], r[1:])]", "block 1: column 1 appears 2 times"),
        ("return [(c + [0], r)]", "column 0 appears 2 times"),
        ("return [([0, 2], r)]", "there is no column 2"),
        ("return [([0.0, 1.0], r)]", "int"),
        ("return [([False, True], r)]", "int"),
        ("return [('01', r)]", "array"),
        ("return columns", "array"),
        ("return [(c, r, c)]", "length"),
        ("return None", "array"),
    ],
)
def test_an_answer_that_is_no_permutation_is_a_foul(task: LlmSql, body: str, says: str) -> None:
    with pytest.raises(Foul, match=says) as caught:
        played(task, answering(body), [TINY_WORKLOAD])
    assert caught.value.kind == "illegal_answer"


def test_there_are_at_most_as_many_blocks_as_rows() -> None:
    check([([0, 1], [2]), ([1, 0], [0]), ([1, 0], [1])], TINY)
    with pytest.raises(Foul, match="block 0 has no rows"):
        check([([1, 0], []), ([0, 1], [0, 1, 2])], TINY)


@pytest.mark.parametrize(
    "trick",
    [
        "columns[:] = [['x'] * len(r) for _ in c]; names[:] = ['x'] * len(c)",  # a table of constants: .99996 in public
        "columns[0][:] = [''] * len(r)",  # cells lost
        "columns[1][:] = ['S'] * len(r)",  # cells shortened
    ],
)
def test_changing_the_cells_changes_nothing(task: LlmSql, trick: str) -> None:
    (honest,) = played(task, answering("return [(c, r)]"), [TINY_WORKLOAD])
    (tricked,) = played(task, answering(f"{trick}; return [(c, r)]"), [TINY_WORKLOAD])
    assert tricked == honest
    assert TINY.columns[0] == ("ann", "bob", "ann")


def test_content_is_preserved_by_any_legal_answer(task: LlmSql) -> None:
    table = of(task, "train")[1].data.table
    blocks = [([*range(row % 51, 51), *range(row % 51)], [row]) for row in range(table.rows)]
    check(blocks, table)
    sent = lines(table, blocks)
    assert sorted(map(len, sent)) == sorted(table.lengths)
    assert sum(map(len, sent)) == table.characters


def test_types_of_cells_make_no_difference() -> None:
    """1, 1.0 and True are three texts: nothing identifies them, as comparisons of mixed columns do."""
    table = Table("t", ("a", "b"), (("1", "True"), ("1.0", "1")))
    assert prefix_hits(lines(table, unchanged(table))) == 0


# run time


class Clock(FakePlayer):
    """A player whose time is what the test says."""

    def __init__(self, source: str, seconds: float, reference: float) -> None:
        super().__init__(source)
        self.times = seconds, reference

    def timed(self, function: str, variants: Sequence[Sequence[Any]], expect: Any, reference: str) -> Timing:
        assert "QuickGreedy" in reference
        assert len(variants) == COUNT
        assert len({str(variant) for variant in variants}) == COUNT
        answers = super().timed(function, variants, expect, reference).answers
        return Timing(answers, *self.times, *((each,) * (COUNT - 1) for each in self.times))


def test_time_is_a_twentieth_of_the_score(task: LlmSql) -> None:
    timed = made(timed=True)
    assert timed.timed
    assert not task.timed
    workload = of(timed, "train")[0]
    program = timed.baselines["column_statistics"]
    (untimed,) = played(task, program, [workload])
    for seconds, speed in ((1.0, 0.5), (3.0, 0.25), (0.0, 1.0)):
        verdict = timed.judge(Clock(program, seconds, 1.0), workload)
        original, counted, bound = (float(verdict.metrics[name]) for name in ("original", "rate_counted", "bound"))
        assert verdict.score == pytest.approx(0.95 * (counted - original) / (bound - original) + 0.05 * speed)
        assert 0.99 * untimed.score < (counted - original) / (bound - original) <= untimed.score
        assert verdict.metrics["run_seconds"] == seconds


LAZY = """
calls = []
honest = reorder
def reorder(names, columns):
    calls.append(0)
    if len(calls) < 2:
        return honest(names, columns)
    return [(list(range(len(columns))), list(range(len(columns[0]))))]
"""

REUSING = """
known = {}
honest = reorder
def reorder(names, columns):
    keys = [tuple(map(len, row)) for row in zip(*columns)]
    if not known:
        for order, rows in honest(names, columns):
            known.update({keys[row]: order for row in rows})
    fallback = next(iter(known.values()))
    return [(known.get(key, fallback), [row]) for row, key in enumerate(keys)]
"""


@pytest.mark.parametrize("trick", [LAZY, REUSING])
def test_a_program_that_works_on_the_first_input_only_gains_nothing(trick: str) -> None:
    """It answers the first input well, and the others at once, or with the orders of rows of equal lengths."""
    timed = made(timed=True)
    workload = of(timed, "train")[0]
    honest = timed.judge(Clock(timed.baselines["quick_greedy"], 0.5, 1.0), workload)
    tricked = timed.judge(Clock(timed.baselines["quick_greedy"] + trick, 0.0, 1.0), workload)
    assert tricked.metrics["prefix_hit_rate"] == honest.metrics["prefix_hit_rate"]
    assert float(tricked.metrics["rate_counted"]) < float(honest.metrics["rate_counted"]) - 0.1
    assert tricked.score < honest.score - 0.1


TWO_FACED = """
calls = []
careful = reorder
def reorder(names, columns):
    calls.append(0)
    if len(calls) == 3:
        return [(list(range(len(columns))), list(range(len(columns[0]))))]
    return careful(names, columns)
"""


def test_hurrying_once_costs_its_share() -> None:
    timed = made(timed=True)
    workload = of(timed, "train")[0]
    honest, tricked = (
        timed.judge(Clock(timed.baselines["quick_greedy"] + trick, 0.5, 1.0), workload) for trick in ("", TWO_FACED)
    )
    kept_back = float(honest.metrics["rate_counted"]) - float(tricked.metrics["rate_counted"])
    gain = float(honest.metrics["prefix_hit_rate"]) - float(honest.metrics["original"])
    assert kept_back == pytest.approx(gain / 5, rel=0.1)


def test_what_is_kept_in_disguise() -> None:
    assert kept(0.8, [0.78, 0.83]) == 1
    assert kept(0.8, [0.4, 0.8]) == pytest.approx(0.75), "what is timed is what counts"
    assert kept(0.0, [-1.0]) == kept(-0.5, [-1.0]) == 1


@pytest.mark.parametrize("kind", synthetic.KINDS)
def test_disguises_are_as_hard_and_share_no_text(kind: str) -> None:
    table = synthetic.made(kind, 200, (6,))
    other = disguised(table, 1)
    assert sorted(len(set(column)) for column in other.columns) == sorted(len(set(column)) for column in table.columns)
    shown = [(list(each.names), [list(column) for column in each.columns]) for each in (table, other)]
    original = rates(table, unchanged(table))["prefix_hit_rate"]
    found = [
        gained(each, quick_greedy.reorder(*columns), "prefix_hit_rate", original)
        for each, columns in zip((table, other), shown, strict=True)
    ]
    assert kept(found[0], found[1:]) > 0.97
    assert not set(table.names) & set(other.names)
    long = {cell for cell in table.distinct if len(cell) > 12 and any(map(str.isalpha, cell))}
    assert len(long & set(other.distinct)) <= 0.02 * len(long)
    same = set(zip(*(map(len, column) for column in table.columns), strict=True))
    again = sum(lengths in same for lengths in zip(*(map(len, column) for column in other.columns), strict=True))
    assert again < 0.2 * table.rows
    assert disguised(table, 1).digest == other.digest != disguised(table, 2).digest


# the leaderboard


def test_the_published_formula() -> None:
    assert leaderboard_score(0.0696325852726434, 0.71546, 10.0) == pytest.approx(0.95 * 69.416, abs=0.01)
    assert leaderboard_score(0.1, 0.55, 2.5) == pytest.approx(0.95 * 50 + 0.05 * 75)
    assert leaderboard_hits(0.2, 0.1) == 0
    assert leaderboard_score(0.2, 0.1, 99.0) == 0


def test_leaderboard_rules_score_means_and_measure_time() -> None:
    board = made(rules="leaderboard")
    assert board.timed
    workloads = of(board, "train")[:2]
    program = board.baselines["quick_greedy"]
    verdicts = [board.judge(Clock(program, 4.0, 1.0), workload) for workload in workloads]
    original, rate = (sum(float(verdict.metrics[name]) for verdict in verdicts) / 2 for name in ("original", "rate_counted"))
    assert board.total(verdicts) == pytest.approx(leaderboard_score(original, rate, 4.0) / 100)
    assert board.summary(verdicts)["leaderboard_score"] == pytest.approx(100 * board.total(verdicts), abs=0.5)
    assert workloads[0].data.table.names[-1] == "beer/name_beer/beerId", "parts joined by falling score"


def test_rates_of_a_table_without_characters_are_zero() -> None:
    empty = Table("t", ("a",), (("", ""),))
    assert set(rates(empty, unchanged(empty)).values()) == {0.0}


# real data


def test_real_data_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADRS_DATA", str(tmp_path))
    monkeypatch.setattr("adrs.tasks.downloads.user_data_dir", lambda name: str(tmp_path / "user" / name))
    for rules in ("clean", "leaderboard"):
        with pytest.raises(Refusal, match=r"beer\.csv.*adrs data fetch llm_sql"):
            made(data="real", rules=rules).workloads()


@needs("llm_sql")
def test_real_splits_share_no_table() -> None:
    clean, board = made(data="real"), made(data="real", rules="leaderboard")
    assert [workload.name for workload in of(clean, "train")][-1] == "real-beer"
    assert not any(workload.name == "real-beer" for workload in of(clean, "test"))
    assert any(workload.name == "real-beer" for workload in of(board, "test"))
    assert all("real" not in workload.name for split in ("train", "validation") for workload in of(board, split))
    for task in (clean, board):
        assert len({workload.data.key for workload in task.workloads()}) == len(task.workloads())


@needs("llm_sql")
def test_published_rates_of_the_leaderboard() -> None:
    """The zero joins the parts of merged columns as listed, the table that is played as the published programs do."""
    board = made(data="real", rules="leaderboard")
    (workload,) = [workload for workload in of(board, "test") if workload.name == "real-beer"]
    original, greedy, bound, ideal = references(workload.data)[:, 0]
    assert (original, greedy) == (0.14429368128759631, 0.7073511457809136)
    assert ideal == pytest.approx(0.9451, abs=5e-5)
    assert greedy < ideal < bound < 1


# vocabulary


def test_terms_are_quantities_of_the_start_program() -> None:
    task = made(vocabulary=True)
    assert made().terms == ()
    program = "\n".join(f"    {term.name} = {term.code}" for term in task.terms)
    space: dict[str, Any] = {}
    head = "def worth(length, spelled, distinct, rows, most, depth):\n"
    exec(f"{head}{program}\n    return whole, spent, repeats, share", space)
    assert space["worth"](5.0, 4.0, 3.0, 12.0, 6.0, 0.0) == (60, 12, 4, 0.5)
    assert f"return {task.terms[2].code}" in task.offline_seed
