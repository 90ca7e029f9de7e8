# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Stored rows as voices: what each device or sensor says in each of many stretches of time at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bezet.av import AV_ON_W, AVState
from bezet.occupancy.zones import SPEAKS_MS
from bezet.usage.columns import FREE, OCCUPIED, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bezet.model import Kind
    from bezet.usage.columns import Floats, Ints, ReadingColumns, StateColumns

Bools = NDArray[np.bool_]

#: After every instant.
_NEVER_MS = np.iinfo(np.int64).max


class Voice(NamedTuple):
    """Rows of one device or one source in order: from `t_ms[n]` on it says the row at `place[n]`."""

    t_ms: Ints
    place: Ints

    def turns_ms(self, *after_ms: int) -> list[Ints]:
        """When it says something new, and when no other row followed for so long."""
        next_ms = np.append(self.t_ms[1:], _NEVER_MS)
        return [self.t_ms, *(self.t_ms[next_ms - self.t_ms > after] + after for after in after_ms)]

    def at(self, starts_ms: Ints) -> tuple[Ints, Ints]:
        """The place of the row that is the last one at each instant, and its age in ms; none is ageless."""
        found = np.searchsorted(self.t_ms, starts_ms, side="right") - 1
        age_ms = np.where(found >= 0, starts_ms - self.t_ms[found], _NEVER_MS)
        return self.place[found], age_ms


def devices(states: StateColumns, start_ms: int, end_ms: int) -> list[Voice]:
    """The voices of the devices that speak in the span, in order of their names.

    Of two rows of a device at one instant that of the greater rule speaks, as in `zones.history`.
    """
    ranks = np.array([sorted(states.rules).index(rule) for rule in states.rules], np.int64)
    order = np.lexsort((ranks[states.rule], states.t_ms)) if len(ranks) > 1 else np.arange(len(states))
    device = states.device[order]
    names = sorted(range(len(states.devices)), key=states.devices.__getitem__)
    return _voices([order[device == name] for name in names], states.t_ms, start_ms, end_ms)


def sources(readings: ReadingColumns, kind: Kind, start_ms: int, end_ms: int) -> list[Voice]:
    """The voices of the sources of a kind that speak in the span, in order of their names."""
    names = sorted(
        (place for place, source in enumerate(readings.sources) if source.kind == kind),
        key=readings.sources.__getitem__,
    )
    rows = [np.flatnonzero(readings.source == name) for name in names]
    return _voices(rows, readings.t_ms, start_ms, end_ms)


def _voices(rows: Sequence[Ints], t_ms: Ints, start_ms: int, end_ms: int) -> list[Voice]:
    """Each voice with its rows of the span and the last one before it, where it has any."""
    found = []
    for places in rows:
        times_ms = t_ms[places]
        first = max(0, int(np.searchsorted(times_ms, start_ms, side="right")) - 1)
        last = int(np.searchsorted(times_ms, end_ms))
        if first < last:
            found.append(Voice(times_ms[first:last], places[first:last]))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Presence:
    """What all devices say together at each instant; `people` is NaN unless every zone counts."""

    occupied: Bools
    free: Bools
    people: Floats

    def only(self, wanted: Bools) -> Presence:
        """What is said at some of the instants."""
        return Presence(self.occupied[wanted], self.free[wanted], self.people[wanted])


def presence(states: StateColumns, voices: Sequence[Voice], starts_ms: Ints, gone_ms: int) -> Presence:
    """The merged state at each instant: `zones.merge` and `zones.history` as columns."""
    shape = len(starts_ms)
    occupied, unknown, is_zone = np.zeros((3, shape), bool)
    people = np.zeros(shape)
    for voice in voices:
        place, age_ms = voice.at(starts_ms)
        is_there = age_ms < gone_ms
        speaks = age_ms < min(SPEAKS_MS, gone_ms)
        says = np.where(speaks, states.occupancy[place], UNKNOWN)
        is_zone |= is_there
        occupied |= says == OCCUPIED
        unknown |= is_there & (says != OCCUPIED) & (says != FREE)
        people += np.where(is_there, np.where(speaks, states.people[place], np.nan), 0.0)
    return Presence(occupied, is_zone & ~occupied & ~unknown, people)


def mean_levels(readings: ReadingColumns, voices: Sequence[Voice], starts_ms: Ints, speaks_ms: int) -> Floats:
    """The mean of the sources that speak at each instant; NaN where none does."""
    total, count = np.zeros((2, len(starts_ms)))
    for voice in voices:
        place, age_ms = voice.at(starts_ms)
        speaks = age_ms < speaks_ms
        # One by one and in order, so that the last bit does not depend on what else is asked.
        total += np.where(speaks, readings.amount[place], 0.0)
        count += speaks
    return np.divide(total, np.where(count > 0, count, np.nan))


@dataclass(frozen=True, slots=True, eq=False)
class AVDevices:
    """Whether any AV device of the space speaks at each instant, and whether any of those is on."""

    speak: Bools
    on: Bools


def av_devices(
    readings: ReadingColumns,
    states: Sequence[Voice],
    powers: Sequence[Voice],
    starts_ms: Ints,
    speaks_ms: int,
) -> AVDevices:
    """What AV devices say at each instant, by their states and by their watts.

    A sensor that tells a state knows its device better than `AV_ON_W` does: of that its watts are not judged.
    """
    silent, speak, on = np.zeros((3, len(starts_ms)), bool)
    stated: dict[tuple[str, str], Bools] = {}
    for voice in states:
        place, age_ms = voice.at(starts_ms)
        speaks = age_ms < speaks_ms
        stated[_sensor(readings, voice)] = speaks
        speak |= speaks
        on |= speaks & (readings.amount[place] >= AVState.ON)
    for voice in powers:
        place, age_ms = voice.at(starts_ms)
        speaks = age_ms < speaks_ms
        speak |= speaks
        judged = speaks & ~stated.get(_sensor(readings, voice), silent)
        on |= judged & (readings.amount[place] > AV_ON_W)
    return AVDevices(speak, on)


def _sensor(readings: ReadingColumns, voice: Voice) -> tuple[str, str]:
    """The device and the sensor whose voice it is."""
    source = readings.sources[readings.source[voice.place[0]]]
    return source.device, source.sensor
