# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What an agent says of words that are known beforehand: `edge.report.Reporter`, jumping from news to news.

The reporter is asked at every word and at every tick; nearly always it says nothing. Here each voice (a
sensor and a kind) looks ahead in its words for the next instant at which it would say something, and
everything in between is passed over. What comes out is the same, reading for reading; a test holds the two
together.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.model import KINDS, Kind
from edge.report import MANNERS, PATIENCE_S, TOGETHER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from bezet.usage.columns import Floats, Ints
    from demo.plan import Hung
    from demo.sensing import Words

    Bools = NDArray[np.bool_]

#: An agent of the simulation ticks at these milliseconds of each second, when no word comes.
TICK_MS, TICK_PHASE_MS = 1_000, 505
NEVER = 1 << 62
#: So far is looked ahead in one go; most of what is said is said within this many words.
LOOK = 64


class Spoken(NamedTuple):
    """Something that is said at an instant: the source's name and space, and the number."""

    space: str
    name: str
    kind: Kind
    amount: float


class _Voice:
    """One source: its words, what it said last, and when it will say something next."""

    def __init__(self, hung: Hung, kind: Kind, part: str, stands_s: float) -> None:
        manner = MANNERS[kind]
        self.sensor, self.space, self.kind = hung.id, hung.space, kind
        self.name = f"{hung.id}.{part}" if part else hung.id
        self.is_event = KINDS[kind].is_event
        self.says_each = kind is Kind.FEEDBACK
        self.is_eager = manner.is_eager
        self.change, self.share = manner.change, manner.share
        self.least_ms = round(manner.least_s * 1000)
        self.beat_ms = round(manner.beat_s * 1000)
        self.present_ms = self.beat_ms if manner.present_s is None else round(manner.present_s * 1000)
        self.stand_ms = round(max(stands_s, PATIENCE_S) * 1000)
        self.said: float | None = None
        self.said_ms = 0
        self.heard: tuple[int, float] | None = None  # the last word before `t_ms` begins
        self.t_ms: Ints = np.empty(0, np.int64)
        self.amounts: Floats = np.empty(0)
        self.waits_from_ms = NEVER

    def load(self, t_ms: Ints, amounts: Floats) -> None:
        """Take the words of the next span; those before were all heard."""
        if len(self.t_ms):
            self.heard = int(self.t_ms[-1]), float(self.amounts[-1])
        self.t_ms, self.amounts = t_ms, amounts

    def forget(self) -> None:
        """The agent starts anew."""
        self.said = self.heard = None
        self.t_ms, self.amounts = np.empty(0, np.int64), np.empty(0)

    def last_word(self, t_ms: int) -> tuple[int, float] | None:
        """The last word up to an instant, itself included."""
        place = int(self.t_ms.searchsorted(t_ms, side="right")) - 1
        return (int(self.t_ms[place]), float(self.amounts[place])) if place >= 0 else self.heard

    def beat_due_ms(self, early: float = 0.0) -> int:
        """When what was said last is to be said again, or a share of that time earlier."""
        assert self.said is not None
        beat_ms = self.present_ms if self.said > 0 else self.beat_ms
        return self.said_ms + round(beat_ms * (1 - early))

    def say(self, amount: float, t_ms: int) -> Spoken:
        """It is said now."""
        self.said, self.said_ms = amount, t_ms
        return Spoken(self.space, self.name, self.kind, amount)

    def next_ms(self) -> tuple[int, bool]:
        """When it says something next if nobody else speaks, and whether by a word of its own (or a tick)."""
        self.waits_from_ms = NEVER
        if self.said is None:
            return (int(self.t_ms[0]), True) if len(self.t_ms) else (NEVER, False)
        beat_ms = self.beat_due_ms()
        word_ms = self._news_word_ms(beat_ms)
        if self.is_event:
            return word_ms, True
        tick_ms = min(self._waiting_news_ms(), self._beat_tick_ms(beat_ms))
        return (word_ms, True) if word_ms <= tick_ms else (tick_ms, False)

    def _news_word_ms(self, beat_ms: int) -> int:
        """The first word that is news, or comes when a beat is due."""
        t_ms, first = self.t_ms, int(self.t_ms.searchsorted(self.said_ms, side="right"))
        while first < len(t_ms):
            look = slice(first, first + LOOK)
            found = (t_ms[look] >= beat_ms) | self._is_news(self.amounts[look], t_ms[look])
            place = int(found.argmax())
            if found[place]:
                return int(t_ms[first + place])
            first += LOOK
        return NEVER

    def _is_news(self, amounts: Floats, t_ms: Ints) -> Bools:
        said = self.said or 0.0
        if self.is_event:
            return np.ones(len(amounts), bool) if self.says_each else amounts > 0
        is_big = self._differs(amounts)
        is_time = t_ms >= self.said_ms + self.least_ms
        if self.is_eager and said <= 0:
            is_time |= amounts > 0
        return np.asarray(is_big & is_time)

    def _differs(self, amounts: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        said = self.said or 0.0
        return np.asarray(
            (amounts != said) & (np.abs(amounts - said) >= self.change + self.share * abs(said))
        )

    def differs(self, amount: float) -> bool:
        """Whether a number is far enough from what was said last."""
        said = self.said or 0.0
        return amount != said and abs(amount - said) >= self.change + self.share * abs(said)

    def _waiting_news_ms(self) -> int:
        """The tick at which news is said that came too soon after what was said."""
        from_ms = self.said_ms + self.least_ms
        tick_ms = next_tick_ms(max(from_ms, self.said_ms + 1))
        heard = self.last_word(tick_ms)
        if heard is None or heard[0] >= from_ms or tick_ms > heard[0] + self.stand_ms:
            return NEVER
        if not self.differs(heard[1]):
            return NEVER
        self.waits_from_ms = from_ms
        return tick_ms

    def _beat_tick_ms(self, beat_ms: int) -> int:
        tick_ms = next_tick_ms(beat_ms)
        heard = self.last_word(tick_ms)
        return tick_ms if heard is not None and tick_ms <= heard[0] + self.stand_ms else NEVER


def next_tick_ms(t_ms: int) -> int:
    """The first tick at or after an instant."""
    return t_ms + (TICK_PHASE_MS - t_ms) % TICK_MS


class Saying:
    """The voices of one device; spans must follow each other."""

    def __init__(self) -> None:
        self._voices: list[_Voice] = []
        self._places: dict[tuple[str, Kind, str], int] = {}
        self._next: list[int] = []
        self._along_ms = np.empty(0, np.int64)

    def forget(self) -> None:
        """The agent starts anew: nothing was said yet."""
        for voice in self._voices:
            voice.forget()

    def rest(self) -> None:
        """Let go of the words, which are all heard, and keep what must be known of them."""
        for voice in self._voices:
            voice.load(np.empty(0, np.int64), np.empty(0))

    def say(
        self, heard: Sequence[tuple[Hung, float, Words]], end_ms: int
    ) -> Iterator[tuple[int, list[Spoken]]]:
        """What is said up to `end_ms` of the words of each sensor, whose last word stands for so many s.

        Gives instants that rise, and everything that is said then.
        """
        self._load(heard)
        queue = [(when_ms, place) for place, when_ms in enumerate(self._next)]
        heapq.heapify(queue)
        while queue and queue[0][0] < end_ms:
            t_ms, place = heapq.heappop(queue)
            if self._next[place] != t_ms:
                continue  # it spoke along with another meanwhile
            is_word = self._by_word[place]
            spoke = self._offered(place, t_ms) if is_word else self._ticked(t_ms)
            along = self._along(t_ms, spoke) if is_word else []
            said = [self._say(voice, t_ms) for voice in (*spoke, *along)]
            for other in (*spoke, *along):
                self._look_ahead(other)
                heapq.heappush(queue, (self._next[other], other))
            yield t_ms, said

    def _load(self, heard: Sequence[tuple[Hung, float, Words]]) -> None:
        for hung, stands_s, words in heard:
            for row, (kind, part) in enumerate(words.said):
                place = self._places.setdefault((hung.id, kind, part), len(self._voices))
                if place == len(self._voices):
                    self._voices.append(_Voice(hung, kind, part, stands_s))
                amounts = words.amounts[row]
                told = ~np.isnan(amounts)
                self._voices[place].load(words.t_ms[told], amounts[told])
        count = len(self._voices)
        self._next, self._by_word = [NEVER] * count, [True] * count
        self._along_ms = np.full(count, NEVER, np.int64)
        for place in range(count):
            self._look_ahead(place)

    def _look_ahead(self, place: int) -> None:
        voice = self._voices[place]
        self._next[place], self._by_word[place] = voice.next_ms()
        if voice.said is not None and not voice.is_event:
            self._along_ms[place] = min(voice.beat_due_ms(TOGETHER), voice.waits_from_ms)

    def _offered(self, place: int, t_ms: int) -> list[int]:
        """The voices of a sensor that say something at a word of it: all that are due now."""
        sensor = self._voices[place].sensor
        return [
            other
            for other, voice in enumerate(self._voices)
            if voice.sensor == sensor and self._next[other] == t_ms and self._by_word[other]
        ]

    def _ticked(self, t_ms: int) -> list[int]:
        """The voices that say something at a tick."""
        return [
            other for other, next_ms in enumerate(self._next) if next_ms == t_ms and not self._by_word[other]
        ]

    def _along(self, t_ms: int, spoke: Sequence[int]) -> list[int]:
        """The voices that say what is due soon, because another speaks."""
        return [
            int(place)
            for place in np.flatnonzero(self._along_ms <= t_ms)
            if place not in spoke and self._goes_along(self._voices[place], t_ms)
        ]

    def _goes_along(self, voice: _Voice, t_ms: int) -> bool:
        heard = voice.last_word(t_ms)
        if heard is None or voice.said_ms == t_ms or t_ms > heard[0] + voice.stand_ms:
            return False
        if voice.beat_due_ms(TOGETHER) <= t_ms:
            return True
        return voice.waits_from_ms <= t_ms and voice.differs(heard[1])

    def _say(self, place: int, t_ms: int) -> Spoken:
        voice = self._voices[place]
        heard = voice.last_word(t_ms)
        assert heard is not None
        return voice.say(heard[1], t_ms)
