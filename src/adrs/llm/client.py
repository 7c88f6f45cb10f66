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
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from adrs.core.failure import Exhausted, Fault, Refusal
from adrs.core.trial import Usage
from adrs.llm.address import Address, address_of, client_of
from adrs.llm.circuit_breaker import POLL_SECONDS, CircuitBreaker, Permit, RetryPolicy
from adrs.llm.errors import RequestError, classify
from adrs.llm.exchange import Attempt, Question, Reply, Settings, asked_of, no_answer, reply_of
from adrs.llm.redaction import redact

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.models import Model

_SILENCED_WARNINGS = (
    ("Pydantic serializer warnings", r"pydantic\."),
    ("Failed to extract usage", r"pydantic_ai\."),
    (".* is not a valid ", r"google\.genai\."),
)
"""Warnings of libraries about malformed replies: silenced, because the client reports these itself."""


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


@dataclass
class _Connection:
    """One model: its client, the circuit breaker of its endpoint, and the parameters that the endpoint rejects."""

    address: Address
    breaker: CircuitBreaker
    client: Model | None = None
    newer: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    rejected: int = 0
    """Prompts that were rejected in a row."""


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
        question = Question(model, system, text, settings)
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
                    with self._lock:
                        connection.rejected = 0
                    attempts.append(Attempt("answered", seconds))
                    return reply_of(answer, question, began, attempts, tuple(connection.refused.values()))
                attempts.append(Attempt(answer.says, seconds, answer.status))
                if answer.kind == "malformed":
                    self._malformed(permit, model, answer)
                    return no_answer(question, question.worst, began, attempts, f"malformed reply: {answer.says}")
                if answer.kind == "question":
                    permit.answered()
                    self._rejected(connection, model, answer)
                    return no_answer(question, Usage(), began, attempts, f"the model rejects this prompt ({answer.says})")
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

    def _ask(self, connection: _Connection, question: Question, meter: Meter) -> ModelResponse | RequestError:
        """Send one request and wait for its reply, or until the run must stop and the grace period is over."""
        from pydantic_ai.direct import model_request
        from pydantic_ai.messages import ModelRequest, UserPromptPart

        client, portal, newer = self._connected(connection)
        request = ModelRequest(parts=[UserPromptPart(question.text)], instructions=question.system or None)
        asked = asked_of(question.settings, connection.refused)
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

    def _rejected(self, connection: _Connection, model: str, answer: RequestError) -> None:
        """A prompt that is rejected costs one attempt; several in a row stop the run."""
        with self._lock:
            connection.rejected += 1
            rejected = connection.rejected
        if rejected >= self.policy.malformed:
            raise Refusal(f"{redact(model)} rejects {rejected} prompts in a row ({answer.says}): {answer.remedy}")

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


def _discard(sentence: str) -> None:
    """Discard a sentence."""
