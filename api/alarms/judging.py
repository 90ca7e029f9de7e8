# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is wrong now, by the table of rules; and what becomes of the alarms that there were. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from api.alarms.rules import (
    AGAIN_MS,
    AWAY_MS,
    CO2_BACK_PPM,
    COVERAGE_FLOOR,
    LOOK_MS,
    QUEUE_MESSAGES,
    RULES,
    SILENT_MS,
    AlarmKind,
    Of,
    Why,
)
from api.live import MIN_CAPACITY, Shown
from bezet.messages import Clock, SensorState
from bezet.retention import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from api.live import SpaceNow
    from bezet.messages import Health

#: A calendar that cannot be read for so long is somebody's business.
CALENDAR_MS = HOUR_MS


class Key(NamedTuple):
    """What an alarm is about: its kind, and of whom: an id of a space, a device, or `device/sensor`."""

    kind: AlarmKind
    subject: str


class DeviceNow(NamedTuple):
    """A device as it is now; `health` is None where it never told."""

    id: str
    health: Health | None
    last_word_ms: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What is looked at. Of the store: per space the mean of CO2, whether AV is on, and today's coverage;
    a space of which nothing is known is in none of them.

    `store_is_readable` False: those three are not known. `unread_ms` is since when a calendar was not read,
    `absent_ms` since when a sensor is not there, `down_ms` since when there is no broker; all from the start
    of the window at the earliest.
    """

    now_ms: int
    site: str
    is_open: bool
    co2_limit_ppm: float
    spaces: Sequence[SpaceNow] = ()
    devices: Sequence[DeviceNow] = ()
    co2_ppm: Mapping[str, float] = field(default_factory=dict)
    av_is_on: Mapping[str, bool] = field(default_factory=dict)
    coverage: Mapping[str, float] = field(default_factory=dict)
    unread_ms: Mapping[str, int] = field(default_factory=dict)
    absent_ms: Mapping[str, int] = field(default_factory=dict)
    link_is_up: bool = True
    down_ms: int | None = None
    store_is_readable: bool = True


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something to do: since when, seen when last, over when (None: not yet), and who said they know, why."""

    id: str
    key: Key
    since_ms: int
    seen_ms: int
    number: float | None = None
    ended_ms: int | None = None
    known_ms: int | None = None
    known_why: Why | None = None


class Change(NamedTuple):
    """An alarm, and what became of it: opened or ended."""

    alarm: Alarm
    what: str


def findings(seen: Seen, before: Mapping[Key, Alarm]) -> dict[Key, float | None]:
    """What is wrong now, with a number where the rule has one."""
    found = {
        **dict(_of_spaces(seen, before)),
        **{key: None for device in seen.devices for key in _of_device(seen, device, before)},
        **{Key(AlarmKind.CALENDAR_FAILS, space): None for space in _unread(seen)},
    }
    if seen.down_ms is not None and seen.now_ms - seen.down_ms >= AWAY_MS:
        found[Key(AlarmKind.BROKER_AWAY, seen.site)] = None
    if not seen.store_is_readable:
        found[Key(AlarmKind.STORE_AWAY, seen.site)] = None
    return found


def _of_spaces(seen: Seen, before: Mapping[Key, Alarm]) -> Iterator[tuple[Key, float | None]]:
    for now in seen.spaces:
        space = now.space.id
        share = seen.coverage.get(space)
        if share is not None and share < COVERAGE_FLOOR:
            yield Key(AlarmKind.COVERAGE_LOW, space), int(share * 100)
        if now.layout.capacity < MIN_CAPACITY:
            # These two tell when somebody came and went, and of so few people that is nobody's business.
            continue
        co2_ppm, key = seen.co2_ppm.get(space), Key(AlarmKind.CO2_HIGH, space)
        limit_ppm = seen.co2_limit_ppm - CO2_BACK_PPM * _is_open(before.get(key))
        if now.shown is Shown.OCCUPIED and co2_ppm is not None and co2_ppm > limit_ppm:
            yield key, round(co2_ppm)
        is_long_free = now.shown is Shown.FREE and (now.since_ms or seen.now_ms) <= seen.now_ms - LOOK_MS
        if is_long_free and seen.av_is_on.get(space, False):
            yield Key(AlarmKind.AV_ON_EMPTY, space), None


def _of_device(seen: Seen, device: DeviceNow, before: Mapping[Key, Alarm]) -> Iterator[Key]:
    health = device.health
    if health is None or not _speaks(seen, device):
        # While the link is down nobody knows who is silent.
        if seen.link_is_up and (health is not None or _is_late(seen, device)):
            yield Key(AlarmKind.DEVICE_SILENT, device.id)
        return
    if health.clock is not Clock.TRUSTED:
        yield Key(AlarmKind.DEVICE_CLOCK, device.id)
    if health.troubles or health.queued > QUEUE_MESSAGES:
        yield Key(AlarmKind.DEVICE_TROUBLE, device.id)
    for sensor, state in health.sensors.items():
        key = Key(AlarmKind.SENSOR_DOUBTED, f"{device.id}/{sensor}")
        since_ms = seen.absent_ms.get(key.subject, seen.now_ms)
        # One that speaks by a gateway is gone with it for a moment, until its next word.
        is_for_a_moment = state is SensorState.ABSENT and seen.now_ms - since_ms < SILENT_MS
        if state is not SensorState.OK and (_is_open(before.get(key)) or not is_for_a_moment):
            yield key


def _is_open(alarm: Alarm | None) -> bool:
    return alarm is not None and alarm.ended_ms is None


def absent(devices: Iterable[DeviceNow]) -> Iterator[str]:
    """The sensors that are not there, as alarms name them."""
    for device in devices:
        states = device.health.sensors if device.health else {}
        yield from (f"{device.id}/{one}" for one, state in states.items() if state is SensorState.ABSENT)


def _speaks(seen: Seen, device: DeviceNow) -> bool:
    return device.health is not None and device.health.online and not _is_late(seen, device)


def _is_late(seen: Seen, device: DeviceNow) -> bool:
    return seen.now_ms - device.last_word_ms > SILENT_MS


def _unread(seen: Seen) -> Iterable[str]:
    return [space for space, since_ms in seen.unread_ms.items() if seen.now_ms - since_ms >= CALENDAR_MS]


# --- what becomes of them -----------------------------------------------------------------------------------


def settled(
    before: Mapping[Key, Alarm], found: Mapping[Key, float | None], seen: Seen, ids: Iterator[str]
) -> tuple[dict[Key, Alarm], list[Change]]:
    """The newest alarm of each key after a look, and what changed.

    What nobody can know now (the store is away; the site is closed and the rule rests) stays as it was.
    """
    after, changes = dict(before), list[Change]()
    for key, number in found.items():
        if _rests(key, seen):
            continue
        alarm = before.get(key)
        if alarm is None or (alarm.ended_ms is not None and seen.now_ms - alarm.ended_ms > AGAIN_MS):
            alarm = Alarm(next(ids), key, seen.now_ms, seen.now_ms, number)
            changes.append(Change(alarm, "opened"))
        elif alarm.ended_ms is not None:
            alarm = replace(alarm, ended_ms=None, seen_ms=seen.now_ms, number=number)
            changes.append(Change(alarm, "opened"))
        after[key] = replace(alarm, seen_ms=seen.now_ms, number=number)
    for key, alarm in before.items():
        if (
            key not in found
            and alarm.ended_ms is None
            and not _rests(key, seen)
            and not _is_unknown(alarm, seen)
        ):
            after[key] = ended = replace(alarm, ended_ms=seen.now_ms)
            changes.append(Change(ended, "ended"))
    return after, changes


def _rests(key: Key, seen: Seen) -> bool:
    return RULES[key.kind].rests_closed and not seen.is_open


def _is_unknown(alarm: Alarm, seen: Seen) -> bool:
    """Whether that something was not found tells nothing: who could tell is silent, or was not heard yet.

    After a day of that it is over: the device or the space is gone.
    """
    if seen.now_ms - alarm.seen_ms > DAY_MS:
        return False
    kind, subject = alarm.key
    rule = RULES[kind]
    if rule.needs_store and not seen.store_is_readable:
        return True
    if rule.of in (Of.DEVICE, Of.SENSOR):
        device = next((one for one in seen.devices if one.id == subject.partition("/")[0]), None)
        if device is None or not seen.link_is_up:
            return True
        return kind is not AlarmKind.DEVICE_SILENT and not _speaks(seen, device)
    shown = next((one.shown for one in seen.spaces if one.space.id == subject), None)
    unknown = {
        AlarmKind.CO2_HIGH: shown is Shown.UNKNOWN
        or (shown is Shown.OCCUPIED and subject not in seen.co2_ppm),
        AlarmKind.AV_ON_EMPTY: shown is Shown.UNKNOWN
        or (shown is Shown.FREE and subject not in seen.av_is_on),
        AlarmKind.COVERAGE_LOW: subject not in seen.coverage,
        # As a window starts again these two are not wrong for long enough yet, but wrong they are.
        AlarmKind.BROKER_AWAY: not seen.link_is_up,
        AlarmKind.CALENDAR_FAILS: subject in seen.unread_ms,
    }
    return unknown.get(kind, False)
