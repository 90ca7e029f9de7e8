# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A fit finds the air changes that a recording was made with, and says where it does not help."""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bezet.model import Kind
from bezet.occupancy.air import one_person_ppm_h
from bezet.occupancy.room import Room
from bezet.wire import ID
from edge.accuracy.fitting import Fit, as_toml, can_be_fitted, fit, leave_one_day_out
from tests.edge.accuracy.made import recorded

if TYPE_CHECKING:
    from edge.accuracy.shapes import Recording

ROOM = Room(capacity=10, volume_m3=75.0)
DAY_MIN = 1_440
#: People in each quarter of an hour of a working day.
DAY = [0, 0, 4, 4, 4, 6, 6, 2, 2, 0, 0, 8, 8, 8, 3, 3]


def made(changes_per_h: float, days: int, *, days_apart: bool = False) -> Recording:
    """Working days of a room whose air is changed so often in use, by the exact balance, a row a minute."""
    minutes: list[float] = []
    people: list[float] = []
    co2_ppm: list[float] = []
    for day in range(days):
        now_ppm = 420.0
        for minute in range(15 * len(DAY)):
            count = DAY[minute // 15]
            steady = 420.0 + count * one_person_ppm_h(ROOM) / changes_per_h
            now_ppm = steady + (now_ppm - steady) * math.exp(-changes_per_h / 60)
            minutes.append(day * DAY_MIN + minute)
            people.append(count)
            co2_ppm.append(round(now_ppm))
    present = [float(one > 0) for one in people]
    channels = {"air": (Kind.CO2_PPM, co2_ppm)}
    found = recorded(minutes, channels, present=present, people=people, days_apart=days_apart)
    return replace(found, room=ROOM)


@pytest.mark.parametrize("changes_per_h", [1.0, 4.0])
def test_a_fit_finds_how_the_room_was_made(changes_per_h: float) -> None:
    """The number that counts best is that of the room, within the finer grid."""
    found = fit(made(changes_per_h, 2))

    assert found.air_changes_per_h == pytest.approx(changes_per_h, rel=0.35)
    assert found.after < found.before


def test_a_day_is_fitted_to_the_others() -> None:
    """Leaving a day out, its count is that of a room as the others were, not as it was itself."""
    slow, fast = made(1.0, 1, days_apart=True), made(4.0, 2, days_apart=True)
    later_ms = DAY_MIN * 60_000 * 2
    both = replace(
        fast,
        t_ms=np.concatenate([fast.t_ms, slow.t_ms + later_ms]),
        present=np.concatenate([fast.present, slow.present]),
        people=np.concatenate([fast.people, slow.people]),
        channels=tuple(
            one._replace(values=np.concatenate([one.values, other.values]))
            for one, other in zip(fast.channels, slow.channels, strict=True)
        ),
    )
    played = leave_one_day_out(both)
    last = both.days == both.days[-1]

    assert np.nanmean(played.people[last]) > np.nanmean(both.people[last])


def test_sections_load_and_say_where_they_come_from() -> None:
    """What is written is TOML for an agent, with its recording, days and errors; no help, no key."""
    recording = made(2.0, 1)
    helped, not_helped = (Fit(recording, per_h, 2.0, 1.0, 1.5) for per_h in (3.5, None))
    text = as_toml([helped, not_helped], "2026-11-25")
    first, second = tomllib.loads(text)["space"]

    assert first == {"id": "made", "capacity": 10, "volume_m3": 75.0, "air_changes_per_h": 3.5}
    assert "air_changes_per_h" not in second
    assert "made-set made: 240 rows of 1 days" in text
    assert "off by 2.00 people on average without a number, by 1.00 with" in text


def test_a_number_at_the_end_of_the_grid_is_none() -> None:
    """A room in which hardly anybody changes the air needs another remedy, and no number is given."""
    nobody = replace(made(2.0, 2), people=np.zeros(2 * 15 * len(DAY)))

    assert fit(nobody).air_changes_per_h is None


@pytest.mark.parametrize("name", ["combined_Room1", "Zaal 3", "_x"])
def test_an_id_is_one_that_loads(name: str) -> None:
    """Whatever a recording is called, the id of its section is one of the contract."""
    recording = replace(made(2.0, 1), name=name)
    (space,) = tomllib.loads(as_toml([Fit(recording, 2.0, 2.0, 1.0, 1.5)], "2026-11-25"))["space"]

    assert ID.fullmatch(space["id"])


def test_only_what_was_counted_is_fitted() -> None:
    """A recording without counts, or without CO2, is left alone."""
    assert can_be_fitted(made(2.0, 2))
    assert not can_be_fitted(made(2.0, 1))
    assert not can_be_fitted(recorded([0, 1], {"air": (Kind.CO2_PPM, [400, 400])}, present=[0, 1]))
    assert not can_be_fitted(recorded([0, 1], people=[0, 1]))
