# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Alarms: found by their rules, kept until they are over, told in words, muted and known."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.alarms.judging import Alarm, DeviceNow, Key, Seen, findings, settled
from api.alarms.rules import AGAIN_MS, LOOK_MS, RULES, SILENT_MS, WHYS, AlarmKind, Why
from api.alarms.words import SENSOR_WORDS, TROUBLE_WORDS
from api.book.alarms import write_alarms
from api.live import Shown, SpaceNow
from api.paging import cursor_of
from bezet.av import AVState
from bezet.building import read_building
from bezet.errors import StoreBusy
from bezet.messages import Batch, Clock, SensorState, Trouble
from bezet.model import Because, Kind, Occupancy, Reading, State
from bezet.retention import DAY_MS, HOUR_MS, local_day
from edge.report import MANNERS, PATIENCE_S
from edge.sensors import DRIVERS
from store.memory import MemoryStore
from tests.api.conftest import BOOT, NOW_MS, Stage, building_text, health, live

if TYPE_CHECKING:
    from bezet.model import Building

BUILDING = read_building(building_text(), "building.toml")
MINUTE_MS = 60_000


def space(shown: Shown, since_ms: int | None = NOW_MS - HOUR_MS, space_id: str = "0.02") -> SpaceNow:
    """A space as it is now."""
    found = BUILDING.spaces[space_id]
    return SpaceNow(found, "", found.layouts[-1], shown, since_ms=since_ms)


def device(last_ms: int = NOW_MS, **rest: Any) -> DeviceNow:
    """A device that spoke, well but for what is said otherwise."""
    return DeviceNow("pi-1", health(**rest), last_ms)


SEEN = Seen(NOW_MS, "hall", is_open=True, co2_limit_ppm=1_200)

#: What is seen, and what is found in it.
CASES: dict[str, tuple[dict[str, Any], set[tuple[AlarmKind, str]]]] = {
    "nothing": ({}, set()),
    "poor air": (
        {"spaces": [space(Shown.OCCUPIED)], "co2_ppm": {"0.02": 1_201.0}},
        {(AlarmKind.CO2_HIGH, "0.02")},
    ),
    "just not": ({"spaces": [space(Shown.OCCUPIED)], "co2_ppm": {"0.02": 1_200.0}}, set()),
    "poor air, and nobody": ({"spaces": [space(Shown.FREE)], "co2_ppm": {"0.02": 3_000.0}}, set()),
    "AV on and long free": (
        {"spaces": [space(Shown.FREE)], "av_is_on": {"0.02": True}},
        {(AlarmKind.AV_ON_EMPTY, "0.02")},
    ),
    "AV on and just free": (
        {"spaces": [space(Shown.FREE, NOW_MS - LOOK_MS + 1)], "av_is_on": {"0.02": True}},
        set(),
    ),
    "AV on and unknown": ({"spaces": [space(Shown.UNKNOWN)], "av_is_on": {"0.02": True}}, set()),
    "AV on and used": ({"spaces": [space(Shown.OCCUPIED)], "av_is_on": {"0.02": True}}, set()),
    "poor air where few people fit, which tells when they came": (
        {"spaces": [space(Shown.OCCUPIED, space_id="1.02")], "co2_ppm": {"1.02": 3_000.0}},
        set(),
    ),
    "AV on where few people fit, which tells when they left": (
        {"spaces": [space(Shown.FREE, space_id="1.02")], "av_is_on": {"1.02": True}},
        set(),
    ),
    "little known today": (
        {"spaces": [space(Shown.FREE)], "coverage": {"0.02": 0.89}},
        {(AlarmKind.COVERAGE_LOW, "0.02")},
    ),
    "enough known": ({"spaces": [space(Shown.FREE)], "coverage": {"0.02": 0.9}}, set()),
    "a device that is well": ({"devices": [device()]}, set()),
    "offline": ({"devices": [device(online=False)]}, {(AlarmKind.DEVICE_SILENT, "pi-1")}),
    "silent": ({"devices": [device(NOW_MS - SILENT_MS - 1)]}, {(AlarmKind.DEVICE_SILENT, "pi-1")}),
    "silent, like all, because the broker is away": (
        {"devices": [device(NOW_MS - HOUR_MS)], "link_is_up": False, "down_ms": NOW_MS - MINUTE_MS},
        {(AlarmKind.BROKER_AWAY, "hall")},
    ),
    "the broker away for a moment": ({"link_is_up": False, "down_ms": NOW_MS - MINUTE_MS + 1}, set()),
    "a device that only told of its spaces": ({"devices": [DeviceNow("pi-1", None, NOW_MS)]}, set()),
    "no clock": ({"devices": [device(clock=Clock.UNTRUSTED)]}, {(AlarmKind.DEVICE_CLOCK, "pi-1")}),
    "a full disk": (
        {"devices": [device(troubles=(Trouble.DISK_FULL,))]},
        {(AlarmKind.DEVICE_TROUBLE, "pi-1")},
    ),
    "a long queue": ({"devices": [device(queued=501)]}, {(AlarmKind.DEVICE_TROUBLE, "pi-1")}),
    "a stuck sensor": (
        {"devices": [device(sensors={"pir": SensorState.STUCK_ON, "air": SensorState.OK})]},
        {(AlarmKind.SENSOR_DOUBTED, "pi-1/pir")},
    ),
    "a sensor that has just gone": ({"devices": [device(sensors={"zigbee": SensorState.ABSENT})]}, set()),
    "a sensor that is not there": (
        {
            "devices": [device(sensors={"zigbee": SensorState.ABSENT})],
            "absent_ms": {"pi-1/zigbee": NOW_MS - SILENT_MS},
        },
        {(AlarmKind.SENSOR_DOUBTED, "pi-1/zigbee")},
    ),
    "a calendar since an hour": (
        {"unread_ms": {"0.02": NOW_MS - HOUR_MS}},
        {(AlarmKind.CALENDAR_FAILS, "0.02")},
    ),
    "a calendar since a minute": ({"unread_ms": {"0.02": NOW_MS - MINUTE_MS}}, set()),
    "the store away": ({"store_is_readable": False}, {(AlarmKind.STORE_AWAY, "hall")}),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_found(case: str) -> None:
    """The rules find what the table says, and nothing else."""
    changed, found = CASES[case]

    assert {tuple(key) for key in findings(replace(SEEN, **changed), {})} == found


def test_air_must_be_better_before_it_is_over() -> None:
    """An alarm of CO2 ends 100 ppm below where it began, so that it does not flap."""
    now = replace(SEEN, spaces=[space(Shown.OCCUPIED)], co2_ppm={"0.02": 1_101.0})
    key = Key(AlarmKind.CO2_HIGH, "0.02")
    before = {key: Alarm("a", key, NOW_MS, NOW_MS)}

    assert findings(now, {}) == {}
    assert findings(now, before) == {key: 1_101}
    assert findings(replace(now, co2_ppm={"0.02": 1_100.0}), before) == {}


KEYS = [
    Key(AlarmKind.CO2_HIGH, "0.02"),
    Key(AlarmKind.DEVICE_SILENT, "pi-1"),
    Key(AlarmKind.COVERAGE_LOW, "0.02"),
]
looks = st.lists(
    st.tuples(
        st.integers(1, 30), st.sets(st.sampled_from(KEYS)), st.booleans(), st.booleans(), st.booleans()
    ),
    max_size=20,
)


@given(looks)
def test_alarms_are_opened_once_and_ended_once(turns: list[tuple[int, set[Key], bool, bool, bool]]) -> None:
    """Of each key there is one alarm at a time; what nobody can know, or rests, neither opens nor ends."""
    alarms: dict[Key, Alarm] = {}
    names, now_ms, is_open_now = (f"{n}" for n in count()), NOW_MS, dict.fromkeys(KEYS, False)
    for minutes, found, is_open, link_is_up, store_is_readable in turns:
        now_ms += minutes * MINUTE_MS
        seen = replace(
            SEEN, now_ms=now_ms, is_open=is_open, link_is_up=link_is_up, store_is_readable=store_is_readable
        )
        alarms, changes = settled(alarms, dict.fromkeys(found), seen, names)
        for alarm, what in changes:
            assert is_open_now[alarm.key] == (what == "ended")
            is_open_now[alarm.key] = what == "opened"
            rule = RULES[alarm.key.kind]
            assert is_open or not rule.rests_closed
            is_known = store_is_readable or not rule.needs_store
            assert what == "opened" or is_known
        for key, alarm in alarms.items():
            assert (alarm.ended_ms is None) == is_open_now[key]
            assert alarm.since_ms <= alarm.seen_ms


@pytest.mark.parametrize(
    "silence",
    [device(NOW_MS - SILENT_MS - 1), device(online=False), DeviceNow("pi-1", None, NOW_MS)],
    ids=["late", "offline", "never told"],
)
def test_a_silent_device_ends_nothing_of_its_own(silence: DeviceNow) -> None:
    """What a device told of itself and its sensors stays while it is silent; only the silence is new."""
    doubted = Key(AlarmKind.SENSOR_DOUBTED, "pi-1/pir"), Key(AlarmKind.DEVICE_TROUBLE, "pi-1")
    before = {key: Alarm(key.kind, key, NOW_MS - HOUR_MS, NOW_MS - MINUTE_MS) for key in doubted}
    seen = replace(SEEN, devices=[silence])
    after, changes = settled(before, findings(seen, before), seen, iter("ab"))

    assert [after[key].ended_ms for key in doubted] == [None, None]
    assert [one for one in changes if one.what == "ended"] == []


def test_a_day_of_which_nothing_is_known_yet_ends_nothing() -> None:
    """As a window starts again nobody knows yet how much of the day is known: the alarm goes on."""
    key = KEYS[2]
    before = {key: Alarm("a", key, NOW_MS - HOUR_MS, NOW_MS - MINUTE_MS)}

    assert settled(before, {}, SEEN, iter("b")) == (before, [])
    (change,) = settled(before, {}, replace(SEEN, coverage={key.subject: 1.0}), iter("b"))[1]
    assert change.what == "ended"


@pytest.mark.parametrize(
    ("key", "wrong", "well"),
    [
        (Key(AlarmKind.BROKER_AWAY, "hall"), {"link_is_up": False, "down_ms": NOW_MS}, {}),
        (Key(AlarmKind.CALENDAR_FAILS, "0.02"), {"unread_ms": {"0.02": NOW_MS}}, {"unread_ms": {}}),
    ],
    ids=["broker", "calendar"],
)
def test_what_was_wrong_before_a_start_ends_when_it_is_well(
    key: Key, wrong: dict[str, Any], well: dict[str, Any]
) -> None:
    """A window that just started does not know for how long; the alarm ends when it is well."""
    before = {key: Alarm("a", key, NOW_MS - HOUR_MS, NOW_MS - MINUTE_MS)}
    started = replace(SEEN, **wrong)

    assert settled(before, findings(started, before), started, iter("b")) == (before, [])
    (change,) = settled(before, {}, replace(SEEN, **well), iter("b"))[1]
    assert change.what == "ended"


@pytest.mark.parametrize(
    ("kind", "shown", "what"),
    [
        (AlarmKind.AV_ON_EMPTY, Shown.FREE, []),
        (AlarmKind.AV_ON_EMPTY, Shown.OCCUPIED, ["ended"]),
        (AlarmKind.CO2_HIGH, Shown.OCCUPIED, []),
        (AlarmKind.CO2_HIGH, Shown.FREE, ["ended"]),
    ],
)
def test_a_sensor_that_says_nothing_ends_nothing(kind: AlarmKind, shown: Shown, what: list[str]) -> None:
    """While nobody measures, the air is no better and the screen no less on; who came or left ends it."""
    key = Key(kind, "0.02")
    before = {key: Alarm("a", key, NOW_MS - HOUR_MS, NOW_MS - MINUTE_MS)}
    seen = replace(SEEN, spaces=[space(shown)])

    assert [one.what for one in settled(before, findings(seen, before), seen, iter("b"))[1]] == what


def test_what_comes_back_soon_is_the_same() -> None:
    """An alarm that ended and is found again within ten minutes goes on; after that it is another."""
    key = KEYS[0]
    ended = {key: Alarm("a", key, NOW_MS - HOUR_MS, NOW_MS, ended_ms=NOW_MS)}
    for later_ms, name in ((AGAIN_MS, "a"), (AGAIN_MS + 1, "b")):
        seen = replace(SEEN, now_ms=NOW_MS + later_ms)
        after, (change,) = settled(ended, {key: None}, seen, iter("b"))

        assert (after[key].id, after[key].ended_ms, change.what) == (name, None, "opened")


def test_everything_has_its_words() -> None:
    """Every kind, reason, sensor state and trouble is told in both languages, and says what to do."""
    assert RULES.keys() == set(AlarmKind)
    assert WHYS.keys() == set(Why)
    assert SENSOR_WORDS.keys() == set(SensorState)
    assert TROUBLE_WORDS.keys() == set(Trouble)
    for rule in RULES.values():
        assert all(text.strip() for words in (rule.when, rule.words, rule.what_to_do) for text in words)
        assert "{subject}" in rule.words.nl
    for advice in [*TROUBLE_WORDS.values(), *SENSOR_WORDS.values()]:
        assert all(advice.meaning)
        assert all(advice.what_to_do) or advice is SENSOR_WORDS[SensorState.OK]


# --- in the window ---------------------------------------------------------------------------------------


def lived(co2_ppm: float = 2_000.0, power_w: float = 80.0, said: AVState | None = None) -> Batch:
    """The last 20 minutes of space 0.03: its air, and a screen, with what its sensor says of it."""
    readings = [
        one
        for t_ms in range(NOW_MS - 20 * MINUTE_MS, NOW_MS, 2 * MINUTE_MS)
        for one in (
            Reading(t_ms, "air", Kind.CO2_PPM, co2_ppm),
            Reading(t_ms, "screen", Kind.POWER_W, power_w),
            *([] if said is None else [Reading(t_ms, "screen", Kind.AV_STATE, said)]),
        )
    ]
    return Batch("hall", "pi-1", "0.03", BOOT, 1, Clock.TRUSTED, tuple(readings))


def used_for_an_hour(occupancy: Occupancy) -> Any:
    """A live state of space 0.03 that holds since an hour."""
    found = live("0.03", occupancy)
    since_ms = NOW_MS - HOUR_MS
    return replace(
        found, state=State(NOW_MS, occupancy, found.state.probability, since_ms, (Because.MOTION,), "rule-1")
    )


def closed(building: Building) -> Building:
    """The building on a holiday, on which nobody asks how much of the day is known."""
    return replace(building, holidays=frozenset({local_day(NOW_MS, building.timezone)}))


@pytest.fixture
def shut(building: Building) -> Stage:
    """The window on the building on a holiday."""
    return Stage(closed(building))


async def test_a_day_that_is_hardly_known(stage: Stage, shut: Stage) -> None:
    """Of a space that was heard less than 90 % is known today; on a holiday nobody minds."""
    for house, kinds in ((stage, ["coverageLow"]), (shut, [])):
        async with house.running():
            await house.say(health(), live("0.02"))
            await house.app.state.alarms.look()
            told = await alarms(house)

        assert [one["kind"] for one in told["items"]] == kinds


async def alarms(stage: Stage, query: str = "", **headers: str) -> Any:
    """The alarms that the API tells."""
    return (await stage.client.get(f"/v1/alarms{query}", headers=headers)).json()


async def test_an_alarm_is_told_in_words(shut: Stage) -> None:
    """Poor air is found from what the store holds, told in the asker's language, and over when it is."""
    stage = shut
    stage.store.write([lived()])
    async with stage.running():
        await stage.say(health(), used_for_an_hour(Occupancy.OCCUPIED))
        await stage.app.state.alarms.look()
        told, english = await alarms(stage), await alarms(stage, **{"Accept-Language": "en"})
        stage.store.write([lived(600.0)])
        stage.time.now_ms += MINUTE_MS
        await stage.say(health(t_ms=stage.time.now_ms), used_for_an_hour(Occupancy.OCCUPIED))
        await stage.app.state.alarms.look()
        later = await alarms(stage)

    (found,) = told["items"]
    assert (found["kind"], found["state"], found["text"]) == (
        *("co2High", "open"),
        "0.03 Raadzaal: lucht is slecht (2000 ppm CO2)",
    )
    assert english["items"][0]["whatToDo"].startswith("Open a door or a window")
    assert [one["state"] for one in later["items"]] == ["ended"]
    assert (told["open"], later["open"]) == (1, 0)


@pytest.mark.parametrize(
    ("power_w", "said", "kinds"),
    [
        (80.0, None, ["avOnEmpty"]),
        (2.0, None, []),
        (8.0, AVState.ON, ["avOnEmpty"]),
        (80.0, AVState.STANDBY, []),
    ],
    ids=["by its watts", "standby by its watts", "it says on", "it says standby"],
)
async def test_a_screen_left_on(shut: Stage, power_w: float, said: AVState | None, kinds: list[str]) -> None:
    """A space that is long free with a device on is an alarm; what its sensor says goes before watts."""
    stage = shut
    stage.store.write([lived(500.0, power_w, said)])
    async with stage.running():
        await stage.say(health(), used_for_an_hour(Occupancy.FREE))
        await stage.app.state.alarms.look()
        told = await alarms(stage)

    assert [one["kind"] for one in told["items"]] == kinds


def test_every_av_sensor_speaks_often_enough() -> None:
    """What says that a device is on is said twice or more while an alarm looks, though nothing changes."""
    for kind in (Kind.AV_STATE, Kind.POWER_W):
        assert 2 * (MANNERS[kind].beat_s + PATIENCE_S) * 1000 <= LOOK_MS
    for name, row in DRIVERS.items():
        if {Kind.AV_STATE, Kind.POWER_W} & {*row.measures} and name != "recorded":
            # It is asked often, or its word stands for as long as is looked.
            assert row.every_s <= PATIENCE_S
            assert row.stands_s * 1000 >= LOOK_MS or row.on != "mqtt"


class Away(MemoryStore):
    """A store that can go away."""

    is_away = False

    def readings(self, *arguments: Any, **named: Any) -> Any:
        """What there is, if it is there."""
        if self.is_away:
            raise StoreBusy("away")
        return super().readings(*arguments, **named)


async def test_while_the_store_is_away_nothing_of_it_ends(building: Building) -> None:
    """What rests on the store stays as it was; that it is away is an alarm itself."""
    store = Away()
    store.write([lived()])
    stage = Stage(closed(building), store)
    async with stage.running():
        await stage.say(health(), used_for_an_hour(Occupancy.OCCUPIED))
        await stage.app.state.alarms.look()
        store.is_away = True
        stage.time.now_ms += MINUTE_MS
        await stage.app.state.alarms.look()
        told = await alarms(stage, "?state=open")

    assert {one["kind"] for one in told["items"]} == {"co2High", "storeAway"}


async def test_a_mute_stays_through_restarts_and_returns(building: Building) -> None:
    """What is muted is not told as opened until its time, also when it comes back, and after a restart."""
    stage = Stage(closed(building))
    told: list[tuple[str, str]] = []

    async def look(later_ms: int, *, online: bool) -> None:
        stage.time.now_ms += later_ms
        await stage.say(health(t_ms=stage.time.now_ms, online=online), live())
        await stage.app.state.alarms.look()

    async with stage.running():
        stage.app.state.alarms.told.append(lambda alarm, now: told.append((alarm.id, now)))
        await look(0, online=False)
        (found,) = (await alarms(stage))["items"]
        body = {"mutedUntil": "2026-11-24T10:00:00Z", "reason": "repair"}
        muted = (await stage.client.patch(f"/v1/alarms/{found['id']}", json=body)).json()
        await look(MINUTE_MS, online=True)
        await look(AGAIN_MS + 1, online=False)
    async with stage.running():
        stage.app.state.alarms.told.append(lambda alarm, now: told.append((alarm.id, now)))
        again = await alarms(stage)
        await look(MINUTE_MS, online=False)
        before = [*told]
        await look(DAY_MS, online=False)
        after = await alarms(stage, "?state=open")

    (other,) = after["items"]
    assert (muted["state"], muted["reason"]) == ("muted", "repair")
    assert sorted(one["state"] for one in again["items"]) == ["ended", "muted"]
    assert other["kind"] == "deviceSilent"
    assert before == [(found["id"], "opened"), (found["id"], "ended")]
    assert told == [*before, (other["id"], "opened")]


async def test_muted_until_the_next_working_day(shut: Stage) -> None:
    """`nextWorkingDay` is the next opening of the site, holidays left out; null lets it be told again."""
    stage = shut
    async with stage.running():
        await stage.say(health(online=False), live())
        await stage.app.state.alarms.look()
        (found,) = (await alarms(stage))["items"]
        path = f"/v1/alarms/{found['id']}"
        muted = (
            await stage.client.patch(path, json={"mutedUntil": "nextWorkingDay", "reason": "known"})
        ).json()
        free = (await stage.client.patch(path, json={"mutedUntil": None, "reason": "known"})).json()
        lines = (await stage.read("/v1/audit-entries"))["items"]

    assert muted["mutedUntil"] == "2026-11-30T07:00:00.000Z"  # it opens on Mondays only, at 8:00
    assert (free["state"], free["mutedUntil"]) == ("open", None)
    assert [(one["object"], one["actor"]) for one in lines] == [("deviceSilent pi-1", "anybody")] * 2


async def test_who_knows_is_kept_by_a_look_after(shut: Stage) -> None:
    """An alarm that was read before a look is known after it all the same, and stays so."""
    async with shut.running():
        watch = shut.app.state.alarms
        await shut.say(health(online=False), live())
        await watch.look()
        ((old, _),) = watch.alarms()
        shut.time.now_ms += MINUTE_MS
        await watch.look()
        watch.acknowledge(old, Why.REPAIR)
        shut.time.now_ms += MINUTE_MS
        await watch.look()
        ((now, _),) = watch.alarms()

    assert (now.known_why, now.seen_ms) == (Why.REPAIR, shut.time.now_ms)


async def test_somebody_knows_until_it_is_over(shut: Stage) -> None:
    """An alarm that is acknowledged says so, and one that is over cannot be."""
    stage = shut
    async with stage.running():
        await stage.say(health(online=False), live())
        await stage.app.state.alarms.look()
        (found,) = (await alarms(stage))["items"]
        path = f"/v1/alarms/{found['id']}"
        known = (await stage.client.patch(path, json={"acknowledged": True, "reason": "known"})).json()
        await stage.say(health())
        stage.time.now_ms += MINUTE_MS
        await stage.app.state.alarms.look()
        late = await stage.client.patch(path, json={"acknowledged": True, "reason": "known"})

    assert (known["state"], known["reason"], known["acknowledgedAt"] is not None) == (
        "acknowledged",
        "known",
        True,
    )
    assert (late.status_code, late.json()["type"]) == (409, "urn:bezet:alarm-is-over")


WRONG: list[tuple[Any, str, int]] = [
    ({"reason": "known"}, "application/json", 400),
    ({"acknowledged": True}, "application/json", 400),
    ({"acknowledged": True, "reason": "Piet is ill"}, "application/json", 400),
    ({"mutedUntil": "2026-11-23T09:00:00Z", "reason": "known"}, "application/json", 400),
    ({"mutedUntil": "2028-11-23T09:00:00Z", "reason": "known"}, "application/json", 400),
    ({"mutedUntil": "tomorrow", "reason": "known"}, "application/json", 400),
    ({"acknowledged": True, "reason": "known", "note": "x"}, "application/json", 400),
    ({"acknowledged": True, "reason": "known"}, "text/plain", 415),
]


@pytest.mark.parametrize(("body", "content_type", "status"), WRONG)
async def test_wrong_words_change_nothing(shut: Stage, body: Any, content_type: str, status: int) -> None:
    """Free text, unknown fields, times that are past or too far, and other forms are refused."""
    stage = shut
    async with stage.running():
        await stage.say(health(online=False), live())
        await stage.app.state.alarms.look()
        (found,) = (await alarms(stage))["items"]
        answer = await stage.client.patch(
            f"/v1/alarms/{found['id']}", json=body, headers={"Content-Type": content_type}
        )
        after = (await alarms(stage))["items"]

    assert answer.status_code == status
    assert after == [found]


async def test_alarms_come_page_by_page(shut: Stage) -> None:
    """With a limit of one every alarm comes once, and the last page says that it is the last."""
    stage = shut
    async with stage.running():
        await stage.say(*(health(f"pi-{n}", online=False) for n in range(3)))
        await stage.app.state.alarms.look()
        seen, query = list[str](), "?limit=1"
        for _ in range(3):
            page = await alarms(stage, query)
            seen += [one["subject"] for one in page["items"]]
            query = f"?limit=1&cursor={page['nextCursor']}"
        odd = [await stage.client.get(f"/v1/alarms?cursor={one}") for one in ("abc", cursor_of(-1))]

    assert sorted(seen) == ["pi-0", "pi-1", "pi-2"]
    assert page["nextCursor"] is None
    assert [one.status_code for one in odd] == [400, 400]


async def test_no_page_repeats_or_skips_what_stays(stage: Stage) -> None:
    """While alarms come and end between the pages, each that stays comes once, and none is missed."""
    made = {
        name: Alarm(name, Key(AlarmKind.DEVICE_SILENT, f"pi-{name}"), NOW_MS - age * MINUTE_MS, NOW_MS)
        for age, name in enumerate("abcdef", start=1)
    }
    for name in "ef":
        made[name] = replace(made[name], ended_ms=NOW_MS)
    key = Key(AlarmKind.DEVICE_SILENT, "pi-new")
    between = [
        [Alarm("9", key, NOW_MS, NOW_MS), replace(made["a"], ended_ms=NOW_MS)],
        [replace(made["d"], ended_ms=NOW_MS)],
        *([], [], []),
    ]
    write_alarms(stage.book, made.values())
    seen, query = list[str](), "?limit=1"
    async with stage.running():
        for changes in between:
            page = await alarms(stage, query)
            seen += [one["id"] for one in page["items"]]
            write_alarms(stage.book, changes)
            query = f"?limit=1&cursor={page['nextCursor']}"
        last = await alarms(stage, query.replace("limit=1", "limit=9"))

    assert seen == ["a", "b", "c", "a", "d"]  # the first once more: it ended meanwhile
    assert [one["id"] for one in last["items"]] == ["e", "f"]
    assert last["nextCursor"] is None


async def test_alarms_of_one_space(shut: Stage) -> None:
    """A space has its own alarms, or none; what is no space of the building is refused, and named."""
    stage = shut
    stage.store.write([lived()])
    async with stage.running():
        await stage.say(health(), used_for_an_hour(Occupancy.OCCUPIED))
        await stage.app.state.alarms.look()
        found = [(await alarms(stage, f"?spaceId={one}"))["items"] for one in ("0.03", "0.02")]
        answer = await stage.client.get("/v1/alarms?spaceId=0.99")

    assert [[one["subject"] for one in items] for items in found] == [["0.03"], []]
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert "spaceId" in str(answer.json()["errors"])


async def test_what_an_alarm_takes_is_named(stage: Stage) -> None:
    """Where a path takes more than one method, Allow names all of them."""
    async with stage.running():
        answer = await stage.client.request("OPTIONS", "/v1/alarms/abc")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, PATCH")
