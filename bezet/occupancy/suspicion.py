# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Which sensors do not deserve belief: stuck, never triggered, or saying what cannot be. Pure.

A table of habits by kind, and a record of each source that is carried along with the belief, so that the same
readings always give the same suspicions, on a device and in a replay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bezet.messages import SensorState
from bezet.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

HOUR_S = 3_600
DAY_S = 24 * HOUR_S
#: After an impossible jump a source is not believed for so long.
JUMP_DOUBT_S = 600
#: Two readings further apart than this are no jump, however far.
JUMP_WITHIN_S = 120
#: After a longer silence nobody knows whether it was the same all the time, or who was missed.
UNBROKEN_S = 900


class Habit(NamedTuple):
    """How a kind behaves in a space that people use; None where it tells nothing.

    `stuck_on_s`: above zero without a pause for so long. `missed_s`: not once above zero while other kinds
    saw somebody, for so long in all. `never_s`: nothing but zero for so long since it was put there. `low`,
    `high`: what a room can be. `flat_s`: the same number to the last digit for so long, above `flat_above`.
    `jump`: a greater change from one reading to the next within two minutes cannot be. `tells_from`: from
    here to `low` the number is wrong, but still rises and falls with the truth, so that it is listened to.
    """

    stuck_on_s: int | None = None
    missed_s: int | None = None
    never_s: int | None = None
    low: float | None = None
    high: float | None = None
    flat_s: int | None = None
    flat_above: float = float("-inf")
    jump: float | None = None
    tells_from: float | None = None


#: The numbers are ours, chosen to be wrong seldom: a false alarm costs trust, a late one costs a day. Outdoor
#: air has had more than 420 ppm everywhere since 2023 (NOAA, Mauna Loa), so less than 350 ppm is a sensor
#: that drifted; the two of SDU OU44 (Arendt et al. 2018) are off by up to 150 ppm, and follow people well.
HABITS: Mapping[Kind, Habit] = {
    Kind.MOTION: Habit(stuck_on_s=2 * HOUR_S, missed_s=8 * HOUR_S, never_s=7 * DAY_S),
    Kind.PRESENCE: Habit(stuck_on_s=16 * HOUR_S, missed_s=8 * HOUR_S, never_s=7 * DAY_S),
    Kind.TARGET_COUNT: Habit(stuck_on_s=16 * HOUR_S, missed_s=8 * HOUR_S, never_s=7 * DAY_S),
    Kind.PEOPLE_COUNT: Habit(stuck_on_s=16 * HOUR_S, missed_s=8 * HOUR_S, never_s=7 * DAY_S),
    Kind.DOOR_OPEN: Habit(never_s=14 * DAY_S),
    # Some sensors (MH-Z19, S8) say 400 ppm for all that is less, so an empty weekend looks flat there.
    Kind.CO2_PPM: Habit(low=350, high=10_000, flat_s=6 * HOUR_S, flat_above=450, jump=2_000, tells_from=200),
    Kind.TEMPERATURE_C: Habit(low=-10, high=50, flat_s=2 * DAY_S, jump=10),
    Kind.HUMIDITY_PCT: Habit(low=2, high=98, flat_s=2 * DAY_S, jump=40),
    Kind.POWER_W: Habit(low=-5, high=10_000),
}


class Record(NamedTuple):
    """What is remembered of a source. Instants are milliseconds since 1970 UTC.

    `first_ms` is moved on by each silence, so that what is counted from it was heard.
    """

    first_ms: int
    last_ms: int
    value: float
    same_since_ms: int
    on_since_ms: int | None
    was_ever_on: bool
    missed_ms: int
    jumped_ms: int | None


def note(before: Record | None, kind: Kind, value: float, t_ms: int, *, others_see: bool) -> Record:
    """The record of a source after a reading; `others_see` if other kinds saw somebody until then."""
    is_on = value > 0
    if before is None:
        return Record(t_ms, t_ms, value, t_ms, t_ms if is_on else None, is_on, 0, None)
    passed_ms = t_ms - before.last_ms
    jump = HABITS[kind].jump
    is_jump = jump is not None and abs(value - before.value) > jump and passed_ms <= JUMP_WITHIN_S * 1000
    is_unbroken = passed_ms <= UNBROKEN_S * 1000
    missed_ms = before.missed_ms + passed_ms * (others_see and is_unbroken)
    # By place, which is quicker: first, last, value, same since, on since, was ever on, missed, jumped.
    return Record(
        before.first_ms if is_unbroken else before.first_ms + passed_ms,
        t_ms,
        value,
        before.same_since_ms if is_unbroken and value == before.value else t_ms,
        ((is_unbroken and before.on_since_ms) or t_ms) if is_on else None,
        before.was_ever_on or is_on,
        0 if is_on else missed_ms,
        t_ms if is_jump else before.jumped_ms,
    )


def suspicion(kind: Kind, record: Record, now_ms: int) -> SensorState | None:
    """Why a source does not deserve belief now; None where it does, or says nothing to be believed."""
    if now_ms - record.last_ms > UNBROKEN_S * 1000:
        return None
    habit = HABITS[kind]
    if _is_impossible(habit, record, now_ms):
        return SensorState.IMPLAUSIBLE
    if _lasts(habit.stuck_on_s, record.on_since_ms, now_ms):
        return SensorState.STUCK_ON
    if not record.was_ever_on and _lasts(habit.never_s, record.first_ms, now_ms):
        return SensorState.NEVER_TRIGGERED
    if habit.missed_s is not None and record.missed_ms >= habit.missed_s * 1000:
        return SensorState.STUCK_OFF
    return None


def is_believed(kind: Kind, record: Record, now_ms: int, why: SensorState | None) -> bool:
    """Whether what a source says counts, though it may be suspect because of `why`."""
    habit = HABITS[kind]
    if why is not SensorState.IMPLAUSIBLE or habit.low is None or habit.tells_from is None:
        return why is None
    if not habit.tells_from <= record.value < habit.low:
        return False
    return not _is_impossible(habit._replace(low=None), record, now_ms)


def _is_impossible(habit: Habit, record: Record, now_ms: int) -> bool:
    if habit.low is not None and record.value < habit.low:
        return True
    if habit.high is not None and record.value > habit.high:
        return True
    if record.jumped_ms is not None and now_ms - record.jumped_ms < JUMP_DOUBT_S * 1000:
        return True
    if habit.flat_s is None or record.value <= habit.flat_above:
        return False
    return _lasts(habit.flat_s, record.same_since_ms, min(now_ms, record.last_ms))


def _lasts(limit_s: int | None, since_ms: int | None, now_ms: int) -> bool:
    return limit_s is not None and since_ms is not None and now_ms - since_ms >= limit_s * 1000
