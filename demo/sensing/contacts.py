# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What contacts say: one on a door, and three buttons beside it that people press as they leave."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.model import Kind
from demo.dice import dice
from demo.people import Doing
from demo.physics.air import co2_ppm
from demo.physics.doors import door_open
from demo.physics.spans import Span, heaped, joined, spans
from demo.sensing import Said, Words
from demo.sensing.motion import off_repeats, pin_words
from demo.town import Steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from demo.plan import Hung
    from demo.town import Town

#: No door opens and closes faster than this (ours); a driver takes what is faster than 50 ms for bouncing.
LEAST_MS = 100
#: So far beside a span of time is looked, for what lasts shorter than `LEAST_MS`.
BESIDE_MS = 1_000


class DoorSignal:
    """A magnetic contact on the door of a space."""

    def __init__(self, town: Town, hung: Hung) -> None:
        self._town, self._hung = town, hung
        self._open_is = int(hung.settings.get("open_is", "high") == "high")

    def levels(self, start_ms: int, end_ms: int) -> Steps:
        """Whether the door is open, 1 or 0; the first step is at `start_ms`."""
        raw = door_open(self._town, self._hung.space, start_ms - BESIDE_MS, end_ms + BESIDE_MS)
        steady = _steady(_steady(raw, 0), 1)
        return joined((off_repeats(steady, self._hung),), start_ms, end_ms)

    def wires(self, start_ms: int, end_ms: int) -> Mapping[str, Steps]:
        """Whether its pin is high, by the name of the setting that holds the pin."""
        is_open = self.levels(start_ms, end_ms)
        return {"pin": is_open._replace(count=(is_open.count == self._open_is).astype(np.int64))}

    def words(self, start_ms: int, end_ms: int) -> Words:
        """Open or closed: at the start, at each change, and every half minute."""
        return pin_words(Kind.DOOR_OPEN, self.levels(start_ms, end_ms), self._hung, end_ms)


def _steady(steps: Steps, level: int) -> Steps:
    """The same without stretches of that level that are too short, save the first and the last."""
    is_short = np.diff(steps.t_ms, append=np.iinfo(np.int64).max) < LEAST_MS
    is_short[0] = False
    count = np.where(is_short & (steps.count == level), 1 - level, steps.count)
    changes = np.append(True, count[1:] != count[:-1])
    return Steps(steps.t_ms[changes], count[changes])


#: The buttons, as the settings of the driver name their pins (`good_pin`), and what each says.
ANSWERS: Mapping[str, float] = {"good": 1.0, "so_so": 0.0, "bad": -1.0}
#: Of those who leave, so many press a button (ours: seldom), never those who came to clean.
ANSWER_SHARE = 0.04
#: Shares of good and of so-so, up to so many ppm of carbon dioxide as somebody leaves; the rest is bad. Ours:
#: most are content, and fewer where the air is stale.
OPINIONS: Sequence[tuple[float, float, float]] = (
    (800, 0.65, 0.25),
    (1_200, 0.5, 0.28),
    (float("inf"), 0.3, 0.3),
)
#: A button is pressed so long after somebody left their place, and held for so long (ours).
AFTER_MS, HELD_MS = (200, 2_000), (80, 400)
#: Two hands are not at the buttons within this time.
APART_MS = 1_500


class Press(NamedTuple):
    """A button that is held from `from_ms` up to `to_ms`."""

    from_ms: int
    to_ms: int
    button: str


class FeedbackSignal:
    """Buttons for good, so-so and bad."""

    def __init__(self, town: Town, hung: Hung) -> None:
        self._town, self._hung = town, hung
        self._of_span = lru_cache(maxsize=4)(self._worked_out)

    def presses(self, start_ms: int, end_ms: int) -> list[Press]:
        """The presses that begin in [`start_ms`, `end_ms`), in order."""
        found = (press for span in spans(self._town, start_ms, end_ms) for press in self._of_span(span))
        return [press for press in found if start_ms <= press.from_ms < end_ms]

    def wires(self, start_ms: int, end_ms: int) -> Mapping[str, Steps]:
        """Whether each pin is high, by the name of the setting that holds it; low while it is pressed."""
        pressed = self.presses(start_ms - HELD_MS[1], end_ms)
        found = {}
        for button in ANSWERS:
            turns = [(one.from_ms, one.to_ms, 1.0) for one in pressed if one.button == button]
            heap = heaped(turns, Span(start_ms, end_ms))
            found[f"{button}_pin"] = Steps(heap.t_ms, (heap.level < 1).astype(np.int64))
        return found

    def words(self, start_ms: int, end_ms: int) -> Words:
        """Each press; not the empty words by which the driver shows that the buttons are there."""
        pressed = self.presses(start_ms, end_ms)
        amounts = np.full((len(ANSWERS), len(pressed)), np.nan)
        buttons = list(ANSWERS)
        for number, press in enumerate(pressed):
            amounts[buttons.index(press.button), number] = ANSWERS[press.button]
        said = tuple(Said(Kind.FEEDBACK, button) for button in buttons)
        return Words(said, np.array([press.from_ms for press in pressed], np.int64), amounts)

    def _worked_out(self, span: Span) -> list[Press]:
        last_ms, found = 0, []
        for press in sorted(self._wanted(span)):
            if press.from_ms >= last_ms + APART_MS and span.from_ms <= press.from_ms < span.to_ms:
                found.append(press)
            last_ms = press.from_ms
        return found

    def _wanted(self, span: Span) -> Iterator[Press]:
        """What whoever leaves would press, in a stretch and a little before."""
        town, hung = self._town, self._hung
        for stay in town.stays(hung.space, span.from_ms - AFTER_MS[1] - APART_MS, span.to_ms):
            who = town.seed, hung.id, stay.person, stay.to_ms
            is_silent = stay.doing is Doing.CLEANING or dice("answers", *who) >= ANSWER_SHARE
            if is_silent or stay.to_ms >= span.to_ms:
                continue
            from_ms = stay.to_ms + _between(AFTER_MS, dice("presses", *who))
            yield Press(from_ms, from_ms + _between(HELD_MS, dice("holds", *who)), self._opinion(who))

    def _opinion(self, who: tuple[int, str, str, int]) -> str:
        air_ppm = float(co2_ppm(self._town, self._hung.space, np.array([who[-1]]))[0])
        good, so_so = next(shares for limit_ppm, *shares in OPINIONS if air_ppm <= limit_ppm)
        drawn = dice("opinion", *who)
        return "good" if drawn < good else "so_so" if drawn < good + so_so else "bad"


def _between(range_ms: tuple[int, int], drawn: float) -> int:
    return range_ms[0] + int((range_ms[1] - range_ms[0]) * drawn)
