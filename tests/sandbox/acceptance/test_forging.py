"""Forging: 9 to 12 of the acceptance list: frames, result-like output and odd answers change no score but the forger's own."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox_table import FRAMES, Table

from adrs.core.failure import Foul

pytest_plugins = ["sandbox_levels"]

ONE = "b'\\0\\x01'"
"""The payload of the answer 1."""
EARLY = {
    "at load, nonce guessed": f"os.write(4, frame(bytes(8), {ONE}))\ndef attack():\n    return 1\n",
    "at load, nonce found": "os.write(4, frame(nonce(), b'\\0\\xc0'))\ndef attack():\n    return 1\n",
    "in a call, nonce guessed": f"def attack():\n    os.write(4, frame(bytes(8), {ONE}))\n    return 1\n",
    "in a call, besides the reply": f"def attack():\n    os.write(4, frame(nonce(), {ONE}))\n    return 1\n",
    "in pieces": f"""
import time

def attack():
    for byte in frame(bytes(8), {ONE}):
        os.write(4, bytes([byte]))
        time.sleep(0.01)
    return 1
""",
}


@pytest.mark.parametrize("when", EARLY)
def test_09_frames_early_double_and_in_pieces(table: Table, when: str) -> None:
    assert table.foul(FRAMES + EARLY[when], expect=int).kind == "reward_hacking"


def test_09_an_answer_to_the_next_request(table: Table) -> None:
    player = table.player(
        FRAMES
        + """
def attack():
    os.write(4, frame(nonce(), b'\\0\\x05') + frame(nonce(), b'\\0\\x06'))
    os.read(3, 12)
    return 1
"""
    )
    with pytest.raises(Foul) as caught:
        _call_twice(player.call, player.check_channels)
    assert caught.value.kind == "reward_hacking"


def test_09_bytes_after_the_last_answer(table: Table) -> None:
    player = table.player(
        """
import os

class Late:
    def __del__(self):
        os.write(4, b'surplus')

def attack():
    global late
    late = None
    late = Late()
    return 1
"""
    )
    with pytest.raises(Foul) as caught:
        _call_twice(player.call, player.check_channels)
    assert caught.value.kind == "reward_hacking"


def _call_twice(call: Any, check: Any) -> None:
    call("attack", expect=int)
    call("attack", expect=int)
    check()


def test_09_who_writes_its_whole_reply_itself_has_answered_once(table: Table) -> None:
    player = table.player(
        FRAMES
        + """
import time

def attack():
    os.write(4, frame(nonce(), b'\\0\\x07'))
    while True:
        time.sleep(1)
""",
        seconds=1.0,
    )
    assert player.call("attack", expect=int) == 7
    with pytest.raises(Foul) as caught:
        player.call("attack", expect=int)
    assert caught.value.kind == "timeout"


def error(kind: str, line: bytes, who: bytes) -> bytes:
    """The payload of an error that says these things of itself; line and who as MessagePack."""
    shown = bytes([0xA0 | len(kind)]) + kind.encode()
    return b"\1\x85\xa4kind" + shown + b"\xa4name\xa1x\xa4text\xa1x\xa4line" + line + b"\xa3who" + who


FORGED = {
    "nested": b"\1" + b"\x91" * 3000,
    "no dict": b"\1\xc0",
    "nothing in it": b"\1",
    "no byte": b"",
    "neither answer nor error": b"\2\x01",
    "an empty dict": b"\1\x80",
    "a kind that is ours": error("timeout", b"\x01", b"\x00"),
    "numbers beyond 64 bits": error("crash", b"\xcf" + b"\xff" * 8, b"\xcf" + b"\xff" * 8),
    "negative and text": error("crash", b"\xd3\x80" + bytes(7), b"\xa1x"),
}


@pytest.mark.parametrize("what", FORGED)
def test_09_forged_errors(table: Table, what: str) -> None:
    source = f"def attack():\n    os.write(4, frame(nonce(), {FORGED[what]!r}))\n    os.read(3, 1)\n"
    foul = table.foul(FRAMES + source, expect=int)
    assert foul.kind in {"reward_hacking", "crash", "illegal_answer"}
    assert foul.who == ()


@pytest.mark.parametrize("length", [2**32 - 1, 2**31, (1 << 20) + 2])
def test_09_a_length_that_no_answer_has(table: Table, length: int) -> None:
    source = f"def attack():\n    os.write(4, struct.pack('<I8s', {length}, nonce()))\n    os.read(3, 1)\n"
    assert table.foul(FRAMES + source, expect=int).kind == "reward_hacking"  # waiting for so many bytes would be a timeout


@pytest.mark.parametrize("who", [b"\x00", b"\x01", b"\x05", b"\xcf" + b"\x80" + bytes(7), b"\xff"])
def test_09_an_instance_accuses_no_stranger(table: Table, who: bytes) -> None:
    payload = error("crash", b"\x01", who)
    player = table.player(
        FRAMES
        + f"""
class Policy:
    def __init__(self, settings):
        pass

    def decide(self, obs):
        os.write(4, frame(nonce(), {payload!r}))
        os.read(3, 1)
"""
    )
    crew = player.crew("Policy", [{}] * 4, ["a", "b", "a", "b"])
    with pytest.raises(Foul) as caught:
        crew.step("decide", {"x": [1, 2, 3]}, [0, 2, 3], int)
    assert set(caught.value.who) <= {0, 2, 3}


def test_10_result_like_output_changes_nothing(table: Table) -> None:
    player = table.player(
        """
import os

print('{"score": 99}')

def attack():
    print('score: 0.99\\n1.0')
    os.write(1, b'{"combined_score": 1}\\n')
    os.write(2, b'R{}')
    return 2
"""
    )
    assert player.call("attack", expect=int) == 2
    player.check_channels()


ODD = """
import math
import numpy as np

class Int(int):
    pass

class Float(float):
    pass

class Text(str):
    pass

def bomb():
    # ten references to the same list, thirty times over
    value = [0] * 10
    for _ in range(30):
        value = [value] * 10
    return value

def deep():
    value = []
    for _ in range(10**5):
        value = [value]
    return value

def cyclic():
    value = []
    value.append(value)
    return value
"""
ANSWERS: dict[str, Any] = {
    "True": int,
    "2.0": int,
    "None": int,
    "math.nan": float,
    "math.inf": float,
    "-math.inf": float,
    "[float('nan')]": list[float],
    "np.float64('nan')": float,
    "np.longdouble(1)": float,
    "2**53 + 1": float,
    "10**200000": int,
    "10**200001": float,
    "10.0 * 10**200000": float,
    "Int(3)": int,
    "Float(3)": float,
    "Text('x')": str,
    "[Int(3)]": list[int],
    "{1, 2}": list[int],
    "(each for each in [1])": list[int],
    "np.array([None])": list[int],
    "np.array([1, 2])": list[int],
    "np.array([1j])": Any,
    "np.zeros(2, 'f8,i8')": Any,
    "bomb()": list[int],
    "deep()": Any,
    "[deep()]": list[int],
    "cyclic()": Any,
    "'\\ud800'": str,
    "'x' * (2 << 20)": str,
    "[0] * (2 << 20)": list[int],
    "['x' * 10**6] * 10**5": list[str],
    "{1: 2}": Any,
    "{'a' * (2 << 20): 1}": Any,
    "attack": Any,
}


@pytest.mark.budget(1.0)
@pytest.mark.parametrize("answer", ANSWERS)
def test_11_odd_answers_are_illegal(table: Table, answer: str) -> None:
    player = table.player(f"{ODD}\ndef ready():\n    return 0\n\ndef attack():\n    return {answer}\n")
    player.call("ready", expect=int)
    with pytest.raises(Foul) as caught:
        player.call("attack", expect=ANSWERS[answer])
    assert caught.value.kind == ("crash" if answer.startswith("10.0 *") else "illegal_answer")


LYING = """
class List(list):
    def __iter__(self):
        while True:
            yield 1

    def __len__(self):
        return 10**9

    def __getitem__(self, place):
        return 7

class Dict(dict):
    def items(self):
        while True:
            yield 'a', 1

    def __iter__(self):
        return iter(())

    keys = values = items

def attack():
    return [List([1, 2]), Dict(a=[3])]
"""


def test_11_lists_and_dicts_that_lie_are_read_as_what_they_are(table: Table) -> None:
    assert table.ask(LYING) == [[1, 2], {"a": [3]}]


NO_ANSWER = {
    "exit code 0": "def attack():\n    os._exit(0)\n",
    "exit code 0 at load": "os._exit(0)\ndef attack():\n    return 1\n",
    "exit code 1": "def attack():\n    os._exit(1)\n",
    "exit code 111": "def attack():\n    os._exit(111)\n",
    "its channel closed": "def attack():\n    os.close(4)\n    while True:\n        pass\n",
    "both channels closed": "def attack():\n    os.close(4)\n    os.close(3)\n    return 1\n",
}


@pytest.mark.budget(3.6, wall=True)
@pytest.mark.parametrize("how", NO_ANSWER)
def test_12_no_answer_is_a_crash(table: Table, how: str) -> None:
    assert table.foul("import os\n" + NO_ANSWER[how]).kind == "crash"


def test_12_who_hears_no_more_has_answered_once(table: Table) -> None:
    player = table.player("import os\n\ndef attack():\n    os.close(3)\n    return 1\n")
    assert player.call("attack", expect=int) == 1
    with pytest.raises(Foul) as caught:
        player.call("attack", expect=int)
    assert caught.value.kind == "crash"
