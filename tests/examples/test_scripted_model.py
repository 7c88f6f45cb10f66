"""The scripted model: deterministic, its good edits apply and are legal programs, its bad replies foul as they should."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import adrs
from adrs import catalog
from adrs.core.failure import Foul
from adrs.llm.circuit_breaker import RetryPolicy
from adrs.llm.client import Client
from adrs.llm.exchange import Settings
from adrs.llm.reply import program_of
from provider_server import free_port

FILE = Path(__file__).parents[2] / "examples" / "scripted_model.py"


@pytest.fixture(scope="module")
def script() -> Any:
    spec = importlib.util.spec_from_file_location("scripted_model", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def seed() -> str:
    return catalog.load_task("spot_single_region").seed


def prompt(program: str) -> str:
    return f"Improve this.\n\n```python\n{program}```\n"


def test_it_is_short_and_needs_nothing() -> None:
    text = FILE.read_text("utf-8")
    assert text.count("\n") <= 150
    imported = [line.split()[1] for line in text.splitlines() if line.startswith(("import ", "from "))]
    assert {name.split(".")[0] for name in imported} <= set(sys.stdlib_module_names)


def test_the_same_prompt_asked_as_often_gets_the_same_reply(script: Any, seed: str) -> None:
    replies = [script.answer(prompt(seed), asked) for asked in range(30)]
    assert replies == [script.answer(prompt(seed), asked) for asked in range(30)]
    assert len(set(replies)) > 8


@pytest.mark.slow
def test_good_edits_apply_one_after_the_other_and_improve(script: Any, seed: str) -> None:
    rng, program = random.Random(1), seed
    for write in script.GOOD:
        if reply := write(program, rng):
            program = program_of(reply, program)
    assert program != seed
    for write in (script.pace, script.keep, script.stick, script.margin):
        assert write(seed, rng), write
    document = adrs.evaluate("spot_single_region", program, ["train"])
    assert document["foul"] is None
    before = adrs.evaluate("spot_single_region", seed, ["train"])
    assert document["score"] > before["score"]


def test_bad_replies_are_bad(script: Any, seed: str) -> None:
    hurried = seed.replace(script.LAST, f'        if obs["pending_s"] > 0:\n{script.HURRY}\n{script.LAST}')
    for reply, says in [
        (script.PROSE, "no edit"),
        (script.CUT_OFF, "cut off"),
        (script.MISSING, "does not match"),
        (script.AMBIGUOUS, "ambiguous"),
        (script.STRANGER, "evolve-block"),
    ]:
        with pytest.raises(Foul, match=says):
            program_of(reply, hurried)
    assert adrs.evaluate("spot_single_region", program_of(script.CRASH, seed), ["train"])["foul"]["kind"] == "crash"


def test_it_serves_a_client() -> None:
    pytest.importorskip("pydantic_ai")
    with (
        subprocess.Popen([sys.executable, str(FILE), "--port", str(free_port())], stdout=subprocess.PIPE, text=True) as server,
        Client(RetryPolicy(first_pause=0.05, give_up=20)) as provider,
    ):
        try:
            assert server.stdout is not None
            reply = provider.call(server.stdout.readline().strip(), "", "no program here", Settings())
        finally:
            server.terminate()
    assert reply.text
    assert reply.usage.measured
