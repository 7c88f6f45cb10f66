"""client: sends requests to language models: one event loop per run, all retries in one place, no money.

What an endpoint does and what that leads to is `trouble`'s table. Busy and lost requests are repeated, with full jitter and as
late as the endpoint asks; a strange reply is a `Reply` with an error, which becomes a foul; a refusal stops the run.
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
from adrs.llm.circuit_breaker import GLANCE, Gate, Patience, Turn
from adrs.llm.errors import Trouble, trouble_of
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
"""Tokens that a provider adds to a prompt at the most: roles, separators."""


_MURMURS = (
    ("Pydantic serializer warnings", r"pydantic\."),
    ("Failed to extract usage", r"pydantic_ai\."),
    (".* is not a valid ", r"google\.genai\."),
)
"""What libraries warn of on the screen when a reply is strange; we judge it ourselves."""

_ABSURD = 100_000_000
"""Tokens that no request takes."""


@dataclass(frozen=True)
class Settings:
    """How a model is asked.

    Args:
        temperature: None leaves it to the provider.
        max_output_tokens: reasoning included; with it a call has a worst case.
        timeout: seconds for one request, from sending to the last byte of the reply.
        thinking: how much a model reasons before it writes; None leaves it to the provider.
    """

    temperature: float | None = None
    max_output_tokens: int = 16_384
    timeout: float = 600.0
    thinking: Thinking | None = None


@dataclass(frozen=True)
class Attempt:
    """One request: how it ended ("answered", or what went wrong), its HTTP status if that was an error, its seconds."""

    outcome: str
    seconds: float
    status: int = 0


@dataclass(frozen=True)
class Reply:
    """What a model answered.

    Args:
        text: without reasoning; "" for a refusal and for what is no reply.
        finish: why it ended there.
        usage: as billed, or bounded (`measured` is False).
        model: which one answered, as the endpoint says.
        seconds: from the question to the reply, waiting included.
        attempts: the requests it took, this one last.
        error: why this is no reply that anything can be made of; "" for a reply.
        notes: what was left out because the endpoint refuses it.
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
    """Whoever pays for a call is asked before every request. This one pays for everything."""

    def reserve(self) -> None:
        """Before a request is sent.

        Raises:
            Exhausted: it is not to be sent.
        """

    def release(self) -> None:
        """The request was turned away and costs nothing."""

    def lost(self, error: str, seconds: float) -> None:
        """The request may have been billed, and nobody will ever know."""


def worst_usage(system: str, text: str, max_output_tokens: int) -> Usage:
    """The most that a request can take. No tokenizer makes more tokens than a text has bytes in UTF-8."""
    size = len(system.encode("utf-8", "replace")) + len(text.encode("utf-8", "replace"))
    return Usage(size + OVERHEAD, 0, 0, max_output_tokens, 0, measured=False)


@dataclass(frozen=True)
class _Question:
    """What is asked of a model."""

    model: str
    system: str
    text: str
    settings: Settings

    @property
    def worst(self) -> Usage:
        return worst_usage(self.system, self.text, self.settings.max_output_tokens)


@dataclass
class _Line:
    """One model: its client, the gate of its endpoint, and the parameters that it has refused."""

    address: Address
    gate: Gate
    client: Model | None = None
    newer: bool = False
    refused: dict[str, str] = field(default_factory=dict)


class Client:
    """All models of a run. Use it from any thread; close it, or use it as a context manager.

    Args:
        patience: how long endpoints are waited for.
        halt: set when the run is asked to stop: nobody waits any longer, replies in flight get a last grace.
        say: is told in a sentence when an endpoint goes down and when it answers again.
    """

    def __init__(
        self,
        patience: Patience | None = None,
        halt: threading.Event | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.patience = patience or Patience()
        self.halt = halt or threading.Event()
        self.say = say or _nobody
        self._lock = threading.Lock()
        self._lines: dict[str, _Line] = {}
        self._gates: dict[str, Gate] = {}
        self._portal: BlockingPortal | None = None
        self._clients: list[Model] = []
        self._exits = ExitStack()
        self._rng = random.Random()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def check(self, model: str) -> None:
        """Make the client of a model without asking it anything.

        Raises:
            Refusal: it cannot be made: no such provider, no key, not installed.
        """
        self._connected(self._line(model))

    def call(self, model: str, system: str, text: str, settings: Settings, meter: Meter | None = None) -> Reply:
        """One reply of a model.

        Args:
            model: a model string, see `address`.
            meter: who is asked before every request.

        Raises:
            Refusal: the endpoint refuses the request for good (key, model, parameter, quota), or what answers is no model.
            Fault: the endpoint is down for longer than patience allows, or keeps failing at this request.
            Exhausted: the run was asked to stop, or the meter does not pay.
        """
        line, meter = self._line(model), meter or Meter()
        self._connected(line)
        question = _Question(model, system, text, settings)
        attempts: list[Attempt] = []
        began, failures = time.monotonic(), 0
        while True:
            with line.gate.enter(self.halt) as turn:
                meter.reserve()
                asked = time.monotonic()
                answer = self._ask(line, question, meter)
                seconds = time.monotonic() - asked
                if not isinstance(answer, Trouble):
                    turn.answered()
                    attempts.append(Attempt("answered", seconds))
                    return _reply(answer, question, began, attempts, tuple(line.refused.values()))
                attempts.append(Attempt(answer.says, seconds, answer.status))
                if answer.kind == "strange":
                    self._strange(turn, model, answer)
                    since = time.monotonic() - began
                    return Reply("", "other", question.worst, model, since, tuple(attempts), f"no reply but {answer.says}")
                if answer.kind == "lost":
                    meter.lost(answer.says, seconds)
                else:
                    meter.release()
                if answer.kind in ("parameter", "refused") or (answer.kind == "tls" and not line.gate.answers):
                    turn.answered()
                    self._refused(line, model, answer)
                    continue
                turn.failed(answer.says, answer.retry_after)
            failures += not line.gate.down
            self._pause(line, model, answer, failures)

    def close(self) -> None:
        """Close all connections; calls in flight are abandoned."""
        with self._lock:
            self._lines.clear()
            portal, self._portal = self._portal, None
            if portal is not None:
                while self._clients:
                    portal.call(self._clients.pop().__aexit__, None, None, None)
                portal.call(portal.stop, True)
            self._exits.close()
        atexit.unregister(self.close)

    # one request

    def _ask(self, line: _Line, question: _Question, meter: Meter) -> ModelResponse | Trouble:
        """Send one request and wait for its reply, or for the halt and its grace."""
        from pydantic_ai.direct import model_request
        from pydantic_ai.messages import ModelRequest, UserPromptPart

        client, portal, newer = self._connected(line)
        request = ModelRequest(parts=[UserPromptPart(question.text)], instructions=question.system or None)
        asked = _asked(question.settings, line.refused)
        future = portal.start_task_soon(partial(model_request, client, [request], model_settings=asked))
        began = time.monotonic()
        if not self._finished(future, question.settings.timeout):
            future.cancel()
            meter.lost("the run was asked to stop", time.monotonic() - began)
            raise Exhausted("the run was asked to stop")
        optional = {"temperature", "thinking", *(() if newer else ("max_tokens",))} & set(asked)
        error = future.exception()
        if isinstance(error, Exception):  # whatever the client makes of a strange reply is the endpoint's doing, and no crash
            return trouble_of(error, optional)
        return future.result()

    def _finished(self, future: Future[ModelResponse], timeout: float) -> bool:
        """Wait; False when the run is asked to stop and the grace is over."""
        last = float("inf")
        while not wait([future], GLANCE).done:
            now = time.monotonic()
            if self.halt.is_set():
                last = min(last, now + min(self.patience.grace, timeout))
            if now > last:
                return False
        return True

    # what failures lead to

    def _strange(self, turn: Turn, model: str, answer: Trouble) -> None:
        if turn.answered(strange=True) >= self.patience.strange:
            raise Refusal(
                f"model {redact(model)}: what answers there does not speak its protocol ({answer.says}): check the address"
            )

    def _refused(self, line: _Line, model: str, answer: Trouble) -> None:
        """Leave a refused parameter out, once; anything else stops the run."""
        name = answer.parameter
        if not name:
            raise Refusal(f"model {redact(model)} refuses ({answer.says}): {answer.remedy}")
        with self._lock:
            if name in line.refused:
                return  # another thread was told so, too
            line.refused[name] = f"{name} was left out, the endpoint refuses it ({answer.says})"
            if name == "max_tokens":
                line.refused[name] = "max_completion_tokens was sent, the endpoint refuses max_tokens"
                line.newer, line.client = True, None
        self.say(f"{redact(model)}: {line.refused[name]}")

    def _pause(self, line: _Line, model: str, answer: Trouble, failures: int) -> None:
        """Wait before the next try, unless the gate does so for all."""
        if answer.retry_after > self.patience.give_up:
            raise Fault(f"{redact(model)} asks to wait for {answer.retry_after:.0f} s ({answer.says})")
        if line.gate.down:
            return
        if failures >= self.patience.tries:
            raise Fault(f"{redact(model)} failed {failures} times at one request: {answer.says}")
        self.halt.wait(self._rng.uniform(0, self.patience.pause(failures)))

    def _tell(self, sentence: str) -> None:
        self.say(sentence)

    # clients

    def _line(self, model: str) -> _Line:
        with self._lock:
            if model not in self._lines:
                address = address_of(model)
                name = address.endpoint
                gate = self._gates.setdefault(name, Gate(redact(name), self.patience, self._tell))
                self._lines[model] = _Line(address, gate)
            return self._lines[model]

    def _connected(self, line: _Line) -> tuple[Model, BlockingPortal, bool]:
        """The model's client, the loop that it lives in, and whether it says `max_completion_tokens`."""
        with self._lock:
            fresh = line.client is None
            client = line.client = line.client or client_of(line.address, line.newer)
            if self._portal is None:
                from anyio.from_thread import start_blocking_portal

                for message, module in _MURMURS:
                    warnings.filterwarnings("ignore", message, UserWarning, module)
                self._portal = self._exits.enter_context(start_blocking_portal(name="models"))
                atexit.register(self.close)  # its thread would hang a process that forgot to close it
            if fresh:
                self._portal.call(client.__aenter__)
                self._clients.append(client)
            return client, self._portal, line.newer


def _asked(settings: Settings, refused: Mapping[str, str]) -> ModelSettings:
    """The settings as the library takes them, without what the endpoint has refused; its own retries are off."""
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
    """The library's reply as ours."""
    from pydantic_ai.messages import TextPart

    parts = [part.content for part in response.parts if isinstance(part, TextPart)]
    text = "".join(part for part in parts if isinstance(part, str))  # a strange server says null
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


def _nobody(sentence: str) -> None:
    """Whom to tell when nobody listens."""


def _usage(told: Any, answered: bool) -> Usage | None:
    """The usage that a provider told; None when it told none, or one that cannot be."""
    names = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "output_reasoning_tokens")
    numbers = [getattr(told, name) for name in names]
    if told.unmeasured_requests or not all(isinstance(number, int) and 0 <= number < _ABSURD for number in numbers):
        return None
    asked, cached, written, wrote, reasoned = numbers
    if cached + written > asked or reasoned > wrote or asked == 0 or (answered and wrote == 0):
        return None
    return Usage(asked, cached, written, wrote, reasoned)
