# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The step function: belief and a reading (or a deadline) to belief and perhaps a state. Pure.

The same readings in the same order give the same states, on a device, in a replay and in a test.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import Because, Kind, Occupancy, State
from bezet.occupancy import doorway
from bezet.occupancy.belief import Belief, Doorway, Heard, Source
from bezet.occupancy.evidence import (
    DOORWAY_EMPTY,
    DOORWAY_LIKELY,
    DOORWAY_MOST,
    DOORWAY_SURE,
    DOORWAY_VALID_S,
    EVIDENCE,
    FREE_UP_TO,
    OCCUPIED_FROM,
    PROVEN_EMPTY_S,
    RULE,
    SAY_AGAIN_S,
)
from bezet.occupancy.room import ANY_ROOM
from bezet.occupancy.suspicion import HABITS, note, suspicion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bezet.messages import SensorState
    from bezet.model import Reading
    from bezet.occupancy.room import Room
    from bezet.occupancy.suspicion import Record


class Step(NamedTuple):
    """The new belief, a state if there is something to say, and when to ask again at the latest."""

    belief: Belief
    state: State | None
    deadline_ms: int


class Ground(NamedTuple):
    """Evidence in force: what the loudest source of one kind says now, and when that may change by itself.

    `log_odds` speaks for presence above 0, for absence below. `value` is the last word of `source` at `t_ms`;
    `present_ms` is when it last spoke for presence, and `is_held` whether it speaks by that and not by its
    last word. Of doorways `source` is None and `value` the people inside by their tally.
    """

    log_odds: float
    until_ms: int
    because: Because
    source: Source | None
    value: float
    t_ms: int
    present_ms: int | None
    is_held: bool


def step(belief: Belief, readings: Sequence[Reading], now_ms: int, room: Room = ANY_ROOM) -> Step:  # noqa: ARG001
    """Take in readings of one instant, or (with none) the passing of time, at `now_ms`.

    Instants must not run backwards; a reading older than the last one of its source changes nothing. A source
    under suspicion is not listened to. No two states of a zone have the same instant: one that follows within
    the millisecond is put one millisecond later.
    """
    before = belief.said
    heard, records = _take_in(belief, readings) if readings else (belief.heard, belief.records)
    counted = _count(belief.doorway, readings, now_ms)
    if not heard and counted is None and before is None:
        # A zone with nothing but, say, a power meter has no say in presence: not even "unknown".
        return Step(Belief(heard, None, records), None, now_ms + SAY_AGAIN_S * 1000)
    believed = {source: last for source, last in heard.items() if not _is_suspect(source, records, now_ms)}
    if counted is not None and _is_proven_empty(believed, counted, now_ms):
        counted = counted._replace(tally=doorway.emptied(now_ms))
    tally = _tally_now(counted, now_ms)
    voices = _voices(believed, counted, tally, now_ms)
    occupancy, probability = _judge(before, voices)
    people = _people(occupancy, believed, tally, now_ms)
    t_ms = now_ms if before is None else max(now_ms, before.t_ms + 1)
    state = None
    if before is None or _is_news(before, occupancy, people[0], t_ms):
        is_doubted = not voices and bool(_loudest(heard, now_ms))
        since_ms = before.since_ms if before is not None and before.occupancy is occupancy else t_ms
        because = _because(occupancy, voices, is_doubted=is_doubted)
        state = before = State(t_ms, occupancy, round(probability, 4), since_ms, because, RULE, *people)
    ends = [voice.until_ms for voice in voices.values()]
    deadline_ms = min([*ends, before.t_ms + SAY_AGAIN_S * 1000])
    return Step(Belief(heard, before, records, counted), state, max(deadline_ms, now_ms + 1))


def suspicions(belief: Belief, now_ms: int) -> dict[str, SensorState]:
    """The sensors that do not deserve belief now, and why."""
    found = (
        (source.sensor, suspicion(source.kind, record, now_ms)) for source, record in belief.records.items()
    )
    return {sensor: why for sensor, why in found if why is not None}


def clock_unknown(now_ms: int) -> State:
    """What a device says of its zones while it does not trust its clock: a hold or a silence needs one."""
    return State(now_ms, Occupancy.UNKNOWN, 0.5, now_ms, (Because.CLOCK,), RULE)


def _take_in(belief: Belief, readings: Sequence[Reading]) -> tuple[dict[Source, Heard], dict[Source, Record]]:
    """The last words and the records of all sources after readings."""
    heard, records = dict(belief.heard), dict(belief.records)
    for reading in readings:
        source = Source(reading.sensor, reading.kind)
        if reading.kind in HABITS:
            _note(records, source, reading, belief.said)
        if reading.kind in EVIDENCE:
            _hear(heard, source, reading)
    return heard, records


def _note(records: dict[Source, Record], source: Source, reading: Reading, said: State | None) -> None:
    """Carry the record of a source along."""
    before = records.get(source)
    if before is not None and reading.t_ms < before.last_ms:
        return
    own = EVIDENCE[reading.kind].because if reading.kind in EVIDENCE else None
    others_see = said is not None and said.occupancy is Occupancy.OCCUPIED and own not in said.because
    records[source] = note(before, reading.kind, reading.value, reading.t_ms, others_see=others_see)


def _is_suspect(source: Source, records: Mapping[Source, Record], now_ms: int) -> bool:
    record = records.get(source)
    return record is not None and suspicion(source.kind, record, now_ms) is not None


def _hear(heard: dict[Source, Heard], source: Source, reading: Reading) -> None:
    before = heard.get(source)
    if before is not None and reading.t_ms < before.t_ms:
        return
    is_present = reading.value >= EVIDENCE[reading.kind].high
    present_ms = reading.t_ms if is_present else (before.present_ms if before else None)
    heard[source] = Heard(reading.t_ms, reading.value, present_ms)


def grounds(belief: Belief, room: Room, now_ms: int) -> list[Ground]:  # noqa: ARG001
    """The evidence in force at an instant, the strongest first; none where nothing can speak."""
    believed = {
        source: last
        for source, last in belief.heard.items()
        if not _is_suspect(source, belief.records, now_ms)
    }
    tally = _tally_now(belief.doorway, now_ms)
    voices = _voices(believed, belief.doorway, tally, now_ms)
    return sorted(voices.values(), key=lambda one: -abs(one.log_odds))


def _voices(
    heard: Mapping[Source, Heard], counted: Doorway | None, tally: doorway.Tally | None, now_ms: int
) -> dict[Kind, Ground]:
    voices = _loudest(heard, now_ms)
    if counted is not None and tally is not None:
        voices[Kind.PEOPLE_IN] = _doorway_voice(tally, counted)
    return voices


def _loudest(heard: Mapping[Source, Heard], now_ms: int) -> dict[Kind, Ground]:
    """For each kind that can speak, its source that speaks loudest for presence, until any changes."""
    found: dict[Kind, Ground] = {}
    for source, last in heard.items():
        row = EVIDENCE[source.kind]
        until_ms = last.t_ms + row.valid_s * 1000
        if now_ms >= until_ms:
            continue
        held_until_ms = (last.present_ms or 0) + row.hold_s * 1000
        is_held = now_ms < held_until_ms
        if is_held:
            log_odds, until_ms = row.present, min(held_until_ms, until_ms)
        else:
            log_odds = row.log_odds(last.value)
        if other := found.get(source.kind):
            until_ms = min(until_ms, other.until_ms)
            if other.log_odds >= log_odds:
                found[source.kind] = other._replace(until_ms=until_ms)
                continue
        found[source.kind] = Ground(
            log_odds, until_ms, row.because, source, last.value, last.t_ms, last.present_ms, is_held
        )
    return found


def _valid_until_ms(source: Source, last: Heard) -> int:
    """When the last word of a source falls silent."""
    return last.t_ms + EVIDENCE[source.kind].valid_s * 1000


def _judge(before: State | None, voices: dict[Kind, Ground]) -> tuple[Occupancy, float]:
    """What the voices say together, and how likely somebody is there."""
    probability = 1 / (1 + math.exp(-sum([voice.log_odds for voice in voices.values()])))
    if not voices:
        return Occupancy.UNKNOWN, probability
    if probability >= OCCUPIED_FROM:
        return Occupancy.OCCUPIED, probability
    if probability <= FREE_UP_TO:
        return Occupancy.FREE, probability
    return Occupancy.UNKNOWN if before is None else before.occupancy, probability


def _because(occupancy: Occupancy, voices: dict[Kind, Ground], *, is_doubted: bool) -> tuple[Because, ...]:
    if not voices:
        return (Because.SENSOR_FAULT if is_doubted else Because.SILENCE,)
    speaks = {Occupancy.OCCUPIED: 1, Occupancy.FREE: -1}.get(occupancy, 0)
    because = tuple(voice.because for _, voice in sorted(voices.items()) if voice.log_odds * speaks > 0)
    return because or (Because.WEAK_EVIDENCE,)


# --- people ----------------------------------------------------------------------------------------------


def _count(before: Doorway | None, readings: Sequence[Reading], now_ms: int) -> Doorway | None:
    """The tally after readings of one instant of all doorways of the zone; two doors are one tally."""
    mine = [one for one in readings if one.kind in (Kind.PEOPLE_IN, Kind.PEOPLE_OUT)]
    if not mine:
        return before
    people_in, people_out = (
        sum(one.value for one in mine if one.kind is kind) for kind in (Kind.PEOPLE_IN, Kind.PEOPLE_OUT)
    )
    tally = doorway.unknown(now_ms, most=DOORWAY_MOST) if before is None else before.tally
    tally = doorway.passed(tally, now_ms, people_in=people_in, people_out=people_out, most=DOORWAY_MOST)
    entered_ms = now_ms if before is None or people_in else before.entered_ms
    return Doorway(tally, now_ms, entered_ms)


def _is_proven_empty(heard: Mapping[Source, Heard], counted: Doorway, now_ms: int) -> bool:
    """Whether all that look into the space see nobody, and one has done so for long enough."""
    looking = [
        (PROVEN_EMPTY_S[source.kind] * 1000, last)
        for source, last in heard.items()
        if source.kind in PROVEN_EMPTY_S and now_ms < _valid_until_ms(source, last)
    ]
    return all(last.value <= 0 for _, last in looking) and any(
        max(counted.entered_ms, last.present_ms or 0) <= now_ms - long_ms for long_ms, last in looking
    )


def _tally_now(counted: Doorway | None, now_ms: int) -> doorway.Tally | None:
    """The tally as it is by now; None where no doorway speaks."""
    if counted is None or now_ms >= counted.heard_ms + DOORWAY_VALID_S * 1000:
        return None
    return doorway.later(counted.tally, now_ms, most=DOORWAY_MOST)


def _doorway_voice(tally: doorway.Tally, counted: Doorway) -> Ground:
    if tally.low >= 0.5:
        log_odds = DOORWAY_SURE
    elif tally.people >= 0.5:
        log_odds = DOORWAY_LIKELY
    else:
        log_odds = DOORWAY_EMPTY if tally.high < 0.5 else 0.0
    until_ms = counted.heard_ms + DOORWAY_VALID_S * 1000
    return Ground(
        log_odds,
        until_ms,
        Because.DOORWAY,
        None,
        tally.people,
        counted.heard_ms,
        counted.entered_ms,
        is_held=False,
    )


def _people(
    occupancy: Occupancy, heard: Mapping[Source, Heard], tally: doorway.Tally | None, now_ms: int
) -> tuple[float | None, float | None, float | None]:
    """The people and their bounds: by sensors that see them, else by the tally of the doorways."""
    if occupancy is Occupancy.UNKNOWN:
        return None, None, None
    seen = [
        last.value
        for source, last in heard.items()
        if source.kind is Kind.PEOPLE_COUNT and now_ms < _valid_until_ms(source, last)
    ]
    if seen:
        return sum(seen), None, None
    if tally is None:
        return None, None, None
    return tally.people, round(tally.low, 2), round(tally.high, 2)


def _is_news(said: State, occupancy: Occupancy, people: float | None, t_ms: int) -> bool:
    if said.occupancy is not occupancy or said.people != people:
        return True
    return t_ms - said.t_ms >= SAY_AGAIN_S * 1000


def restate(belief: Belief, now_ms: int) -> State | None:
    """What was said last, said again for `now_ms`; None before the first state."""
    return None if belief.said is None else replace(belief.said, t_ms=max(now_ms, belief.said.t_ms))
