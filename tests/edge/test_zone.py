# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A zone's messages: what the agent has to say is cut so that each piece travels."""

from __future__ import annotations

from bezet import wire
from bezet.model import KINDS, Because, Kind, Occupancy, Reading, State, Zone
from bezet.occupancy.course import DEAD_MS
from edge.zone import READINGS_PER_MESSAGE, STATES_PER_MESSAGE, ZoneLog

LONGEST_ID = "s" * 64
LONGEST_KIND = max(Kind, key=len)
ZONE = Zone("townhall", "1.04", "pi-1")
BOOT = "00000000000000aa"


def test_the_longest_message_stays_within_the_contract() -> None:
    """A message full of the longest readings and states that there can be is still one that is taken."""
    bounds = KINDS[LONGEST_KIND]
    value = bounds.low + (bounds.high - bounds.low) / 3
    readings = [
        Reading(wire.T_MAX_MS - n, LONGEST_ID, LONGEST_KIND, value) for n in range(READINGS_PER_MESSAGE)
    ]
    state = State(
        wire.T_MAX_MS,
        Occupancy.OCCUPIED,
        1 / 3,
        wire.T_MAX_MS,
        tuple(Because),
        LONGEST_ID,
        10 / 3,
        10 / 3,
        10 / 3,
    )
    batch = wire.Batch(
        "s" * 64,
        "d" * 64,
        "r" * 64,
        BOOT,
        2**53,
        wire.Clock.UNTRUSTED,
        tuple(readings),
        (state,) * STATES_PER_MESSAGE,
    )

    assert wire.decode(*wire.encode(batch)) == batch


def test_nothing_is_lost_in_cutting() -> None:
    """Whatever is pending comes out in its order, in messages of a bounded size, once."""
    log = ZoneLog(ZONE, None)
    readings = [Reading(1_790_000_000_000 + n, "pir", Kind.MOTION, n // 400 % 2) for n in range(2_001)]
    for reading in readings:
        log.take([reading])
    drafts = log.drafts(BOOT, wire.Clock.TRUSTED)

    assert [reading for draft in drafts for reading in draft.readings] == readings
    assert max(len(draft.readings) for draft in drafts) <= READINGS_PER_MESSAGE
    assert log.pending == 0


def test_what_was_believed_in_the_future_is_unknown() -> None:
    """A zone that was free by a clock an hour ahead is unknown after a restart, not free for that hour."""
    now_ms = 1_790_000_000_000
    before = ZoneLog(ZONE, None)
    before.take([Reading(now_ms + 3_600_000, "radar", Kind.PRESENCE, 0)])
    log = ZoneLog(ZONE, before.remember())
    log.pass_time(now_ms)
    state = log.now_state(now_ms)

    assert state is not None
    assert (state.t_ms, state.occupancy, state.because) == (now_ms, Occupancy.UNKNOWN, (Because.CLOCK,))


def test_a_sensor_that_was_heard_in_the_future_is_heard_now() -> None:
    """What was heard minutes ahead does not make a zone deaf until then, though it said little since."""
    now_ms = 1_790_000_000_000
    before = ZoneLog(ZONE, None)
    for t_ms in (now_ms + 10_000, now_ms + 290_000):
        before.take([Reading(t_ms, "radar", Kind.PRESENCE, 0)])
    state = ZoneLog(ZONE, before.remember()).take([Reading(now_ms, "radar", Kind.PRESENCE, 1)])

    assert state is not None
    assert (state.t_ms, state.occupancy) == (now_ms, Occupancy.OCCUPIED)


def test_what_did_not_get_on_disk_is_pending_again() -> None:
    """Readings that the disk refused come before the ones that came since."""
    log = ZoneLog(ZONE, None)
    first, second = (Reading(1_790_000_000_000 + n, "pir", Kind.MOTION, 0) for n in (0, 1))
    log.take([first])
    log.drafts(BOOT, wire.Clock.TRUSTED)
    log.take([second])
    log.not_written()

    assert log.drafts(BOOT, wire.Clock.TRUSTED)[0].readings == (first, second)


def test_a_year_without_the_agent_is_not_told_in_five_minutes_each() -> None:
    """What nobody was there to say is not made up: a state before the dead time, and unknown after it."""
    log = ZoneLog(ZONE, None)
    t_ms = 1_760_000_000_000
    log.take([Reading(t_ms, "pir", Kind.MOTION, 0)])
    kept = log.remember()
    again = ZoneLog(ZONE, kept)
    state = again.pass_time(t_ms + 365 * 86_400_000)

    assert state is not None
    assert state.occupancy is Occupancy.UNKNOWN
    assert again.pending <= 1 + DEAD_MS // 2 // 300_000


def test_a_door_sensor_that_was_taken_away_is_missed_by_nobody() -> None:
    """What a restart does not find in the configuration keeps nothing else from speaking."""
    minute_ms, now_ms = 60_000, 1_790_000_000_000
    log = ZoneLog(ZONE, None)
    for n, sensor in ((0, "front"), (0, "back"), (3, "pir")):
        kind = Kind.MOTION if sensor == "pir" else Kind.DOOR_OPEN
        log.take([Reading(now_ms + n * minute_ms, sensor, kind, float(sensor == "pir"))])
    again = ZoneLog(ZONE, log.remember())
    again.keep_only(lambda sensor: sensor != "back")
    for n in range(4, 60, 4):
        still = [Reading(now_ms + n * minute_ms, "pir", Kind.MOTION, 0)]
        again.take([*still, Reading(now_ms + n * minute_ms, "front", Kind.DOOR_OPEN, 0)])
    state = again.now_state(now_ms + 57 * minute_ms)

    assert state is not None
    assert (state.occupancy, state.because) == (Occupancy.OCCUPIED, (Because.DOOR_OPEN,))
