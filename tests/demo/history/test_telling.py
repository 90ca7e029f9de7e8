# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a device would have told: the same however it is asked, and nothing while it has no power."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from bezet.model import KINDS, Agreement, Layout, Level, Occupancy, Retention, SpaceKind
from collector.rederive import Wish, rederive
from demo.faults import POWER_CUT_MS, Fault
from demo.happenings import Happening, What
from demo.history.telling import Telling, Told
from demo.people import Doing
from store.memory import MemoryStore
from tests.demo.towns import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, TUESDAY, Room, clock, small_town, stay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bezet.model import Reading, State
    from bezet.wire import Batch
    from demo.town import Town

AROUND_MS = 2 * HOUR_MS
#: Two days by the time on the wall, and the UTC midnight between them.
START_MS = clock(0)
MIDAROUND_MS, END_MS = START_MS + HOUR_MS + DAY_MS, START_MS + 2 * DAY_MS
MIDNIGHT_MS = clock(24)
DEVICE = "demo-pi-1"
LONG = Retention(presence_hours=240, agreement=Agreement("OR 1", date(2030, 1, 1)))
UNPLUGGED = Happening(What.UNPLUG, DEVICE, clock(10.2), clock(13.4))
CUT = Happening(What.CUT_BROKER, "", clock(15), clock(15.5))
LEFT_ON_ITS_OWN = (
    *(stay("ada", 8.9, 11.6, Doing.QUIET), stay("bob", 9.3, 12.1, Doing.DESK, seat=1)),
    *(stay("ada", 12.6, 17.2, Doing.QUIET), stay("cor", 11.2, 11.4, Doing.CALL, "1.02")),
    *(stay("eve", 14.9, 15.3, Doing.CALL, "1.02"), stay("dan", 23.5, 25.7, Doing.DESK, seat=2)),
)


def two_rooms(*happenings: Happening, faults: frozenset[Fault] = frozenset()) -> Town:
    """A quiet room and a phone booth, read by one device."""
    rooms = Room("1.01", SpaceKind.FOCUS, 4, 12.0), Room("1.02", SpaceKind.PHONE, 1, 2.25)
    return small_town(*LEFT_ON_ITS_OWN, spaces=rooms, happenings=happenings, faults=faults)


def tell(town: Town, *cuts_ms: int, presence_from_ms: int = 0, pickled: bool = False) -> list[Told]:
    """What the device of a town tells of each span between two cuts."""
    telling, found = Telling(town, town.plan[0]), []
    for from_ms, to_ms in pairwise(cuts_ms):
        found.append(telling.tell(town, from_ms, to_ms, presence_from_ms=presence_from_ms))
        if pickled:
            telling = pickle.loads(pickle.dumps(telling))
    return found


def readings(told: Sequence[Told]) -> list[tuple[str, Reading]]:
    """All readings with their space, in order of time."""
    batches = [batch for one in told for batch in (*one.batches, *one.late)]
    found = [(batch.space, reading) for batch in batches for reading in batch.readings]
    return sorted(found, key=lambda one: (one[1].t_ms, one[0], one[1].sensor, one[1].kind))


def states(told: Sequence[Told]) -> list[tuple[str, State]]:
    """All states with their space, in order of time."""
    batches = [batch for one in told for batch in (*one.batches, *one.late)]
    found = [(batch.space, state) for batch in batches for state in batch.states]
    return sorted(found, key=lambda one: (one[1].t_ms, one[0]))


def instants(batches: Sequence[Batch]) -> list[int]:
    """When the readings of some batches were taken."""
    return [reading.t_ms for batch in batches for reading in batch.readings]


def to_the_second(found: list[tuple[str, Reading]]) -> list[tuple[str, Reading]]:
    """The same, each at the second it was taken in.

    A pin is heard once more where a span begins, so what is said again every few minutes anyway may be said
    along with another sensor of the device, some ms earlier.
    """
    cut = [(space, replace(one, t_ms=one.t_ms // SECOND_MS * SECOND_MS)) for space, one in found]
    return sorted(cut, key=lambda one: (one[1].t_ms, one[0], one[1].sensor, one[1].kind))


def test_the_same_seed() -> None:
    """The same town tells the same twice, message for message."""
    one, other = (tell(two_rooms(UNPLUGGED, CUT, faults=frozenset(Fault)), START_MS, END_MS) for _ in "ab")

    assert one == other
    assert one[0].batches
    assert one[0].late
    assert one[0].healths


def test_day_by_day() -> None:
    """Days told one after the other are the days told at once."""
    town = two_rooms(UNPLUGGED, CUT)
    whole, split = tell(town, START_MS, END_MS), tell(town, START_MS, MIDAROUND_MS, END_MS)

    assert readings(split) == readings(whole)
    assert states(split) == states(whole)
    assert [one for told in split for one in told.healths] == whole[0].healths


@pytest.mark.parametrize(
    "cuts_ms",
    [
        pytest.param([clock(9), clock(9.35)], id="while somebody is there"),
        pytest.param([clock(11.3), clock(15.2)], id="without power, and without a broker"),
        pytest.param([clock(14), *range(clock(16), clock(17), 7 * MINUTE_MS + 13)], id="bit by bit"),
    ],
)
def test_spans_do_not_matter(cuts_ms: list[int]) -> None:
    """Whatever spans follow each other, states are those of all at once, and readings nearly so."""
    town = two_rooms(UNPLUGGED, CUT)
    whole, split = tell(town, START_MS, END_MS), tell(town, START_MS, *cuts_ms, END_MS)

    assert states(split) == states(whole)
    assert to_the_second(readings(split)) == to_the_second(readings(whole))


def test_presence_that_is_removed_by_now() -> None:
    """Readings of presence from before the instant are left out, and nothing else."""
    town, from_ms = two_rooms(), clock(13)
    whole = tell(town, START_MS, END_MS)
    kept = tell(town, START_MS, END_MS, presence_from_ms=from_ms)

    expected = [
        (space, one)
        for space, one in readings(whole)
        if one.t_ms >= from_ms or KINDS[one.kind].level is not Level.PRESENCE
    ]
    assert readings(kept) == expected
    assert 0 < len(expected) < len(readings(whole))
    assert states(kept) == states(whole)
    assert kept[0].healths == whole[0].healths


def test_no_power_no_word() -> None:
    """Of time without power a device tells what its last words still meant, then that nothing is known."""
    (told,) = tell(two_rooms(UNPLUGGED), START_MS, END_MS)
    off_ms = range(UNPLUGGED.from_ms, UNPLUGGED.to_ms)
    heard_ms = instants(told.batches)

    assert not [t_ms for t_ms in heard_ms if t_ms in off_ms]
    assert min(heard_ms) < off_ms.start
    assert max(heard_ms) >= off_ms.stop
    for space in ("1.01", "1.02"):
        meant = [one for name, one in states([told]) if name == space and one.t_ms in off_ms]
        known = [one.occupancy is not Occupancy.UNKNOWN for one in meant]
        assert known == sorted(known, reverse=True)
        assert not known[-1]
        assert all(one.since_ms < off_ms.start for one in meant if one.occupancy is not Occupancy.UNKNOWN)
    said = [(one.t_ms, one.online) for one in told.healths]
    assert said == [(START_MS, True), (off_ms.start, False), (off_ms.stop, True)]
    boots = [one.boot for one in told.healths]
    assert boots[0] == boots[1] != boots[2]


def test_no_broker_all_later() -> None:
    """What nothing carries is told late, and with it all is told that would have been told in time."""
    cut, whole = tell(two_rooms(CUT), START_MS, END_MS), tell(two_rooms(), START_MS, END_MS)
    off_ms = range(CUT.from_ms, CUT.to_ms)

    assert instants(cut[0].late)
    assert all(t_ms in off_ms for t_ms in instants(cut[0].late))
    assert not [t_ms for t_ms in instants(cut[0].batches) if t_ms in off_ms]
    assert states(cut) == states(whole)
    assert to_the_second(readings(cut)) == to_the_second(readings(whole))


def test_a_start_without_the_time() -> None:
    """Before it lies a short time without power, and what is told until the time is known comes late."""
    town = two_rooms(faults=frozenset({Fault.CLOCKLESS_BOOT}))
    weeks_ms = clock(0), clock(0, TUESDAY + timedelta(weeks=3))
    spell = town.spells(Fault.CLOCKLESS_BOOT, DEVICE, *weeks_ms)[0]
    (told,) = tell(town, spell.from_ms - AROUND_MS, spell.to_ms + AROUND_MS)
    cut_ms = spell.from_ms - POWER_CUT_MS

    assert instants(told.late)
    assert all(spell.from_ms <= t_ms < spell.to_ms for t_ms in instants(told.late))
    assert not [t_ms for t_ms in instants(told.batches) if cut_ms <= t_ms < spell.to_ms]
    assert [(one.t_ms, one.online) for one in told.healths[1:]] == [(cut_ms, False), (spell.from_ms, True)]


def test_what_it_remembers_can_be_pickled() -> None:
    """A device that is pickled between two spans goes on as if it had not been."""
    town, cuts_ms = two_rooms(UNPLUGGED), (START_MS, clock(9.35), clock(11), MIDAROUND_MS, END_MS)

    assert tell(town, *cuts_ms, pickled=True) == tell(town, *cuts_ms)
    assert tell(replace(town, seed=2, _kept={}), *cuts_ms) != tell(town, *cuts_ms)


def test_a_space_that_becomes_another_one() -> None:
    """As a layout begins the rules hear of it, not sooner; what is told again from the store is the same."""
    wednesday = TUESDAY + timedelta(days=1)
    town = two_rooms()
    spaces = {
        name: replace(space, layouts=(*space.layouts, Layout(wednesday, SpaceKind.PHONE, 1, "booth")))
        for name, space in town.building.spaces.items()
    }
    town = replace(town, building=replace(town.building, spaces=spaces, retention=LONG))
    told, old, new = tell(town, START_MS, END_MS), MemoryStore(), MemoryStore()
    old.write([batch for one in told for batch in one.batches])
    rederive(old, new, town.building, Wish(), END_MS)

    before, after = states(tell(two_rooms(), START_MS, END_MS)), states(told)
    assert before != after
    assert [one for one in before if one[1].t_ms < MIDNIGHT_MS] == [
        one for one in after if one[1].t_ms < MIDNIGHT_MS
    ]
    again = states([Told([*_batches(new)])])
    # In the other room two sensors speak in one millisecond, of which a store does not keep the order.
    assert [one for one in again if one[0] == "1.02"] == [one for one in after if one[0] == "1.02"]


def _batches(store: MemoryStore) -> Iterator[Batch]:
    for zone in store.zones():
        yield from store.batches(zone, start_ms=0, end_ms=END_MS)
