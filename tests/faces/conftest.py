"""conftest: commands in this process, for every test of the faces."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Here


@pytest.fixture
def here(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Here:
    return Here(tmp_path, capsys, monkeypatch)
