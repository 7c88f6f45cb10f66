"""redaction: removes API keys from text; reads the environment, never a file."""

from __future__ import annotations

import os
import re

_NAMES = re.compile(r"(^|_)(API_?KEYS?|KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?)$", re.IGNORECASE)
"""Environment variables whose values are secrets."""

_SHORTEST = 6
"""A shorter value is not a key, and removing it would damage ordinary words."""

_PATTERNS = (
    re.compile(
        r"(?i)\b((?:proxy-)?authorization|(?:x-)?(?:goog-)?api-key)\b([\"']?\s*[:=]\s*[\"']?)(?:(?:bearer|basic)\s+)?[^\s\"',}]+"
    ),
    re.compile(r"(?i)\b(bearer)(\s+)[\w.~+/=-]{6,}"),
    re.compile(r"(?i)([?&](?:key|api_key|access_token|token))(=)[^&\s\"']+"),
    re.compile(r"(://)()[^/@\s]+(?=@)"),
)
_KEYS = re.compile(r"\b(?:sk-[\w-]{6,}|AIza[\w-]{10,}|gsk_\w{8,}|xai-[\w-]{8,}|hf_\w{8,}|gh[pousr]_\w{8,})")

_GONE = "[redacted]"


def secrets() -> list[str]:
    """The values of all environment variables that are named like keys, the longest first."""
    found = {value.strip() for name, value in os.environ.items() if _NAMES.search(name)}
    return sorted((value for value in found if len(value) >= _SHORTEST), key=len, reverse=True)


def without_keys(text: str) -> str:
    """`text` without the values of key variables; nothing else changes, so programs stay intact."""
    for value in secrets():
        text = text.replace(value, _GONE)
    return text


def redact(text: str) -> str:
    """`text` without keys and anything that looks like one: for errors and messages of endpoints."""
    text = without_keys(text)
    for pattern in _PATTERNS:
        text = pattern.sub(lambda match: match[1] + match[2] + _GONE, text)
    return _KEYS.sub(_GONE, text)
