# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Devices that speak on a broker at instants of their own: when they do, and what every signal of one can do.

What a device says is worked out for whole stretches of time (`demo.physics.spans`), and words and messages
are cut out of the same stretch, so that a message decodes to the word beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from demo.dice import dice
from demo.physics.spans import spans
from demo.sensing import Words, polls

if TYPE_CHECKING:
    from bezet.usage.columns import Floats, Ints
    from demo.physics.spans import Span
    from demo.plan import Hung
    from demo.sensing import Said
    from demo.town import Steps, Town

Bools = NDArray[np.bool_]

#: Stretches that are kept; whoever goes on asking needs the last two.
MOST_KEPT = 3
#: Longer ago than anything is remembered for.
NEVER_MS = 86_400_000


class Message(NamedTuple):
    """What a device says on a topic at an instant; `retained` if the broker shall keep it."""

    t_ms: int
    topic: str
    payload: bytes
    retained: bool = False


class Spoken(NamedTuple):
    """What a device says in a stretch of time, message by message.

    `t_ms`, shape (n,), rises; `amounts`, shape (len(said), n), are what the driver keeps of it; `rest`, shape
    (k, n), is what else stands in the payload.
    """

    t_ms: Ints
    amounts: Floats
    rest: Floats


class Device(Protocol):
    """A device of a maker: what a driver keeps of what it says, and when it says it.

    What belongs to a stretch is said at most `late_ms` after its end, before all that belongs to the next.
    """

    @property
    def said(self) -> tuple[Said, ...]:
        """What is kept."""

    @property
    def late_ms(self) -> int:
        """How late it may be."""

    def speak(self, span: Span) -> Spoken:
        """What it says because of a stretch of time, in order."""


class TopicSignal:
    """What a device says on a broker, as words of its driver and as messages."""

    def __init__(self, town: Town, device: Device) -> None:
        self._town = town
        self._device = device
        self._kept: dict[Span, Spoken] = {}

    def words(self, start_ms: int, end_ms: int) -> Words:
        """Everything that its driver gives in [`start_ms`, `end_ms`), at most a few days."""
        t_ms: list[Ints] = [np.empty(0, np.int64)]
        amounts: list[Floats] = [np.empty((len(self._device.said), 0))]
        for spoken, cut in self._spoken(start_ms, end_ms):
            t_ms.append(spoken.t_ms[cut])
            amounts.append(spoken.amounts[:, cut])
        return Words(self._device.said, np.concatenate(t_ms), np.concatenate(amounts, axis=1))

    def messages(self, start_ms: int, end_ms: int) -> list[Message]:
        """What it says in [`start_ms`, `end_ms`), in order."""
        return [
            self.message(spoken, place)
            for spoken, cut in self._spoken(start_ms, end_ms)
            for place in range(len(spoken.t_ms))[cut]
        ]

    def message(self, spoken: Spoken, place: int) -> Message:
        """One message of a stretch."""
        raise NotImplementedError

    def hello(self, t_ms: int) -> list[Message]:  # noqa: ARG002  the shape of it
        """What is said of it whenever the broker was found."""
        return []

    def once_more(self, t_ms: int, within_ms: int) -> list[Message]:
        """What it said last, if that is not longer ago."""
        return [one._replace(t_ms=t_ms) for one in self.messages(t_ms - within_ms, t_ms + 1)[-1:]]

    def _spoken(self, start_ms: int, end_ms: int) -> list[tuple[Spoken, slice]]:
        found = []
        for span in spans(self._town, start_ms - self._device.late_ms, end_ms):
            if span not in self._kept:
                while len(self._kept) >= MOST_KEPT:
                    del self._kept[next(iter(self._kept))]
                self._kept[span] = self._device.speak(span)
            spoken = self._kept[span]
            first, behind = np.searchsorted(spoken.t_ms, (start_ms, end_ms)).tolist()
            found.append((spoken, slice(first, behind)))
        return found


class Pace(NamedTuple):
    """How a device looks and speaks, in ms.

    It looks every `look_ms` and says what it sees every `beat_ms`, a multiple of that; in between it speaks
    where what it sees differs by `change` plus `share` of what it said last, and `pause_ms` went by since.
    """

    look_ms: int
    beat_ms: int
    change: float
    share: float = 0.0
    pause_ms: int = 0


def looks(pace: Pace, span: Span, phase_ms: int) -> Ints:
    """When it looks because of a stretch: a row for each beat that begins in it, shape (beats, looks)."""
    beats = polls(span.from_ms, span.to_ms, pace.beat_ms, phase_ms)
    return beats[:, None] + np.arange(0, pace.beat_ms, pace.look_ms)


def told(pace: Pace, seen: Floats) -> Bools:
    """Which looks it tells of; both shape (beats, looks).

    Every beat tells of what is seen then, so that no row needs to know the one before.
    """
    found = np.zeros(seen.shape, bool)
    found[:, 0] = True
    pause = max(1, -(-pace.pause_ms // pace.look_ms))
    for row in np.flatnonzero(_differs(pace, seen, seen[:, :1]).any(axis=1)):
        at, row_seen = 0, seen[row]
        while (later := np.flatnonzero(_differs(pace, row_seen[at + pause :], row_seen[at]))).size:
            at += pause + int(later[0])
            found[row, at] = True
    return found


def _differs(pace: Pace, seen: Floats, said: Floats) -> Bools:
    return np.asarray(np.abs(seen - said) >= pace.change + pace.share * np.abs(said))


def rolled(t_ms: Ints, *words: object) -> Floats:
    """A number in [0, 1) for each instant, or any whole number, that depends on it and the words alone.

    (The mixing function of SplitMix64: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
    generators".)
    """
    mixed = t_ms.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(dice(*words) * 2**48)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray(((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) / 2**53)


def phase_of(town: Town, hung: Hung, every_ms: int) -> int:
    """How long after a multiple of `every_ms` a device has its turn: it began when it was plugged in."""
    return int(dice(town.seed, hung.id, "turn") * every_ms)


def beside(town: Town, hung: Hung) -> int:
    """How many of its kind hang in its space, itself included."""
    all_hung = (one for device in town.plan for one in device.sensors)
    likes = (hung.space, hung.driver, hung.model)
    return sum((one.space, one.driver, one.model) == likes for one in all_hung)


class Turns(NamedTuple):
    """When something goes on and off; `is_on[n]` from `t_ms[n]` up to the next, both shape (n,)."""

    t_ms: Ints
    is_on: Bools

    def at(self, t_ms: Ints) -> Bools:
        """Whether it is on at these instants; off before the first turn."""
        place = np.searchsorted(self.t_ms, t_ms, side="right") - 1
        return np.append(self.is_on, False)[place]


def last(of_ms: Ints, t_ms: Ints) -> Ints:
    """At each of these instants, the last of the others up to it; long before, where there is none yet."""
    return np.append(of_ms, t_ms[:1] - NEVER_MS)[np.searchsorted(of_ms, t_ms, side="right") - 1]


def held(steps: Steps, late_ms: int, hold_ms: int) -> Turns:
    """What is on from `late_ms` after somebody comes until `hold_ms` after nobody is there any more."""
    is_some = np.concatenate(([False], steps.count > 0))
    coming = steps.t_ms[is_some[1:] & ~is_some[:-1]] + late_ms
    leaving = steps.t_ms[is_some[:-1] & ~is_some[1:]] + hold_ms
    stays = np.append(True, coming[1:] > leaving[: len(coming) - 1])
    coming = coming[stays[: len(coming)]]
    leaving = leaving[np.append(stays[1:], True)[: len(leaving)]]
    t_ms = np.concatenate((coming, leaving))
    order = np.argsort(t_ms, kind="stable")
    return Turns(t_ms[order], (np.arange(len(t_ms)) < len(coming))[order])
