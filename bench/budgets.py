"""budgets: runs the tests that name a time budget and holds them to it, on a quiet machine. Tests themselves assert no time.

python bench/budgets.py [paths and options of pytest]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest


class Held:
    """A plugin of pytest: what is marked `budget(seconds)` must not take longer; nothing else runs."""

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        others = [item for item in items if item.get_closest_marker("budget") is None]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        marker = item.get_closest_marker("budget")
        assert marker is not None
        clock = time.monotonic if marker.kwargs.get("wall") else time.process_time
        began = clock()
        yield
        used, allowed = clock() - began, marker.args[0]
        assert used < allowed, f"it took {used:.2f} s, {allowed:g} s allowed"


if __name__ == "__main__":
    sys.exit(pytest.main(["-p", "no:xdist", *sys.argv[1:]], plugins=[Held()]))
