# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What other systems are told of alarms: once that it opened, once that it ended, and nothing of flapping."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.alarms.judging import Alarm, Key
from api.alarms.rules import AGAIN_MS, AlarmKind
from api.alarms.telling import Told, must_know
from api.book.alarms import read_untold, write_alarms, write_told
from tests.api.conftest import NOW_MS, Stage, health, live

if TYPE_CHECKING:
    from bezet.model import Building

KEY = Key(AlarmKind.DEVICE_SILENT, "pi-1")
OPEN = Alarm("a", KEY, NOW_MS, NOW_MS)
ENDED = replace(OPEN, ended_ms=NOW_MS)
MINUTE_MS = 60_000


@pytest.mark.parametrize(
    ("told", "alarm", "is_muted", "later_ms", "now"),
    [
        (Told.NOTHING, OPEN, False, 0, Told.OPENED),
        (Told.NOTHING, OPEN, True, 0, Told.NOTHING),
        (Told.NOTHING, ENDED, False, AGAIN_MS + 1, Told.NOTHING),
        (Told.OPENED, OPEN, False, 0, Told.OPENED),
        (Told.OPENED, OPEN, True, 0, Told.OPENED),
        (Told.OPENED, ENDED, False, AGAIN_MS, Told.OPENED),
        (Told.OPENED, ENDED, False, AGAIN_MS + 1, Told.ENDED),
        (Told.OPENED, ENDED, True, AGAIN_MS + 1, Told.ENDED),
        (Told.ENDED, ENDED, False, AGAIN_MS + 1, Told.ENDED),
        (Told.ENDED, OPEN, False, 0, Told.OPENED),
        (Told.ENDED, OPEN, True, 0, Told.ENDED),
    ],
)
def test_what_must_be_known(told: Told, alarm: Alarm, is_muted: bool, later_ms: int, now: Told) -> None:
    """What was told last and what is true now say together what there is to tell."""
    assert must_know(told, alarm, is_muted=is_muted, now_ms=NOW_MS + later_ms) is now


@given(st.lists(st.tuples(st.integers(1, 15), st.booleans(), st.booleans())), st.booleans())
def test_in_the_end_they_know(turns: list[tuple[int, bool, bool]], stays: bool) -> None:
    """However it comes, goes and is muted: both are told in turns, and who waits knows how it is."""
    told, alarm, now_ms, heard = Told.NOTHING, OPEN, NOW_MS, list[Told]()
    for minutes, is_open, is_muted in [*turns, (1, stays, False), (11, stays, False)]:
        now_ms += minutes * MINUTE_MS
        alarm = replace(alarm, ended_ms=None if is_open else alarm.ended_ms or now_ms)
        now = must_know(told, alarm, is_muted=is_muted, now_ms=now_ms)
        heard += [now] if now is not told else []
        told = now

    assert all(one is (Told.ENDED if n % 2 else Told.OPENED) for n, one in enumerate(heard))
    assert (told is Told.OPENED) == stays


async def test_one_that_comes_and_goes_is_told_once(building: Building) -> None:
    """Ended and back within ten minutes is nothing for other systems, over a restart of the window too."""
    stage, told = Stage(building), list[str]()

    async def look(later_ms: int, *, online: bool) -> None:
        stage.time.now_ms += later_ms
        await stage.say(health(t_ms=stage.time.now_ms, online=online), live("0.01"))
        await stage.app.state.alarms.look()

    for online in (True, False, True):
        async with stage.running():
            stage.app.state.alarms.told.append(
                lambda alarm, now: told.append(now) if alarm.key == KEY else None
            )
            await look(MINUTE_MS, online=not online)
            await look(MINUTE_MS, online=online)
            so_far = [*told]
    async with stage.running():
        stage.app.state.alarms.told.append(lambda alarm, now: told.append(now) if alarm.key == KEY else None)
        await look(AGAIN_MS, online=True)
        await look(1, online=True)
        await look(1, online=True)

    assert so_far == ["opened"]
    assert told == ["opened", "ended"]


async def test_two_who_look_at_once_tell_it_once(stage: Stage) -> None:
    """However many look at the same time, what is found is told by one of them."""
    told: list[str] = []
    async with stage.running():
        stage.app.state.alarms.told.append(lambda _, now: told.append(now))
        await stage.say(health(online=False))
        await asyncio.gather(*(stage.app.state.alarms.look() for _ in range(8)))

    assert told == ["opened"]


def test_what_is_written_of_an_alarm_leaves_what_was_told(stage: Stage) -> None:
    """Who says something of an alarm changes nothing of what other systems were told of it."""
    write_alarms(stage.book, [OPEN])
    (untold,) = read_untold(stage.book)
    write_told(stage.book, [("a", Told.OPENED)])
    write_alarms(stage.book, [replace(OPEN, seen_ms=NOW_MS + 1)])
    known = read_untold(stage.book)
    write_alarms(stage.book, [ENDED])
    ended = read_untold(stage.book)
    stage.book.close()

    assert (untold, known, ended) == ((OPEN, Told.NOTHING), [], [(ENDED, Told.OPENED)])
