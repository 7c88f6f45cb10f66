"""doctor: each gap has a remedy, required gaps set the exit code, and the values of keys are never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from adrs.cli import doctor
from adrs.cli.doctor import Finding
from adrs.sandbox import kernel_policy, mounts
from adrs.stores.sql import open_store
from command_line import Here
from provider_server import serving


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "REPEATS", 1)


def found(here: Here, code: int = 0) -> dict[str, dict[str, object]]:
    said = here("doctor", "--json")
    assert said.code == code, said
    assert said.err == ""
    assert all(list(finding) == ["name", "ok", "says", "remedy"] for finding in said.json)
    return {finding["name"].strip(): finding for finding in said.json}


def test_a_whole_machine(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    findings = found(here)
    assert findings["python"]["ok"] is True
    assert findings["isolation"]["ok"] is True
    assert "level " in str(findings["isolation"]["says"])
    assert findings["key OPENAI_API_KEY"]["says"] == "set"
    assert findings["key ANTHROPIC_API_KEY"]["says"] == "not set"
    assert findings["data spot_single_region"]["remedy"] == "adrs data fetch spot_single_region"
    assert "data sparse_attention" not in findings, "a remedy must be one"
    assert findings["store"]["ok"] is None
    text = here("doctor")
    assert text.code == 0
    for words in ("python", "seccomp", "landlock", "cores", "store"):
        assert words in text.out
    assert "sk-very-secret" not in text.out + str(findings)
    assert not list(here.folder.iterdir()), "it makes nothing"


def test_models_are_asked_for_a_word(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pydantic_ai")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    dead = "openai:gone@http://127.0.0.1:9/v1"
    with serving(["ready"]) as server:
        alive = server.model("openai")
        said = here(
            "doctor", "--json", "--model", alive, "--model", dead, "--model", "openai:gpt-5-mini", "--model", "nonsense"
        )
    findings = {finding["name"]: finding for finding in said.json if finding["name"].startswith("model")}
    assert said.code == 1
    assert [finding["ok"] for finding in findings.values()] == [True, False, False, False]
    assert "answers in" in findings[f"model {alive}"]["says"]
    assert findings[f"model {dead}"] == {
        "name": f"model {dead}",
        "ok": False,
        "says": "does not answer: openai:gone@http://127.0.0.1:9/v1 failed 1 times at one request: "
        "the endpoint cannot be reached: [Errno 111] Connect call failed ('127.0.0.1', 9)",
        "remedy": "start the server, or check the address",
    }
    assert findings["model openai:gpt-5-mini"]["remedy"] == "set OPENAI_API_KEY in the environment"
    assert "not tested" in str(found(here)["models"]["says"])


def test_without_bubblewrap_it_is_level_standard_and_says_how_to_get_it(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounts, "find_bwrap", lambda: None)
    findings = found(here)
    assert "level standard" in str(findings["isolation"]["says"])
    assert findings["bwrap"]["ok"] is None
    assert "apt install bubblewrap" in str(findings["bwrap"]["remedy"])


def test_without_seccomp_no_run_can_start(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_policy, "seccomp_filter", lambda open_world: -1)
    findings = found(here, 1)
    assert findings["isolation"]["ok"] is False
    assert findings["seccomp"]["ok"] is False
    assert "apt install libseccomp2" in str(findings["seccomp"]["remedy"])
    text = here("doctor")
    assert text.code == 1
    assert "missing" in text.out


def test_without_landlock_and_bubblewrap_no_run_can_start(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounts, "find_bwrap", lambda: None)
    monkeypatch.setattr(kernel_policy, "landlock_ruleset", lambda readable=(): None)
    findings = found(here, 1)
    assert {findings[name]["ok"] for name in ("isolation", "landlock", "bwrap")} == {False}
    assert findings["landlock"]["remedy"]


def test_a_store_is_counted_or_its_trouble_told(here: Here) -> None:
    store = open_store("sqlite:///adrs.db")
    store.create_run("r", {"task": "t"}, "", "")
    store.close()  # else its write-ahead log would outlive the file that is damaged below, and repair it
    assert found(here)["store"]["says"] == "sqlite:///adrs.db, 1 run"
    Path("adrs.db").write_bytes(b"no database at all " * 100)
    finding = found(here, 1)["store"]
    assert finding["ok"] is False
    assert "damaged" in str(finding["says"])
    assert "--store" in str(finding["remedy"])


def test_every_gap_has_a_remedy(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounts, "find_bwrap", lambda: None)
    monkeypatch.setattr(kernel_policy, "seccomp_filter", lambda open_world: -1)
    monkeypatch.setattr(kernel_policy, "landlock_ruleset", lambda readable=(): None)
    for name, finding in found(here, 1).items():
        if finding["ok"] is False:
            assert finding["remedy"], name


def test_a_finding_is_optional_unless_it_says_so() -> None:
    assert not Finding("cores", None, "2").required
