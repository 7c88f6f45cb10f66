"""What we count is what the price library counts, for every model and provider; what is unknown is None and never nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adrs.core.failure import Refusal
from adrs.core.trial import Usage
from adrs.llm.pricing import Price, cost, overrides_of, price_of, worst_case

genai_prices = pytest.importorskip("genai_prices")

MODELS = [
    "openai:gpt-5",
    "openai:gpt-5-2025-08-07",
    "openai-chat:gpt-4o",
    "openai-responses:gpt-5-mini",
    "anthropic:claude-sonnet-4-5",
    "anthropic:claude-haiku-4-5",
    "google:gemini-2.5-pro",
    "google:gemini-2.5-flash",
]
PLAIN = Price(Decimal(2), Decimal("0.5"), Decimal("2.5"), Decimal(10), "--price")


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    asked = draw(st.integers(1, 400_000))
    cached = draw(st.integers(0, asked))
    written = draw(st.integers(0, asked - cached))
    wrote = draw(st.integers(0, 60_000))
    return Usage(asked, cached, written, wrote, draw(st.integers(0, wrote)))


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=40)
@given(usage=usages())
def test_costs_are_those_of_the_price_library(model: str, usage: Usage) -> None:
    price = price_of(model)
    assert price is not None
    told = genai_prices.Usage(
        input_tokens=usage.input_tokens,
        cache_read_tokens=usage.cached_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        output_tokens=usage.output_tokens,
    )
    provider, _, name = model.partition(":")
    listed = genai_prices.calc_price(told, name, provider_id=provider.split("-")[0])
    assert cost(usage, price) == listed.total_price
    assert cost(usage, price) <= worst_case(usage.input_tokens, usage.output_tokens, price)


@given(usage=usages(), spare=st.integers(0, 300_000), more=st.integers(0, 9_000))
def test_nothing_costs_more_than_its_worst_case(usage: Usage, spare: int, more: int) -> None:
    nine = Decimal(9)
    long = Price(nine, nine, nine, nine, "test")
    tiered = Price(Decimal(1), Decimal("0.1"), Decimal("1.25"), Decimal(5), "test", above=((200_000, long),))
    for price in (PLAIN, tiered):
        assert cost(usage, price) <= worst_case(usage.input_tokens + spare, usage.output_tokens + more, price)


def test_cached_tokens_are_part_of_the_input_and_reasoning_of_the_output() -> None:
    assert cost(Usage(1_000_000, 400_000, 100_000, 50_000, 20_000), PLAIN) == Decimal("1.0") + Decimal("0.2") + Decimal(
        "0.25"
    ) + Decimal("0.5")


def test_what_was_not_measured_costs_its_worst() -> None:
    assert cost(Usage(1_000_000, output_tokens=100_000, measured=False), PLAIN) == Decimal("2.5") + 1


def test_a_long_input_is_billed_at_its_own_price() -> None:
    price = price_of("google:gemini-2.5-pro")
    assert price is not None
    assert price.above
    assert price.at(200_000) is price
    assert price.at(200_001).input > price.input
    assert price.source == f"genai-prices {genai_prices.__version__}"
    assert "more above 200000 tokens" in str(price)


@pytest.mark.parametrize(
    "model",
    [
        "openai:no-such-model-of-anybody",
        "ollama:llama3",
        "vllm:qwen",
        "openai:gpt-5@http://127.0.0.1:8000/v1",
        "anthropic:claude-sonnet-4-5@https://proxy.example/v1",
        "nobody:gpt-5",
    ],
)
def test_an_unknown_price_is_none(model: str) -> None:
    assert price_of(model) is None
    stated = overrides_of([f"{model}=in:1,out:2"])[model]
    assert price_of(model, {model: stated}) is stated


def test_another_base_url_is_another_price(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:8000/v1")
    assert price_of("openai:gpt-5") is None
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.openai.com/v1")
    assert price_of("openai:gpt-5") is not None


def test_a_stated_price_counts_first_and_by_the_model_s_name_too() -> None:
    stated = overrides_of(["gpt-5=in:0.3,out:2.5,cached:0.03", "openai:x@http://127.0.0.1:1/v1?a=b=in:0,out:0"])
    assert price_of("openai:gpt-5", stated) == Price(Decimal("0.3"), Decimal("0.03"), Decimal("0.3"), Decimal("2.5"), "--price")
    assert price_of("openai:gpt-5-mini", stated) != stated["gpt-5"]
    free = price_of("openai:x@http://127.0.0.1:1/v1?a=b", stated)
    assert free is not None
    assert cost(Usage(100, output_tokens=100), free) == 0


@pytest.mark.parametrize(
    "text",
    ["", "M", "M=", "=in:1,out:2", "M=in:1", "M=out:1", "M=in:1,out:x", "M=in:-1,out:2", "M=in:nan,out:2", "M=in:1,out:2,up:3"],
)
def test_a_price_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="cannot be read"):
        overrides_of([text])
