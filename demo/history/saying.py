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
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.model import KINDS, Kind
from edge.report import MANNERS, PATIENCE_S, TOGETHER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bezet.usage.columns import Floats, Ints
    from demo.plan import Hung
    from demo.sensing import Words

#: An agent of the simulation ticks at these milliseconds of each second, when no word comes.
TICK_MS, TICK_PHASE_MS = 1_000, 505
NEVER = 1 << 62


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
        self.news = 0.0  # so much does news differ from what was said
        # When what was said is to be said again, and from when on it goes along with others.
        self.due_ms = self.soon_ms = NEVER
        self.heard: tuple[int, float] | None = None  # the last word before `t_ms` begins
        # The words (views of arrays: cheap for `bisect` and single numbers), and those that may be news.
        self.t_ms: Sequence[int] = ()
        self.amounts: Sequence[float] = ()
        self.turn_ms: list[int] = []
        self.turns: list[float] = []
        self.waits_from_ms = NEVER

    def load(self, t_ms: Ints, amounts: Floats) -> None:
        """Take the words of the next span; those before were all heard."""
        self.rest()
        self.t_ms, self.amounts = t_ms.data, amounts.data
        if self.is_event:
            turns = np.ones(len(amounts), bool) if self.says_each else amounts > 0
        else:
            turns = np.diff(amounts, prepend=np.nan) != 0
        self.turn_ms, self.turns = t_ms[turns].tolist(), amounts[turns].tolist()

    def rest(self) -> None:
        """Let go of the words, which are all heard, and keep the last."""
        if len(self.t_ms):
            self.heard = self.t_ms[-1], self.amounts[-1]
        self.t_ms, self.amounts, self.turn_ms, self.turns = (), (), [], []

    def forget(self) -> None:
        """The agent starts anew."""
        self.rest()
        self.said = self.heard = None

    def last_word(self, t_ms: int) -> tuple[int, float] | None:
        """The last word up to an instant, itself included."""
        place = bisect_right(self.t_ms, t_ms) - 1
        return (self.t_ms[place], self.amounts[place]) if place >= 0 else self.heard

    def say(self, amount: float, t_ms: int) -> Spoken:
        """It is said now."""
        self.said, self.said_ms = amount, t_ms
        self.news = self.change + self.share * abs(amount)
        beat_ms = self.present_ms if amount > 0 else self.beat_ms
        self.due_ms, self.soon_ms = t_ms + beat_ms, t_ms + round(beat_ms * (1 - TOGETHER))
        return Spoken(self.space, self.name, self.kind, amount)

    def next_ms(self) -> tuple[int, bool]:
        """When it says something next if nobody else speaks, and whether by a word of its own (or a tick)."""
        self.waits_from_ms = NEVER
        if self.said is None:
            return (self.t_ms[0], True) if len(self.t_ms) else (NEVER, False)
        word_ms = self._news_word_ms()
        if self.is_event:
            return word_ms, True
        tick_ms = self._waiting_news_ms()
        if next_tick_ms(self.due_ms) < min(word_ms, tick_ms):
            tick_ms = min(tick_ms, self._beat_tick_ms())
        return (word_ms, True) if word_ms <= tick_ms else (tick_ms, False)

    def _news_word_ms(self) -> int:
        """The first word that is news, or comes when a beat is due."""
        until_ms = self._word_ms(max(self.due_ms, self.said_ms + 1))
        if self.is_event:
            return self._turn_ms(self.said_ms + 1, until_ms)
        assert self.said is not None
        # What is eager is never below zero, so all that differs from zero is a rise.
        is_eager = self.is_eager and self.said <= 0
        place = bisect_left(self.t_ms, self.said_ms + (1 if is_eager else max(self.least_ms, 1)))
        if place == len(self.t_ms) or self.t_ms[place] >= until_ms:
            return until_ms
        word_ms = self.t_ms[place]
        return word_ms if self.differs(self.amounts[place]) else self._turn_ms(word_ms, until_ms)

    def _word_ms(self, from_ms: int) -> int:
        """The first word at or after an instant."""
        place = bisect_left(self.t_ms, from_ms)
        return self.t_ms[place] if place < len(self.t_ms) else NEVER

    def _turn_ms(self, from_ms: int, until_ms: int) -> int:
        """The first word from an instant on that is another than before, and news; else `until_ms`."""
        said, news = self.said or 0.0, self.news
        first = bisect_left(self.turn_ms, from_ms)
        for place in range(first, bisect_left(self.turn_ms, until_ms, first)):
            amount = self.turns[place]
            if self.is_event or (amount != said and abs(amount - said) >= news):
                return self.turn_ms[place]
        return until_ms

    def differs(self, amount: float) -> bool:
        """Whether a number is far enough from what was said last."""
        assert self.said is not None
        return amount != self.said and abs(amount - self.said) >= self.news

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

    def _beat_tick_ms(self) -> int:
        tick_ms = next_tick_ms(self.due_ms)
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
        self._of: dict[str, list[int]] = {}
        self._next: list[int] = []
        self._along_ms: list[int] = []

    def forget(self) -> None:
        """The agent starts anew: nothing was said yet."""
        for voice in self._voices:
            voice.forget()

    def rest(self) -> None:
        """Let go of the words, which are all heard, and keep what must be known of them."""
        for voice in self._voices:
            voice.rest()

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
                    self._of.setdefault(hung.id, []).append(place)
                amounts = words.amounts[row]
                told = ~np.isnan(amounts)
                self._voices[place].load(words.t_ms[told], amounts[told])
        count = len(self._voices)
        self._next, self._by_word = [NEVER] * count, [True] * count
        self._along_ms = [NEVER] * count
        for place in range(count):
            self._look_ahead(place)

    def _look_ahead(self, place: int) -> None:
        voice = self._voices[place]
        self._next[place], self._by_word[place] = voice.next_ms()
        if voice.said is not None and not voice.is_event:
            self._along_ms[place] = min(voice.soon_ms, voice.waits_from_ms)

    def _offered(self, place: int, t_ms: int) -> list[int]:
        """The voices of a sensor that say something at a word of it: all that are due now."""
        together = self._of[self._voices[place].sensor]
        return [other for other in together if self._next[other] == t_ms and self._by_word[other]]

    def _ticked(self, t_ms: int) -> list[int]:
        """The voices that say something at a tick."""
        return [
            other for other, next_ms in enumerate(self._next) if next_ms == t_ms and not self._by_word[other]
        ]

    def _along(self, t_ms: int, spoke: Sequence[int]) -> list[int]:
        """The voices that say what is due soon, because another speaks."""
        return [
            place
            for place, from_ms in enumerate(self._along_ms)
            if from_ms <= t_ms and place not in spoke and self._goes_along(self._voices[place], t_ms)
        ]

    def _goes_along(self, voice: _Voice, t_ms: int) -> bool:
        heard = voice.last_word(t_ms)
        if heard is None or voice.said_ms == t_ms or t_ms > heard[0] + voice.stand_ms:
            return False
        if voice.soon_ms <= t_ms:
            return True
        return voice.waits_from_ms <= t_ms and voice.differs(heard[1])

    def _say(self, place: int, t_ms: int) -> Spoken:
        voice = self._voices[place]
        heard = voice.last_word(t_ms)
        assert heard is not None
        return voice.say(heard[1], t_ms)
