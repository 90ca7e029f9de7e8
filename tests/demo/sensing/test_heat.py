# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""People counted by their warmth, and who is not."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from demo.physics.heat import HeatedRoom, Sight, place_of
from demo.plan import Hung
from demo.sensing import make_signal
from edge.sensors.amg8833 import LENS
from edge.sensors.mlx90640 import LENSES
from tests.demo.towns import DAY_MS, Room, clock, meeting, small_town, stay

if TYPE_CHECKING:
    from edge.heat import Lens

START_MS = clock(9)
SMALL = Hung("amg8833-1.01", "1.01", "pi", "amg8833", phase_ms=77, every_s=1)
LARGE = Hung("mlx90640-1.01", "1.01", "pi", "mlx90640", phase_ms=33, every_s=4)
#: A council hall, whose ceiling is high.
HALL = dataclasses.replace(LARGE, settings={"height_m": 4.0})


def count(hung: Hung, people: int, capacity: int, seed: int = 1) -> int:
    """How many are counted of so many who meet around a table."""
    town = small_town(*meeting(people, 9.5, 10.5), seed=seed, spaces=(Room(capacity=capacity),))
    amounts = make_signal(town, hung).words(clock(10), clock(10.01)).amounts
    assert len(np.unique(amounts)) == 1
    return int(amounts[0, 0])


@pytest.mark.parametrize(("hung", "capacity"), [(SMALL, 4), (LARGE, 12), (HALL, 24)])
def test_who_is_in_the_picture_is_counted(hung: Hung, capacity: int) -> None:
    """Any number of people up to all seats is counted right in most rooms, and never one too many by more."""
    off = [count(hung, people, capacity, people % 3) - people for people in range(capacity + 1)]

    assert np.mean(np.equal(off, 0)) >= 0.8
    assert -2 <= min(off) <= max(off) <= 1


def test_close_neighbours_may_be_counted_as_one() -> None:
    """Under a high ceiling pixels are coarse: of six around a table one or two are missed in most rooms."""
    hung = dataclasses.replace(SMALL, settings={"height_m": 3.2})
    found = [count(hung, 6, 6, seed) for seed in range(8)]

    assert set(found) <= {4, 5, 6}
    assert np.mean(found) < 5.5


@pytest.mark.parametrize(("hung", "seats"), [(SMALL, range(6, 24)), (LARGE, range(14, 30))])
def test_who_is_beside_the_picture_is_not_counted(hung: Hung, seats: range) -> None:
    """Who sits at the end of a long table is beyond what a sensor sees, and so is who stands behind it."""
    stays = [stay(f"p{seat}", 9, 11, seat=seat) for seat in seats]
    town = small_town(*stays, spaces=(Room(capacity=24),))

    assert make_signal(town, hung).words(clock(9.5), clock(10)).amounts.max() == 0


@pytest.mark.parametrize("hung", [SMALL, LARGE])
def test_who_comes_and_goes_is_counted_while_they_sit(hung: Hung) -> None:
    """Between the steps to a seat and away from it somebody is counted, and nobody before and after."""
    words = make_signal(small_town(stay("p", 9.5, 9.75)), hung).words(START_MS, clock(10))
    seen_ms = words.t_ms[words.amounts[0] > 0]

    assert 0 <= seen_ms[0] - clock(9.5) - 4_000 <= 4_500
    assert -4_500 <= seen_ms[-1] - clock(9.75) + 4_000 <= 500
    assert len(seen_ms) == pytest.approx((900 - 8) / hung.every_s, abs=1)


@pytest.mark.parametrize("hung", [SMALL, LARGE])
def test_words_do_not_depend_on_what_is_asked(hung: Hung) -> None:
    """A span says what its parts say, also where a part is shorter than a turn of the sensor."""
    town = small_town(*meeting(4, 9.5, 11), *meeting(2, 23.9, 25.5))
    edges_ms = [START_MS, clock(9.6) + 77, clock(9.6) + 290, clock(10) + 1, clock(24.9), START_MS + DAY_MS]
    signal = make_signal(town, hung)
    whole = signal.words(edges_ms[0], edges_ms[-1])
    parts = [signal.words(*ends) for ends in pairwise(edges_ms)]

    assert np.concatenate([part.t_ms for part in parts]).tolist() == whole.t_ms.tolist()
    assert np.concatenate([part.amounts for part in parts], axis=1).tolist() == whole.amounts.tolist()
    assert len(whole.t_ms) == 86_400 / hung.every_s


def test_a_picture_is_the_same_whenever_it_is_asked_for() -> None:
    """Noise belongs to the instant; two instants and two sensors differ."""
    town = small_town(*meeting(2, 9, 10))
    one, again = (make_signal(town, SMALL).picture(START_MS + 60_000) for _ in range(2))

    assert (one == again).all()
    assert (one != make_signal(town, SMALL).picture(START_MS + 60_100)).any()
    assert (one != make_signal(town, dataclasses.replace(SMALL, id="other")).picture(START_MS + 60_000)).any()


@pytest.mark.parametrize(("lens", "height_m"), [(LENS, 2.7), (LENSES[110], 2.7), (LENSES[55], 4.5)])
def test_somebody_is_warmest_where_they_sit(lens: Lens, height_m: float) -> None:
    """A person is warmer than the room by some degrees, most so in the pixel that sees the middle of them."""
    sight = Sight(lens, height_m, 3.0)
    room, place = HeatedRoom("any", 6, sight), place_of(0, 6)
    above = room.picture([0]) - room.empty
    high_m, _ = sight.seen_m(place.shoulder_m)

    assert 1.5 <= above.max() <= 4.5
    assert np.unravel_index(above.argmax(), above.shape)[0] == int(
        (place.across_m / high_m + 0.5) * lens.rows
    )
    assert above[:, lens.columns // 2].max() > 0.9 * above.max()


def test_seats_are_apart() -> None:
    """No two people sit or stand in the same place."""
    places = [place_of(seat, 8) for seat in range(16)]

    assert (
        min(
            np.hypot(one.along_m - other.along_m, one.across_m - other.across_m)
            for number, one in enumerate(places)
            for other in places[:number]
        )
        >= 0.6
    )
