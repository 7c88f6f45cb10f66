"""Keys are taken out of what is told, and programs stay as they are."""

from __future__ import annotations

import pytest

from adrs.llm.redaction import redact, without_keys

KEY = "verysecret-4711"


@pytest.mark.parametrize(
    "name", ["OPENAI_API_KEY", "ADRS_API_KEY", "HF_TOKEN", "MY_SECRET", "DB_PASSWORD", "KEY", "openai_api_key"]
)
def test_the_values_of_key_variables_go_everywhere(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, f" {KEY}\n")
    for text in (KEY, f"wrong key {KEY}!", f"{{'a': '{KEY}'}}", f"x{KEY}y{KEY}"):
        assert KEY not in redact(text)
        assert KEY not in without_keys(text)


def test_a_key_within_a_key_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", "abcdef")
    monkeypatch.setenv("B_KEY", "abcdefghij")
    assert redact("abcdefghij abcdef") == "[redacted] [redacted]"


@pytest.mark.parametrize("name", ["PATH", "MONKEY", "TOKENIZERS_PARALLELISM", "KEYBOARD"])
def test_other_variables_are_no_secrets(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "ordinary words")
    assert redact("these are ordinary words") == "these are ordinary words"


def test_short_values_tear_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "none")
    assert redact("there is none") == "there is none"


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: sk-proj-abcDEF123456_x. See the docs.",
        "key sk-ant-api03-abcdef123456",
        "AIzaSyA1234567890abcdefg",
        "Authorization: Bearer abc.DEF-123456",
        "{'authorization': 'Bearer abcDEF123456'}",
        '"x-api-key": "abcDEF123456"',
        "x-goog-api-key=abcDEF123456",
        "Bearer abcDEF123456",
        "GET https://host/v1beta/models?alt=json&key=abcDEF123456",
        "https://me:abcDEF123456@host/v1",
        "hf_abcDEF123456",
        "gsk_abcDEF123456",
    ],
)
def test_what_looks_like_a_key_goes(text: str) -> None:
    told = redact(text)
    assert "[redacted]" in told
    for piece in ("123456", "abcDEF", "abcdef"):
        assert piece not in told


@pytest.mark.parametrize(
    "text",
    [
        "a risk-adjusted task-scheduler",
        "disk-usage-of-the-whole-cluster",
        "the key is to wait",
        "sort(key=lambda job: job.slack)",
        "tokens: 12",
        "user@example.org",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert redact(text) == text


def test_programs_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    program = 'header = {"authorization": "Bearer of bad news"}\nkey = "sk-learn-is-a-library"\n'
    assert without_keys(program) == program
