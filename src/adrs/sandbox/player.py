"""player: implements `core.task.Player`: calls and crews in the sandbox, and their cost."""

from __future__ import annotations

import contextlib
import copy
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
"""CPU seconds for loading a program."""
OPEN_LOAD_SECONDS = 10.0
"""The same where it may import offered packages: scipy.optimize alone takes one second, and twice that on a busy machine."""


@dataclass(frozen=True)
class PlayerLimits:
    """The limits of a candidate, and the source of its randomness.

    Args:
        seconds: CPU seconds for one call or one step.
        player_seconds: CPU seconds of a process over its lifetime.
        room: maximal size of an answer in bytes.
        watch: how many games of a crew the canary replays.
        secret: the run's secret; it chooses those games and enters the random seeds, so that a candidate cannot infer the
            run and the workload from its seeds: the names and numbers alone can be guessed.
        interface: the names that the referee may ask for, "answer", "Policy", "Policy.decide"; empty: any.
    """

    seconds: float
    player_seconds: float
    memory_mb: int
    room: int = wire.MAX_REPLY
    seed: str = ""
    watch: canary.Watch = "none"
    secret: str = ""
    interface: frozenset[str] = frozenset()

    def check(self, name: str) -> None:
        """Check a name that the referee asks for.

        Raises:
            LookupError: the interface does not define it, so the mistake is the referee's, not the candidate's.
        """
        known = {each for each in self.interface if each.count(".") == name.count(".")}
        if known and name not in known:
            raise LookupError(f"the interface does not define {name}; it defines {', '.join(sorted(known))}")


def derive(*parts: object) -> int:
    """A 63-bit random seed derived from `parts`."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "little") >> 1


class Seat:
    """One process with the candidate loaded: requests in, answers or fouls out."""

    def __init__(self, sandbox: Sandbox, source: str, kit: str, limits: PlayerLimits, crew: bool) -> None:
        self.limits = limits
        self.load_seconds = OPEN_LOAD_SECONDS if sandbox.packages else LOAD_SECONDS
        self.process = sandbox.process(limits.memory_mb, limits.player_seconds)
        try:
            self.process.post(wire.encode(("load", limits.room, source, kit, derive(limits.secret, limits.seed), crew)))
            self.answer(self.load_seconds)
        except BaseException:
            self.process.close()
            raise

    def post(self, *request: Any) -> None:
        """Send `operation, *arguments`."""
        self.process.post(wire.encode((request[0], self.limits.room, *request[1:])))

    def answer(self, cpu_limit: float, members: int = 0) -> bytes:
        """The payload of the answer to the last request.

        Args:
            members: number of instances in this process; a foul may concern one of them.

        Raises:
            Foul: the candidate raised, or the process misbehaved; the process has then ended.
        """
        reply = self.process.collect(cpu_limit, self.limits.room)
        if reply[:1] == wire.ANSWER:
            return reply[1:]
        self.process.end()
        raise _foul_of(reply, members)


def _foul_of(reply: bytes, members: int) -> Foul:
    """The foul that a child reports. The child is hostile: its report is believed only to its own disadvantage."""
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


class SandboxPlayer:
    """A candidate in the sandbox. Processes start when they are first needed; they end at the first foul or with `close`."""

    def __init__(self, sandbox: Sandbox, source: str, kit: str, limits: PlayerLimits) -> None:
        self._sandbox, self._source, self._kit, self.limits = sandbox, source, kit, limits
        self._caller: Seat | None = None
        self._crews: list[SandboxCrew] = []
        self._seats: list[Seat] = []
        self._charges: list[float] = []
        self._clock = 0.0
        self.seconds = 0.0

    def _seat(self, crew: bool, seed: str) -> Seat:
        limits = replace(self.limits, seed=seed)
        seat = Seat(self._sandbox, self._source, self._kit, limits, crew)
        self._seats.append(seat)
        return seat

    def call(self, function: str, *arguments: Any, expect: Any) -> Any:
        """One answer; the process is started at the first call. See `core.task.Player`."""
        self.limits.check(function)
        if self._caller is None:
            self._caller = self._seat(crew=False, seed=self.limits.seed)
            self._clock = self._caller.process.clock()
        else:
            self._charge(self._caller)
        self._caller.post("call", function, arguments)
        payload = self._caller.answer(self.limits.seconds)
        self.seconds += time.monotonic() - self._caller.process.posted
        return read(payload, expect)

    def _charge(self, seat: Seat) -> None:
        now = seat.process.clock()
        self._charges.append(now - self._clock)
        self._clock = now

    def charges(self) -> list[float]:
        """CPU seconds charged to each call so far: clock before the next request minus clock before this one.

        One empty request follows the last call, so work done after an answer is charged as well.
        """
        if self._caller is None:
            return []
        self._caller.post("rest")
        self._caller.answer(self.limits.seconds)
        self._charge(self._caller)
        return self._charges

    def timed(self, function: str, variants: Sequence[Sequence[Any]], expect: Any, reference: str) -> Timing:
        """All variants in order, and the cost of the fastest. See `core.task.Player`.

        The program, the reference program and the empty calls take turns, so that a busy machine slows all three alike.
        """
        answers: list[Any] = []
        with self._another(reference) as known, self._another(timing.canned_source()) as canned:
            empty = timing.EmptyCalls(canned, variants[0])
            for arguments in variants:
                answers.append(self.call(function, *arguments, expect=expect))
                known.call(function, *arguments, expect=expect)
                if len(answers) > 1:  # the first answer is not timed, so its size must not count either
                    empty.play(answers[-1])
            floor = empty.seconds()
            calls, known_calls = timing.net_calls(self.charges(), floor), timing.net_calls(known.charges(), floor)
        return Timing(answers, timing.quickest(calls), timing.quickest(known_calls), calls, known_calls)

    @contextlib.contextmanager
    def _another(self, source: str) -> Iterator[SandboxPlayer]:
        """A player for a trusted program, under the same layers and with ample time."""
        limits = replace(self.limits, seconds=timing.PATIENCE, player_seconds=timing.PATIENCE)
        player = SandboxPlayer(self._sandbox, source, self._kit, limits)
        try:
            yield player
        finally:
            player.close()

    def crew(self, cls: str, settings: Sequence[Mapping[str, Any]], apart: Sequence[Hashable] | None = None) -> SandboxCrew:
        """One process of instances for each label of `apart`. See `core.task.Player`."""
        self.limits.check(cls)
        labels = list(apart) if apart is not None else [0] * len(settings)
        crew = SandboxCrew(self, cls, [self._seeded(each, at) for at, each in enumerate(settings)], labels)
        self._crews.append(crew)
        return crew

    def _seeded(self, setting: Mapping[str, Any], position: int) -> dict[str, Any]:
        return {
            **copy.deepcopy(dict(setting)),
            "seed": derive(self.limits.secret, self.limits.seed, setting.get("seed", position)),
        }

    def check_crews(self) -> None:
        """Run the crew canary.

        Raises:
            Foul: a watched game had another result when replayed alone.
        """
        for crew in self._crews:
            canary.check(crew.record, crew.lonely)

    def check_channels(self) -> None:
        """Send every process one empty request, to detect anything that a program writes after its last answer.

        Raises:
            Foul: a process wrote bytes without a request, or no longer answers.
        """
        living = [seat for seat in self._seats if seat.process.alive]
        for seat in living:
            seat.post("rest")
        for seat in living:
            seat.answer(self.limits.seconds)
        if any(seat.process.leftovers() for seat in living):
            raise Foul("reward_hacking", "the program wrote bytes to the referee's channel without a request")

    def output(self, limit: int) -> str:
        """The cleaned output of the first process that printed anything."""
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
        self.record = canary.Record(canary.choose(player.limits.watch, self._home, player.limits.secret, player._source))
        self._who: Sequence[int] = ()
        self._expect: dict[str, Any] = {}
        self._lonely: Seat | None = None
        self._shares: list[_Share] = []
        self._seats = [player._seat(crew=True, seed=player.limits.seed) for _ in homes]
        for home, seat in enumerate(self._seats):
            members = [position for position, at in enumerate(self._home) if at == home]
            seat.post("crew", cls, [settings[position] for position in members])
        for home, seat in enumerate(self._seats):
            members = [position for position, at in enumerate(self._home) if at == home]
            self._guarded(seat, members, seat.load_seconds)

    def _guarded(self, seat: Seat, members: Sequence[int], cpu_limit: float) -> bytes:
        """A process's answer; positions in a foul refer to the whole crew."""
        try:
            return seat.answer(cpu_limit, len(members))
        except Foul as foul:
            raise Foul(foul.kind, foul.reason, tuple(members[place] for place in foul.who)) from None

    def step(self, method: str, columns: Mapping[str, Any], who: Sequence[int], expect: Any) -> list[Any]:
        """See `core.task.Crew`."""
        if method not in self._expect:
            self._player.limits.check(f"{self._cls}.{method}")
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
            return self._seats[share.home].answer(self._player.limits.seconds, len(self._home))
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
        """Assign the requested positions to processes."""
        homes: dict[int, list[int]] = {}
        for position, instance in enumerate(who):
            homes.setdefault(self._home[instance], []).append(position)
        self._shares = [
            _Share(home, positions, [self._place[who[position]] for position in positions]) for home, positions in homes.items()
        ]
        self._who = list(who)

    def lonely(self, instance: int) -> Callable[[str, Mapping[str, Any]], Any]:
        """A fresh crew of this one instance, for the canary; closes the previous one, because there may be thousands."""
        if self._lonely is not None:
            self._lonely.process.close()
        seat = self._lonely = self._player._seat(crew=True, seed=self._player.limits.seed)
        seat.post("crew", self._cls, [self._settings[instance]])
        try:
            seat.answer(seat.load_seconds)
        except Foul as foul:
            raise Foul(foul.kind, foul.reason, (instance,)) from None

        def play(method: str, observation: Mapping[str, Any]) -> Any:
            seat.post("step", method, [0], observation, [], [])
            return self._only(read(seat.answer(self._player.limits.seconds), _list_of(self._expect[method])))

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
