# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A contact on the door, and buttons beside it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.model import Kind, SpaceKind
from demo.happenings import Happening, What
from demo.people import Doing
from demo.physics.air import co2_ppm
from demo.physics.doors import door_open
from demo.plan import Hung
from demo.sensing.contacts import ANSWER_SHARE, ANSWERS, APART_MS, LEAST_MS, DoorSignal, FeedbackSignal
from demo.sensing.motion import REPEAT_MS
from edge.sensors import feedback
from edge.sensors.door import BOUNCE_S
from tests.demo.physics.weeks import FROM_MS, INSTANTS, TO_MS, busy_town
from tests.demo.towns import HOUR_MS, clock, meeting, small_town, stay

BUSY = busy_town()
PHASE_MS = 44
DOOR = Hung("door-1.01", "1.01", "pi", "door", phase_ms=PHASE_MS, settings={"pin": 22})
PINS = {"good_pin": 5, "so_so_pin": 6, "bad_pin": 13}


def buttons(space: str = "1.01", number: int = 1) -> Hung:
    """Buttons beside the door of a space."""
    return Hung(f"feedback{number}-{space}", space, "pi", "feedback", phase_ms=PHASE_MS, settings=PINS)


# --- the door -----------------------------------------------------------------------------------------------


def test_the_contact_knows_the_door() -> None:
    """It says what the door does, but for what is too fast for a door."""
    instants = np.arange(FROM_MS, TO_MS, 60_013)
    levels = DoorSignal(BUSY, DOOR).levels(FROM_MS, TO_MS)
    door = door_open(BUSY, "1.01", FROM_MS, TO_MS)

    assert np.array_equal(levels.at(instants), door.at(instants))
    assert np.diff(levels.t_ms).min() >= LEAST_MS > 1000 * BOUNCE_S
    assert not np.any(levels.t_ms[1:] % REPEAT_MS == PHASE_MS)
    assert len(levels.t_ms) > 400


@settings(deadline=None, max_examples=40)
@given(st.lists(INSTANTS, min_size=3, max_size=6, unique=True))
def test_any_split_of_the_door_gives_the_same(edges: list[int]) -> None:
    """The door is the same however the span is split."""
    edges.sort()
    whole = DoorSignal(BUSY, DOOR).levels(edges[0], edges[-1])
    for from_ms, to_ms in itertools.pairwise(edges):
        part = DoorSignal(BUSY, DOOR).levels(from_ms, to_ms)
        inside = (whole.t_ms > from_ms) & (whole.t_ms < to_ms)
        assert np.array_equal(part.t_ms, np.append(from_ms, whole.t_ms[inside]))
        assert np.array_equal(part.count, whole.at(part.t_ms))


@pytest.mark.parametrize(("open_is", "level"), [("high", 1), ("low", 0)])
def test_the_pin_is_as_the_contact_is_wired(open_is: str, level: int) -> None:
    """An open door is the level of the pin that the settings say."""
    hung = Hung("door-1.01", "1.01", "pi", "door", settings={"pin": 22, "open_is": open_is})
    levels = DoorSignal(BUSY, hung).levels(FROM_MS, TO_MS)

    pin = DoorSignal(BUSY, hung).wires(FROM_MS, TO_MS)["pin"]
    assert np.array_equal(pin.t_ms, levels.t_ms)
    assert np.array_equal(pin.count == level, levels.count == 1)


# --- the buttons --------------------------------------------------------------------------------------------


def test_a_few_of_those_who_leave_say_how_it_was() -> None:
    """Of many who leave the share that is meant presses, within a few seconds, and no two at once."""
    leaving = [stay(f"p{n}", 8 + n / 400, 8.1 + n / 400, seat=n % 9) for n in range(4_000)]
    town = small_town(*leaving)
    presses = [
        one for n in range(5) for one in FeedbackSignal(town, buttons(number=n)).presses(clock(0), clock(24))
    ]
    left_ms = np.array([one.to_ms for one in leaving])

    assert abs(len(presses) / (5 * len(leaving)) - ANSWER_SHARE) < 0.01
    assert {one.button for one in presses} == set(ANSWERS)
    for earlier, later in itertools.pairwise(presses):
        assert later.from_ms < earlier.from_ms or later.from_ms - earlier.from_ms >= APART_MS
    for one in presses:
        assert 0 < one.from_ms - left_ms[left_ms < one.from_ms].max() < 10_000


def test_cleaners_and_an_empty_space_say_nothing() -> None:
    """Whoever cleans presses no button, and neither does nobody."""
    cleaning = [stay(f"p{n}", 6 + n / 100, 6.2 + n / 100, Doing.CLEANING) for n in range(1_000)]

    for town in (small_town(*cleaning), small_town()):
        assert FeedbackSignal(town, buttons()).presses(clock(0), clock(24)) == []


def test_stale_air_makes_worse_opinions() -> None:
    """Those who leave stale air say bad more often than those who leave fresh air."""
    shares = []
    for people in (1, 9):
        found = [one for hour in range(9, 17) for one in meeting(people, hour, hour + 0.9)]
        town = small_town(*found)
        air_ppm = co2_ppm(town, "1.01", np.array([clock(16.8)]))[0]
        presses = [
            one
            for n in range(600)
            for one in FeedbackSignal(town, buttons(number=n)).presses(clock(8), clock(18))
        ]
        shares.append((air_ppm, np.mean([one.button == "bad" for one in presses])))

    (fresh_ppm, few), (stale_ppm, many) = shares
    assert fresh_ppm < 800
    assert stale_ppm > 1_200
    assert few + 0.1 < many


def test_a_press_is_its_button_and_what_it_says() -> None:
    """Each word is of one button with its answer, as the driver gives it; its pin is low meanwhile."""
    signal = FeedbackSignal(BUSY, buttons("1.02"))
    presses = signal.presses(FROM_MS, TO_MS)
    words = signal.words(FROM_MS, TO_MS)

    assert feedback.ANSWERS == ANSWERS
    assert words.said == tuple((Kind.FEEDBACK, button) for button in ANSWERS)
    assert len(presses) == len(words.t_ms) > 5
    for press, row in zip(presses, words.amounts.T, strict=True):
        spoken = {part: float(amount) for (_, part), amount in zip(words.said, row, strict=True)}
        assert spoken[press.button] == ANSWERS[press.button]
        assert sum(np.isnan(row)) == 2
        wires = signal.wires(press.from_ms - 1_000, press.from_ms + HOUR_MS)
        t_ms, is_high = wires[f"{press.button}_pin"]
        assert t_ms[:3].tolist() == [press.from_ms - 1_000, press.from_ms, press.to_ms]
        assert is_high[:3].tolist() == [1, 0, 1]


@settings(deadline=None, max_examples=20)
@given(st.lists(INSTANTS, min_size=3, max_size=6, unique=True))
def test_any_split_of_the_presses_gives_the_same(edges: list[int]) -> None:
    """Presses are the same however the span is split."""
    edges.sort()
    parts = [FeedbackSignal(BUSY, buttons("1.02")).presses(*pair) for pair in itertools.pairwise(edges)]

    whole = FeedbackSignal(BUSY, buttons("1.02")).presses(edges[0], edges[-1])
    assert [one for part in parts for one in part] == whole


@pytest.mark.parametrize("what", [What.FILL, What.EMPTY])
def test_what_happens_leaves_the_past_as_it_was(what: What) -> None:
    """Whatever somebody makes happen, door and buttons did the same up to a few seconds before."""
    happening = Happening(what, "1.01", clock(12), clock(13), people=4)
    stays = [one for hour in range(8, 18) for one in meeting(6, hour + 0.1, hour + 0.7)]
    towns = [small_town(*stays, happenings=made, kind=SpaceKind.MEETING) for made in ((), (happening,))]
    span = clock(8), clock(12) - 5_000

    before, after = (DoorSignal(town, DOOR).levels(*span).t_ms.tolist() for town in towns)
    assert before == after
    for number in range(20):
        pressed, still = (FeedbackSignal(town, buttons(number=number)).presses(*span) for town in towns)
        assert pressed == still
