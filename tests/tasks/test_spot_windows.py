"""Windows: which may share a process, for any set of them, and what the synthetic ones are like."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adrs.tasks.spot.windows import MOST_TOGETHER, pack
from adrs.tasks.spot_single_region import synthetic
from adrs.tasks.spot_single_region.windows import LENGTH, Window, together

DARK = np.zeros((2, LENGTH), bool)

some_windows = st.lists(
    st.builds(
        Window,
        series=st.sampled_from(["one", "two"]),
        start=st.integers(0, 2000),
        pools=st.just(("a", "b")),
        up=st.just(DARK),
        deadlines_h=st.sampled_from([(52, 70), (52,), (70,)]),
    ),
    max_size=25,
)


def overlap(a: Window, b: Window) -> bool:
    """Whether there is a tick that both show; games with equal starts reveal nothing to each other."""
    seen = [range(w.start, w.start + max(w.deadlines_h) * 6 + 1) for w in (a, b)]
    return a.series == b.series and a.start != b.start and not set(seen[0]).isdisjoint(seen[1])


@given(some_windows)
def test_windows_with_one_label_never_show_each_other_the_future(windows: list[Window]) -> None:
    labels = pack(windows)
    assert len(labels) == len(windows)
    for label in set(labels):
        group = [window for window, other in zip(windows, labels, strict=True) if other == label]
        assert len(group) <= MOST_TOGETHER
        assert not any(overlap(a, b) for i, a in enumerate(group) for b in group[:i])


@given(some_windows)
def test_packing_uses_no_label_needlessly(windows: list[Window]) -> None:
    """No label is used where an earlier one would have done."""
    labels = pack(windows)
    for position, label in enumerate(labels):
        for lower in range(label):
            group = [windows[i] for i, other in enumerate(labels) if other == lower]
            assert len(group) == MOST_TOGETHER or any(overlap(windows[position], other) for other in group)


def test_independent_series_share_and_equal_starts_share() -> None:
    assert pack([Window(f"w{i}", 0, ("a", "b"), DARK) for i in range(7)]) == [0, 0, 0, 1, 1, 1, 2]
    assert pack([Window("one", start, ("a", "b"), DARK) for start in (789, 789, 800)]) == [0, 0, 1]


def test_games_lie_window_by_window_and_see_their_own_pool() -> None:
    up = [np.zeros((2, LENGTH), bool) for _ in range(2)]
    up[0][1, 5], up[1][0, 7] = True, True
    windows = [Window("one", 0, ("a", "b"), up[0], (52,)), Window("two", 0, ("a", "b"), up[1])]
    games = together(windows)
    assert len(games.trace) == 2 * 3 + 2 * 2 * 3
    shown = [tuple(np.flatnonzero(games.up[:, trace])) for trace in games.trace]
    assert shown == [()] * 3 + [(5,)] * 3 + [(7,)] * 6 + [()] * 6
    assert games.deadline_s[:6].tolist() == [187200.0] * 6
    assert games.restart_s[:3].tolist() == [72.0, 180.0, 360.0]


# synthetic


def test_a_synthetic_window_depends_on_its_own_seed_only() -> None:
    several = synthetic.windows([(0, 0, 0), (0, 0, 1), (0, 1, 0)], 50)
    assert (synthetic.windows([(0, 0, 1)], 50)[0] == several[1]).all()
    assert len({window.tobytes() for window in several}) == 3
    assert (synthetic.windows([(0, 0, 1)], 80)[0, :, :50] == several[1]).all()  # a longer one begins in the same way


def test_synthetic_windows_are_the_same_for_ever() -> None:
    """Scores are only comparable while this holds; a change of the model must change it on purpose."""
    made = synthetic.windows([(0, 0, 0), (5, 2, 9)], LENGTH)
    assert sha256(np.packbits(made).tobytes()).hexdigest()[:16] == "b468f5889b293956"


def test_synthetic_pools_are_as_available_as_the_real_ones() -> None:
    made = synthetic.windows([(3, window) for window in range(400)], LENGTH).mean(axis=(0, 2))
    real = [0.433, 0.160, 0.457, 0.745, 0.436, 0.685]  # ticks 0 to 2830
    assert np.abs(made - real).max() < 0.05
