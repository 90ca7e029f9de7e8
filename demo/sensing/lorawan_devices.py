# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""LoRaWAN sensors: a camera of Milesight that counts people, and the ERS Eye of Elsys."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from bezet.model import Kind
from demo.dice import dice
from demo.faults import Fault
from demo.physics.moves import moves
from demo.physics.warmth import humidity_pct, temperature_c
from demo.sensing import Said
from demo.sensing.topics_light import light_lux
from demo.sensing.topics_speaking import Pace, Spoken, last, looks, phase_of, rolled, told
from demo.sensing.topics_zigbee import Eyes

if TYPE_CHECKING:
    from bezet.usage.columns import Floats, Ints
    from demo.physics.spans import Span
    from demo.plan import Hung
    from demo.town import Town

#: Every five minutes (the maker's default is ten) and when the number changes, half a minute apart at least.
CAMERA = Pace(look_ms=10_000, beat_ms=300_000, change=1.0, pause_ms=30_000)
#: Every five minutes (the maker's default is ten) and when the occupancy changes.
EYE = Pace(look_ms=10_000, beat_ms=300_000, change=1.0, pause_ms=30_000)


class PeopleCamera:
    """Milesight VS121: a camera that gives away no pictures, only how many people it sees.

        04 c9 ┌ people ┬ regions ┬ mask ┐  06 cd ┌ most people since the last report ┐
              │ 03     │ 00      │ 0000 │        │ 05                                │

    (Its maker's SensorDecoders, VS_Series/VS121.) Some people are hidden behind others for a while, and some
    are taken for two; the shares are ours.
    """

    said = (Said(Kind.PEOPLE_COUNT),)
    late_ms = CAMERA.beat_ms
    port = 85
    hidden, doubled = 0.03, 0.01
    #: Nobody stays hidden for longer, and no more people fit in a byte or a room.
    posture_ms, most = 300_000, 120

    def __init__(self, town: Town, hung: Hung) -> None:
        self._town, self._hung = town, hung
        self._phase_ms = phase_of(town, hung, CAMERA.beat_ms)

    def speak(self, span: Span) -> Spoken:
        """How many it sees."""
        t_ms = looks(CAMERA, span, self._phase_ms)
        if not t_ms.size:
            return Spoken(np.empty(0, np.int64), np.empty((1, 0)), np.empty((1, 0)))
        seen = self._seen(t_ms.ravel())
        is_told = told(CAMERA, seen.reshape(t_ms.shape))
        at = np.flatnonzero(is_told)
        most = np.maximum.reduceat(seen, np.append(0, at[:-1] + 1))
        return Spoken(t_ms[is_told], seen[None, at], most[None, :])

    def pack(self, spoken: Spoken, place: int) -> bytes:
        """The payload of a report; it has no regions."""
        people, most = int(spoken.amounts[0, place]), int(spoken.rest[0, place])
        return struct.pack(">HBBHHB", 0x04C9, people, 0, 0, 0x06CD, most)

    def _seen(self, t_ms: Ints) -> Floats:
        """The number at each look."""
        there = self._town.steps(self._hung.space, int(t_ms[0]), int(t_ms[-1]) + 1).at(t_ms)
        there = np.minimum(there, self.most)
        posture = t_ms // self.posture_ms
        return np.asarray(there + self._off(int(posture[0]), int(posture[-1]))[posture - posture[0], there])

    def _off(self, first: int, last: int) -> Floats:
        """By how much it is off in each posture, by how many people there are."""
        places = np.arange(first, last + 1)[:, None] * self.most + np.arange(self.most)
        chance = rolled(places, self._town.seed, self._hung.id, "postures")
        each = (chance > 1 - self.doubled).astype(float) - (chance < self.hidden)
        return np.pad(np.cumsum(each, axis=1), ((0, 0), (1, 0)))


class ErsEye:
    """Elsys ERS Eye: temperature, moisture, light, motion by a PIR, and people by 8 by 8 dots of heat.

        01 00e2  02 29  04 0027  05 06  07 0e10  11 02
        22.6 °C  41 %   39 lux   6 times 3.6 V    somebody; 1 pending, 0 nobody

    (Elsys, "Sensor payload".) It sees heat below itself only, and motion around; where it saw either within a
    minute somebody is there, and for another minute it is pending. The times are ours.
    """

    said = (
        *(Said(Kind.TEMPERATURE_C), Said(Kind.HUMIDITY_PCT), Said(Kind.ILLUMINANCE_LUX)),
        *(Said(Kind.MOTION), Said(Kind.PRESENCE)),
    )
    late_ms = EYE.beat_ms
    port = 5
    sure_ms, pending_ms = 60_000, 120_000
    nobody, pending, somebody = 0, 1, 2
    #: Of 8 by 8 dots of 60° at 2.7 m, 3 by 3 m of the floor: the seats of about half a meeting room.
    in_view = 0.5
    #: Typical accuracy of its thermometer, ± in °C, and of its hygrometer, ± in % (Elsys, ERS datasheet).
    off_c, off_pct = 0.2, 2.0
    #: Two cells; the driver passes this over.
    millivolts = 3_600

    def __init__(self, town: Town, hung: Hung) -> None:
        self._town, self._hung = town, hung
        self._phase_ms = phase_of(town, hung, EYE.beat_ms)
        self._eyes = Eyes() if Fault.PIR_BLIND in town.faults else Eyes(sitting=1.0)
        self._off = [2 * dice(town.seed, hung.id, "off", what) - 1 for what in ("temperature", "humidity")]

    def speak(self, span: Span) -> Spoken:
        """What it measures."""
        # One beat more, because the motions since the last uplink are told.
        t_ms = looks(EYE, span._replace(from_ms=span.from_ms - EYE.beat_ms), self._phase_ms)
        moved_ms = self._moved(int(t_ms[0, 0]) - self.pending_ms, int(t_ms[-1, -1]) + 1)
        seen = self._occupancy(t_ms.ravel(), moved_ms).reshape(t_ms.shape)
        is_told = told(EYE, seen)
        at_ms, occupancy = t_ms[is_told], seen[is_told]
        moved = np.diff(np.searchsorted(np.unique(moved_ms // EYE.look_ms), at_ms // EYE.look_ms), prepend=0)
        mine = slice(int(is_told[0].sum()), None)
        at_ms, occupancy, moved = at_ms[mine], occupancy[mine], np.minimum(moved[mine], 255)
        presence = np.where(occupancy == self.pending, np.nan, occupancy == self.somebody)
        amounts = np.stack((*self._air(at_ms), moved > 0, presence))
        return Spoken(at_ms, amounts, np.stack((moved, occupancy)))

    def pack(self, spoken: Spoken, place: int) -> bytes:
        """The payload of an uplink."""
        temperature, humidity, lux, *_ = spoken.amounts[:, place].tolist()
        moved, occupancy = spoken.rest[:, place].tolist()
        return struct.pack(
            ">BhBBBHBBBHBB",
            *(0x01, round(10 * temperature), 0x02, int(humidity), 0x04, int(lux), 0x05, int(moved)),
            *(0x07, self.millivolts, 0x11, int(occupancy)),
        )

    def _air(self, t_ms: Ints) -> tuple[Floats, Floats, Floats]:
        space = self._hung.space
        off_c, off_pct = self.off_c * self._off[0], self.off_pct * self._off[1]
        warm_c = np.round(10 * (temperature_c(self._town, space, t_ms) + off_c)) / 10
        moist_pct = np.clip(np.round(humidity_pct(self._town, space, t_ms) + off_pct), 0, 100)
        return warm_c, moist_pct, np.round(light_lux(self._town, space, t_ms))

    def _moved(self, from_ms: int, to_ms: int) -> Ints:
        """When its PIR sees something."""
        found = moves(self._town, self._hung.space, from_ms, to_ms)
        chance = rolled(found.t_ms, self._town.seed, self._hung.id, "sees")
        return found.t_ms[chance < np.where(found.walking, self._eyes.walking, self._eyes.sitting)]

    def _occupancy(self, t_ms: Ints, moved_ms: Ints) -> Floats:
        """Nobody, pending or somebody, at each look."""
        quiet_ms = t_ms - np.maximum(last(moved_ms, t_ms), self._warm_ms(t_ms))
        return np.where(
            quiet_ms <= self.sure_ms, self.somebody, np.where(quiet_ms <= self.pending_ms, self.pending, 0.0)
        )

    def _warm_ms(self, t_ms: Ints) -> Ints:
        """When somebody was last in its view, at each look: now, while somebody is."""
        space, first_ms = self._hung.space, int(t_ms[0])
        seats = self.in_view * self._town.layout(space, first_ms).capacity
        stays = self._town.stays(space, first_ms - self.pending_ms, int(t_ms[-1]) + 1)
        seen = np.array([(one.from_ms, one.to_ms) for one in stays if one.seat < seats], np.int64).reshape(
            -1, 2
        )
        from_ms, to_ms = np.sort(seen, axis=0).T
        inside = np.searchsorted(from_ms, t_ms, side="right") > np.searchsorted(to_ms, t_ms, side="right")
        return np.where(inside, t_ms, last(to_ms, t_ms))
