# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What of all that a sensor says is worth a message: every change, and a word now and then without one. Pure.

An idle space then costs few messages, and its silence is still silence: a word comes at least every five
minutes, where evidence falls silent after fifteen. Instants are monotonic milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import KINDS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from edge.sensors import Measured

#: Without news a word is said again after this time; well within the 15 minutes that a word counts.
BEAT_S = 300.0
#: A beat goes along with what is said anyway when no more than this share of its time is left: one message,
#: one write to the card.
TOGETHER = 0.2
#: News that came too soon after other news is said within this time.
PATIENCE_S = 15.0


class Manner(NamedTuple):
    """When the numbers of a kind are worth a message.

    News is a number that differs by `change` plus `share` of what was said last; it is said no more often
    than every `least_s`, save that an `is_eager` kind rises from zero at once. While above zero it is said
    again every `present_s` if that is given, else every `beat_s`.
    """

    change: float = 0.0
    share: float = 0.0
    least_s: float = 0.0
    is_eager: bool = False
    present_s: float | None = None
    beat_s: float = BEAT_S


#: Presence is repeated each minute, within the five that a motion holds. Changes smaller than what a sensor
#: of the kind can tell (datasheets: SCD41 ±50 ppm with 10 ppm repeatability, ±0.8 °C, ±6 % RH) are no news.
MANNERS: Mapping[Kind, Manner] = {
    Kind.MOTION: Manner(least_s=2, is_eager=True, present_s=60),
    Kind.PRESENCE: Manner(least_s=2, is_eager=True, present_s=60),
    Kind.TARGET_COUNT: Manner(least_s=5, is_eager=True, present_s=60),
    Kind.PEOPLE_COUNT: Manner(least_s=5, is_eager=True, present_s=60),
    Kind.MOVING_ENERGY_PCT: Manner(change=20, least_s=30),
    Kind.STILL_ENERGY_PCT: Manner(change=20, least_s=30),
    Kind.DOOR_OPEN: Manner(least_s=1, is_eager=True),
    Kind.CO2_PPM: Manner(change=10, least_s=30),
    Kind.TEMPERATURE_C: Manner(change=0.2, least_s=60),
    Kind.HUMIDITY_PCT: Manner(change=1, least_s=60),
    Kind.ILLUMINANCE_LUX: Manner(change=5, share=0.1, least_s=30),
    Kind.POWER_W: Manner(change=2, share=0.05, least_s=10),
    Kind.AV_STATE: Manner(least_s=1),
    Kind.REACHABLE: Manner(least_s=1),
    Kind.BATTERY_PCT: Manner(change=1, least_s=3_600, beat_s=6 * 3_600),
    # What happened is added up (people), or each is said by itself (a press).
    Kind.PEOPLE_IN: Manner(),
    Kind.PEOPLE_OUT: Manner(),
    Kind.FEEDBACK: Manner(),
}


class Due(NamedTuple):
    """A number to say, of which sensor."""

    sensor: str
    measured: Measured

    @property
    def name(self) -> str:
        """The name of its readings: the sensor's, and that of its part."""
        return f"{self.sensor}.{self.measured.part}" if self.measured.part else self.sensor


@dataclass(slots=True)
class _Voice:
    """What one source of a sensor said last, to us and by us; `stands_until_ms` without being said again."""

    heard: Measured
    stands_until_ms: float
    said: float
    said_ms: float


class Reporter:
    """Decides for every source of a device."""

    def __init__(self) -> None:
        self._voices: dict[tuple[str, Kind, str], _Voice] = {}

    def offer(
        self, sensor: str, measured: Sequence[Measured], now_ms: int, *, stands_s: float = 0.0
    ) -> list[Due]:
        """What to say of numbers given just now by a sensor whose word stands for `stands_s`."""
        found = [one for one in measured if self._takes(sensor, one, now_ms, stands_s)]
        if not found:
            return []
        return [*(Due(sensor, one) for one in found), *self.due(now_ms, along=True)]

    def due(self, now_ms: int, *, along: bool = False) -> list[Due]:
        """What to say because time passed: news that had to wait, and words that stand.

        With `along` also what would be due soon, because something is said anyway.
        """
        early = TOGETHER if along else 0.0
        found = []
        for (sensor, kind, _), voice in self._voices.items():
            if now_ms > voice.stands_until_ms or KINDS[kind].is_event or voice.said_ms == now_ms:
                continue
            if _is_news(kind, voice, voice.heard.value, now_ms) or _is_beat(kind, voice, now_ms, early):
                voice.said, voice.said_ms = voice.heard.value, now_ms
                found.append(Due(sensor, voice.heard))
        return found

    def forget(self, sensor: str) -> None:
        """The sensor is gone: its last word stands no longer."""
        for key in [key for key in self._voices if key[0] == sensor]:
            del self._voices[key]

    def _takes(self, sensor: str, one: Measured, now_ms: int, stands_s: float) -> bool:
        key = (sensor, one.kind, one.part)
        # A word that does not stand may still be said when its turn comes a moment later.
        stands_until_ms = now_ms + max(stands_s, PATIENCE_S) * 1000
        voice = self._voices.get(key)
        if voice is None:
            self._voices[key] = _Voice(one, stands_until_ms, one.value, now_ms)
            return True
        voice.heard, voice.stands_until_ms = one, stands_until_ms
        if KINDS[one.kind].is_event:
            is_due = one.kind is Kind.FEEDBACK or one.value > 0 or _is_beat(one.kind, voice, now_ms)
        else:
            is_due = _is_news(one.kind, voice, one.value, now_ms) or _is_beat(one.kind, voice, now_ms)
        if is_due:
            voice.said, voice.said_ms = one.value, now_ms
        return is_due


def _is_news(kind: Kind, voice: _Voice, value: float, now_ms: float) -> bool:
    manner = MANNERS[kind]
    if value == voice.said or abs(value - voice.said) < manner.change + manner.share * abs(voice.said):
        return False
    is_rise = manner.is_eager and voice.said <= 0 < value
    return is_rise or now_ms - voice.said_ms >= manner.least_s * 1000


def _is_beat(kind: Kind, voice: _Voice, now_ms: float, early: float = 0.0) -> bool:
    manner = MANNERS[kind]
    beat_s = manner.beat_s if manner.present_s is None or voice.said <= 0 else manner.present_s
    return now_ms - voice.said_ms >= beat_s * (1 - early) * 1000


def most_a_day(kinds: Iterable[Kind]) -> Iterator[tuple[Kind, float]]:
    """The most readings a day that a source of each kind can cause, for sizing what is kept."""
    for kind in kinds:
        manner = MANNERS[kind]
        # An eager kind rises at once after each fall, and falls no more often than every `least_s`.
        times = 2 if manner.is_eager else 1
        yield kind, 86_400 * times / max(manner.least_s, 1.0)
