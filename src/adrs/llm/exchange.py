"""exchange: what is sent to a model and what comes back, in our nouns; converts to and from the client library's."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from adrs.core.text import clean
from adrs.core.trial import Usage
from adrs.llm.redaction import redact, without_keys

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.settings import ModelSettings

Thinking = Literal["minimal", "low", "medium", "high", "xhigh", "max"]
Finish = Literal["stop", "length", "refusal", "other"]
_FINISHES: dict[str | None, Finish] = {"stop": "stop", "length": "length", "content_filter": "refusal"}

OVERHEAD = 256
"""Upper bound on the tokens that a provider adds to a prompt: roles, separators."""
_MAX_TOKENS = 100_000_000
"""A usage above this number of tokens is not believed."""


@dataclass(frozen=True)
class Settings:
    """The parameters of a request to a model.

    Args:
        temperature: None leaves it to the provider.
        max_output_tokens: including reasoning; this bounds the cost of a call.
        timeout: seconds for one request, from sending to the last byte of the reply.
        thinking: how much a model reasons before it writes; None leaves it to the provider.
    """

    temperature: float | None = None
    max_output_tokens: int = 16_384
    timeout: float = 600.0
    thinking: Thinking | None = None


@dataclass(frozen=True)
class Attempt:
    """One request: its outcome ("answered", or what went wrong), its seconds, its HTTP status if that was an error."""

    outcome: str
    seconds: float
    status: int = 0


@dataclass(frozen=True)
class Reply:
    """The reply of a model.

    Args:
        text: without reasoning; "" for a refusal or a malformed reply.
        finish: why it ended.
        usage: as billed, or an upper bound (`measured` is False).
        model: the model that answered, as named by the endpoint.
        seconds: from the question to the reply, including waits.
        attempts: the requests sent for it; the last one brought the reply.
        error: why the reply is unusable; "" for a usable reply.
        unanswered: the endpoint gave no answer of the model's: what it sent is malformed, or it rejects this prompt.
        notes: parameters that were left out because the endpoint rejects them.
    """

    text: str
    finish: Finish
    usage: Usage
    model: str
    seconds: float
    attempts: tuple[Attempt, ...]
    error: str = ""
    notes: tuple[str, ...] = ()
    unanswered: bool = False


@dataclass(frozen=True)
class Question:
    """A prompt for one model."""

    model: str
    system: str
    text: str
    settings: Settings

    @property
    def worst(self) -> Usage:
        return worst_usage(self.system, self.text, self.settings.max_output_tokens)


def worst_usage(system: str, text: str, max_output_tokens: int) -> Usage:
    """Upper bound on the tokens of a request: a text never has more tokens than UTF-8 bytes."""
    size = len(system.encode("utf-8", "replace")) + len(text.encode("utf-8", "replace"))
    return Usage(size + OVERHEAD, 0, 0, max_output_tokens, 0, measured=False)


def asked_of(settings: Settings, refused: Mapping[str, str]) -> ModelSettings:
    """The settings for the library, without rejected parameters; the library's own retries are off."""
    asked: ModelSettings = {
        "max_retries": 0,
        "timeout": settings.timeout,
        "request_timeout": settings.timeout,
        "max_tokens": settings.max_output_tokens,
    }
    if settings.temperature is not None and "temperature" not in refused:
        asked["temperature"] = settings.temperature
    if settings.thinking is not None and "thinking" not in refused:
        asked["thinking"] = settings.thinking
    return asked


def reply_of(
    response: ModelResponse, question: Question, began: float, attempts: Sequence[Attempt], notes: tuple[str, ...]
) -> Reply:
    """Convert the library's reply."""
    from pydantic_ai.messages import TextPart

    parts = [part.content for part in response.parts if isinstance(part, TextPart)]
    text = "".join(part for part in parts if isinstance(part, str))  # some servers send null
    finish = _FINISHES.get(response.finish_reason, "other")
    error = ""
    if finish == "refusal":
        said = (response.provider_details or {}).get("refusal")
        error = "the model refused" + (f": {clean(redact(str(said)), 200)}" if said else "")
    elif not text.strip() and finish != "length":
        error = "the reply is empty"
    return Reply(
        without_keys(text),
        finish,
        _usage(response.usage, bool(text)) or question.worst,
        str(response.model_name or question.model),
        time.monotonic() - began,
        tuple(attempts),
        error,
        notes,
    )


def no_answer(question: Question, usage: Usage, began: float, attempts: Sequence[Attempt], error: str) -> Reply:
    """The reply that stands for an answer that never came."""
    seconds = time.monotonic() - began
    return Reply("", "other", usage, question.model, seconds, tuple(attempts), error, unanswered=True)


def _usage(reported: Any, answered: bool) -> Usage | None:
    """The usage that a provider reported; None if it reported none, or one that is impossible."""
    names = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "output_reasoning_tokens")
    numbers = [getattr(reported, name) for name in names]
    if reported.unmeasured_requests or not all(isinstance(number, int) and 0 <= number < _MAX_TOKENS for number in numbers):
        return None
    asked, cached, written, wrote, reasoned = numbers
    if cached + written > asked or reasoned > wrote or asked == 0 or (answered and wrote == 0):
        return None
    return Usage(asked, cached, written, wrote, reasoned)
