# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""People in heat pictures: counted while they are there, for hours if need be, and not what else is warm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge.heat import HOT_C, ODD_S, THING_S, HeatCount, HeatCounter, Lens
from tests.edge.heat_pictures import AMG8833, MLX90640, Person, Room, Sensor, confusion, counter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Warmth = NDArray[np.float64] | float

SENSORS = pytest.mark.parametrize("sensor", [AMG8833, MLX90640], ids=["8x8", "32x24"])
HOUR_S = 3600.0
SITTING = Person(0.1, 0.1)


def known(sensor: Sensor, seed: int = 1) -> tuple[Room, HeatCounter]:
    """A room, and a counter that has seen it empty for two minutes."""
    room, counting = Room(sensor, seed), counter(sensor)
    assert {counting.count(room.picture()).people for _ in range(round(120 / sensor.every_s))} == {0}
    return room, counting


def counts(
    room: Room,
    counting: HeatCounter,
    for_s: float,
    people: Callable[[float], Sequence[Person]] = lambda _: (),
    more: Callable[[float], Warmth] = lambda _: 0.0,
) -> list[int]:
    """What is counted in each picture of so many seconds."""
    times_s = np.arange(0, for_s, room.sensor.every_s)
    return [counting.count(room.picture(people(at_s), more(at_s))).people for at_s in times_s]


def patch(sensor: Sensor, rows: slice, columns: slice) -> NDArray[np.float64]:
    """A part of the picture, in eighths of it, as 1 among 0."""
    found = np.zeros(sensor.lens[:2])
    down, across = (n // 8 for n in found.shape)
    found[rows.start * down : rows.stop * down, columns.start * across : columns.stop * across] = 1
    return found


# --- people ------------------------------------------------------------------------------------------------


@SENSORS
def test_only_a_count_is_left(sensor: Sensor) -> None:
    """What comes of a picture is a number of people, and nothing of the picture."""
    room, counting = known(sensor)

    assert HeatCount._fields == ("people",)
    assert counting.count(room.picture([SITTING])) == HeatCount(people=1)


@SENSORS
@pytest.mark.parametrize("warmer_c", [2.0, 3.0, 4.0])
def test_one_person_anywhere_is_one(sensor: Sensor, warmer_c: float) -> None:
    """A person 2 to 4 °C above the room is one, wherever they are and however they sit."""
    room, counting = known(sensor)
    seen = [
        counts(room, counting, 10, lambda _, one=one: [one])  # type: ignore[misc]
        for turned in (0.0, 0.8, 1.6)
        for one in (Person(0, 0, warmer_c, turned), Person(0.35, -0.3, warmer_c, turned))
    ]

    assert np.mean([one == 1 for run in seen for one in run]) > 0.9


@SENSORS
def test_two_people_who_walk_together_are_two(sensor: Sensor) -> None:
    """Shoulder to shoulder is half a metre, and two people; so they are all the way through the picture."""
    room, counting = known(sensor)
    wide_m = room.seen_m()[1] / 2 - 0.25

    def walking(at_s: float) -> list[Person]:
        x_m = -wide_m + 2 * wide_m * (at_s % 10) / 10
        return [Person(x_m, -0.25), Person(x_m, 0.25)]

    assert np.mean(np.array(counts(room, counting, 40, walking)) == 2) > 0.9


@pytest.mark.slow
@SENSORS
def test_somebody_who_sits_still_for_three_hours_stays(sensor: Sensor) -> None:
    """A person does not melt into the room, even one who does not move at all for three hours."""
    room, counting = known(sensor)

    assert set(counts(room, counting, 3 * HOUR_S, lambda _: [SITTING])) == {1}
    assert set(counts(room, counting, 30)[-5:]) == {0}


@pytest.mark.slow
@SENSORS
def test_somebody_who_moves_a_little_stays_all_day(sensor: Sensor) -> None:
    """Who shifts by a few centimetres now and then is never taken for a thing."""
    room, counting = known(sensor)
    dice, at_m = np.random.default_rng(3), [0.1, 0.1]

    def shifting(_: float) -> list[Person]:
        if dice.random() < sensor.every_s / 300:
            at_m[:] = 0.1 + dice.normal(0, 0.05, 2)
        return [Person(*at_m)]

    assert np.mean(np.array(counts(room, counting, 9 * HOUR_S, shifting)) == 1) > 0.99


@SENSORS
def test_people_who_are_there_at_the_start_are_counted(sensor: Sensor) -> None:
    """A restart at noon does not make people a part of the room, and when they leave they are gone."""
    room, counting = Room(sensor), counter(sensor)

    assert np.mean(np.array(counts(room, counting, 60, lambda _: [SITTING, Person(-0.4, -0.3)])) == 2) > 0.95
    assert set(counts(room, counting, 60)[-5:]) == {0}


@pytest.mark.slow
@SENSORS
def test_people_are_counted_about_right(sensor: Sensor) -> None:
    """Of 0 to 4 people, 0.6 m apart or more, most are counted as they are, and none out of air."""
    table = confusion(sensor, 0.6, rooms=20)

    assert table[0, 0] == table[0].sum()
    assert (np.diag(table) / table.sum(axis=1) > 0.75).all()


# --- the room ----------------------------------------------------------------------------------------------


@SENSORS
@pytest.mark.parametrize(
    ("what", "more"),
    [
        ("sudden overall warming", lambda _, at_s: 2.0 * (at_s > 5)),
        ("sudden overall cooling", lambda _, at_s: -2.0 * (at_s > 5)),
        ("a heating that warms the room by 4 °C in an hour", lambda _, at_s: 4 * at_s / HOUR_S),
        ("a radiator along one side, 0.5 °C a minute", lambda s, at_s: side(s) * min(at_s / 120, 12)),
        (
            "sun that creeps up one side",
            lambda s, at_s: patch(s, slice(0, 8), slice(0, 4)) * min(at_s / 60, 4),
        ),
        ("a laptop that warms up by itself", lambda s, at_s: laptop(s) * 5 * (1 - math.exp(-at_s / 600))),
        ("sun on half of the floor, from behind a cloud", lambda s, at_s: sun(s) * 4 * (at_s > 5)),
        ("a hot plate", lambda s, at_s: laptop(s) * (HOT_C + 5) * (at_s > 5)),
        ("a cup of tea", lambda s, at_s: cup(s) * 6 * (at_s > 5)),
    ],
)
def test_what_is_no_person_is_not_counted(
    sensor: Sensor, what: str, more: Callable[[Sensor, float], Warmth]
) -> None:
    """What warms slowly, or all at once, or is too large, too small, too hot or too flat, is not a person."""
    room, counting = known(sensor)
    seen = counts(room, counting, 1200, more=lambda at_s: more(sensor, at_s))

    assert np.mean(np.array(seen) == 0) > 0.97, what


@pytest.mark.slow
@SENSORS
@pytest.mark.parametrize("warming_c", [-2.0, 2.0, 4.0])
def test_people_are_counted_while_the_room_warms(sensor: Sensor, warming_c: float) -> None:
    """A room that warms or cools around somebody within an hour neither hides nor doubles them."""
    room, counting = known(sensor)
    seen = counts(room, counting, HOUR_S, lambda _: [SITTING], lambda at_s: warming_c * at_s / HOUR_S)

    assert np.mean(np.array(seen) == 1) > 0.99


@pytest.mark.slow
@SENSORS
def test_a_thing_like_a_person_is_a_ghost_for_four_hours(sensor: Sensor) -> None:
    """A thing as large and warm as a person counts as one, until nothing of it has changed for so long."""
    room, counting = known(sensor)
    seen = counts(room, counting, THING_S + 600, more=lambda _: laptop(sensor) * 3)

    assert 1 in seen[: round(THING_S / sensor.every_s / 2)]
    assert set(seen[-10:]) == {0}


@SENSORS
def test_somebody_is_seen_where_a_thing_was(sensor: Sensor) -> None:
    """When a thing that had become a part of the room is taken away, its place is soon like any other."""
    room, counting = known(sensor)
    counts(room, counting, ODD_S + 60, more=lambda _: laptop(sensor) * (HOT_C + 5))
    counts(room, counting, 300)
    at_laptop = Person(*(extent / 8 for extent in room.seen_m()[::-1]))

    assert set(counts(room, counting, 60, lambda _: [at_laptop])) == {1}


def test_a_picture_of_another_size_is_refused() -> None:
    """A counter is made for one sensor."""
    counting = HeatCounter(Lens(8, 8, 60, 60), height_m=2.7, every_s=1)

    with pytest.raises(ValueError, match=r"\(8, 8\) was wanted, not of \(24, 32\)"):
        counting.count(np.zeros((24, 32)))


def side(sensor: Sensor) -> NDArray[np.float64]:
    """One side of the picture."""
    return patch(sensor, slice(0, 8), slice(7, 8))


def sun(sensor: Sensor) -> NDArray[np.float64]:
    """A large part of the picture."""
    return patch(sensor, slice(0, 4), slice(0, 4))


def laptop(sensor: Sensor) -> NDArray[np.float64]:
    """A thing of the size of a person."""
    room = Room(sensor)
    high_m, wide_m = room.seen_m()
    return room._warmth(Person(wide_m / 8, high_m / 8, 1.0))


def cup(sensor: Sensor) -> NDArray[np.float64]:
    """One pixel."""
    found = np.zeros(sensor.lens[:2])
    found[3, 3] = 1
    return found
