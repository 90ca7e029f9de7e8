# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is remembered of readings: last words, records, doors, the tally of doorways, and the air. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bezet.model import Kind, Occupancy
from bezet.occupancy import doorway
from bezet.occupancy.air import breathed
from bezet.occupancy.belief import Belief, Door, Doorway, Heard, Lamp, Source
from bezet.occupancy.evidence import (
    CO2_VALID_S,
    DARK_LUX,
    DOOR_VALID_S,
    DOORWAY_VALID_S,
    EVIDENCE,
    LAMP_OFF_SHARE,
    LAMP_ON_SHARE,
    LAMP_STEP_LUX,
    LAMP_VALID_S,
    SAID_EACH_S,
)
from bezet.occupancy.room import most_people
from bezet.occupancy.suspicion import HABITS, is_believed, note, suspicion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bezet.model import Reading, State
    from bezet.occupancy.room import Room
    from bezet.occupancy.suspicion import Record

#: What counters above a doorway say.
DOORWAYS = (Kind.PEOPLE_IN, Kind.PEOPLE_OUT)
#: Air that says the same to so much, in log-odds and in people, is looked at with the next turn.
AIR_NEWS = 0.1


class Taking:
    """What is remembered after readings of one instant, and whether they may change what is believed.

    What is said again in time only counts for longer, which is no news.
    """

    def __init__(self, belief: Belief, now_ms: int, room: Room) -> None:
        self.belief, self.now_ms, self.room = belief, now_ms, room
        self.records, self.heard = dict(belief.records), dict(belief.heard)
        self.doors, self.air, self.lamps, self.deaf = belief.doors, belief.air, belief.lamps, belief.deaf
        self.is_news = belief.said is None

    def take(self, readings: Sequence[Reading]) -> Belief:
        """The belief after them."""
        counters = [one for one in readings if one.kind in DOORWAYS]
        for reading in readings:
            if reading.kind in HABITS:
                self._take(reading)
            elif reading.kind is Kind.ILLUMINANCE_LUX:
                self._light(reading)
        counted, before = self.belief.doorway, self.belief
        if counters:
            self.is_news |= counted is None or any(one.value for one in counters)
            self.is_news |= counted is not None and self.now_ms >= counted.heard_ms + DOORWAY_VALID_S * 1000
            counted = _count(counted, counters, self.now_ms, most_people(self.room))
        return Belief(
            *(self.heard, before.said, self.records, counted, self.doors, self.air),
            *(before.patience, self.deaf, before.turn_ms, self.lamps),
        )

    def _take(self, reading: Reading) -> None:
        kind, source = reading.kind, Source(reading.sensor, reading.kind)
        before = self.records.get(source)
        if before is not None and reading.t_ms < before.last_ms:
            return
        record = self.records[source] = _noted(before, reading, self.belief.said)
        why = suspicion(kind, record, self.now_ms)
        is_deaf = why is not None and not is_believed(kind, record, self.now_ms, why)
        if is_deaf is not (source in self.deaf):
            self.deaf, self.is_news = self.deaf ^ {source}, True
        if kind in EVIDENCE:
            last = self.heard.get(source)
            word = self.heard[source] = _heard(last, reading)
            self.is_news |= last is None or _is_other(last, word, reading)
        elif kind is Kind.CO2_PPM:
            self.heard[source] = Heard(reading.t_ms, reading.value, None)
            if not is_deaf:
                self._breathe(reading)
        elif kind is Kind.DOOR_OPEN:
            door = self.doors.get(reading.sensor)
            moved = _moved(door, reading)
            self.is_news |= door is None or moved.since_ms != door.since_ms
            self.is_news |= door is not None and moved.heard_ms >= door.heard_ms + DOOR_VALID_S * 1000
            self.doors = {**self.doors, reading.sensor: moved}

    def _light(self, reading: Reading) -> None:
        before = self.lamps.get(reading.sensor)
        if before is not None and reading.t_ms < before.t_ms:
            return
        lamp = _lit(before, reading)
        self.is_news |= before is None or lamp.is_on is not before.is_on
        self.is_news |= before is not None and lamp.t_ms >= before.t_ms + LAMP_VALID_S * 1000
        self.lamps = {**self.lamps, reading.sensor: lamp}

    def _breathe(self, reading: Reading) -> None:
        known = self.air.get(reading.sensor)
        air = breathed(known, reading.t_ms, reading.value, self.room)
        self.is_news |= (
            known is None
            or abs(air.log_odds - known.log_odds) >= AIR_NEWS
            or abs(air.people - known.people) >= AIR_NEWS
            or air.t_ms >= known.t_ms + CO2_VALID_S * 1000
        )
        self.air = {**self.air, reading.sensor: air}


def _is_other(last: Heard, word: Heard, reading: Reading) -> bool:
    """Whether a word of what looks into the space may change what is believed."""
    row = EVIDENCE[reading.kind]
    if word.t_ms >= last.t_ms + row.valid_s * 1000 or word.value != last.value:
        return True
    return word.value < row.high and word.present_ms != last.present_ms


def _noted(before: Record | None, reading: Reading, said: State | None) -> Record:
    """The record of a source after a reading."""
    row = EVIDENCE.get(reading.kind)
    own = row.because if row is not None else None
    others_see = said is not None and said.occupancy is Occupancy.OCCUPIED and own not in said.because
    return note(before, reading.kind, reading.value, reading.t_ms, others_see=others_see)


def _heard(before: Heard | None, reading: Reading) -> Heard:
    high = EVIDENCE[reading.kind].high
    present_ms = before.present_ms if before else None
    # What still is present is said each minute, and its end at once: until then it was.
    if reading.value >= high or (
        before and before.value >= high and reading.t_ms - before.t_ms <= SAID_EACH_S * 1000
    ):
        present_ms = reading.t_ms
    return Heard(reading.t_ms, reading.value, present_ms)


def _lit(before: Lamp | None, reading: Reading) -> Lamp:
    """What the light says of the lamps: a step is a switch, and the dark is off."""
    t_ms, lux = reading.t_ms, reading.value
    is_on = None if before is None else before.is_on
    if lux <= DARK_LUX:
        is_on = False
    elif before is not None and t_ms - before.t_ms <= LAMP_VALID_S * 1000:
        gained = lux - before.lux
        if gained >= max(LAMP_STEP_LUX, LAMP_ON_SHARE * before.lux):
            is_on = True
        elif -gained >= max(LAMP_STEP_LUX, LAMP_OFF_SHARE * before.lux):
            is_on = False
    is_same = before is not None and before.is_on is is_on
    return Lamp(t_ms, lux, is_on, before.since_ms if before is not None and is_same else t_ms)


def _moved(before: Door | None, reading: Reading) -> Door:
    is_open = reading.value > 0
    since_ms = reading.t_ms if before is None or before.is_open is not is_open else before.since_ms
    return Door(is_open, since_ms, reading.t_ms)


def _count(before: Doorway | None, readings: Sequence[Reading], now_ms: int, most: float) -> Doorway | None:
    """The tally after readings of one instant of all doorways of the zone; two doors are one tally."""
    people_in, people_out = (sum(one.value for one in readings if one.kind is kind) for kind in DOORWAYS)
    tally = doorway.unknown(now_ms, most=most) if before is None else before.tally
    tally = doorway.passed(tally, now_ms, people_in=people_in, people_out=people_out, most=most)
    entered_ms = now_ms if before is None or people_in else before.entered_ms
    return Doorway(tally, now_ms, entered_ms)
