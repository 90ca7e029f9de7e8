# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What passive infrared motion sensors say: high for a while after somebody moved in their view."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from bezet.model import Kind
from demo.dice import dice, generator
from demo.faults import Fault
from demo.physics.moves import moves
from demo.physics.spans import Span, heaped, joined, spans
from demo.sensing import Said, Words, polls
from demo.town import Steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bezet.usage.columns import Floats, Ints
    from demo.physics.moves import Moves
    from demo.plan import Hung
    from demo.town import Town

#: The output stays high for so long after a motion that was seen, each sensor for its own time: its knob near
#: a minute, its jumper on "single" (HC-SR501 manual: from some seconds to minutes; the range is ours), so
#: that no busy space keeps it high for hours. Then it is blind for a moment (the same manual, "block time").
HOLD_MS = (45_000, 58_000)
BLIND_MS = 2_500
#: The chance that one move is seen (ours). Who walks crosses many fields of view; of several sensors in a
#: space each looks at its own seats, and sees little of the others.
SEES_WALKING, SEES_ITS_SEATS, SEES_OTHERS = 0.9, 0.7, 0.2
#: A body crosses into the next field of view this much after it began to move, at most (ours).
REACTS_MS = 400
#: What happened so long before a stretch decides how the sensor stands when it begins.
EARLIER_MS = 120_000
#: A bus of pins says each again after this time (`edge.bus.gpio.REPEAT_S`).
REPEAT_MS = 30_000


class MotionSignal:
    """A motion sensor like the HC-SR501; it misses who sits still, and now and then one is stuck."""

    def __init__(self, town: Town, hung: Hung) -> None:
        self._town, self._hung = town, hung
        here = [one for pi in town.plan for one in pi.sensors if one.space == hung.space]
        self._beside = max(1, sum(one.driver == hung.driver for one in here))
        shortest_ms, longest_ms = HOLD_MS
        self._hold_ms = shortest_ms + round((longest_ms - shortest_ms) * dice(town.seed, "hold", hung.id))
        self._of_span = lru_cache(maxsize=4)(self._worked_out)

    def levels(self, start_ms: int, end_ms: int) -> Steps:
        """Whether it says motion, 1 or 0; the first step is at `start_ms`."""
        return joined(map(self._of_span, spans(self._town, start_ms, end_ms)), start_ms, end_ms)

    def wires(self, start_ms: int, end_ms: int) -> Mapping[str, Steps]:
        """Whether its pin is high, by the name of the setting that holds the pin."""
        return {"pin": self.levels(start_ms, end_ms)}

    def words(self, start_ms: int, end_ms: int) -> Words:
        """Motion or none: at the start, at each change, and every half minute."""
        return pin_words(Kind.MOTION, self.levels(start_ms, end_ms), self._hung, end_ms)

    def _worked_out(self, span: Span) -> Steps:
        town, hung = self._town, self._hung
        if Fault.PIR_BLIND in town.faults:
            seen_ms = self._seen_ms(span, moves(town, hung.space, span.from_ms - EARLIER_MS, span.to_ms))
        else:
            seen_ms = every_second(town, hung.space, Span(span.from_ms - EARLIER_MS, span.to_ms))
        high = list(highs(seen_ms, self._hold_ms))
        high += town.spells(Fault.PIR_STUCK, hung.id, *span)
        heap = heaped(((from_ms, to_ms, 1.0) for from_ms, to_ms in high), span)
        return off_repeats(Steps(heap.t_ms, (heap.level > 0).astype(np.int64)), hung)

    def _seen_ms(self, span: Span, moved: Moves) -> Ints:
        """When it sees a move; the same for the first moves of a stretch, whichever come after them."""
        town, hung = self._town, self._hung
        drawn: Floats = generator(town.seed, "sees", hung.id, span.from_ms).random((len(moved.t_ms), 2))
        is_its_seat = moved.seat % self._beside == hung.seat % self._beside
        chance = np.where(is_its_seat, SEES_ITS_SEATS, SEES_OTHERS)
        sees = drawn[:, 0] < np.where(moved.walking, SEES_WALKING, chance)
        return np.sort(moved.t_ms[sees] + (REACTS_MS * drawn[sees, 1]).astype(np.int64))


def highs(seen_ms: Ints, hold_ms: int) -> Iterator[tuple[int, int]]:
    """From when up to when the output is high, in order, by what is seen at instants in order.

    What is seen while it is high or blind is lost.
    """
    place = 0
    while place < len(seen_ms):
        from_ms = int(seen_ms[place])
        yield from_ms, from_ms + hold_ms
        place = int(seen_ms.searchsorted(from_ms + hold_ms + BLIND_MS))


def every_second(town: Town, space: str, span: Span) -> Ints:
    """The instants, one a second, at which somebody is there: what a sensor sees that misses nothing."""
    heap = heaped(((stay.from_ms, stay.to_ms, 1.0) for stay in town.stays(space, *span)), span)
    t_ms = np.arange(*span, 1_000)
    return t_ms[heap.at(t_ms) > 0]


def off_repeats(steps: Steps, hung: Hung) -> Steps:
    """The same, where no step but the first falls on the millisecond in which a pin is said again."""
    late_ms = (steps.t_ms - hung.phase_ms) % REPEAT_MS == 0
    late_ms[:1] = False
    return Steps(steps.t_ms + late_ms, steps.count)


def pin_words(kind: Kind, steps: Steps, hung: Hung, end_ms: int) -> Words:
    """What a bus of pins says of one that is watched from the first step on, up to `end_ms`."""
    again_ms = polls(int(steps.t_ms[0]), end_ms, REPEAT_MS, hung.phase_ms)
    t_ms = np.union1d(steps.t_ms, again_ms)
    return Words((Said(kind),), t_ms, steps.at(t_ms).astype(float)[None, :])
