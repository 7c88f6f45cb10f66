"""Fetching files from a local server: whole, damaged, truncated and missing."""

from __future__ import annotations

import builtins
import threading
from collections.abc import Iterator
from dataclasses import replace
from hashlib import md5, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from adrs.core.failure import Refusal
from adrs.core.task import Source
from adrs.tasks import downloads
from adrs.tasks.downloads import fetch, github, locate

CONTENT = b"spot, no spot, " * 3000


class Server(BaseHTTPRequestHandler):
    """/whole, /other, /cut (promises more than it sends), /flaky (fails once), anything else is missing."""

    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        known = {"/whole": CONTENT, "/other": CONTENT[:-1] + b"!", "/cut": CONTENT, "/flaky": CONTENT}
        if self.path not in known or (self.path == "/flaky" and self.asked.count("/flaky") == 1):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(known[self.path][: 20000 if self.path == "/cut" else None])

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    Server.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ADRS_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(downloads, "user_data_dir", lambda name: str(tmp_path / "user" / name))
    monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)
    return tmp_path / "data"


def source(url: str, content: bytes = CONTENT) -> Source:
    return Source("trace.json", url, sha256(content).hexdigest(), len(content), "none stated")


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_file_is_fetched_checked_and_then_left_alone(address: str, folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = fetch("task", source(f"{address}/whole"), lambda done, total: seen.append((done, total)))
    assert path == folder / "task" / "trace.json"
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert fetch("task", source(f"{address}/whole")) == path
    assert Server.asked == ["/whole"]
    assert locate("task", "trace.json") == path


def test_an_md5_will_do_where_nothing_else_is_published(address: str, folder: Path) -> None:
    known = Source("trace.json", f"{address}/whole", "", len(CONTENT), "none stated", md5=md5(CONTENT).hexdigest())
    assert fetch("task", known).read_bytes() == CONTENT
    with pytest.raises(Refusal, match=r"checksum md5:[0-9a-f]{15}…"):
        fetch("task", replace(known, name="other.json", url=f"{address}/other"))
    assert files(folder) == ["task/trace.json"]


def test_a_damaged_copy_is_replaced(address: str, folder: Path) -> None:
    (folder / "task").mkdir(parents=True)
    (folder / "task" / "trace.json").write_bytes(b"half")
    assert fetch("task", source(f"{address}/whole")).read_bytes() == CONTENT
    assert files(folder) == ["task/trace.json"]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("other", r"does not give the expected trace\.json .*put a good copy into"),
        ("missing", r"trace\.json could not be fetched from http.*HTTPError.*check the network"),
        ("cut", r"trace\.json could not be fetched from http.*check the network"),
    ],
)
def test_another_file_is_refused_and_nothing_stays(address: str, folder: Path, path: str, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        fetch("task", source(f"{address}/{path}"))
    assert Server.asked == [f"/{path}"] * 3
    assert files(folder) == []


def test_a_damaged_copy_survives_a_failed_fetch_and_is_not_taken_for_good(address: str, folder: Path) -> None:
    (folder / "task").mkdir(parents=True)
    (folder / "task" / "trace.json").write_bytes(b"half")
    with pytest.raises(Refusal):
        fetch("task", source(f"{address}/missing"))
    assert files(folder) == ["task/trace.json"]


def test_one_failed_download_is_retried(address: str, folder: Path) -> None:
    assert fetch("task", source(f"{address}/flaky")).read_bytes() == CONTENT


def test_an_unreachable_server_is_refused(folder: Path) -> None:
    with pytest.raises(Refusal, match="ConnectionError"):
        fetch("task", source("http://127.0.0.1:9/whole"))
    assert files(folder) == []


def test_nothing_is_fetched_without_a_checksum(address: str, folder: Path) -> None:
    with pytest.raises(Refusal, match="no checksum, so it is not fetched"):
        fetch("task", Source("trace.json", f"{address}/whole", "", 1, ""))
    assert Server.asked == []


def test_without_pooch_the_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true_import = builtins.__import__

    def no_pooch(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "pooch":
            raise ImportError(name)
        return true_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_pooch)
    with pytest.raises(Refusal, match=r"pip install 'adrs\[data\]'"):
        fetch("task", source("http://127.0.0.1:9/whole"))


def test_files_are_looked_for_in_the_named_folder_first(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = tmp_path / "user" / "adrs"
    places = [folder / "task", folder / "pack", folder, user / "task", user / "pack", user]
    assert locate("task", "trace.json", "pack") is None
    for place in reversed(places):
        place.mkdir(parents=True, exist_ok=True)
        (place / "trace.json").write_text("")
        assert locate("task", "trace.json", "pack") == place / "trace.json"
    monkeypatch.delenv("ADRS_DATA")
    assert locate("task", "trace.json") == user / "task" / "trace.json"


def test_addresses_are_pinned_to_a_commit() -> None:
    assert github("a/b", "c0ffee", "d/e.json") == "https://raw.githubusercontent.com/a/b/c0ffee/d/e.json"
