"""spot_synthetic_fit: fits the synthetic pools of `spot_single_region` to the real ones, and shows how alike they are.

    ADRS_DATA=... python bench/spot_synthetic_fit.py          # the tables of docs/tasks/spot_single_region.md, 20 s
    ADRS_DATA=... python bench/spot_synthetic_fit.py --fit    # the numbers in synthetic.POOLS, 25 s

Fitted on all public ticks (0 to 2830), the leaderboard's among them: the stretches by expectation maximisation; then shift,
season and rhythm, so that mean and spread of the availability of 70 h windows and its daily rhythm come out right.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adrs.catalog import load_task
from adrs.tasks.spot import availability
from adrs.tasks.spot.availability import DAY, Pool
from adrs.tasks.spot.rules import CODE, NAMES, WORK_S, Bools, Codes, Floats
from adrs.tasks.spot.score import leaderboard_score
from adrs.tasks.spot.simulator import Moment
from adrs.tasks.spot_single_region import real, splits, synthetic
from adrs.tasks.spot_single_region.score import references
from adrs.tasks.spot_single_region.simulator import TICK_S, play
from adrs.tasks.spot_single_region.windows import LENGTH, Window, together

EVERY = 40
"""Ticks from one real window to the next."""

MANY = 100
"""Synthetic windows in the tables; they come from a series of seeds that no split uses."""


# fitting


def stretches(up: Bools) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """State (0, 1) and length in ticks of the stretches of a series."""
    borders = np.concatenate([[0], np.flatnonzero(np.diff(up.astype(int))) + 1, [len(up)]])
    return up[borders[:-1]].astype(np.int64), np.diff(borders)


def expectation_maximisation(up: Bools, rounds: int = 300) -> tuple[Floats, Floats]:
    """Mean lengths (state, kind), and chances (state, kind) that the next stretch is short, from one series.

    A hidden Markov chain over stretches: the kind is hidden, the length geometric. The two stretches that the ends of the
    series cut off count as at least that long.
    """
    state, length = stretches(up)
    means = np.array([[max(1.5, np.median(length[state == s])), 3 * np.mean(length[state == s])] for s in (0, 1)])
    step, first, whole = np.full((2, 2, 2), 0.5), np.full(2, 0.5), np.ones(len(length))
    whole[[0, -1]] = 0
    for _ in range(rounds):
        rate = 1 / np.maximum(means, 1.0001)
        logs = (length - 1)[:, None] * np.log1p(-rate[state]) + whole[:, None] * np.log(rate[state])
        share, pairs = forward_backward(state, np.exp(logs - logs.max(axis=1, keepdims=True)), step, first)
        for s in (0, 1):
            of = share * (state == s)[:, None]
            means[s] = np.maximum(1.0, length @ of / np.maximum(whole @ of, 1e-9))
        step, first = pairs / pairs.sum(axis=2, keepdims=True), share[0]
    order = np.argsort(means, axis=1)
    chances = np.array([step[s][order[s], order[1 - s][0]] for s in (0, 1)])
    return np.take_along_axis(means, order, axis=1), chances


def forward_backward(state: NDArray[np.int64], likely: Floats, step: Floats, first: Floats) -> tuple[Floats, Floats]:
    """Probability of each kind for each stretch, and counts of (state, kind, next kind), plus a half."""
    ahead, behind = np.empty_like(likely), np.ones_like(likely)
    ahead[0] = first * likely[0] / (first * likely[0]).sum()
    for i in range(1, len(likely)):
        ahead[i] = ahead[i - 1] @ step[state[i - 1]] * likely[i]
        ahead[i] /= ahead[i].sum()
    for i in range(len(likely) - 2, -1, -1):
        behind[i] = step[state[i]] @ (likely[i + 1] * behind[i + 1])
        behind[i] /= behind[i].sum()
    pairs = np.full((2, 2, 2), 0.5)
    for i in range(len(likely) - 1):
        joint = ahead[i][:, None] * step[state[i]] * (likely[i + 1] * behind[i + 1])
        pairs[state[i]] += joint / joint.sum()
    return ahead * behind / (ahead * behind).sum(axis=1, keepdims=True), pairs


def harmonic(up: Bools, starts: Floats) -> complex:
    """The daily rhythm of windows (windows, ticks) that begin at the tick `starts` of some day: amplitude and phase."""
    hour = (starts[:, None] + np.arange(up.shape[1])) * (2 * np.pi / DAY)
    return complex(2 * ((up - up.mean()) * np.exp(-1j * hour)).mean())


def fitted(name: str, up: Bools) -> Pool:
    """One pool's numbers. Moments of 600 synthetic windows are matched by damped steps with common random numbers."""
    means, chances = expectation_maximisation(up)
    pairs = [(round(float(short), 2), round(float(long), 2)) for short, long in (*means, *chances)]
    spread = pieces(up[None]).mean(axis=2).std()
    rhythm = harmonic(up[None], np.zeros(1))
    peak = float(-np.angle(rhythm)) % (2 * np.pi) * 24 / (2 * np.pi)
    pool = Pool(name, pairs[0], pairs[1], pairs[2], pairs[3], 0.0, 0.0, 0.0, round(peak, 1))
    seeds = [(7, window) for window in range(600)]
    starts = np.array([np.random.default_rng(np.random.SeedSequence(seed)).random() * DAY for seed in seeds])
    for _ in range(40):
        made = availability.windows(seeds, LENGTH, [pool])[:, 0]
        coherent, wanted = harmonic(made, starts + availability.RUN_IN), beyond_chance(abs(rhythm), made, len(up))
        pool = replace(
            pool,
            shift=pool.shift + 0.5 * float(logit(up.mean()) - logit(made.mean())),
            season=max(0.0, pool.season + 2 * float(spread - made.mean(axis=1).std())),
            rhythm=max(0.0, pool.rhythm + 2 * float(wanted - abs(coherent))),
        )
    still = pool.rhythm < 0.05
    return replace(
        pool,
        shift=round(pool.shift, 2) + 0.0,
        season=round(pool.season, 2),
        rhythm=0.0 if still else round(pool.rhythm, 2),
        peak=0.0 if still else pool.peak,
    )


def beyond_chance(amplitude: float, made: Bools, ticks: int) -> float:
    """A daily amplitude of a series of a given length, corrected for what chance alone would show."""
    starts = np.zeros(len(made))
    alone = np.mean([abs(harmonic(window[None], starts[:1])) ** 2 for window in made])
    return float(np.sqrt(max(0.0, amplitude**2 - alone * made.shape[1] / ticks)))


def logit(share: Any) -> Any:
    return np.log(share / (1 - share))


# comparing


def pieces(series: Bools) -> Bools:
    """(windows, pools, ticks): a real window every 40 ticks of series (pools, ticks); one pool: (windows, 1, ticks)."""
    return np.stack([series[:, start : start + LENGTH] for start in range(0, series.shape[1] - LENGTH + 1, EVERY)])


def pool_rows(series: Bools, made: Bools) -> Iterator[str]:
    """Two lines for each pool: its stretches in real ticks and in synthetic windows."""
    yield "| pool | | available | spread | up: mean, quartiles, 90 % | down: mean, quartiles, 90 % | daily |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    longer = synthetic.windows([(11, window) for window in range(MANY)], real.TICKS)
    cut = pieces(series)
    for i, name in enumerate(real.POOLS):
        daily = [abs(harmonic(up[i][None], np.zeros(1))) for up in (series, *longer)]
        for label, whole, windows, rhythm in (
            ("real", [series[i]], cut[:, i], daily[0]),
            ("synthetic", list(longer[:, i]), made[:, i], float(np.sqrt(np.mean(np.square(daily[1:]))))),
        ):
            state, length = (np.concatenate(column) for column in zip(*map(stretches, whole), strict=True))
            shown = [
                f"{length[state == s].mean():.1f}: "
                + " ".join(f"{q:.0f}" for q in np.percentile(length[state == s], [25, 50, 75, 90]))
                for s in (1, 0)
            ]
            share = float(np.mean([up.mean() for up in whole]))
            spread = windows.mean(axis=1).std()
            yield f"| {name} | {label} | {share:.2f} | {spread:.2f} | {shown[0]} | {shown[1]} | {rhythm:.2f} |"


def playing(program: str, windows: Iterable[Window]) -> Any:
    """A program of ours as a policy of the simulator, one instance for each game."""
    space: dict[str, Any] = {}
    exec(program, space)
    instances = [
        space["Policy"](
            {"work_s": WORK_S, "deadline_s": g.deadline_h * 3600.0, "restart_s": g.restart_h * 3600, "tick_s": TICK_S}
        )
        for window in windows
        for g in window.games
    ]
    names = ("done_s", "pending_s", "last", "current", "spot_available")

    def decide(moment: Moment) -> Codes:
        last, current = NAMES[moment.last], NAMES[moment.current]
        rows = zip(moment.done_s.tolist(), moment.pending_s.tolist(), last, current, moment.up.tolist(), strict=True)
        common = {"tick": moment.tick, "elapsed_s": moment.elapsed_s}
        answers = [
            instances[who].decide({**common, **dict(zip(names, row, strict=True))})
            for who, row in zip(moment.who, rows, strict=True)
        ]
        return np.array([CODE[answer] for answer in answers], np.int8)

    return decide


def cost_row(label: str, windows: Bools) -> str:
    """Mean dollars, and the leaderboard's score of them, of the baselines and the optimum."""
    played = [Window(str(i), 0, real.POOLS, up) for i, up in enumerate(windows)]
    baselines = load_task("spot_single_region").baselines
    costs = [
        play(together(played), playing(baselines[name], played)).cost.mean()
        for name in ("greedy", "never_wait", "uniform_progress")
    ]
    costs.append(np.mean([references(window)[0].mean() for window in played]))
    cells = " | ".join(f"{cost:.2f} ({leaderboard_score(float(cost)):.1f})" for cost in costs)
    return f"| {label} | {len(windows)} | {cells} |"


def tables() -> Iterator[str]:
    series = real.series()
    made = synthetic.windows([(9, window) for window in range(MANY)], LENGTH)
    yield from pool_rows(series, made)
    yield ""
    yield "| windows | | greedy | never wait | Uniform Progress | optimum |"
    yield "| --- | --- | --- | --- | --- | --- |"
    yield cost_row("real, a start every 40 ticks", pieces(series))
    yield cost_row("real, the leaderboard's", np.stack(list(real.leaderboard(series).values()))[:, :, :LENGTH])
    yield cost_row("real, train split", np.stack([series[:, start : start + LENGTH] for start in splits.TRAIN_STARTS]))
    yield cost_row(f"synthetic, {MANY} windows", made)
    for split in ("train", "validation", "test"):
        own = [workload.data.up for workload in splits.synthetic_windows(lambda _: 0) if workload.split == split]
        yield cost_row(f"synthetic, {split} split, data_seed 0", np.stack(own))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--fit", action="store_true", help="print synthetic.POOLS, fitted anew")
    if arguments.parse_args().fit:
        for name, up in zip(real.POOLS, real.series(), strict=True):
            print(fitted(name, up), flush=True)
    else:
        for line in tables():
            print(line, flush=True)


if __name__ == "__main__":
    main()
