# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A zone's messages: what the agent has to say is cut so that each piece travels."""

from __future__ import annotations

from bezet import wire
from bezet.model import KINDS, Because, Kind, Occupancy, Reading, State, Zone
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


def test_what_did_not_get_on_disk_is_pending_again() -> None:
    """Readings that the disk refused come before the ones that came since."""
    log = ZoneLog(ZONE, None)
    first, second = (Reading(1_790_000_000_000 + n, "pir", Kind.MOTION, 0) for n in (0, 1))
    log.take([first])
    log.drafts(BOOT, wire.Clock.TRUSTED)
    log.take([second])
    log.not_written()

    assert log.drafts(BOOT, wire.Clock.TRUSTED)[0].readings == (first, second)
