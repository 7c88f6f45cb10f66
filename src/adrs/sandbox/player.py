"""player: the sandboxed candidate as a task's referee sees it: calls, crews, and what they cost. See `core.task.Player`."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adrs.core.failure import Foul
from adrs.core.task import Timing
from adrs.core.text import clean
from adrs.sandbox import canary, timing, wire
from adrs.sandbox.decoding import index_in, read
from adrs.sandbox.isolation import Sandbox

LOAD_SECONDS = 2.0


@dataclass(frozen=True)
class Terms:
    """The limits under which a candidate plays, and where its randomness comes from.

    Args:
        seconds: CPU seconds for one call or one step.
        player_seconds: CPU seconds of a process over its life.
        room: bytes that an answer may have.
        watch: how many games of a crew the canary replays.
        secret: of the run; it chooses those games, and keeps a candidate from telling by its random seeds which run and
            workload it plays: their names and numbers can be guessed.
    """

    seconds: float
    player_seconds: float
    memory_mb: int
    room: int = wire.MAX_REPLY
    seed: str = ""
    watch: canary.Watch = "none"
    secret: str = ""


def derive(*parts: object) -> int:
    """A 63-bit seed from a text of parts."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "little") >> 1


class Seat:
    """One process with the candidate loaded: requests in, answers or fouls out."""

    def __init__(self, sandbox: Sandbox, source: str, kit: str, terms: Terms, crew: bool) -> None:
        self.terms = terms
        self.process = sandbox.process(terms.memory_mb, terms.player_seconds)
        try:
            self.process.post(wire.encode(("load", terms.room, source, kit, derive(terms.secret, terms.seed), crew)))
            self.answer(LOAD_SECONDS)
        except BaseException:
            self.process.close()
            raise

    def post(self, *request: Any) -> None:
        """Send `operation, *arguments`."""
        self.process.post(wire.encode((request[0], self.terms.room, *request[1:])))

    def answer(self, cpu_limit: float, members: int = 0) -> bytes:
        """The payload of the answer to the last request.

        Args:
            members: how many instances live here; a foul may be about one of them.

        Raises:
            Foul: the candidate raised, or the process misbehaved; the process has ended then.
        """
        reply = self.process.collect(cpu_limit, self.terms.room)
        if reply[:1] == wire.ANSWER:
            return reply[1:]
        self.process.end()
        raise _foul_of(reply, members)


def _foul_of(reply: bytes, members: int) -> Foul:
    """The foul that a child reports of itself. It is hostile: it can only be believed to its own harm."""
    shape = dict[str, str | int]
    try:
        said: dict[str, str | int] = read(reply[1:], shape)
    except Foul:
        return Foul("reward_hacking", "the program wrote a reply that our own code never writes")
    kind = said.get("kind")
    name, text, line = clean(str(said.get("name", "")), 100), clean(str(said.get("text", ""))), said.get("line", 0)
    who = said.get("who", -1)
    place = f" (line {line})" if isinstance(line, int) and line > 0 else ""
    reason = (
        f"{text}{place}" if kind == "interface" and name == "_Interface" else f"{name}: {text}{place}" if text else name + place
    )
    if kind == "illegal_answer":
        reason = f"the answer holds {text}" if name == "Unsendable" else f"the answer cannot be sent: {name}: {text}"
    for known in ("crash", "interface", "memory", "syntax", "illegal_answer"):
        if kind == known:
            return Foul(known, reason, (who,) if isinstance(who, int) and 0 <= who < members else ())
    return Foul("reward_hacking", "the program wrote a reply that our own code never writes")


_references: dict[tuple[str, str, str], tuple[float, ...]] = {}
"""(seed of the game, function, program) -> CPU seconds of a reference program's calls, for the life of this process."""


class SandboxPlayer:
    """A candidate in the sandbox. Processes start when they are needed, and end with the first foul or with `close`."""

    def __init__(self, sandbox: Sandbox, source: str, kit: str, terms: Terms) -> None:
        self._sandbox, self._source, self._kit, self.terms = sandbox, source, kit, terms
        self._caller: Seat | None = None
        self._crews: list[SandboxCrew] = []
        self._seats: list[Seat] = []
        self._charges: list[float] = []
        self._clock = 0.0
        self.seconds = 0.0

    def _seat(self, crew: bool, seed: str) -> Seat:
        terms = replace(self.terms, seed=seed)
        seat = Seat(self._sandbox, self._source, self._kit, terms, crew)
        self._seats.append(seat)
        return seat

    def call(self, function: str, *arguments: Any, expect: Any) -> Any:
        """One answer; the process is started at the first call. See `core.task.Player`."""
        if self._caller is None:
            self._caller = self._seat(crew=False, seed=self.terms.seed)
            self._clock = self._caller.process.clock()
        else:
            self._charge(self._caller)
        self._caller.post("call", function, arguments)
        payload = self._caller.answer(self.terms.seconds)
        self.seconds += time.monotonic() - self._caller.process.posted
        return read(payload, expect)

    def _charge(self, seat: Seat) -> None:
        now = seat.process.clock()
        self._charges.append(now - self._clock)
        self._clock = now

    def charges(self) -> list[float]:
        """CPU seconds charged to each call so far: clock before the next request minus clock before this one.

        One empty request follows the last call, so what runs after an answer is charged as well.
        """
        if self._caller is None:
            return []
        self._caller.post("rest")
        self._caller.answer(self.terms.seconds)
        self._charge(self._caller)
        return self._charges

    def timed(self, function: str, variants: Sequence[Sequence[Any]], expect: Any, reference: str) -> Timing:
        """All variants in order, and what the quickest cost. See `core.task.Player`."""
        answers, calls = self._net(function, variants, expect)
        key = (self.terms.seed, function, reference)
        if key not in _references:
            with self._another(reference) as player:
                _, _references[key] = player._net(function, variants, expect)
        known = _references[key]
        return Timing(answers, timing.quickest(calls), timing.quickest(known), calls, known)

    def _net(self, function: str, variants: Sequence[Sequence[Any]], expect: Any) -> tuple[list[Any], tuple[float, ...]]:
        """This player's answers, and the CPU seconds of each call but the first, less those of an empty call.

        What it answers first is not timed, so its size must not count either.
        """
        answers = [self.call(function, *arguments, expect=expect) for arguments in variants]
        charges = self.charges()
        smallest = min(answers[1:] or answers, key=lambda answer: len(wire.encode(answer)))
        with self._another(timing.canned_source()) as canned:
            return answers, timing.net_calls(charges, timing.empty_call(canned, variants[0], smallest))

    @contextlib.contextmanager
    def _another(self, source: str) -> Iterator[SandboxPlayer]:
        """A player of ours, under the same layers and with time enough."""
        terms = replace(self.terms, seconds=timing.PATIENCE, player_seconds=timing.PATIENCE)
        player = SandboxPlayer(self._sandbox, source, self._kit, terms)
        try:
            yield player
        finally:
            player.close()

    def crew(self, cls: str, settings: Sequence[Mapping[str, Any]], apart: Sequence[Hashable] | None = None) -> SandboxCrew:
        """Instances that live in one process for each label of `apart`. See `core.task.Player`."""
        labels = list(apart) if apart is not None else [0] * len(settings)
        crew = SandboxCrew(self, cls, [self._seeded(each, at) for at, each in enumerate(settings)], labels)
        self._crews.append(crew)
        return crew

    def _seeded(self, setting: Mapping[str, Any], position: int) -> dict[str, Any]:
        return {**setting, "seed": derive(self.terms.secret, self.terms.seed, setting.get("seed", position))}

    def check_crews(self) -> None:
        """The crew canary.

        Raises:
            Foul: a watched game went differently alone.
        """
        for crew in self._crews:
            canary.check(crew.record, crew.lonely)

    def check_channels(self) -> None:
        """Ask every process for nothing once more, so that what a program still writes after its last answer is seen.

        Raises:
            Foul: a process wrote bytes that nobody asked for, or answers no more.
        """
        living = [seat for seat in self._seats if seat.process.alive]
        for seat in living:
            seat.post("rest")
        for seat in living:
            seat.answer(self.terms.seconds)
        if any(seat.process.leftovers() for seat in living):
            raise Foul("reward_hacking", "the program wrote bytes that nobody asked for to the referee's channel")

    def output(self, limit: int) -> str:
        """What the candidate printed, cleaned, of the first process that printed anything."""
        return next((said for seat in self._seats if (said := seat.process.output(limit))), "")

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of all processes of this player."""
        return sum(seat.process.clock() for seat in self._seats)

    def close(self) -> None:
        """End all processes."""
        for seat in self._seats:
            seat.process.close()


class SandboxCrew:
    """Instances in one process or several, stepped together: post to all, then collect."""

    def __init__(self, player: SandboxPlayer, cls: str, settings: Sequence[dict[str, Any]], labels: Sequence[Hashable]) -> None:
        self._player, self._cls, self._settings = player, cls, settings
        homes = {label: home for home, label in enumerate(dict.fromkeys(labels))}
        self._home = [homes[label] for label in labels]
        counters = [itertools.count() for _ in homes]
        self._place = [next(counters[home]) for home in self._home]
        self.record = canary.Record(canary.choose(player.terms.watch, self._home, player.terms.secret, player._source))
        self._who: Sequence[int] = ()
        self._expect: dict[str, Any] = {}
        self._lonely: Seat | None = None
        self._shares: list[_Share] = []
        self._seats = [player._seat(crew=True, seed=player.terms.seed) for _ in homes]
        for home, seat in enumerate(self._seats):
            members = [position for position, at in enumerate(self._home) if at == home]
            seat.post("crew", cls, [settings[position] for position in members])
        for home, seat in enumerate(self._seats):
            members = [position for position, at in enumerate(self._home) if at == home]
            self._guarded(seat, members, LOAD_SECONDS)

    def _guarded(self, seat: Seat, members: Sequence[int], cpu_limit: float) -> bytes:
        """A seat's answer; a foul is about positions in the whole crew."""
        try:
            return seat.answer(cpu_limit, len(members))
        except Foul as foul:
            raise Foul(foul.kind, foul.reason, tuple(members[place] for place in foul.who)) from None

    def step(self, method: str, columns: Mapping[str, Any], who: Sequence[int], expect: Any) -> list[Any]:
        """See `core.task.Crew`."""
        if who != self._who:
            self._share_out(who)
        self._expect[method] = expect
        shared: dict[str, Any] = {}
        rows: dict[str, list[Any]] = {}
        for name, column in columns.items():
            if isinstance(column, (list, tuple)):
                rows[name] = list(column)
            elif isinstance(column, np.ndarray) and column.ndim:
                rows[name] = column.tolist()
            else:
                shared[name] = column.item() if isinstance(column, np.ndarray | np.generic) else column
        names, values = list(rows), list(rows.values())
        for share in self._shares:
            seat = self._seats[share.home]
            seat.post("step", method, share.places, shared, names, [share.take(column) for column in values])
        answers: list[Any] = [None] * len(who)
        for share in self._shares:
            payload = self._collect(share, who)
            share.put(answers, self._read(payload, expect, share, who))
        if self.record.watched:
            self.record.note(method, shared, rows, who, answers)
        return answers

    def _collect(self, share: _Share, who: Sequence[int]) -> bytes:
        try:
            return self._seats[share.home].answer(self._player.terms.seconds, len(self._home))
        except Foul as foul:
            at = [share.places.index(place) for place in foul.who if place in share.places]
            raise Foul(foul.kind, foul.reason, tuple(who[share.positions[each]] for each in at)) from None

    def _read(self, payload: bytes, expect: Any, share: _Share, who: Sequence[int]) -> list[Any]:
        try:
            said: list[Any] = read(payload, _list_of(expect))
        except Foul as foul:
            place = index_in(foul.reason)
            told = () if place is None or place >= len(share.positions) else (who[share.positions[place]],)
            raise Foul(foul.kind, foul.reason.replace(f"answer[{place}]", "answer", 1), told) from None
        if len(said) != len(share.places):
            raise Foul("illegal_answer", f"{len(said)} answers for {len(share.places)} instances")
        return said

    def _share_out(self, who: Sequence[int]) -> None:
        """Which of the asked positions live in which process."""
        homes: dict[int, list[int]] = {}
        for position, instance in enumerate(who):
            homes.setdefault(self._home[instance], []).append(position)
        self._shares = [
            _Share(home, positions, [self._place[who[position]] for position in positions]) for home, positions in homes.items()
        ]
        self._who = list(who)

    def lonely(self, instance: int) -> Callable[[str, Mapping[str, Any]], Any]:
        """A fresh crew of this one instance, for the canary; the one before it ends, there may be thousands in turn."""
        if self._lonely is not None:
            self._lonely.process.close()
        seat = self._lonely = self._player._seat(crew=True, seed=self._player.terms.seed)
        seat.post("crew", self._cls, [self._settings[instance]])
        try:
            seat.answer(LOAD_SECONDS)
        except Foul as foul:
            raise Foul(foul.kind, foul.reason, (instance,)) from None

        def play(method: str, observation: Mapping[str, Any]) -> Any:
            seat.post("step", method, [0], observation, [], [])
            return self._only(read(seat.answer(self._player.terms.seconds), _list_of(self._expect[method])))

        return play

    @staticmethod
    def _only(answers: Sequence[Any]) -> Any:
        if len(answers) != 1:
            raise Foul("illegal_answer", f"{len(answers)} answers for 1 instance")
        return answers[0]


def _list_of(expect: Any) -> Any:
    return list[expect]


@dataclass
class _Share:
    """One process's part of a step: positions in `who`, and the instances' places in that process."""

    home: int
    positions: list[int]
    places: list[int]

    def __post_init__(self) -> None:
        first, last = self.positions[0], self.positions[-1]
        self._slice = slice(first, last + 1) if last - first + 1 == len(self.positions) else None

    def take(self, column: list[Any]) -> list[Any]:
        return column[self._slice] if self._slice else [column[position] for position in self.positions]

    def put(self, answers: list[Any], said: Sequence[Any]) -> None:
        if self._slice:
            answers[self._slice] = said
        else:
            for position, answer in zip(self.positions, said, strict=True):
                answers[position] = answer
