"""client: sends requests to language models: one event loop per run, all retries in one place. Counts no money.

The table in `errors` lists how failures are classified. Busy and lost requests are repeated, with full jitter and no earlier
than the endpoint allows; a malformed reply is a `Reply` with an error, which becomes a foul; a refusal stops the run.
"""

from __future__ import annotations

import atexit
import random
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from adrs.core.failure import Exhausted, Fault, Refusal
from adrs.core.text import clean
from adrs.core.trial import Usage
from adrs.llm.address import Address, address_of, client_of
from adrs.llm.circuit_breaker import POLL_SECONDS, CircuitBreaker, Permit, RetryPolicy
from adrs.llm.errors import RequestError, classify
from adrs.llm.redaction import redact, without_keys

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.models import Model
    from pydantic_ai.settings import ModelSettings

Thinking = Literal["minimal", "low", "medium", "high", "xhigh", "max"]
Finish = Literal["stop", "length", "refusal", "other"]
_FINISHES: dict[str | None, Finish] = {"stop": "stop", "length": "length", "content_filter": "refusal"}

OVERHEAD = 256
"""Upper bound on the tokens that a provider adds to a prompt: roles, separators."""


_SILENCED_WARNINGS = (
    ("Pydantic serializer warnings", r"pydantic\."),
    ("Failed to extract usage", r"pydantic_ai\."),
    (".* is not a valid ", r"google\.genai\."),
)
"""Warnings of libraries about malformed replies: silenced, because the client reports these itself."""

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


class Meter:
    """Approves and accounts for each request of a call. This base class approves everything."""

    def reserve(self) -> None:
        """Called before a request is sent.

        Raises:
            Exhausted: the request must not be sent.
        """

    def release(self) -> None:
        """The request was rejected and costs nothing."""

    def lost(self, error: str, seconds: float) -> None:
        """The request brought no reply but may have been billed."""


def worst_usage(system: str, text: str, max_output_tokens: int) -> Usage:
    """Upper bound on the tokens of a request: a text never has more tokens than UTF-8 bytes."""
    size = len(system.encode("utf-8", "replace")) + len(text.encode("utf-8", "replace"))
    return Usage(size + OVERHEAD, 0, 0, max_output_tokens, 0, measured=False)


@dataclass(frozen=True)
class _Question:
    """A prompt for one model."""

    model: str
    system: str
    text: str
    settings: Settings

    @property
    def worst(self) -> Usage:
        return worst_usage(self.system, self.text, self.settings.max_output_tokens)


@dataclass
class _Connection:
    """One model: its client, the circuit breaker of its endpoint, and the parameters that the endpoint rejects."""

    address: Address
    breaker: CircuitBreaker
    client: Model | None = None
    newer: bool = False
    refused: dict[str, str] = field(default_factory=dict)


class Client:
    """All models of a run. Use it from any thread; close it, or use it as a context manager.

    Args:
        policy: how often and how long to retry.
        halt: set when the run is asked to stop: all waits end, and replies in flight get `policy.grace` seconds.
        say: receives one sentence when an endpoint goes down and when it answers again.
    """

    def __init__(
        self,
        policy: RetryPolicy | None = None,
        halt: threading.Event | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.policy = policy or RetryPolicy()
        self.halt = halt or threading.Event()
        self.say = say or _discard
        self._lock = threading.Lock()
        self._connections: dict[str, _Connection] = {}
        self._breakers: dict[str, CircuitBreaker] = {}
        self._portal: BlockingPortal | None = None
        self._clients: list[Model] = []
        self._exits = ExitStack()
        self._rng = random.Random()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def check(self, model: str) -> None:
        """Create the client of a model without sending a request.

        Raises:
            Refusal: unknown provider, missing key, or client not installed.
        """
        self._connected(self._connection(model))

    def call(self, model: str, system: str, text: str, settings: Settings, meter: Meter | None = None) -> Reply:
        """One reply of a model.

        Args:
            model: a model string, see `address`.
            meter: approves each request.

        Raises:
            Refusal: the endpoint rejects the request for good (key, model, parameter, quota), or the address is not a model's.
            Fault: the endpoint is down for longer than the policy allows, or keeps failing at this request.
            Exhausted: the run was asked to stop, or the meter does not approve.
        """
        connection, meter = self._connection(model), meter or Meter()
        self._connected(connection)
        question = _Question(model, system, text, settings)
        attempts: list[Attempt] = []
        began, failures = time.monotonic(), 0
        while True:
            with connection.breaker.enter(self.halt) as permit:
                meter.reserve()
                asked = time.monotonic()
                answer = self._ask(connection, question, meter)
                seconds = time.monotonic() - asked
                if not isinstance(answer, RequestError):
                    permit.answered()
                    attempts.append(Attempt("answered", seconds))
                    return _reply(answer, question, began, attempts, tuple(connection.refused.values()))
                attempts.append(Attempt(answer.says, seconds, answer.status))
                if answer.kind == "malformed":
                    self._malformed(permit, model, answer)
                    since = time.monotonic() - began
                    return Reply("", "other", question.worst, model, since, tuple(attempts), f"malformed reply: {answer.says}")
                if answer.kind == "lost":
                    meter.lost(answer.says, seconds)
                else:
                    meter.release()
                if answer.kind in ("parameter", "refused") or (answer.kind == "tls" and not connection.breaker.answers):
                    permit.answered()
                    self._refused(connection, model, answer)
                    continue
                permit.failed(answer.says, answer.retry_after)
            failures += not connection.breaker.down
            self._pause(connection, model, answer, failures)

    def close(self) -> None:
        """Close all connections; calls in flight are abandoned."""
        with self._lock:
            self._connections.clear()
            portal, self._portal = self._portal, None
            if portal is not None:
                while self._clients:
                    portal.call(self._clients.pop().__aexit__, None, None, None)
                portal.call(portal.stop, True)
            self._exits.close()
        atexit.unregister(self.close)

    # one request

    def _ask(self, connection: _Connection, question: _Question, meter: Meter) -> ModelResponse | RequestError:
        """Send one request and wait for its reply, or until the run must stop and the grace period is over."""
        from pydantic_ai.direct import model_request
        from pydantic_ai.messages import ModelRequest, UserPromptPart

        client, portal, newer = self._connected(connection)
        request = ModelRequest(parts=[UserPromptPart(question.text)], instructions=question.system or None)
        asked = _asked(question.settings, connection.refused)
        future = portal.start_task_soon(partial(model_request, client, [request], model_settings=asked))
        began = time.monotonic()
        if not self._finished(future, question.settings.timeout):
            future.cancel()
            meter.lost("the run was asked to stop", time.monotonic() - began)
            raise Exhausted("the run was asked to stop")
        optional = {"temperature", "thinking", *(() if newer else ("max_tokens",))} & set(asked)
        error = future.exception()
        if isinstance(error, Exception):  # any error that a malformed reply causes in the client library is the endpoint's
            return classify(error, optional)
        return future.result()

    def _finished(self, future: Future[ModelResponse], timeout: float) -> bool:
        """Wait for the reply; False if the run was asked to stop and the grace period is over."""
        last = float("inf")
        while not wait([future], POLL_SECONDS).done:
            now = time.monotonic()
            if self.halt.is_set():
                last = min(last, now + min(self.policy.grace, timeout))
            if now > last:
                return False
        return True

    # what failures lead to

    def _malformed(self, permit: Permit, model: str, answer: RequestError) -> None:
        if permit.answered(malformed=True) >= self.policy.malformed:
            raise Refusal(
                f"model {redact(model)}: the server there does not speak the protocol ({answer.says}): check the address"
            )

    def _refused(self, connection: _Connection, model: str, answer: RequestError) -> None:
        """Drop a rejected parameter; any other rejection stops the run."""
        name = answer.parameter
        if not name:
            raise Refusal(f"model {redact(model)} rejects the request ({answer.says}): {answer.remedy}")
        with self._lock:
            if name in connection.refused:
                return  # another thread got the same answer
            connection.refused[name] = f"{name} was left out because the endpoint rejects it ({answer.says})"
            if name == "max_tokens":
                connection.refused[name] = "max_completion_tokens was sent because the endpoint rejects max_tokens"
                connection.newer, connection.client = True, None
        self.say(f"{redact(model)}: {connection.refused[name]}")

    def _pause(self, connection: _Connection, model: str, answer: RequestError, failures: int) -> None:
        """Wait before the next request, unless the endpoint is down and the circuit breaker waits for all threads."""
        if answer.retry_after > self.policy.give_up:
            raise Fault(f"{redact(model)} asks to wait for {answer.retry_after:.0f} s ({answer.says})")
        if connection.breaker.down:
            return
        if failures >= self.policy.tries:
            raise Fault(f"{redact(model)} failed {failures} times at one request: {answer.says}")
        self.halt.wait(self._rng.uniform(0, self.policy.pause(failures)))

    def _tell(self, sentence: str) -> None:
        self.say(sentence)

    # clients

    def _connection(self, model: str) -> _Connection:
        with self._lock:
            if model not in self._connections:
                address = address_of(model)
                name = address.endpoint
                breaker = self._breakers.setdefault(name, CircuitBreaker(redact(name), self.policy, self._tell))
                self._connections[model] = _Connection(address, breaker)
            return self._connections[model]

    def _connected(self, connection: _Connection) -> tuple[Model, BlockingPortal, bool]:
        """The model's client, its event loop, and whether it sends `max_completion_tokens`."""
        with self._lock:
            fresh = connection.client is None
            client = connection.client = connection.client or client_of(connection.address, connection.newer)
            if self._portal is None:
                from anyio.from_thread import start_blocking_portal

                for message, module in _SILENCED_WARNINGS:
                    warnings.filterwarnings("ignore", message, UserWarning, module)
                self._portal = self._exits.enter_context(start_blocking_portal(name="models"))
                atexit.register(self.close)  # otherwise its thread keeps a process alive that forgot to close it
            if fresh:
                self._portal.call(client.__aenter__)
                self._clients.append(client)
            return client, self._portal, connection.newer


def _asked(settings: Settings, refused: Mapping[str, str]) -> ModelSettings:
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


def _reply(
    response: ModelResponse, question: _Question, began: float, attempts: Sequence[Attempt], notes: tuple[str, ...]
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


def _discard(sentence: str) -> None:
    """Discard a sentence."""


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
