# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The sliding window under a channel that loses, doubles, delays and reorders, in simulated time."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bezet.window import Mode, Pace, Window
from tests.bezet.strategies import unhurried

if TYPE_CHECKING:
    from collections.abc import Sequence

HOUR_MS = 3_600_000
PACE = Pace(size=8, repeat_ms=5_000, silence_ms=10_000, first_probe_ms=1_000, last_probe_ms=60_000)
#: Jitter is a quarter up or down.
SHORTEST, LONGEST = 0.75, 1.25

seeds = st.integers(0, 2**32)


def new_window(seed: int = 0, pace: Pace = PACE) -> Window:
    """A window with dice of its own."""
    return Window(random.Random(seed), pace)


def deadline_of(window: Window) -> int:
    """When the window wants to be asked, while something is out."""
    deadline_ms = window.deadline_ms()
    assert deadline_ms is not None
    return deadline_ms


# --- a sender, a channel and a collector ------------------------------------------------------------------


@dataclass(frozen=True)
class Weather:
    """What the channel does to a message or a receipt, and when the collector is away."""

    loses: float
    doubles: float
    delay_ms: int
    away_ms: Sequence[tuple[int, int]]
    fair_from_ms: int

    def is_away(self, now_ms: int) -> bool:
        """Whether nobody is there to take a message."""
        return any(start_ms <= now_ms < end_ms for start_ms, end_ms in self.away_ms)


@st.composite
def weathers(draw: st.DrawFn) -> Weather:
    """Anything from fair to foul, with absences of up to an hour; after all of them it is fair."""
    away_ms, at_ms = [], 0
    for _ in range(draw(st.integers(0, 3))):
        start_ms = at_ms + draw(st.integers(0, 60_000))
        at_ms = start_ms + draw(st.integers(0, HOUR_MS))
        away_ms.append((start_ms, at_ms))
    return Weather(
        loses=draw(st.floats(0, 0.95)),
        doubles=draw(st.floats(0, 0.5)),
        delay_ms=draw(st.sampled_from([0, 10, 500, 3_000, 30_000, 300_000])),
        away_ms=away_ms,
        fair_from_ms=at_ms + draw(st.integers(0, HOUR_MS)),
    )


@dataclass
class World:
    """Plays a sender that behaves as the courier does, in simulated time, and writes down what happened."""

    weather: Weather
    seed: int
    never_answered: frozenset[int] = frozenset()
    now_ms: int = 0
    stored: set[int] = field(default_factory=set)
    settled_ms: dict[int, int] = field(default_factory=dict)
    sent_ms: list[tuple[int, int]] = field(default_factory=list)
    wakes: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.window = new_window(self.seed + 1)
        self._order = count()
        self._events: list[tuple[int, int, str, int]] = []
        self._waiting: list[int] = []

    def put(self, seqs: Sequence[int], at_ms: Sequence[int]) -> None:
        """Messages that the outbox will hold, and when."""
        for seq, when_ms in zip(seqs, at_ms, strict=True):
            self._push(when_ms, "put", seq)

    def run(self, until_ms: int) -> None:
        """Let things happen until then, or until nothing can happen any more."""
        while True:
            deadline_ms = self.window.deadline_ms()
            event_ms = self._events[0][0] if self._events else None
            times_ms = [time_ms for time_ms in (deadline_ms, event_ms) if time_ms is not None]
            if not times_ms or min(times_ms) > until_ms:
                self.now_ms = until_ms
                return
            self.now_ms = max(self.now_ms, min(times_ms))
            wakes = deadline_ms is not None and deadline_ms <= self.now_ms
            while self._events and self._events[0][0] <= self.now_ms:
                wakes |= self._happen(*heapq.heappop(self._events)[2:])
            if wakes:
                self._turn()

    def _turn(self) -> None:
        self.wakes += 1
        taken = self._waiting[: self.window.room]
        del self._waiting[: self.window.room]
        self.window.take(taken, self.now_ms)
        assert len(self.window) <= PACE.size
        for seq in self.window.due(self.now_ms):
            assert seq not in self.settled_ms
            self.sent_ms.append((self.now_ms, seq))
            self._carry("message", seq)

    def _happen(self, what: str, seq: int) -> bool:
        """Let it happen; returns whether that wakes the sender."""
        match what:
            case "put":
                self._waiting.append(seq)
            case "message" if not self.weather.is_away(self.now_ms) and seq not in self.never_answered:
                self.stored.add(seq)
                self._carry("receipt", seq)
            case "receipt":
                self.window.settle([seq], self.now_ms)
                self.settled_ms.setdefault(seq, self.now_ms)
        return what != "message"

    def _carry(self, what: str, seq: int) -> None:
        is_fair = self.now_ms >= self.weather.fair_from_ms
        copies = 1 if is_fair else 1 + (self.dice.random() < self.weather.doubles)
        delay_ms = 100 if is_fair else self.weather.delay_ms
        for _ in range(copies):
            if is_fair or self.dice.random() >= self.weather.loses:
                self._push(self.now_ms + self.dice.randint(0, delay_ms), what, seq)

    def _push(self, when_ms: int, what: str, seq: int) -> None:
        heapq.heappush(self._events, (when_ms, next(self._order), what, seq))


NUMBERS = range(1, 101)


@unhurried
@given(
    weather=weathers(),
    seed=seeds,
    at_ms=st.lists(st.integers(0, HOUR_MS), min_size=len(NUMBERS), max_size=len(NUMBERS)),
)
def test_everything_is_settled_once_the_channel_is_fair(
    weather: Weather, seed: int, at_ms: list[int]
) -> None:
    """Whatever the channel did before, once it is fair all is stored and settled within one longest probe."""
    world = World(weather, seed)
    world.put(NUMBERS, sorted(at_ms))
    world.run(max(weather.fair_from_ms, HOUR_MS) + round(PACE.last_probe_ms * LONGEST) + 60_000)

    assert set(world.settled_ms) == set(NUMBERS)
    assert world.stored == set(NUMBERS)
    assert len(world.window) == 0


@unhurried
@given(weather=weathers(), seed=seeds, never=st.frozensets(st.sampled_from(NUMBERS), max_size=PACE.size - 1))
def test_what_is_never_answered_keeps_nothing_back(
    weather: Weather, seed: int, never: frozenset[int]
) -> None:
    """Messages that nobody can answer are sent for ever, and all others are settled all the same."""
    world = World(weather, seed, never_answered=never)
    world.put(NUMBERS, [0] * len(NUMBERS))
    world.run(weather.fair_from_ms + 4 * HOUR_MS)

    assert set(world.settled_ms) == set(NUMBERS) - never
    assert all(seq in world.window for seq in never)


@unhurried
@given(weather=weathers(), seed=seeds)
def test_no_flood_in_any_weather(weather: Weather, seed: int) -> None:
    """In less than the shortest repeat no message goes out more than twice, besides single probes."""
    world = World(weather, seed)
    world.put(NUMBERS, [0] * len(NUMBERS))
    world.run(weather.fair_from_ms + HOUR_MS)
    span_ms = round(PACE.repeat_ms * SHORTEST)
    probes = 4  # at 0, 0.75, 2.25 and, when the silence has just begun again, once more

    for place, (start_ms, _) in enumerate(world.sent_ms):
        sent = sum(1 for at_ms, _ in world.sent_ms[place:] if at_ms < start_ms + span_ms)
        settled = sum(1 for at_ms in world.settled_ms.values() if start_ms <= at_ms < start_ms + span_ms)

        assert sent <= 2 * (PACE.size + settled) + probes


@unhurried
@given(weather=weathers(), seed=seeds)
def test_wakes_are_bounded(weather: Weather, seed: int) -> None:
    """The sender wakes for what arrives and for what it sends, and for nothing else: no busy loop."""
    world = World(weather, seed)
    world.put(NUMBERS, [0] * len(NUMBERS))
    world.run(weather.fair_from_ms + HOUR_MS)
    receipts = 4 * len(world.sent_ms)  # a message may be doubled, and so may its receipt

    assert world.wakes <= 1 + receipts + len(world.sent_ms)


# --- nobody answers ---------------------------------------------------------------------------------------


def probes_ms(window: Window, now_ms: int, until_ms: int) -> list[int]:
    """Ask at every deadline and never answer; returns when something was sent, which must be one message."""
    sent_ms: list[int] = []
    while True:
        now_ms = max(now_ms, deadline_of(window))
        if now_ms > until_ms:
            return sent_ms
        assert len(window.due(now_ms)) == 1
        sent_ms.append(now_ms)


@unhurried
@given(seed=seeds, start_ms=st.integers(0, 10**12), out=st.integers(1, PACE.size))
def test_probes_a_silent_collector_with_back_off(seed: int, start_ms: int, out: int) -> None:
    """While nobody answers one message is sent at a time, the wait doubling up to the stated bound."""
    window = new_window(seed)
    window.take(range(1, out + 1), start_ms)
    sent_ms = probes_ms(window, start_ms, start_ms + 4 * HOUR_MS)

    assert sent_ms[0] == start_ms
    for place, (before_ms, after_ms) in enumerate(pairwise(sent_ms)):
        wait_ms = min(PACE.first_probe_ms * 2**place, PACE.last_probe_ms)
        assert round(wait_ms * SHORTEST) <= after_ms - before_ms <= round(wait_ms * LONGEST)


@unhurried
@given(seed=seeds)
def test_falls_silent_and_begins_with_short_waits(seed: int) -> None:
    """When receipts stop the window repeats until `silence_ms`, and then probes as if from the start."""
    window = new_window(seed)
    window.take([1], 0)
    window.due(0)
    window.settle([1], 0)
    window.take(range(2, 10), 0)
    window.due(0)
    now_ms = 0
    for _ in range(100):
        now_ms = deadline_of(window)
        assert window.due(now_ms)
        if window.mode is Mode.SILENT:
            break
    sent_ms = [now_ms, *probes_ms(window, now_ms, now_ms + HOUR_MS)]

    assert now_ms == PACE.silence_ms
    assert sent_ms[1] - sent_ms[0] <= PACE.first_probe_ms * LONGEST


@unhurried
@given(seed=seeds, extra_ms=st.lists(st.integers(0, HOUR_MS), max_size=50))
def test_asking_more_often_sends_no_more(seed: int, extra_ms: list[int]) -> None:
    """Whoever asks at other times too sends exactly what he would have sent."""
    plain, eager = new_window(seed), new_window(seed)
    for window in (plain, eager):
        window.take(range(1, 4), 0)
    sent_ms = probes_ms(plain, 0, HOUR_MS)
    times_ms = sorted({*extra_ms, *sent_ms})

    assert [now_ms for now_ms in times_ms if eager.due(now_ms)] == sent_ms


def test_a_long_silence_ends_without_a_flood() -> None:
    """After an hour without an answer, and with much waiting, the first receipt brings one window at most."""
    weather = Weather(0, 0, 0, [(0, HOUR_MS)], HOUR_MS)
    world = World(weather, 1)
    world.put(range(1, 10_001), [0] * 10_000)
    world.run(HOUR_MS - 1)
    sent_in_silence, wakes_in_silence = len(world.sent_ms), world.wakes
    world.run(HOUR_MS + round(PACE.last_probe_ms * LONGEST))
    first_ms = min(world.settled_ms.values())

    assert wakes_in_silence == sent_in_silence <= 8 + HOUR_MS / (PACE.last_probe_ms * SHORTEST)
    assert len(world.settled_ms) > PACE.size
    assert len([seq for at_ms, seq in world.sent_ms if at_ms == first_ms]) <= PACE.size + 1


# --- whatever is done to it -------------------------------------------------------------------------------


class AnyUse(RuleBasedStateMachine):
    """Every order of calls that a sender may make, beside a plain set of what should be out."""

    def __init__(self) -> None:
        super().__init__()
        self.window = new_window(7)
        self.now_ms = 1_000
        self.next = 1
        self.out: set[int] = set()

    @rule(passed_ms=st.sampled_from([0, 1, 700, 4_000, 11_000, HOUR_MS]))
    def time_passes(self, passed_ms: int) -> None:
        """Some time, with or without a wake-up."""
        self.now_ms += passed_ms

    @rule(wanted=st.integers(0, 20))
    def take(self, wanted: int) -> None:
        """As many as there is room for."""
        seqs = range(self.next, self.next + min(wanted, self.window.room))
        self.next += len(seqs)
        self.out |= set(seqs)
        self.window.take(seqs, self.now_ms)

    @rule()
    def ask(self) -> None:
        """Only what is out is sent, each once, oldest first; and then there is nothing more to send."""
        sent = self.window.due(self.now_ms)

        assert set(sent) <= self.out
        assert sent == sorted(set(sent))
        assert self.window.due(self.now_ms) == []

    @precondition(lambda self: self.window.deadline_ms() is not None)
    @rule()
    def ask_at_the_deadline(self) -> None:
        """Before the deadline there is nothing to send, at the deadline there is, and then it moves on."""
        deadline_ms = deadline_of(self.window)
        if deadline_ms - 1 >= self.now_ms:
            assert self.window.due(deadline_ms - 1) == []
        self.now_ms = max(self.now_ms, deadline_ms)

        assert self.window.due(self.now_ms)
        assert deadline_of(self.window) > self.now_ms

    @rule(seqs=st.frozensets(st.integers(1, 60)))
    def settle(self, seqs: frozenset[int]) -> None:
        """A receipt, also of numbers that are not out."""
        self.out -= seqs
        self.window.settle(seqs, self.now_ms)

    @rule(seqs=st.frozensets(st.integers(1, 60)))
    def drop(self, seqs: frozenset[int]) -> None:
        """Messages had to go; that is no sign of life."""
        mode = self.window.mode
        self.out -= seqs
        self.window.drop(seqs)

        assert self.window.mode is mode

    @rule()
    def reconnect(self) -> None:
        """The link came back: one message is sent at once, if there is one."""
        self.window.reconnected(self.now_ms)

        assert self.window.due(self.now_ms) == sorted(self.out)[:1]

    @invariant()
    def holds_what_is_not_settled(self) -> None:
        """Nothing leaves without a receipt or a drop, and never more than `size` is out."""
        assert {seq for seq in range(1, self.next) if seq in self.window} == self.out
        assert len(self.window) == len(self.out) <= PACE.size
        assert self.window.room == PACE.size - len(self.out)

    @invariant()
    def has_a_deadline_while_something_is_out(self) -> None:
        """It wants to be woken if and only if something is out."""
        assert (self.window.deadline_ms() is None) == (not self.out)


TestAnyUse = AnyUse.TestCase
TestAnyUse.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


@pytest.mark.parametrize(("out", "sent"), [([], []), ([5], [5]), ([4, 9, 2], [2])])
def test_reconnected_probes_at_once(out: list[int], sent: list[int]) -> None:
    """A link that came back is not kept waiting: the oldest message goes out, alone."""
    window = new_window()
    window.take([1], 0)
    window.due(0)
    window.settle([1], 10)
    window.take(out, 20)
    window.due(20)
    window.reconnected(30)

    assert window.due(30) == sent
    assert window.due(31) == []


def test_a_receipt_opens_the_window() -> None:
    """The first receipt lets everything that is out go at once, and the next messages as they come."""
    window = new_window()
    window.take([1, 2, 3], 0)
    assert window.due(0) == [1]
    window.settle([1], 100)
    window.take([4], 100)

    assert window.due(100) == [2, 3, 4]


def test_a_receipt_after_a_silence_repeats_what_was_out() -> None:
    """When somebody answers again, what was out before the silence goes out again at once."""
    window = new_window()
    window.settle([], 0)
    window.take([1, 2, 3], 0)
    assert window.due(0) == [1, 2, 3]
    window.reconnected(10)
    assert window.due(10) == [1]
    window.settle([1], 20)

    assert window.due(20) == [2, 3]


def test_a_quiet_time_is_no_silence() -> None:
    """While nothing is out nobody needs to answer: the next messages go out at once, all of them."""
    window = new_window()
    window.settle([], 0)
    window.take([1, 2], HOUR_MS)

    assert window.due(HOUR_MS) == [1, 2]


def test_probes_take_turns() -> None:
    """Each probe is the next message, from the oldest to the newest and round again."""
    window = new_window()
    window.take([3, 5, 8], 0)
    probed = [seq for _ in range(5) for seq in window.due(deadline_of(window))]

    assert probed == [3, 5, 8, 3, 5]
