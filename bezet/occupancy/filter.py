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
from bezet.occupancy.belief import Belief, Doorway, Heard, Patience, Source
from bezet.occupancy.evidence import (
    DOORWAY_VALID_S,
    EVIDENCE,
    FREE_UP_TO,
    LEARNS_PATIENCE,
    LEFT_AFTER_S,
    LESS_PATIENCE,
    MORE_PATIENCE,
    MOST_PATIENCE,
    OCCUPIED_FROM,
    PROVEN_EMPTY_S,
    RETURN_WITHIN_S,
    RULE,
    SAY_AGAIN_S,
)
from bezet.occupancy.people import counts, people_now
from bezet.occupancy.room import ANY_ROOM, most_people
from bezet.occupancy.suspicion import UNBROKEN_S, suspicion
from bezet.occupancy.taking import Taking
from bezet.occupancy.voices import Ground, voices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bezet.messages import SensorState
    from bezet.model import Reading
    from bezet.occupancy.people import People
    from bezet.occupancy.room import Room

#: Where the log-odds of somebody being there make a space free.
FREE_LOG_ODDS = math.log(FREE_UP_TO / (1 - FREE_UP_TO))


#: A number of people that differs by this share, and by nearly one at least, is news.
PEOPLE_NEWS = 0.25


class Step(NamedTuple):
    """The new belief, a state if there is something to say, and when to ask again at the latest."""

    belief: Belief
    state: State | None
    deadline_ms: int


def step(belief: Belief, readings: Sequence[Reading], now_ms: int, room: Room = ANY_ROOM) -> Step:
    """Take in readings of one instant, or (with none) the passing of time, at `now_ms`.

    Instants must not run backwards; a reading older than the last one of its source changes nothing, but
    who passed a doorway is counted however late it is heard. A source under suspicion is not listened to. No
    two states of a zone have the same instant: one that follows within the millisecond is put one later.
    """
    if readings:
        taking = Taking(belief, now_ms, room)
        belief = taking.take(readings)
        if not taking.is_news and now_ms < belief.turn_ms:
            return Step(belief, None, belief.turn_ms)
    before = belief.said
    if before is None and not (belief.heard or belief.lamps) and belief.doorway is None:
        # A zone with nothing but, say, a power meter has no say in presence: not even "unknown".
        return Step(belief, None, now_ms + SAY_AGAIN_S * 1000)
    heard, most, counted = _believed(belief), most_people(room), belief.doorway
    if counted is not None and _is_proven_empty(heard, counted, now_ms):
        counted = counted._replace(tally=doorway.emptied(now_ms))
        belief = replace(belief, doorway=counted)
    tally = _tally_now(counted, now_ms, most)
    grounds = voices(belief, heard, tally, room, now_ms)
    occupancy, probability = _judge(before, grounds)
    people = people_now(occupancy, probability, counts(belief, heard, tally, now_ms), most)
    t_ms = now_ms if before is None else max(now_ms, before.t_ms + 1)
    state, said, patience = None, before, belief.patience
    if before is None or _is_news(before, occupancy, people, t_ms):
        since_ms = before.since_ms if before is not None and before.occupancy is occupancy else t_ms
        because = _because(occupancy, grounds, is_doubted=_is_doubted(belief, now_ms))
        state = said = State(t_ms, occupancy, round(probability, 4), since_ms, because, RULE, *people)
        patience = _taught(patience, before, occupancy, grounds, t_ms, room)
    assert said is not None
    turn_ms = max(min(_turns_ms(occupancy, grounds, now_ms), said.t_ms + SAY_AGAIN_S * 1000), now_ms + 1)
    heard, records, doors, air, deaf = belief.heard, belief.records, belief.doors, belief.air, belief.deaf
    belief = Belief(heard, said, records, counted, doors, air, patience, deaf, turn_ms, belief.lamps)
    return Step(belief, state, turn_ms)


def grounds(belief: Belief, room: Room, now_ms: int) -> list[Ground]:
    """The evidence in force at an instant, the strongest first; none where nothing can speak."""
    found = voices(
        belief, _believed(belief), _tally_now(belief.doorway, now_ms, most_people(room)), room, now_ms
    )
    return sorted(found.values(), key=lambda one: -abs(one.log_odds))


def suspicions(belief: Belief, now_ms: int) -> dict[str, SensorState]:
    """The sensors that do not deserve belief now, and why."""
    found = (
        (source.sensor, suspicion(source.kind, record, now_ms)) for source, record in belief.records.items()
    )
    return {sensor: why for sensor, why in found if why is not None}


def clock_unknown(now_ms: int) -> State:
    """What a device says of its zones while it does not trust its clock: a hold or a silence needs one."""
    return State(now_ms, Occupancy.UNKNOWN, 0.5, now_ms, (Because.CLOCK,), RULE)


def restate(belief: Belief, now_ms: int) -> State | None:
    """What was said last, said again for `now_ms`; None before the first state."""
    return None if belief.said is None else replace(belief.said, t_ms=max(now_ms, belief.said.t_ms))


def _believed(belief: Belief) -> Mapping[Source, Heard]:
    """The last words of those who are believed."""
    if not belief.deaf:
        return belief.heard
    return {source: last for source, last in belief.heard.items() if source not in belief.deaf}


def _is_doubted(belief: Belief, now_ms: int) -> bool:
    """Whether one who still speaks is not believed."""
    return any(now_ms - belief.records[source].last_ms <= UNBROKEN_S * 1000 for source in belief.deaf)


# --- judging ---------------------------------------------------------------------------------------------


def _judge(before: State | None, grounds: Mapping[Kind, Ground]) -> tuple[Occupancy, float]:
    """What the evidence says together, and how likely somebody is there."""
    probability = 1 / (1 + math.exp(-sum([one.log_odds for one in grounds.values()])))
    if not grounds:
        return Occupancy.UNKNOWN, probability
    if probability >= OCCUPIED_FROM:
        return Occupancy.OCCUPIED, probability
    if probability <= FREE_UP_TO:
        return Occupancy.FREE, probability
    return Occupancy.UNKNOWN if before is None else before.occupancy, probability


def _turns_ms(occupancy: Occupancy, grounds: Mapping[Kind, Ground], now_ms: int) -> int:
    """When the evidence may judge otherwise by itself: one falls silent, or what fades is too weak."""
    turns_ms = min([one.until_ms for one in grounds.values()], default=now_ms + SAY_AGAIN_S * 1000)
    fade_per_s = sum([one.fade_per_s for one in grounds.values()])
    if fade_per_s > 0 and occupancy is not Occupancy.FREE:
        above = sum([one.log_odds for one in grounds.values()]) - FREE_LOG_ODDS
        turns_ms = min(turns_ms, now_ms + math.ceil(1000 * max(above, 0.0) / fade_per_s) + 1)
    return turns_ms


def _because(
    occupancy: Occupancy, grounds: Mapping[Kind, Ground], *, is_doubted: bool
) -> tuple[Because, ...]:
    if not grounds:
        return (Because.SENSOR_FAULT if is_doubted else Because.SILENCE,)
    speaks = {Occupancy.OCCUPIED: 1, Occupancy.FREE: -1}.get(occupancy, 0)
    because = tuple(one.because for _, one in sorted(grounds.items()) if one.log_odds * speaks > 0)
    return because or (Because.WEAK_EVIDENCE,)


def _is_news(said: State, occupancy: Occupancy, people: People, t_ms: int) -> bool:
    """Another occupancy, another number of people, or time to say it again."""
    if said.occupancy is not occupancy or t_ms - said.t_ms >= SAY_AGAIN_S * 1000:
        return True
    if said.people is None or people.people is None:
        return said.people is not people.people
    return abs(said.people - people.people) >= max(0.75, PEOPLE_NEWS * said.people)


def _taught(
    patience: Patience,
    before: State | None,
    occupancy: Occupancy,
    grounds: Mapping[Kind, Ground],
    t_ms: int,
    room: Room,
) -> Patience:
    """What a change of occupancy teaches of how still people sit here."""
    if before is None or occupancy is before.occupancy or room.kind not in LEARNS_PATIENCE:
        return patience
    if occupancy is not Occupancy.OCCUPIED:
        is_by_stillness = occupancy is Occupancy.FREE and EVIDENCE.keys() & grounds.keys() == {Kind.MOTION}
        return patience._replace(freed_ms=t_ms if is_by_stillness else None)
    if patience.freed_ms is None:
        return patience
    away_ms = t_ms - patience.freed_ms
    factor, _, returns, leaves = patience
    if away_ms <= RETURN_WITHIN_S * 1000:
        return Patience(min(factor * MORE_PATIENCE, MOST_PATIENCE), None, returns + 1, leaves)
    if away_ms >= LEFT_AFTER_S * 1000:
        return Patience(max(factor * LESS_PATIENCE, 1.0), None, returns, leaves + 1)
    return patience._replace(freed_ms=None)


# --- doorways --------------------------------------------------------------------------------------------


def _is_proven_empty(heard: Mapping[Source, Heard], counted: Doorway, now_ms: int) -> bool:
    """Whether all that look into the space see nobody, and one has done so for long enough."""
    looking = [
        (PROVEN_EMPTY_S[source.kind] * 1000, last)
        for source, last in heard.items()
        if source.kind in PROVEN_EMPTY_S and now_ms < last.t_ms + EVIDENCE[source.kind].valid_s * 1000
    ]
    return all(last.value <= 0 for _, last in looking) and any(
        max(counted.entered_ms, last.present_ms or 0) <= now_ms - long_ms for long_ms, last in looking
    )


def _tally_now(counted: Doorway | None, now_ms: int, most: float) -> doorway.Tally | None:
    """The tally as it is by now; None where no doorway speaks."""
    if counted is None or now_ms >= counted.heard_ms + DOORWAY_VALID_S * 1000:
        return None
    return doorway.later(counted.tally, now_ms, most=most)
