# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What each kind of evidence says at an instant, and for how long that stands. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import Because, Kind
from bezet.occupancy.belief import Source
from bezet.occupancy.evidence import (
    BESIDE,
    CO2_VALID_S,
    DOOR_INSIDE,
    DOOR_INSIDE_S,
    DOOR_LEFT,
    DOOR_SETTLE_S,
    DOOR_VALID_S,
    DOORWAY_EMPTY,
    DOORWAY_LIKELY,
    DOORWAY_SURE,
    DOORWAY_VALID_S,
    EVIDENCE,
    LAMP_OFF,
    LAMP_ON,
    LAMP_ON_S,
    LAMP_VALID_S,
    PATIENCE,
    SECOND_WITNESS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bezet.occupancy.air import Air
    from bezet.occupancy.belief import Belief, Door, Doorway, Heard, Lamp
    from bezet.occupancy.doorway import Tally
    from bezet.occupancy.evidence import Evidence
    from bezet.occupancy.room import Room


class Ground(NamedTuple):
    """Evidence in force: what the loudest source of one kind says now, and until when.

    `log_odds` speaks for presence above 0, for absence below, and falls by `fade_per_s`. `value` is the last
    word of `sensor` at `t_ms`; `present_ms` is when it last spoke for presence, and `is_held` whether it
    still speaks by that and not by its last word. Of doorways `sensor` is "" and `value` the people by their
    tally.
    """

    log_odds: float
    until_ms: int
    because: Because
    kind: Kind
    sensor: str
    value: float
    t_ms: int
    present_ms: int | None = None
    is_held: bool = False
    fade_per_s: float = 0.0


def voices(
    belief: Belief, heard: Mapping[Source, Heard], tally: Tally | None, room: Room, now_ms: int
) -> dict[Kind, Ground]:
    """The loudest for presence of each kind that can speak; `heard` are the words that are believed."""
    found = _looking(heard, PATIENCE.get(room.kind, 1.0) * belief.patience.factor, now_ms)
    share = BESIDE if found else 1.0
    if not found:
        _add_lamps(found, belief.lamps, now_ms)
    _add_air(found, heard, belief.air, share, now_ms)
    _add_door(found, belief.doors, heard, now_ms)
    if belief.doorway is not None and tally is not None:
        found[Kind.PEOPLE_IN] = _doorway(tally, belief.doorway)
    return found


def _looking(heard: Mapping[Source, Heard], patience: float, now_ms: int) -> dict[Kind, Ground]:
    """Those that look into the space: of each kind the loudest, whoever was read first."""
    said: dict[Source, _Word] = {}
    for source, last in heard.items():
        row = EVIDENCE.get(source.kind)
        if row is not None and now_ms < last.t_ms + row.valid_s * 1000:
            said[source] = _word(row, last, patience, now_ms)
    _join_twins(said)
    found: dict[Kind, Ground] = {}
    for kind in {source.kind: None for source in said}:
        words = [(word.log_odds, source) for source, word in said.items() if source.kind is kind]
        _, source = max(words)
        until_ms = min(said[one].until_ms for _, one in words)
        seeing = sum(heard[one].value >= EVIDENCE[kind].high for _, one in words)
        found[kind] = _ground(said[source], until_ms, source, heard[source], is_second=seeing > 1)
    return found


def _join_twins(said: dict[Source, _Word]) -> None:
    """One radar that says it in two ways is one witness: the louder way speaks, until either falls silent."""
    for source in [source for source in said if source.kind is Kind.TARGET_COUNT]:
        twin = Source(source.sensor, Kind.PRESENCE)
        if twin in said:
            quiet, loud = sorted((source, twin), key=lambda one: said[one].log_odds)
            until_ms = min(said[quiet].until_ms, said[loud].until_ms)
            said[loud] = said[loud]._replace(until_ms=until_ms)
            del said[quiet]


class _Word(NamedTuple):
    """What a source says, until when, and how fast that fades."""

    log_odds: float
    until_ms: int
    is_held: bool
    fade_per_s: float


def _word(row: Evidence, last: Heard, patience: float, now_ms: int) -> _Word:
    """Present while it is, and for a while after; then less and less."""
    silent_ms = last.t_ms + row.valid_s * 1000
    if last.value >= row.high:
        return _Word(row.present, silent_ms, is_held=False, fade_per_s=0.0)
    if last.present_ms is None:
        return _Word(row.empty, silent_ms, is_held=False, fade_per_s=0.0)
    holds_ms = last.present_ms + math.ceil(row.hold_s * 1000 * patience)
    fades_ms = holds_ms + math.ceil(row.fade_s * 1000 * patience)
    if now_ms < holds_ms:
        return _Word(row.present, min(silent_ms, holds_ms), is_held=True, fade_per_s=0.0)
    if now_ms >= fades_ms:
        return _Word(row.empty, silent_ms, is_held=False, fade_per_s=0.0)
    fade_per_ms = (row.present - row.empty) / (fades_ms - holds_ms)
    log_odds = row.present - fade_per_ms * (now_ms - holds_ms)
    return _Word(log_odds, min(silent_ms, fades_ms), is_held=True, fade_per_s=1000 * fade_per_ms)


def _ground(word: _Word, until_ms: int, source: Source, last: Heard, *, is_second: bool) -> Ground:
    row = EVIDENCE[source.kind]
    log_odds = row.present * (1 + SECOND_WITNESS) if is_second else word.log_odds
    return Ground(
        *(log_odds, until_ms, row.because, source.kind, source.sensor),
        *(last.value, last.t_ms, last.present_ms, word.is_held, word.fade_per_s),
    )


def _add_air(
    found: dict[Kind, Ground],
    heard: Mapping[Source, Heard],
    airs: Mapping[str, Air],
    share: float,
    now_ms: int,
) -> None:
    """What people breathe out, by the sensor that speaks loudest."""
    for sensor, air in airs.items():
        until_ms = air.t_ms + CO2_VALID_S * 1000
        last = heard.get((sensor, Kind.CO2_PPM))  # type: ignore[call-overload]
        if last is None or now_ms >= until_ms:
            continue
        other = found.get(Kind.CO2_PPM)
        if other is None or share * air.log_odds > other.log_odds:
            found[Kind.CO2_PPM] = Ground(
                *(share * air.log_odds, until_ms, Because.CO2_PPM, Kind.CO2_PPM, sensor, last.value, air.t_ms)
            )


def _add_lamps(found: dict[Kind, Ground], lamps: Mapping[str, Lamp], now_ms: int) -> None:
    """Whether the lamps were switched on or off, by the sensor that speaks loudest."""
    for sensor, lamp in lamps.items():
        until_ms, log_odds = lamp.t_ms + LAMP_VALID_S * 1000, LAMP_OFF
        if lamp.is_on:
            until_ms, log_odds = min(until_ms, lamp.since_ms + LAMP_ON_S * 1000), LAMP_ON
        other = found.get(Kind.ILLUMINANCE_LUX)
        if lamp.is_on is not None and now_ms < until_ms and (other is None or log_odds > other.log_odds):
            found[Kind.ILLUMINANCE_LUX] = Ground(
                *(log_odds, until_ms, Because.ILLUMINANCE_LUX, Kind.ILLUMINANCE_LUX, sensor),
                *(lamp.lux, lamp.t_ms, lamp.since_ms if lamp.is_on else None),
            )


def _add_door(
    found: dict[Kind, Ground], doors: Mapping[str, Door], heard: Mapping[Source, Heard], now_ms: int
) -> None:
    """What follows from doors that are shut: whoever was seen inside since then still is."""
    valid_ms = DOOR_VALID_S * 1000
    if not doors or any(door.is_open or now_ms >= door.heard_ms + valid_ms for door in doors.values()):
        return
    sensor, door = max(doors.items(), key=lambda one: one[1].since_ms)
    settled_ms = door.since_ms + DOOR_SETTLE_S * 1000
    seen_ms = max(
        (last.present_ms or 0 for source, last in heard.items() if source.kind in EVIDENCE), default=0
    )
    until_ms = min(one.heard_ms for one in doors.values()) + valid_ms
    if now_ms < settled_ms or not seen_ms:
        return
    if seen_ms < settled_ms and not found.keys() & EVIDENCE.keys():
        return  # nothing looks any more, so whoever came in since would not have been seen
    log_odds = DOOR_LEFT
    if seen_ms >= settled_ms:
        inside_ms = seen_ms + DOOR_INSIDE_S * 1000
        if now_ms >= inside_ms:
            return
        log_odds, until_ms = DOOR_INSIDE, min(until_ms, inside_ms)
    found[Kind.DOOR_OPEN] = Ground(
        *(log_odds, until_ms, Because.DOOR_OPEN, Kind.DOOR_OPEN, sensor, 0.0, door.since_ms, seen_ms)
    )


def _doorway(tally: Tally, counted: Doorway) -> Ground:
    if tally.low >= 0.5:
        log_odds = DOORWAY_SURE
    elif tally.people >= 0.5:
        log_odds = DOORWAY_LIKELY
    else:
        log_odds = DOORWAY_EMPTY if tally.high < 0.5 else 0.0
    until_ms = counted.heard_ms + DOORWAY_VALID_S * 1000
    return Ground(
        *(log_odds, until_ms, Because.DOORWAY, Kind.PEOPLE_IN, ""),
        *(tally.people, counted.heard_ms, counted.entered_ms),
    )
