"""sandbox_levels: fixtures: a sandbox at both levels, and a table in it that is left as it was found. A plugin of its tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sandbox_table import LEVELS, SECRET, Table, at_level, is_honest_as_ever

from adrs.sandbox.isolation import Sandbox


@pytest.fixture(scope="session", params=LEVELS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADRS_CANARY", SECRET)
        made = at_level(request.param)
    yield made
    made.close()


@pytest.fixture
def table(sandbox: Sandbox) -> Iterator[Table]:
    """Afterwards an honest candidate gets its honest score."""
    laid = Table(sandbox)
    yield laid
    laid.close()
    is_honest_as_ever(sandbox)
