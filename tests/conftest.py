"""conftest: what tests of any folder share: commands in this process, and a cache of their own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from command_line import Here

settings.register_profile("any load", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any load")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-help", action="store_true", help="rewrite tests/cli/help/*.txt, what `--help` of each command says"
    )


@pytest.fixture
def here(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Here:
    return Here(tmp_path, capsys, monkeypatch)


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Bounds, networks and scores are remembered for the tests of one module alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADRS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def sealed_folder() -> Iterator[Path]:
    """A read-only folder with a store a.db that holds the run "kept"; the test runs as a user without rights to change it."""
    from adrs.core.trial import Candidate, Evaluation
    from adrs.stores.sql import open_store

    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        store = open_store(f"sqlite:///{path}/a.db")
        run = store.create_run("kept", {"task": "spot_single_region"}, "f", "s")
        run.append(Candidate("x = 1\n", phase="seed"), Evaluation(0.5), 0, 0)
        store.close()
        (path / "a.db").chmod(0o444)
        path.chmod(0o555)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        yield path
        os.seteuid(user)
        path.chmod(0o755)
