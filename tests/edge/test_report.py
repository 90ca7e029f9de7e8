# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is worth a message: every change, a beat without one, and nothing that a sensor did not say."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.model import KINDS, Kind
from bezet.occupancy.evidence import CO2_VALID_S, DOOR_VALID_S, EVIDENCE, LAMP_VALID_S, SAID_EACH_S
from edge.report import BEAT_S, MANNERS, PATIENCE_S, Reporter, most_a_day
from edge.sensors import DRIVERS, Measured

Said = tuple[float, float]

#: What a sensor of a kind says (second, value), and what of it is worth a message.
DAYS: dict[str, tuple[Kind, list[Said], list[Said]]] = {
    "a room that stays empty": (
        Kind.MOTION,
        [(n, 0) for n in range(0, 900, 10)],
        [(0, 0), (300, 0), (600, 0)],
    ),
    "somebody comes in": (Kind.MOTION, [(0, 0), (1, 0), (2, 1)], [(0, 0), (2, 1)]),
    "a rise is never kept waiting": (Kind.MOTION, [(0, 1), (2, 0), (2.1, 1)], [(0, 1), (2, 0), (2.1, 1)]),
    "flicker of a radar": (
        Kind.PRESENCE,
        [(0, 0), (0.1, 1), (0.2, 0), (0.3, 1), (0.4, 0), (2.2, 0)],
        [(0, 0), (0.1, 1), (2.2, 0)],
    ),
    "presence is said each minute": (
        Kind.MOTION,
        [(n, 1) for n in range(0, 150, 10)],
        [(0, 1), (60, 1), (120, 1)],
    ),
    "noise of a CO2 sensor": (
        Kind.CO2_PPM,
        [(0, 600), (30, 604), (60, 596), (90, 611)],
        [(0, 600), (90, 611)],
    ),
    "people who pass are added to none": (
        Kind.PEOPLE_IN,
        [(0, 0), (1, 1), (2, 0), (3, 2), (200, 0), (303, 0)],
        [(0, 0), (1, 1), (3, 2), (303, 0)],
    ),
    "each press counts": (
        Kind.FEEDBACK,
        [(0, 1), (0.5, 1), (1, 0), (1.5, -1)],
        [(0, 1), (0.5, 1), (1, 0), (1.5, -1)],
    ),
}


def told(kind: Kind, said: list[Said]) -> list[Said]:
    """What a reporter makes of it."""
    reporter = Reporter()
    return [
        (second, due.measured.value)
        for second, value in said
        for due in reporter.offer("s", [Measured(kind, value)], round(second * 1000))
    ]


@pytest.mark.parametrize("day", DAYS)
def test_days(day: str) -> None:
    """Of what was said just that is worth a message."""
    kind, said, wanted = DAYS[day]

    assert told(kind, said) == wanted


def test_every_kind_has_a_manner() -> None:
    """No kind is left out, and no beat is so slow that evidence falls silent between two."""
    assert MANNERS.keys() == set(Kind)
    valid_s = {kind: row.valid_s for kind, row in EVIDENCE.items()}
    valid_s |= {Kind.CO2_PPM: CO2_VALID_S, Kind.DOOR_OPEN: DOOR_VALID_S, Kind.ILLUMINANCE_LUX: LAMP_VALID_S}
    assert all(2 * MANNERS[kind].beat_s <= seconds for kind, seconds in valid_s.items())
    assert all((MANNERS[kind].present_s or BEAT_S) <= SAID_EACH_S for kind in EVIDENCE)


def test_news_that_came_too_soon_is_said_later() -> None:
    """A door that was shut within a second of its opening is shut in the end."""
    reporter = Reporter()
    for second, is_open in ((0, 0), (10, 1), (10.4, 0)):
        reporter.offer("door", [Measured(Kind.DOOR_OPEN, is_open)], round(second * 1000))

    assert reporter.due(10_900) == []
    assert [one.measured.value for one in reporter.due(11_000)] == [0]
    assert reporter.due(12_000) == []


def test_a_word_that_stands_is_said_again_until_it_stands_no_longer() -> None:
    """A device that speaks of changes only is believed for its time, and not a minute longer."""
    reporter = Reporter()
    reporter.offer("zigbee", [Measured(Kind.MOTION, 0)], 0, stands_s=3_600)
    again = [second for second in range(10_000) if reporter.due(second * 1000)]

    assert again == list(range(300, 3_601, 300))


def test_the_silence_of_a_polled_sensor_is_silence() -> None:
    """Nothing is said in the name of a sensor that stopped answering."""
    reporter = Reporter()
    reporter.offer("pir", [Measured(Kind.MOTION, 1)], 0)

    assert [second for second in range(int(PATIENCE_S) + 1, 5_000) if reporter.due(second * 1000)] == []


def test_a_sensor_that_is_gone_stands_for_nothing() -> None:
    """What a device said last does not stand after it was found to be gone."""
    reporter = Reporter()
    reporter.offer("zigbee", [Measured(Kind.MOTION, 1)], 0, stands_s=3_600)
    reporter.forget("zigbee")

    assert reporter.due(300_000) == []


AV_DRIVERS = {name: row for name, row in DRIVERS.items() if Kind.AV_STATE in row.measures and row.on}


@pytest.mark.parametrize("name", AV_DRIVERS)
def test_an_av_sensor_that_lives_speaks_twice_in_a_quarter(name: str) -> None:
    """However steady its device is, and as seldom as it may speak itself: alarms count on it."""
    row, reporter = AV_DRIVERS[name], Reporter()
    each_s = round(row.stands_s or row.every_s)
    said_s = []
    for second in range(4 * 3_600):
        found = reporter.due(second * 1000)
        if second % each_s == 0:
            steady = [Measured(kind, 50) for kind in (Kind.POWER_W, Kind.AV_STATE) if kind in row.measures]
            found += reporter.offer(name, steady, second * 1000, stands_s=row.stands_s)
        said_s += [second for one in found if one.measured.kind is Kind.AV_STATE]

    assert all(later - before <= 315 for before, later in pairwise(said_s))


def test_beats_go_together() -> None:
    """When one source has to speak, those that would soon have to go along in the same message."""
    reporter = Reporter()
    for second, kind in ((0, Kind.CO2_PPM), (20, Kind.TEMPERATURE_C), (40, Kind.HUMIDITY_PCT)):
        reporter.offer("air", [Measured(kind, 50)], second * 1000, stands_s=3_600)
    due = reporter.offer("air", [Measured(Kind.CO2_PPM, 50)], 300_000, stands_s=3_600)

    assert {one.measured.kind for one in due} == {Kind.CO2_PPM, Kind.TEMPERATURE_C, Kind.HUMIDITY_PCT}


levels = st.sampled_from([kind for kind in Kind if not KINDS[kind].is_event and kind is not Kind.BATTERY_PCT])


@given(levels, st.lists(st.tuples(st.integers(1, 600), st.floats(0, 1)), min_size=1, max_size=60))
def test_what_is_told_is_never_older_or_further_off_than_promised(kind: Kind, steps: list[Said]) -> None:
    """The last word told differs from the sensor's by less than its change, or news is just due."""
    reporter, now_ms, manner = Reporter(), 0, MANNERS[kind]
    told_value, told_ms = 0.0, -1
    for wait_s, share in steps:
        value = round(KINDS[kind].low + share * (KINDS[kind].high - KINDS[kind].low), 1)
        for _ in range(int(wait_s)):
            now_ms += 1000
            for due in reporter.offer("s", [Measured(kind, value)], now_ms):
                told_value, told_ms = due.measured.value, now_ms

            assert now_ms - told_ms < BEAT_S * 1000
            is_near = abs(value - told_value) <= manner.change + manner.share * abs(told_value)
            assert is_near or now_ms - told_ms < manner.least_s * 1000


@given(st.lists(st.tuples(st.integers(50, 3_000), st.floats(0, 3)), max_size=200))
def test_no_sensor_floods(steps: list[Said]) -> None:
    """However wildly a sensor speaks, it causes no more messages than the stated most."""
    for kind, most in most_a_day([Kind.MOTION, Kind.CO2_PPM, Kind.PEOPLE_COUNT, Kind.POWER_W]):
        reporter, now_ms, count = Reporter(), 0, 0
        for wait_ms, level in steps:
            now_ms += int(wait_ms)
            count += len(reporter.offer("s", [Measured(kind, round(level) * 100.0)], now_ms))

        assert count <= 2 + most * now_ms / 86_400_000
