# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The live board: never free unless every zone says so, now, with a clock that can be trusted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.live import STALE_MS, Board, Reason, Shown
from bezet.building import read_building
from bezet.errors import Cause
from bezet.model import Because, Occupancy
from bezet.wire import FUTURE_MS, Clock, Health, Live
from tests.api.conftest import NOW_MS, building_text, health, live

if TYPE_CHECKING:
    from bezet.model import Building

FREE, OCCUPIED, UNKNOWN = Occupancy.FREE, Occupancy.OCCUPIED, Occupancy.UNKNOWN


@pytest.fixture
def board(building: Building) -> Board:
    """A board with its link up."""
    board = Board(building)
    board.link_changed(is_up=True, now_ms=NOW_MS)
    return board


def hear(board: Board, *messages: Live | Health) -> Board:
    """Let the board hear the messages, all of them now."""
    for message in messages:
        board.hear(message, NOW_MS)
    return board


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([], Reason.NO_SENSOR),
        ([health()], Reason.NO_SENSOR),
        ([live()], Reason.OFFLINE),
        ([live(), health(online=False)], Reason.OFFLINE),
        ([live(), health(), health(online=False)], Reason.OFFLINE),
        ([live(), health(clock=Clock.UNTRUSTED)], Reason.CLOCK),
        ([live(t_ms=NOW_MS - STALE_MS - 1), health()], Reason.STALE),
        ([live(occupancy=UNKNOWN, because=Because.SILENCE), health()], Reason.SILENCE),
        ([live(occupancy=UNKNOWN, because=Because.CLOCK), health()], Reason.CLOCK),
        ([live(occupancy=UNKNOWN, because=Because.WEAK_EVIDENCE), health()], Reason.EVIDENCE),
        ([live(), health(), live(device="pi-2")], Reason.OFFLINE),
        (
            [live(t_ms=NOW_MS - STALE_MS - 1), health(), live(device="pi-2"), health("pi-2", online=False)],
            Reason.OFFLINE,
        ),
    ],
)
def test_a_space_is_unknown_for_a_reason(board: Board, messages: list[Live | Health], reason: Reason) -> None:
    """Silence, a dead device, an untrusted clock and an old state make unknown, and it says why."""
    found = hear(board, *messages).space("0.01", NOW_MS)

    assert (found.shown, found.reason) == (Shown.UNKNOWN, reason)
    assert (found.probability, found.since_ms, found.people) == (None, None, None)


def test_without_the_link_nobody_is_called_down(board: Board) -> None:
    """A broker that ends tells of every device that it is gone; that is not why nothing is known."""
    hear(board, live(), health(), health(online=False))
    board.link_changed(is_up=False, now_ms=NOW_MS)

    assert board.space("0.01", NOW_MS).reason is Reason.LINK


@pytest.mark.parametrize(
    ("messages", "shown"),
    [
        ([live(), health()], Shown.FREE),
        ([live(occupancy=OCCUPIED), health()], Shown.OCCUPIED),
        ([live(t_ms=NOW_MS - STALE_MS), health()], Shown.FREE),
        ([live(), health(), live(device="pi-2"), health("pi-2")], Shown.FREE),
        ([live(), health(), live(occupancy=OCCUPIED, device="pi-2"), health("pi-2")], Shown.OCCUPIED),
        ([live(occupancy=OCCUPIED), health(), live(device="pi-2")], Shown.OCCUPIED),
        ([live(), health(online=False), health()], Shown.FREE),
        # A last will was written when its agent connected: its time is older than what it contradicts.
        ([live(), health(t_ms=NOW_MS - 10), health(t_ms=NOW_MS - 5, online=False), health()], Shown.FREE),
    ],
)
def test_a_space_is_what_its_zones_say(board: Board, messages: list[Live | Health], shown: Shown) -> None:
    """Online, with a trusted clock and a young state, a zone counts; one occupied zone is enough."""
    found = hear(board, *messages).space("0.01", NOW_MS)

    assert (found.shown, found.reason) == (shown, None)


def test_the_last_will_counts_though_its_time_is_older(board: Board) -> None:
    """A will carries the time at which its agent connected, so what arrived last is what holds."""
    hear(board, live(), health(t_ms=NOW_MS), health(t_ms=NOW_MS - 3_600_000, online=False))

    assert board.space("0.01", NOW_MS).reason is Reason.OFFLINE


def test_without_a_link_the_link_is_the_reason(building: Building) -> None:
    """While nothing can be heard, a missing or old word is not blamed on the sensors."""
    board = Board(building)
    assert board.space("0.01", NOW_MS).reason is Reason.LINK

    hear(board, live(), health())
    assert board.space("0.01", NOW_MS).shown is Shown.FREE
    assert board.space("0.01", NOW_MS + STALE_MS + 1).reason is Reason.LINK


def test_the_newest_time_wins_unless_it_is_stale(board: Board) -> None:
    """An older message never replaces a newer one, but for one that says nothing any more."""
    hear(board, health(), live(occupancy=OCCUPIED), live(t_ms=NOW_MS - 1))
    assert board.space("0.01", NOW_MS).shown is Shown.OCCUPIED

    later_ms = NOW_MS + STALE_MS + 1
    board.hear(live(t_ms=NOW_MS - 1), later_ms)
    board.hear(live(occupancy=OCCUPIED, t_ms=NOW_MS - 2), later_ms)
    assert board.space("0.01", later_ms).reason is Reason.STALE
    board.hear(live(t_ms=later_ms - 5), later_ms)
    assert board.space("0.01", later_ms).shown is Shown.FREE


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (live(t_ms=NOW_MS + FUTURE_MS + 1), Cause.FUTURE),
        (live(site="elsewhere"), Cause.UNKNOWN_SPACE),
        (live("9.99"), Cause.UNKNOWN_SPACE),
        (live("0.04"), Cause.UNKNOWN_SPACE),
        (replace(health(), site="elsewhere"), Cause.UNKNOWN_SPACE),
    ],
)
def test_what_cannot_be_is_counted_and_changes_nothing(
    board: Board, message: Live | Health, cause: Cause
) -> None:
    """A state of the future, of an unknown place or of a space in privacy mode is refused by cause."""
    before = board.spaces(NOW_MS)

    hear(board, message)

    assert dict(board.refused) == {cause: 1}
    assert board.spaces(NOW_MS) == before


def test_a_state_slightly_ahead_does_not_live_longer(board: Board) -> None:
    """The age of a state counts from when it was heard if its clock runs ahead."""
    hear(board, health(), live(t_ms=NOW_MS + FUTURE_MS))

    assert board.space("0.01", NOW_MS).as_of_ms == NOW_MS
    assert board.space("0.01", NOW_MS + STALE_MS + 1).shown is Shown.UNKNOWN


def test_a_space_in_privacy_mode_is_not_measured(board: Board) -> None:
    """It shows neither a state nor a reason."""
    found = board.space("0.04", NOW_MS)

    assert (found.shown, found.reason, found.as_of_ms) == (Shown.NOT_MEASURED, None, None)


@pytest.mark.parametrize(("space", "since_ms"), [("1.01", None), ("1.02", NOW_MS), ("0.01", NOW_MS)])
def test_a_one_person_space_never_shows_since_when(board: Board, space: str, since_ms: int | None) -> None:
    """Free or occupied is all that is told of a space for one."""
    hear(board, health(), live(space, OCCUPIED))

    assert board.space(space, NOW_MS).since_ms == since_ms


def test_a_space_is_what_its_layout_makes_it_on_that_day(board: Board) -> None:
    """Kind and capacity are those of the layout in force, by the days of the building."""
    newest_ms = 1_795_129_200_000  # 2026-11-20T00:00 in Amsterdam

    names = [board.space("1.03", at_ms).layout.name for at_ms in (newest_ms - 1, newest_ms)]
    assert names == ["Oud", "Nieuw"]


def test_only_what_changed_is_told_and_only_once(board: Board) -> None:
    """First all spaces have changed, then those that differ, then none; going stale is a change too."""
    assert len(board.changed(NOW_MS)) == 8
    hear(board, health(), live())

    assert [one.space.id for one in board.changed(NOW_MS)] == ["0.01"]
    assert board.changed(NOW_MS) == []
    end_ms = board.next_change_ms(NOW_MS)
    assert end_ms is not None
    assert board.changed(end_ms - 1) == []
    assert [one.shown for one in board.changed(end_ms)] == [Shown.UNKNOWN]
    assert board.next_change_ms(end_ms) is None


def test_a_retired_device_is_forgotten(board: Board) -> None:
    """Clearing a device's retained messages takes its zone away, and its doubt with it."""
    hear(board, health(), live(), live(device="gone"))
    assert board.space("0.01", NOW_MS).shown is Shown.UNKNOWN

    board.forget("gone", "0.01")
    board.forget("gone")

    assert board.space("0.01", NOW_MS).shown is Shown.FREE
    assert [name for name, _, _ in board.devices()] == ["pi-1"]


# --- laws ------------------------------------------------------------------------------------------------

DEVICES = ("pi-1", "pi-2", "pi-3")
AGES_MS = st.integers(-FUTURE_MS, 2 * STALE_MS)
MESSAGES = st.lists(
    st.one_of(
        st.builds(
            live,
            st.just("0.01"),
            st.sampled_from(Occupancy),
            device=st.sampled_from(DEVICES),
            t_ms=AGES_MS.map(lambda age_ms: NOW_MS - age_ms),
        ),
        st.builds(
            health,
            st.sampled_from(DEVICES),
            online=st.booleans(),
            clock=st.sampled_from(Clock),
            t_ms=AGES_MS.map(lambda age_ms: NOW_MS - age_ms),
        ),
    ),
    max_size=20,
)
BUILDING = read_building(building_text(), "building.toml")


@given(MESSAGES, st.integers(0, 2 * STALE_MS))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_space_is_never_free_when_a_zone_does_not_say_so(
    messages: list[Live | Health], later_ms: int
) -> None:
    """Free means: every zone ever heard is online, trusted, young and says free itself."""
    board = hear(Board(BUILDING), *messages)
    now_ms = NOW_MS + later_ms
    if board.space("0.01", now_ms).shown is not Shown.FREE:
        return
    said = [one for one in messages if isinstance(one, Live)]
    for device in {one.device for one in said}:
        words = [one for one in messages if isinstance(one, Health) and one.device == device]
        assert words[-1].online
        assert words[-1].clock is Clock.TRUSTED
        mine = [one.state for one in said if one.device == device]
        young = [one for one in mine if now_ms - min(one.t_ms, NOW_MS) <= STALE_MS]
        assert FREE in {one.occupancy for one in young}


@given(MESSAGES)
def test_nothing_changes_before_the_board_says_so(messages: list[Live | Health]) -> None:
    """Until the next instant that the board names, every answer stays as it is."""
    board = hear(Board(BUILDING), *messages)
    board.changed(NOW_MS)
    end_ms = board.next_change_ms(NOW_MS)
    last_ms = NOW_MS + 10 * STALE_MS if end_ms is None else end_ms - 1

    assert board.spaces(NOW_MS) == board.spaces(last_ms)
