# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What somebody makes happen does happen, ends when it is told to, and a slip of the pen is named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.building import read_building
from bezet.errors import CannotStart
from demo.acting import RULES, going_on, make_happen, undo, wish
from demo.faults import Fault
from demo.happenings import Happening, What, read_happenings
from demo.standing import HAPPENINGS
from demo.town import make_town
from tests.conftest import ROOT
from tests.demo.towns import Room, clock, meeting, small_town

if TYPE_CHECKING:
    from pathlib import Path

    from demo.town import Town

NOW_MS = clock(10)
MINUTE_MS = 60_000
ROOMS = (Room("1.01", capacity=7), Room("1.02", capacity=12))


def furnished(*happenings: Happening) -> Town:
    """Two rooms to meet in; in the first, four people meet from nine to eleven."""
    return small_town(*meeting(4, 9, 11), spaces=ROOMS, happenings=happenings)


def town_of(folder: Path) -> Town:
    """The same town with what was made to happen in a folder."""
    return furnished(*read_happenings(folder / HAPPENINGS))


def people_in(town: Town, space: str, t_ms: int) -> int:
    """How many are in a space at an instant."""
    return int(town.steps(space, t_ms, t_ms + 1).count[-1])


@pytest.fixture(scope="module")
def townhall() -> Town:
    """The town hall of the example building file."""
    text = (ROOT / "building.toml").read_text(encoding="utf-8")
    return make_town(read_building(text, "building.toml"), 1)


# --- what is wished ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "where", "more", "expected"),
    [
        (What.FILL, "1.01", {}, ("1.01", 15 * 60, 4)),
        (What.FILL, "1.02", {"people": 24, "lasts_s": 60}, ("1.02", 60, 24)),
        (What.FILL, "room 1.02", {}, ("1.02", 15 * 60, 6)),
        (What.EMPTY, "1.01", {"lasts_s": 3_600}, ("1.01", 3_600, 0)),
        (What.STICK, "pir-1.02", {}, ("pir-1.02", 15 * 60, 0)),
        (What.UNPLUG, "demo-pi-1", {}, ("demo-pi-1", 60, 0)),
        (What.CUT_BROKER, "", {}, ("", 30, 0)),
    ],
)
def test_a_wish_says_the_rest_by_itself(
    what: What, where: str, more: dict[str, int], expected: tuple[str, int, int]
) -> None:
    """Where by id or name; half the capacity, and how long, if nothing else is said; from now on."""
    name, lasts_s, people = expected

    made = wish(furnished(), what, NOW_MS, where, people=more.get("people"), lasts_s=more.get("lasts_s"))

    assert made == Happening(what, name, NOW_MS, NOW_MS + lasts_s * 1_000, people)


@pytest.mark.parametrize(
    ("what", "where", "more", "said"),
    [
        (
            What.FILL,
            "1.04.",
            {},
            "space '1.04.': is not one of this town; did you mean 1.04? There are: 0.01, ",
        ),
        (What.EMPTY, "aletier", {}, "did you mean Atelier?"),
        (What.FILL, "", {}, "space '': is not one of this town. There are: 0.01, "),
        (What.STICK, "pir-1.6", {}, "motion sensor 'pir-1.6': is not one of this town; did you mean pir-1.0"),
        (What.STICK, "ld2450-0.01", {}, "motion sensor 'ld2450-0.01': is not one"),
        (What.UNPLUG, "demo-pi", {}, "device 'demo-pi': is not one of this town; did you mean demo-pi-"),
        (What.CUT_BROKER, "mosquitto", {}, "broker 'mosquitto': is not one of this town. There are: broker"),
        (What.FILL, "1.04", {"people": 0}, "how many people: space 1.04 takes 1 to "),
        (What.FILL, "0.06", {"people": 3}, "how many people: space 0.06 takes 1 to 2, not 3"),
        (What.EMPTY, "1.04", {"lasts_s": 0}, "how long: needs 1 to 86400 seconds, not 0"),
    ],
)
def test_a_wrong_word_is_named_with_what_was_meant(
    townhall: Town, what: What, where: str, more: dict[str, int], said: str
) -> None:
    """Who mistypes a space, sensor or device, or asks for what cannot be, is told what there is."""
    with pytest.raises(CannotStart) as error:
        wish(townhall, what, NOW_MS, where, people=more.get("people"), lasts_s=more.get("lasts_s"))

    assert said in str(error.value)


# --- what happens ------------------------------------------------------------------------------------------


def test_a_space_is_filled_and_empties_by_itself(tmp_path: Path) -> None:
    """Guests come into a space that was empty, stay for as long as was said, and are gone."""
    make_happen(tmp_path, wish(furnished(), What.FILL, NOW_MS, "1.02", people=5, lasts_s=600))
    town = town_of(tmp_path)

    found = [people_in(town, "1.02", NOW_MS + minute * MINUTE_MS) for minute in (-1, 5, 10)]

    assert found == [0, 5, 0]


def test_filling_twice_fills_once(tmp_path: Path) -> None:
    """The second crowd comes in place of the first one; whoever lives there stays."""
    for minute, people in ((0, 3), (2, 6)):
        make_happen(
            tmp_path, wish(furnished(), What.FILL, NOW_MS + minute * MINUTE_MS, "1.01", people=people)
        )
    town = town_of(tmp_path)

    assert people_in(town, "1.01", NOW_MS + MINUTE_MS) == 4 + 3
    assert people_in(town, "1.01", NOW_MS + 3 * MINUTE_MS) == 4 + 6


def test_emptying_sends_everybody_out(tmp_path: Path) -> None:
    """Who lives there goes, and the guests that were made to come; afterwards life goes on."""
    make_happen(tmp_path, wish(furnished(), What.FILL, NOW_MS, "1.01"))
    make_happen(tmp_path, wish(furnished(), What.EMPTY, NOW_MS + MINUTE_MS, "1.01", lasts_s=600))
    town = town_of(tmp_path)

    assert people_in(town, "1.01", NOW_MS + 2 * MINUTE_MS) == 0
    assert people_in(town, "1.01", NOW_MS + 12 * MINUTE_MS) == 4


@pytest.mark.parametrize(
    ("what", "where", "fault"),
    [
        (What.STICK, "pir-1.02", Fault.PIR_STUCK),
        (What.UNPLUG, "demo-pi-1", Fault.DEVICE_SILENT),
        (What.CUT_BROKER, "", Fault.BROKER_OUT),
    ],
)
def test_something_goes_wrong_for_as_long_as_it_is_said(
    tmp_path: Path, what: What, where: str, fault: Fault
) -> None:
    """What is stuck, unplugged or cut is wrong from now until then, and only that one."""
    made = wish(furnished(), what, NOW_MS, where)
    make_happen(tmp_path, made)
    town = town_of(tmp_path)

    assert town.spells(fault, where, 0, NOW_MS * 2) == [(NOW_MS, NOW_MS + 1_000 * RULES[what].lasts_s)]
    assert town.spells(fault, "another", 0, NOW_MS * 2) == []


# --- what is undone ----------------------------------------------------------------------------------------


def everything(folder: Path) -> None:
    """Let one of each happen, in another minute each."""
    for minute, (what, where) in enumerate(
        [(What.FILL, "1.02"), (What.EMPTY, "1.01"), (What.STICK, "pir-1.02"), (What.UNPLUG, "demo-pi-1")]
    ):
        make_happen(folder, wish(furnished(), what, NOW_MS + minute * MINUTE_MS, where, lasts_s=1_200))


@pytest.mark.parametrize(
    ("what", "where", "over"),
    [
        (None, None, [What.FILL, What.EMPTY, What.STICK, What.UNPLUG]),
        (What.EMPTY, "1.01", [What.EMPTY]),
        (What.EMPTY, "1.02", []),
        (None, "1.02", [What.FILL]),
        (What.STICK, None, [What.STICK]),
    ],
)
def test_undoing_ends_all_or_one(
    tmp_path: Path, what: What | None, where: str | None, over: list[What]
) -> None:
    """What is undone ends at that instant, and everything else goes on."""
    everything(tmp_path)
    then_ms = NOW_MS + 10 * MINUTE_MS

    ended = undo(tmp_path, then_ms, what, where)

    kept = read_happenings(tmp_path / HAPPENINGS)
    assert [one.what for one in ended] == over
    assert [one.what for one in kept if one.to_ms == then_ms] == over
    assert [one.what for one in going_on(kept, then_ms)] == [one.what for one in kept if one.what not in over]


def test_undoing_leaves_the_past_as_it_was(tmp_path: Path) -> None:
    """What is over already is not touched, and what was undone happened until then."""
    make_happen(tmp_path, wish(furnished(), What.FILL, NOW_MS, "1.02", lasts_s=60))
    everything(tmp_path)
    undo(tmp_path, NOW_MS + 2 * MINUTE_MS)
    before = read_happenings(tmp_path / HAPPENINGS)

    assert undo(tmp_path, NOW_MS + 5 * MINUTE_MS) == ()
    assert read_happenings(tmp_path / HAPPENINGS) == before
    assert all(one.from_ms < one.to_ms for one in before)


def test_undoing_nothing_makes_no_file(tmp_path: Path) -> None:
    """Where nothing was ever made to happen, there is nothing to undo."""
    assert undo(tmp_path, NOW_MS) == ()
    assert not (tmp_path / HAPPENINGS).exists()


def test_many_hands_lose_nothing(tmp_path: Path, townhall: Town) -> None:
    """Whoever makes things happen at the same time, all of it happens."""
    wishes = [wish(townhall, What.FILL, NOW_MS, space) for space in sorted(townhall.building.spaces)]

    with ThreadPoolExecutor(8) as hands:
        list(hands.map(lambda one: make_happen(tmp_path, one), wishes))

    assert sorted(read_happenings(tmp_path / HAPPENINGS)) == wishes


@given(st.lists(st.tuples(st.sampled_from(["1.01", "1.02"]), st.integers(1, 14), st.integers(1, 900))))
def test_no_space_is_filled_twice_at_once(
    tmp_path_factory: pytest.TempPathFactory, fills: list[tuple[str, int, int]]
) -> None:
    """Whatever is wished minute after minute, at most one crowd is in each space at any time."""
    folder = tmp_path_factory.mktemp("town")
    for minute, (space, people, lasts_s) in enumerate(fills):
        now_ms = NOW_MS + minute * MINUTE_MS
        make_happen(folder, wish(furnished(), What.FILL, now_ms, space, people=people, lasts_s=lasts_s))
        now = going_on(read_happenings(folder / HAPPENINGS), now_ms)
        assert len({one.where for one in now}) == len(now)
