# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What was sensed against what was true: every figure by arithmetic, and laws that hold for all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.errors import CannotStart
from bezet.model import SpaceKind, Zone
from bezet.usage.columns import ZoneFacts
from bezet.usage.facts import FACTS, QUARTER_MS, ROW, quarter_facts
from demo.people import Stay, Thing
from demo.truth.figures import FIGURES, shown
from demo.truth.hours import Spans
from demo.truth.score import score
from demo.truth.tally import Tally, total
from tests.bezet.usage import told
from tests.demo.towns import Room, clock, meeting, small_building, stay
from tests.demo.truth.stage import (
    AGAIN_MS,
    BUSY,
    FREE,
    SITE,
    SPACE,
    UNKNOWN,
    Said,
    co2,
    perfect,
    state,
    states,
    stored,
    truth_of,
)

if TYPE_CHECKING:
    from bezet.model import Reading, State
    from demo.truth.reading import Truth
    from store import Store

BUILDING = small_building()
DAY = clock(0), clock(24)


def tally_of(truth: Truth, store: Store, *, all_hours: bool = False) -> Tally:
    """The tally of the one space."""
    return score(truth, store, BUILDING, all_hours=all_hours).all()


def figures(truth: Truth, store: Store) -> dict[str, str]:
    """All figures of the one space, as they are shown."""
    found = tally_of(truth, store)
    return {name: shown(figure, found) for name, figure in FIGURES.items()}


# --- by arithmetic ----------------------------------------------------------------------------------------

#: Open from 8 to 18. Three people from 9 to 10, two from 13:30 to 15; a bag from 12 to 14.
STAYS = (*meeting(3, 9, 10), *meeting(2, 13.5, 15))
BAG = Thing(SPACE, clock(12), clock(14))
#: Five minutes too long in the morning, then an hour unknown; half an hour too late, with one too many.
SAID = (
    *(Said(7, 9, FREE, 0), Said(9, 10 + 1 / 12, BUSY, 3), Said(10 + 1 / 12, 12, FREE, 0)),
    *(Said(12, 13, UNKNOWN), Said(13, 14, FREE, 0), Said(14, 15, BUSY, 3), Said(15, 18, FREE, 0)),
)
#: 540 of 600 minutes are known; of 150 used ones 30 are missed, of 390 free ones 5 are ghosts.
BY_HAND = {
    "asked_h": "10.0",
    "known_pct": "90.0",
    "unknown_pct": "10.0",
    "unknown_h": "1.0",
    "agreed_pct": "93.5",  # 505 / 540
    "missed_pct": "5.6",  # 30 / 540
    "ghost_pct": "0.9",  # 5 / 540
    "missed_h": "0.5",
    "ghost_h": "0.1",
    "balanced_pct": "89.4",  # (120 / 150 + 385 / 390) / 2
    "counted_pct": "100.0",
    "count_error_people": "0.25",  # (5 * 3 + 30 * 2 + 60 * 1) / 540
    "count_bias_people": "0.03",  # (5 * 3 - 30 * 2 + 60 * 1) / 540
    "sessions_true": "2",
    "sessions_said": "2",
    "session_true_min": "75.0",  # 60 and 90
    "session_said_min": "62.5",  # 65 and 60
    "start_delay_s": "900",  # 0 and 1800
    "end_delay_s": "150",  # 300 and 0
    "occupancy_rate_true": "0.278",  # 150 / 540
    "occupancy_rate_said": "0.231",  # 125 / 540
    "occupancy_rate_true_of_all": "0.250",  # 150 / 600
    "people_mean_when_used_true": "2.40",  # (60 * 3 + 90 * 2) / 150
    "people_mean_when_used_said": "3.00",
    "utilisation_true": "0.400",  # for six
    "utilisation_said": "0.500",
    "half_full_true_pct": "100.0",
    "half_full_said_pct": "100.0",
    "co2_error_ppm": "100",
    "air_class_error_pct": "100.0",
    "revised_pct": "n/a",
    "only_things_h": "1.5",
}


def test_a_day_by_hand() -> None:
    """Every figure is what arithmetic says."""
    store = stored(*states(SAID), *co2(7, 18, 1_000))

    assert figures(truth_of(STAYS, [BAG], co2_ppm=900), store) == BY_HAND


def test_nothing_was_said() -> None:
    """Where nothing was sensed all time is unknown, and nothing else is said than what is true anyway."""
    found = figures(truth_of(STAYS), stored())

    known = {"asked_h", "unknown_h", "missed_h", "ghost_h", "sessions_true", "sessions_said", "only_things_h"}
    known |= {"known_pct", "unknown_pct", "occupancy_rate_true_of_all"}
    assert (found["known_pct"], found["unknown_h"]) == ("0.0", "10.0")
    assert (found["missed_h"], found["ghost_h"], found["sessions_true"]) == ("0.0", "0.0", "0")
    assert {name for name, text in found.items() if text != "n/a"} == known


@pytest.mark.parametrize(
    ("stays", "said", "delays"),
    [
        pytest.param([(9, 10)], [(9.1, 10.2)], ([360], [720]), id="later"),
        pytest.param([(9, 10)], [(9.1, 9.4), (9.6, 10.2)], ([360], [720]), id="in two halves"),
        pytest.param([(9, 10), (10.2, 11)], [(9.1, 11.2)], ([360], [720]), id="two as one"),
        pytest.param([(9, 10)], [(8, 8.5), (9.1, 10.2)], ([360], [720]), id="a ghost before"),
        pytest.param([(9, 9.05)], [(9.1, 10.2)], ([], []), id="no overlap"),
        pytest.param([(9, 10), (10.05, 11)], [(9.1, 11.2)], ([360], [720]), id="a gap that splits nothing"),
    ],
)
def test_delays(
    stays: list[tuple[float, float]], said: list[tuple[float, float]], delays: tuple[list[int], list[int]]
) -> None:
    """How late a session was seen to begin and end is told by the first and last that overlap it."""
    turns_ms = sorted({*range(*DAY, AGAIN_MS), *(clock(hour) for one in said for hour in one)})
    busy = [(clock(from_h), clock(to_h)) for from_h, to_h in said]
    rows = [state(t_ms, BUSY if any(a <= t_ms < b for a, b in busy) else FREE) for t_ms in turns_ms]

    found = tally_of(truth_of(stay("p", *hours) for hours in stays), stored(*rows))

    assert ([*found.start_delays_s], [*found.end_delays_s]) == delays


def test_a_session_into_unknown_time() -> None:
    """Of a session that goes on into unknown time nobody knows how long it was."""
    said = [Said(8, 9, FREE), Said(9, 9.5, BUSY), Said(9.5, 11, UNKNOWN), Said(11, 18, FREE)]

    found = tally_of(truth_of(meeting(1, 9, 10)), stored(*states(said)))

    assert (found.true_sessions, found.said_sessions) == (1, 1)
    assert (found.true_lengths_s, found.said_lengths_s, found.end_delays_s) == ((), (), ())
    assert found.start_delays_s == (0.0,)


def test_what_counts() -> None:
    """Opening hours count, or all hours; time of which the truth is not written never does."""
    truth = truth_of(covered=[(clock(0), clock(9)), (clock(17), clock(24))])
    store = stored(*states([Said(0, 24, FREE)]))

    assert tally_of(truth, store).asked_ms == clock(2) - clock(0)
    assert tally_of(truth, store, all_hours=True).asked_ms == clock(16) - clock(0)
    assert tally_of(truth, store).known_ms == clock(2) - clock(0)


def test_between_two_instants() -> None:
    """Nothing counts outside of the instants that are asked, and there must be some truth between them."""
    truth, store = truth_of(STAYS), stored(*states([Said(0, 24, FREE)]))

    found = score(truth, store, BUILDING, clock(9.5), clock(11))

    assert (found.all().asked_ms, found.all().true_used_ms) == (clock(1.5) - clock(0), clock(0.5) - clock(0))
    with pytest.raises(CannotStart, match="nothing"):
        score(truth, store, BUILDING, clock(30), clock(40))
    with pytest.raises(CannotStart, match="empty"):
        score(replace(truth, covered=Spans.of([], 0, 1)), store, BUILDING)
    with pytest.raises(CannotStart, match=r"no space 1\.02"):
        score(truth, store, small_building(Room("1.01"), Room("1.02")))


def test_late_facts() -> None:
    """Quarter hours of opening time that late data changed are counted by their share."""
    store = stored(*states([Said(0, 24, FREE)]))
    quarter_ms = np.arange(*DAY, QUARTER_MS, dtype=np.int64)
    amounts = np.zeros((len(FACTS), len(quarter_ms)))
    amounts[ROW["covered_s"]] = 900
    revision = ((quarter_ms >= clock(8)) & (quarter_ms < clock(10))).astype(np.int32)
    store.write_facts([ZoneFacts(Zone(SITE, SPACE, "pi-1"), quarter_ms, amounts, revision)], [])

    assert figures(truth_of(), store)["revised_pct"] == "20.0"


def test_spaces_kinds_and_all() -> None:
    """Spaces of a kind are added up, and all spaces are; one of which nothing is stored is unknown."""
    rooms = Room("1.01"), Room("1.02"), Room("1.03", SpaceKind.DESKS, 12)
    truth = truth_of(STAYS, spaces=tuple(room.id for room in rooms))

    found = score(truth, stored(*states(SAID)), small_building(*rooms))

    assert list(found.spaces()) == ["1.01", "1.02", "1.03"]
    assert {kind: one.asked_ms for kind, one in found.kinds().items()} == {
        SpaceKind.MEETING: 2 * (clock(10) - clock(0)),
        SpaceKind.DESKS: clock(10) - clock(0),
    }
    assert found.all().asked_ms == 3 * (clock(10) - clock(0))
    assert found.all().known_ms == clock(9) - clock(0)


# --- laws -------------------------------------------------------------------------------------------------

#: Minutes of the day, so that visits meet, overlap, and fall outside of opening hours.
minutes = st.integers(60, 1_380)


@st.composite
def some_stays(draw: st.DrawFn) -> list[Stay]:
    """Up to six people, each there once."""
    spans = draw(st.lists(st.tuples(minutes, minutes).filter(lambda span: span[0] < span[1]), max_size=6))
    return [stay(f"p{place}", first / 60, last / 60) for place, (first, last) in enumerate(spans)]


@given(some_stays())
def test_perfect_sensing(stays: list[Stay]) -> None:
    """Who says all that is true agrees all of the time, counts without error, and gives the true figures."""
    truth = truth_of(stays)

    found = tally_of(truth, stored(*perfect(truth)))

    assert found.known_ms == found.asked_ms
    assert found.true_used_ms == found.said_used_ms == found.both_used_ms == found.used_asked_ms
    assert (found.count_error_ms, found.count_bias_ms, found.counted_ms) == (0, 0, found.asked_ms)
    assert found.true_people_ms == found.said_people_ms
    assert (found.true_sessions, found.true_lengths_s) == (found.said_sessions, found.said_lengths_s)
    assert {*found.start_delays_s, *found.end_delays_s} <= {0.0}


@given(some_stays(), st.integers(1, 120))
def test_a_hold_makes_ghosts_alone(stays: list[Stay], hold_min: int) -> None:
    """A sensor that goes on for a while after all have left misses nothing, and ends sessions late."""
    truth = truth_of(stays)
    rows = perfect(truth)
    hold_ms = hold_min * 60_000
    held = [_held(row, truth, hold_ms) for row in _often(rows)]

    found = tally_of(truth, stored(*held), all_hours=True)

    assert found.both_used_ms == found.true_used_ms
    assert found.said_used_ms >= found.true_used_ms
    assert set(found.end_delays_s) <= {hold_ms / 1000}
    assert set(found.start_delays_s) <= {0.0}


def _often(rows: list[State]) -> list[State]:
    """What is said at these instants, and at each minute between them."""
    t_ms = np.array([row.t_ms for row in rows], np.int64)
    every_ms = np.unique(np.append(t_ms, np.arange(*DAY, 60_000)))
    places = np.searchsorted(t_ms, every_ms, side="right") - 1
    return [state(int(at), rows[place].occupancy) for at, place in zip(every_ms, places, strict=True)]


def _held(row: State, truth: Truth, hold_ms: int) -> State:
    """Occupied, too, while somebody was there less than so long ago."""
    is_held = any(one.to_ms <= row.t_ms < one.to_ms + hold_ms for one in truth.stays[SPACE])
    return state(row.t_ms, BUSY if is_held else row.occupancy)


@given(some_stays(), some_stays(), minutes, minutes)
def test_unknown_time_is_neither_right_nor_wrong(
    stays: list[Stay], others: list[Stay], one: int, other: int
) -> None:
    """What really happened while the sensors could not speak changes no figure but that of all time."""
    from_h, to_h = min(one, other) / 60, (max(one, other) + 1) / 60
    sensed = perfect(truth_of(stays))
    rows = [row for row in sensed if not clock(from_h) <= row.t_ms < clock(to_h)]
    silent = [state(t_ms, UNKNOWN) for t_ms in range(clock(from_h), clock(to_h), 60_000)]
    again = [
        state(clock(to_h), sensed[place].occupancy, sensed[place].people) for place in [_at(sensed, to_h)]
    ]
    outside = [part for one in stays for part in _cut(one, from_h, to_h)]
    inside = [
        one._replace(
            person=f"q{place}", from_ms=max(one.from_ms, clock(from_h)), to_ms=min(one.to_ms, clock(to_h))
        )
        for place, one in enumerate(others)
        if one.from_ms < clock(to_h) and one.to_ms > clock(from_h)
    ]
    store = stored(*rows, *silent, *again)

    found, changed = (tally_of(truth_of(those), store) for those in (stays, [*outside, *inside]))

    assert changed._replace(used_asked_ms=found.used_asked_ms) == found


def _at(rows: list[State], hour: float) -> int:
    return max(place for place, row in enumerate(rows) if row.t_ms <= clock(hour))


def _cut(one: Stay, from_h: float, to_h: float) -> list[Stay]:
    """What is left of a stay without the hours between the two."""
    parts = [
        one._replace(to_ms=min(one.to_ms, clock(from_h))),
        one._replace(from_ms=max(one.from_ms, clock(to_h))),
    ]
    return [part for part in parts if part.from_ms < part.to_ms]


@given(told.days())
def test_what_was_sensed_is_what_the_facts_say(rows: list[tuple[str, State | Reading]]) -> None:
    """Whatever devices say, the sensed side of the score is what the facts of the product add up to."""
    start_ms, end_ms = told.T_MS - 16 * QUARTER_MS, told.T_MS + 32 * QUARTER_MS
    states_, readings = told.columns(rows)
    facts = quarter_facts(
        states_, readings, np.arange(start_ms, end_ms, QUARTER_MS, dtype=np.int64), told.LIMITS_PPM
    )
    truth = truth_of(covered=[(start_ms, end_ms)])
    store = stored()
    for device, row in rows:
        stored(row, device=device, into=store)

    found = tally_of(truth, store, all_hours=True)

    sums = {name: float(np.nansum(facts[ROW[name]])) for name in FACTS}
    assert found.known_ms / 1000 == pytest.approx(sums["covered_s"])
    assert found.said_used_ms / 1000 == pytest.approx(sums["occupied_s"])
    assert found.said_counted_ms / 1000 == pytest.approx(sums["counted_s"])
    assert found.said_people_ms / 1000 == pytest.approx(sums["person_s"])
    assert found.said_sessions == sums["sessions_started"]


def test_tallies_add_up() -> None:
    """The tally of nothing adds nothing."""
    found = tally_of(truth_of(STAYS), stored(*states(SAID)))

    assert total([found, Tally()]) == found
    assert total([found, found]).known_ms == 2 * found.known_ms
