# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What whoever runs the building sees beside the drawing: alarms with what to do, and how the devices are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fastapi.concurrency import run_in_threadpool

from api.access.matrix import allowed
from api.alarms.rules import WHYS, Severity
from api.alarms.shapes import AlarmState, shape_of
from api.routes.devices import devices_out
from bezet.errors import StoreError
from bezet.wire import Clock, SensorState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from api.access.caller import Caller
    from api.alarms.shapes import AlarmShape
    from api.front.filling import Now
    from api.routes import Sources
    from api.routes.devices import DeviceShape


class AlarmCard(NamedTuple):
    """An alarm in words; `standing` is what somebody said of it."""

    alarm: AlarmShape
    severity: str
    since: str
    standing: str


class DeviceRow(NamedTuple):
    """A device in words; `problems` is what is wrong with it, each with what to do."""

    device: DeviceShape
    word: str
    last_word: str
    problems: tuple[str, ...]


async def running(sources: Sources, caller: Caller, now: Now) -> dict[str, object]:
    """Alarms and devices for whoever may see them; `is_running` is false for everybody else."""
    if not caller.roles & allowed("listAlarms"):
        return {"is_running": False, "doubts": {}, "open_alarms": 0}
    cards = await _alarms(sources, now)
    # Without the link nobody knows how they are; what a broker says of them as it ends is not that.
    rows = _devices(sources, now) if now.found.link.up else []
    loud = [] if cards is None else [one for one in cards if one.alarm.state is AlarmState.OPEN]
    return {
        "is_running": True,
        "alarms_known": cards is not None,
        "loud_alarms": loud,
        "known_alarms": [one for one in cards or () if one.alarm.state is not AlarmState.OPEN],
        "open_alarms": len(loud),
        "whys": {why.value: getattr(words, now.language) for why, words in WHYS.items()},
        "devices_known": now.found.link.up,
        "ill_devices": [one for one in rows if one.problems],
        "well_devices": [one for one in rows if not one.problems],
        "doubts": _doubts(rows),
    }


async def _alarms(sources: Sources, now: Now) -> list[AlarmCard] | None:
    """What is not over, the most pressing first; None where the book of alarms cannot be read."""
    try:
        kept = await run_in_threadpool(sources.alarms.alarms)
    except StoreError:
        return None
    found = [shape_of(*one, sources.building, now.language) for one in kept]
    lasting = [one for one in found if one.state is not AlarmState.ENDED]
    lasting.sort(key=lambda one: ([*Severity].index(one.severity), one.since))
    return [_card(one, now) for one in lasting]


def _card(alarm: AlarmShape, now: Now) -> AlarmCard:
    why = "" if alarm.reason is None else str(getattr(WHYS[alarm.reason], now.language))
    standing = ""
    if alarm.muted_until is not None:
        until = alarm.muted_until.astimezone(now.zone).strftime("%d-%m %H:%M")
        standing = now.words["alarm_muted"].format(time=until, why=why)
    elif alarm.state is AlarmState.ACKNOWLEDGED:
        standing = now.words["alarm_known"].format(why=why)
    severity = {
        Severity.NOW: now.words["alarm_now"],
        Severity.TODAY: now.words["alarm_today"],
        Severity.WEEK: now.words["alarm_week"],
    }[alarm.severity]
    return AlarmCard(alarm, severity, now.clock_time(alarm.since), standing)


def _devices(sources: Sources, now: Now) -> list[DeviceRow]:
    return [_row(one, now) for one in devices_out(sources, now.language)]


def _row(device: DeviceShape, now: Now) -> DeviceRow:
    words = now.words
    problems = [f"{one.meaning} {one.what_to_do}".strip() for one in device.troubles]
    problems += [
        f"{one.id}: {one.meaning} {one.what_to_do}".strip()
        for one in device.sensors
        if one.state is not SensorState.OK
    ]
    if not device.online:
        problems = [words["device_silent"]]
    elif device.clock is not Clock.TRUSTED:
        problems.insert(0, words["device_clock"])
    word = words["device_ill"] if problems else words["device_well"]
    return DeviceRow(device, word, now.clock_time(device.last_word), tuple(problems))


def _doubts(rows: Sequence[DeviceRow]) -> Mapping[str, str]:
    """By space, the devices of it that something is wrong with."""
    spaces = dict.fromkeys(space for row in rows for space in row.device.spaces)
    found = {
        space: _names(row for row in rows if row.problems and space in row.device.spaces) for space in spaces
    }
    return {space: names for space, names in found.items() if names}


def _names(rows: Iterable[DeviceRow]) -> str:
    return ", ".join(row.device.id for row in rows)
