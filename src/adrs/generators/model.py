"""model: programs written by a language model of any provider. The prompt generator decides what the prompt says."""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from decimal import Decimal

from adrs.core.failure import Foul, Refusal
from adrs.core.ledger import Ledger, Reservation
from adrs.core.parts import Estimate, Prompt, ReplyFormat, SolutionGenerator
from adrs.core.resources import Resources
from adrs.core.text import estimate_tokens
from adrs.core.trial import Call, Candidate, Spend, Usage
from adrs.llm import (
    Client,
    Meter,
    Price,
    Reply,
    Settings,
    Thinking,
    address_of,
    cost,
    note_of,
    overrides_of,
    price_of,
    program_of,
    redact,
    worst_case,
    worst_usage,
)

SHORT, USUAL = 300, 1_200
"""Expected output tokens of a small edit, and of a small program with some reasoning before it."""


def _client(resources: Resources) -> Client:
    return Client(halt=resources.halt, say=resources.say)


class Model(SolutionGenerator):
    """A language model rewrites the parent; its reply may be edits, a diff or a whole program.

    A call that may have cost something but gave no reply is recorded with the next candidate, so that no spending is lost.

    Args:
        name: the model: openai:gpt-5, anthropic:NAME, google:NAME, ollama:NAME, or openai:NAME@http://host:port/v1 for any
            compatible address.
        temperature: none leaves it to the provider; it is omitted if the endpoint rejects it.
        max_output_tokens: limit for a reply, including reasoning; a longer reply is cut off and unusable.
        timeout: seconds for one request, from sending to the last byte of the reply.
        thinking: how much it reasons before it writes; none leaves it to the provider.
        format: the requested form of reply: "edits", "file" or "crossover"; a reply in another form is accepted too.
    """

    spends = True

    def __init__(
        self,
        *,
        name: str = "",
        temperature: float | None = None,
        max_output_tokens: int = 16_384,
        timeout: float = 600.0,
        thinking: Thinking | None = None,
        format: ReplyFormat = "edits",
    ) -> None:
        if max_output_tokens < 1 or not 0 < timeout < math.inf:
            raise Refusal(f"generator model: max_output_tokens is {max_output_tokens}, timeout is {timeout}: give more than 0")
        if temperature is not None and not 0 <= temperature <= 2:
            raise Refusal(f"generator model: temperature is {temperature}: give a number from 0 to 2")
        self.name = name
        self.format = format
        self.settings = Settings(temperature, max_output_tokens, timeout, thinking)
        self.author = ""
        if name:
            address = address_of(name)
            self.author = redact(f"{address.kind}:{address.name}")
        self._resources = Resources()
        self._price: Price | None = None
        self._lock = threading.Lock()
        self._unclaimed: list[Call] = []

    def attach(self, resources: Resources) -> None:
        """Connect to the run, and check that the model can be reached and paid for; sends no request.

        Raises:
            Refusal: no model is named, its client cannot be created, or --dollars limits spending and its price is unknown.
        """
        self._resources = resources
        if not self.name:
            raise Refusal("generator model needs a model: give --model openai:gpt-5, or --generator model:name=openai:gpt-5")
        self.client.check(self.name)
        self._price = price_of(self.name, overrides_of(resources.prices))
        if resources.ledger.dollars is not None and self.price is None:
            raise Refusal(
                f"--dollars limits spending, and {redact(self.name)} has no known price: add "
                f'--price "{redact(self.name)}=in:…,out:…" (dollars per million tokens), or limit --tokens instead'
            )

    @property
    def client(self) -> Client:
        """The client shared by all models of the run."""
        return self._resources.shared(_client)

    @property
    def ledger(self) -> Ledger:
        return self._resources.ledger

    @property
    def price(self) -> Price | None:
        """The price, looked up once when the run begins; None if unknown."""
        return self._price

    def estimate(self, prompt: Prompt) -> list[Estimate]:
        tokens = estimate_tokens(prompt.system) + estimate_tokens(prompt.text)
        if self.price is None:
            return [Estimate(self.name, 1.0, tokens, None)]
        replies = (SHORT, USUAL, self.settings.max_output_tokens)
        short, usual, longest = (float(cost(Usage(tokens, output_tokens=reply), self.price)) for reply in replies)
        return [Estimate(self.name, 1.0, tokens, (short, usual, longest))]

    def worst(self, prompt: Prompt) -> tuple[Usage, Decimal | None]:
        """Upper bounds on the tokens and dollars of one request with this prompt."""
        usage = worst_usage(prompt.system, prompt.text, self.settings.max_output_tokens)
        price = self.price
        return usage, None if price is None else worst_case(usage.input_tokens, usage.output_tokens, price)

    def propose(self, prompt: Prompt) -> Candidate:
        """Ask for a program.

        Raises:
            Refusal: the endpoint rejects the request for good, or --dollars is given and the price is unknown.
            Fault: the endpoint stays down.
            Exhausted: the limits do not cover one more call (`Broke`), or the run was asked to stop.
        """
        bill = _Bill(self, prompt)
        try:
            reply = self.client.call(self.name, prompt.system, prompt.text, self.settings, bill)
            bill.paid(reply)
        finally:
            with self._lock:
                self._unclaimed += bill.calls
        with self._lock:
            calls, self._unclaimed = tuple(self._unclaimed), []
        return self._candidate(prompt, reply, calls)

    def unclaimed_calls(self) -> tuple[Call, ...]:
        with self._lock:
            return tuple(self._unclaimed)

    def _candidate(self, prompt: Prompt, reply: Reply, calls: tuple[Call, ...]) -> Candidate:
        parent = prompt.selection.parent
        source, foul, note = "", None, ""
        try:
            if reply.error:
                raise Foul("endpoint" if reply.unanswered else "syntax", reply.error)
            source = program_of(reply.text, parent.candidate.source, cut_off=reply.finish == "length")
            note = note_of(reply.text, parent.candidate.source)
        except Foul as found:
            foul, note = found, found.reason
        return Candidate(
            source,
            (parent.number,),
            prompt.selection.niche,
            author=self.author,
            note=note,
            spend=spend_of(calls),
            foul=foul,
            calls=calls,
        )


def spend_of(calls: tuple[Call, ...]) -> Spend:
    """The total cost of calls; calls without a known price count tokens only."""
    return Spend(
        math.fsum(call.dollars or 0.0 for call in calls),
        sum(call.usage.input_tokens for call in calls),
        sum(call.usage.output_tokens for call in calls),
        len(calls),
        math.fsum(call.seconds for call in calls),
    )


class _Bill(Meter):
    """Accounts for one reply: reserves the worst case of every request, and records the actual cost."""

    def __init__(self, model: Model, prompt: Prompt) -> None:
        self.calls: list[Call] = []
        self._model, self._prompt = model, prompt
        self._worst, self._dollars = model.worst(prompt)
        dollars = None if self._dollars is None else float(self._dollars)
        name = redact(model.name)
        self._lost = Call(name, "propose", prompt.system, prompt.text, "", "lost", self._worst, dollars)
        self._reservation: Reservation | None = None

    def reserve(self) -> None:
        self._reservation = self._model.ledger.reserve(self._dollars, self._worst.tokens)

    def release(self) -> None:
        self._settle(Decimal(0), 0)

    def lost(self, error: str, seconds: float) -> None:
        self._settle(self._dollars or Decimal(0), self._worst.tokens)
        self.calls.append(replace(self._lost, error=error, seconds=seconds))

    def paid(self, reply: Reply) -> None:
        """Record the bill of the reply."""
        price = self._model.price
        dollars = None if price is None else cost(reply.usage, price)
        self._settle(dollars or Decimal(0), reply.usage.tokens)
        call = replace(
            self._lost,
            reply=reply.text,
            finish=reply.finish,
            usage=reply.usage,
            dollars=None if dollars is None else float(dollars),
            error=reply.error,
            seconds=max(0.0, reply.seconds - math.fsum(lost.seconds for lost in self.calls)),
            attempts=len(reply.attempts) - len(self.calls),
            answered=redact(reply.model),
            note="; ".join(reply.notes),
        )
        self.calls.append(call)

    def _settle(self, dollars: Decimal, tokens: int) -> None:
        if self._reservation is not None:
            self._reservation.settle(dollars, tokens)
