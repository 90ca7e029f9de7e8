# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Devices that speak on a broker: what they say, and that the shipped drivers make their words of it."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from functools import cache
from itertools import pairwise
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.model import Kind, SpaceKind
from demo.faults import ALL, Fault
from demo.happenings import Happening, What
from demo.hardware import World
from demo.hardware.speakers import TownTopics
from demo.lens import Piece
from demo.people import Doing
from demo.plan import hung_in
from demo.sensing import make_signal
from demo.sensing.topics_light import light_lux
from demo.sensing.topics_speaking import Pace, told
from edge.sensors import load_driver
from tests.demo.towns import DAY_MS, HOUR_MS, MINUTE_MS, Room, clock, small_town, stay
from tests.demo.virtual_time import run_virtual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.plan import Hung
    from demo.sensing import Words
    from demo.town import Town
    from tests.demo.virtual_time import Wall

#: Rooms in which every device of the sort hangs, by the kits of `demo.plan`.
ROOMS = (
    *(Room(f"1.0{number}", SpaceKind.HYBRID, 12, 36.0) for number in range(1, 4)),
    *(Room(f"1.0{number}", SpaceKind.SOCIAL, 12, 36.0) for number in range(4, 7)),
    Room("1.07", SpaceKind.DESKS, 12, 80.0),
    *(Room(f"1.0{number}", SpaceKind.PHONE, 1, 2.25) for number in (8, 9)),
)
DEVICES = {
    "motion": "zigbee2mqtt-1.06",
    "presence": "zigbee2mqtt-1.09",
    "Shelly": "shelly-1.03",
    "Tasmota": "tasmota-1.01",
    "VS121": "chirpstack-1.03",
    "ERS Eye": "things-stack-1.02",
}
START_MS = clock(0)
Heard = list[tuple[int, dict[Kind, float]]]


def people() -> Iterator[Any]:
    """A day in all rooms: meetings, and somebody who sits still alone."""
    for room in ROOMS:
        for begin in (9.0, 13.5, 16.0):
            for seat in range(min(room.capacity, 5)):
                late = 0.02 * seat
                yield stay(f"{room.id}-{seat}", begin + late, begin + 1 - late, space=room.id, seat=seat)
        yield stay("alone", 11, 12.5, Doing.QUIET, space=room.id)


@cache
def busy_town() -> Town:
    """A town with a day of people, and all faults."""
    return small_town(*people(), spaces=ROOMS, faults=ALL)


def hung(name: str, town: Town | None = None) -> Hung:
    """The sensor of a device."""
    return next(one for one in hung_in((town or busy_town()).plan) if one.id == DEVICES[name])


def signal(name: str, town: Town | None = None) -> Any:
    """Its signal."""
    return make_signal(town or busy_town(), hung(name, town))


def rows(words: Words) -> Heard:
    """Words as a driver gives them."""
    kinds = [one.kind for one in words.said]
    columns = zip(words.t_ms.tolist(), words.amounts.T.tolist(), strict=True)
    return [
        (t_ms, {kind: one for kind, one in zip(kinds, row, strict=True) if not isnan(one)})
        for t_ms, row in columns
    ]


def only(words: Words, kind: Kind) -> list[tuple[int, float]]:
    """What it says of one kind."""
    return [(t_ms, row[kind]) for t_ms, row in rows(words) if kind in row]


@pytest.mark.parametrize("name", DEVICES)
def test_words_are_what_the_driver_hears(name: str) -> None:
    """In a day on the bus the shipped driver gives exactly the words, each at its instant."""

    async def listen(wall: Wall) -> Heard:
        bus = TownTopics(World(wall.now_ms, busy_town()), (hung(name),), look_again_s=3_600)
        driver = load_driver(hung(name).driver)(bus, **hung(name).settings)
        found: Heard = []
        async with aclosing(driver.listen()) as said:
            async for measured in said:
                if wall.now_ms() >= START_MS + DAY_MS:
                    break
                found.append((wall.now_ms(), {one.kind: one.value for one in measured}))
        await bus.close()
        return found

    assert run_virtual(listen, START_MS) == rows(signal(name).words(START_MS, START_MS + DAY_MS))


@pytest.mark.parametrize("name", DEVICES)
@given(cut_ms=st.integers(0, 2 * DAY_MS), faults=st.sampled_from([frozenset(), ALL]))
@settings(max_examples=8, deadline=None)
def test_any_span_gives_the_same(name: str, cut_ms: int, faults: frozenset[Fault]) -> None:
    """What is said in a span is what is said in its parts, whoever is asked first."""
    town = replace(busy_town(), faults=faults)
    start_ms, end_ms = START_MS - DAY_MS, START_MS + DAY_MS
    whole = signal(name, town)
    parts = signal(name, town)
    second, first = parts.words(start_ms + cut_ms, end_ms), parts.words(start_ms, start_ms + cut_ms)

    assert rows(whole.words(start_ms, end_ms)) == rows(first) + rows(second)
    assert [one.t_ms for one in whole.messages(start_ms, end_ms)] == [
        t_ms for t_ms, _ in rows(first) + rows(second)
    ]


@pytest.mark.parametrize("name", DEVICES)
def test_what_happens_now_leaves_the_past(name: str) -> None:
    """Before people are made to come, all was said as if they would not; after, it is another story."""
    noon_ms = clock(12.8)
    space = hung(name).space
    filled = replace(
        busy_town(), happenings=(Happening(What.FILL, space, noon_ms, noon_ms + HOUR_MS, 4),), _kept={}
    )
    before, after = signal(name), signal(name, filled)

    assert rows(before.words(START_MS, noon_ms)) == rows(after.words(START_MS, noon_ms))
    if name not in ("Shelly", "Tasmota"):
        assert rows(before.words(noon_ms, noon_ms + HOUR_MS)) != rows(after.words(noon_ms, noon_ms + HOUR_MS))


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize("speed", [5.0, 60.0, 250.0])
def test_life_may_go_faster(name: str, speed: float) -> None:
    """Where life goes faster the device still speaks at its own pace, of what there is then."""
    town = replace(busy_town(), bent=(Piece(clock(3), clock(4), clock(8.9), speed),), _kept={})
    t_ms = signal(name, town).words(clock(3), clock(4)).t_ms

    assert np.all(np.diff(t_ms) > 0)
    assert 1 <= len(t_ms) <= 200


@pytest.mark.parametrize("name", DEVICES)
def test_speaks_within_what_its_word_stands_for(name: str) -> None:
    """Between two words lies less time than a word of it stands for."""
    longest_ms = {"Shelly": MINUTE_MS, "Tasmota": MINUTE_MS, "VS121": 5 * MINUTE_MS, "ERS Eye": 5 * MINUTE_MS}

    t_ms = signal(name).words(START_MS, START_MS + DAY_MS).t_ms

    assert np.diff(t_ms).max() <= longest_ms.get(name, 50 * MINUTE_MS)


def test_motion_ends_ninety_seconds_after_the_last() -> None:
    """Of motion it tells once a minute at most; that it is over is said 90 s after the last word of it."""
    found = only(signal("motion").words(START_MS, START_MS + DAY_MS), Kind.MOTION)
    beats_ms = signal("motion", small_town(spaces=ROOMS)).words(START_MS, START_MS + DAY_MS).t_ms
    true_ms = [t_ms for t_ms, moved in found if moved and t_ms not in beats_ms]
    over_ms = [t_ms for t_ms, moved in found if not moved and t_ms - 90_000 in true_ms]

    assert len(over_ms) >= 3
    assert min(np.diff(true_ms)) >= MINUTE_MS
    for t_ms, moved in found:
        last_ms = max((one for one in true_ms if one <= t_ms), default=0)
        assert moved == (t_ms < last_ms + 90_000)


@pytest.mark.parametrize(("faults", "least", "most"), [(frozenset(), 5, 90), ({Fault.PIR_BLIND}, 0, 4)])
def test_a_motion_sensor_misses_who_sits_still(faults: set[Fault], least: int, most: int) -> None:
    """Somebody who reads alone is missed for most of the time by a sensor that has the fault."""
    town = small_town(stay("alone", 11, 12.5, Doing.QUIET, "1.06"), spaces=ROOMS, faults=frozenset(faults))

    found = only(signal("motion", town).words(clock(11.1), clock(12.4)), Kind.MOTION)

    assert least <= sum(moved for _, moved in found) <= most


def test_a_stuck_motion_sensor_sees_motion_all_the_time() -> None:
    """While a sensor is stuck it never says that motion is over."""
    stick = Happening(What.STICK, DEVICES["motion"], clock(2), clock(3))
    town = small_town(spaces=ROOMS, happenings=(stick,))

    found = only(signal("motion", town).words(clock(2), clock(3)), Kind.MOTION)

    assert len(found) >= 60
    assert all(moved for _, moved in found)


def test_sensors_beside_each_other_see_their_own_seats() -> None:
    """Of four sensors in one space each sees who sits near it, and all see who walks by."""
    town = small_town(stay("one", 9, 12, Doing.DESK, "1.07", seat=2), spaces=ROOMS)
    four = [one for one in hung_in(town.plan) if one.space == "1.07" and one.driver == "zigbee2mqtt"]

    seen = [
        sum(moved for _, moved in only(make_signal(town, one).words(clock(9.2), clock(11.8)), Kind.MOTION))
        for one in four
    ]

    assert seen[2] > 50
    assert [seen[place] for place in (0, 1, 3)] == [0, 0, 0]


def test_presence_holds_while_somebody_is_there() -> None:
    """A radar tells of somebody a second after they came until half a minute after they left."""
    town = small_town(stay("one", 9, 10, Doing.QUIET, "1.09"), spaces=ROOMS)

    found = only(signal("presence", town).words(clock(8), clock(11)), Kind.PRESENCE)
    turns = [(t_ms, there) for (_, was), (t_ms, there) in pairwise(found) if was != there]

    assert turns == [(clock(9) + 1_000, 1.0), (clock(10) + 30_000, 0.0)]


def test_a_camera_counts_nearly_right() -> None:
    """A camera counts nobody where nobody is, and is a few per cent off where people are."""
    town = small_town(
        *(stay(f"p{seat}", 8, 18, space="1.03", seat=seat) for seat in range(10)), spaces=ROOMS, faults=ALL
    )
    camera = signal("VS121", town)

    counted = np.array([count for _, count in only(camera.words(clock(8.1), clock(17.9)), Kind.PEOPLE_COUNT)])

    assert {count for _, count in only(camera.words(clock(0), clock(8)), Kind.PEOPLE_COUNT)} == {0.0}
    assert 0 < np.abs(counted - 10).mean() < 1


def test_a_camera_waits_half_a_minute_before_it_tells_of_the_next_change() -> None:
    """Between two reports of changes lies half a minute, however fast people come."""
    town = small_town(
        *(stay(f"p{seat}", 9 + seat / 300, 10, space="1.03", seat=seat) for seat in range(12)), spaces=ROOMS
    )
    found = only(signal("VS121", town).words(clock(8.99), clock(9.1)), Kind.PEOPLE_COUNT)
    beats = only(signal("VS121", small_town(spaces=ROOMS)).words(clock(8.99), clock(9.1)), Kind.PEOPLE_COUNT)

    told_ms = [t_ms for t_ms, _ in found]
    assert len(found) >= 4
    assert all(b - a >= 30_000 or b in dict(beats) for a, b in pairwise(told_ms))


def test_an_eye_sees_who_sits_still_below_it() -> None:
    """Heat tells of somebody who sits still; after they left it is pending for a minute, and then nobody."""
    town = small_town(stay("one", 9, 10, Doing.QUIET, "1.02"), spaces=ROOMS, faults=ALL)
    eye = signal("ERS Eye", town)

    found = only(eye.words(clock(9.02), clock(9.98)), Kind.PRESENCE)
    after = rows(eye.words(clock(10), clock(10.3)))

    assert {there for _, there in found} == {1.0}
    assert [row[Kind.PRESENCE] for _, row in after if Kind.PRESENCE in row][-1] == 0
    assert any(Kind.PRESENCE not in row for _, row in after)


def test_a_plug_tells_of_a_change_at_once() -> None:
    """What is switched on is told within seconds, and beside that the plug speaks once a minute."""
    words = signal("Shelly").words(START_MS, START_MS + DAY_MS)
    states = only(words, Kind.AV_STATE)
    went_on = [t_ms for (_, was), (t_ms, now) in pairwise(states) if was < 2 <= now]

    assert 1_440 < len(states) < 1_500
    assert went_on
    assert any(t_ms % MINUTE_MS != words.t_ms[0] % MINUTE_MS for t_ms in went_on)


def test_light_follows_sun_and_people() -> None:
    """At night it is dark, by day light comes in, and lamps burn where people are and a while after."""
    town = small_town(stay("one", 2, 3))
    t_ms = np.array([clock(1), clock(2.5), clock(3.2), clock(3.4), clock(12)])

    lux = light_lux(town, "1.01", t_ms)

    assert lux[0] == lux[3] == 0
    assert lux[1] == lux[2] == 200
    assert 5 < lux[4] < 500


@given(
    seen=st.lists(st.lists(st.integers(0, 6), min_size=6, max_size=6), max_size=4),
    pause=st.integers(0, 3),
    share=st.sampled_from([0.0, 0.5]),
)
@settings(deadline=None)
def test_tells_of_every_beat_and_of_changes(seen: list[list[int]], pause: int, share: float) -> None:
    """It tells of every beat, and of each look that differs enough from what it told last, after a pause."""
    pace = Pace(look_ms=10, beat_ms=60, change=1.0, share=share, pause_ms=10 * pause)
    wanted = []
    for row in seen:
        at = 0
        for place, number in enumerate(row):
            is_change = place >= at + max(pause, 1) and abs(number - row[at]) >= 1 + share * row[at]
            wanted.append(place == 0 or is_change)
            at = place if is_change else at

    assert told(pace, np.array(seen, float).reshape(-1, 6)).ravel().tolist() == wanted
