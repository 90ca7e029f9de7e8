# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Every fault switched on makes the score worse in the place where it should, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from bezet.building import read_building
from bezet.usage.facts import GRACE_MS
from collector.facts import FactMaker
from collector.intake import Haul, Intake
from demo.faults import SEASONS, Fault
from demo.history.telling import Telling
from demo.plan import Device
from demo.town import make_town
from demo.truth.reading import read_truth
from demo.truth.score import score
from demo.truth.tally import Tally
from demo.truth.writing import write_truth
from store.memory import MemoryStore
from tests.conftest import ROOT
from tests.demo.towns import DAY_MS, TUESDAY, clock

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bezet.model import Zone
    from bezet.wire import Batch, Message
    from demo.town import Town

Figure = Callable[[Tally], float]
#: A season of faults is looked for from this day on, for so many weeks.
FIRST_DAY, WEEKS = TUESDAY - timedelta(days=71), 12
DAYS = 2
#: No fact is late when it is first made, as in the history that the demo fills.
LATE_MS = 14 * DAY_MS
#: What is measured elsewhere, and must not change; by another device than the one that is at fault.
RADAR, PIR = "ld2410-0.06", "pir-1.08"


def missed_ms(tally: Tally) -> float:
    """How long somebody was there, and was said not to be."""
    return tally.true_used_ms - tally.both_used_ms


def ghost_ms(tally: Tally) -> float:
    """How long somebody was said to be there, and was not."""
    return tally.said_used_ms - tally.both_used_ms


def unknown_ms(tally: Tally) -> float:
    """How long nothing was known."""
    return tally.asked_ms - tally.known_ms


def ghost_or_unknown_ms(tally: Tally) -> float:
    """A sensor that is stuck is believed until it is found out."""
    return ghost_ms(tally) + unknown_ms(tally)


def co2_error_ppm(tally: Tally) -> float:
    """By how much the air was said to be otherwise."""
    return tally.co2_error_ppm / tally.co2_instants


def count_error(tally: Tally) -> float:
    """By how many people a count was off."""
    return tally.count_error_ms / tally.counted_ms


def revised_share(tally: Tally) -> float:
    """Which share of the quarter hours was told otherwise at first."""
    return tally.revised_facts / tally.facts


class Case(NamedTuple):
    """Where a fault is felt: `space` of these `sensors`, and who has it: a sensor, a device or the broker.

    `elsewhere` is a sensor in another space that does not feel it. With `is_told_later` the figure is worse
    only until what was told late has come; the score after it must be what it was without the fault.
    """

    figure: Figure
    least: float
    space: str
    sensors: tuple[str, ...]
    elsewhere: str = ""
    name: str = ""
    is_told_later: bool = False


HOUR_MS, MINUTE_MS = 3_600_000.0, 60_000.0
#: The least is what each must be worse by in two days; in a quiet room people sit alone, and hardly move.
#: The boot and the broker make nothing worse for good: what was told late is there in the end.
CASES: Mapping[Fault, Case] = {
    Fault.PIR_BLIND: Case(missed_ms, HOUR_MS / 2, "1.11", ("pir-1.11",), RADAR),
    Fault.RADAR_GHOSTS: Case(ghost_ms, HOUR_MS, "0.06", (RADAR,), PIR, RADAR),
    Fault.CO2_LAG: Case(co2_error_ppm, 0.5, "1.01", ("mhz19-1.01",), RADAR),
    Fault.CO2_DRIFT: Case(co2_error_ppm, 2.0, "1.01", ("mhz19-1.01",), RADAR),
    Fault.DOOR_MISSES: Case(count_error, 0.1, "1.02", ("vl53l1x-1.02", "pir-1.02"), RADAR),
    Fault.PIR_STUCK: Case(ghost_or_unknown_ms, 10 * HOUR_MS, "1.08", (PIR,), RADAR, PIR),
    Fault.DEVICE_SILENT: Case(unknown_ms, 5 * HOUR_MS, "1.08", (PIR,), RADAR, "demo-pi-4"),
    Fault.CLOCKLESS_BOOT: Case(unknown_ms, 10 * MINUTE_MS, "1.08", (PIR,), RADAR, "demo-pi-4", True),
    Fault.BROKER_OUT: Case(unknown_ms, 3 * HOUR_MS, "1.08", (PIR, RADAR), is_told_later=True),
}


@pytest.fixture(scope="module")
def town_hall() -> Town:
    """The example town without any fault; its people are the same in all tests."""
    text = (ROOT / "building.toml").read_text(encoding="utf-8")
    return make_town(read_building(text, "building.toml"), 1, faults=frozenset())


def part_of(town: Town, sensors: Iterable[str]) -> Town:
    """The same town, in which these sensors alone hang, and nothing else is to be measured."""
    wanted = {*sensors}
    plan = [
        Device(device.name, tuple(hung for hung in device.sensors if hung.id in wanted))
        for device in town.plan
    ]
    plan = [device for device in plan if device.sensors]
    spaces = {space: town.building.spaces[space] for device in plan for space in device.spaces}
    return replace(town, building=replace(town.building, spaces=spaces), plan=tuple(plan), _kept={})


class Outcome(NamedTuple):
    """The score of each space before and after what was late came, and all that is stored after it."""

    at_first: Mapping[str, Tally]
    in_the_end: Mapping[str, Tally]
    stored: Mapping[Zone, list[Batch]]


def outcome(town: Town, start_ms: int, folder: Path) -> Outcome:
    """Let the devices tell some days, and hold them against the truth."""
    end_ms = start_ms + DAYS * DAY_MS
    store = MemoryStore()
    told = [
        Telling(town, device).tell(town, start_ms, end_ms, presence_from_ms=start_ms) for device in town.plan
    ]
    in_time: list[Message] = []
    for one in told:
        in_time += [*one.healths, *one.batches]
    late = [batch for one in told for batch in one.late]
    write_truth(folder, town, start_ms, end_ms)
    truth, scores = read_truth(folder), []
    for messages in (in_time, late):
        collect(store, town, messages, end_ms)
        scores.append(score(truth, store, town.building).spaces())
    stored = {zone: [*store.batches(zone, start_ms=start_ms, end_ms=end_ms)] for zone in store.zones()}
    return Outcome(scores[0], scores[1], stored)


def collect(store: MemoryStore, town: Town, messages: Iterable[Message], end_ms: int) -> None:
    """Take messages in as the collector does, and make the facts that are due."""
    intake, haul = Intake(store, town.building, lambda: end_ms), Haul()
    for message in messages:
        intake.take(message, haul, is_live=False)
    intake.write(haul)
    FactMaker(store, town.building, lambda: end_ms + GRACE_MS, LATE_MS).make_due()


def first_day_ms(town: Town, fault: Fault, name: str) -> int:
    """The local midnight before a fault first comes to somebody; of one that is always there, a Tuesday."""
    if fault not in SEASONS:
        return clock(0)
    from_ms = clock(0, FIRST_DAY)
    spell = town.spells(fault, name, from_ms, from_ms + WEEKS * 7 * DAY_MS)[0]
    return clock(0, datetime.fromtimestamp(spell.from_ms / 1000, town.building.timezone).date())


def both(town_hall: Town, fault: Fault, folder: Path) -> tuple[Outcome, Outcome]:
    """What comes of the days of a case without the fault, and with it alone."""
    case = CASES[fault]
    good = part_of(town_hall, filter(None, (*case.sensors, case.elsewhere)))
    bad = replace(good, faults=frozenset({fault}), _kept={})
    start_ms = first_day_ms(bad, fault, case.name)
    return outcome(good, start_ms, folder / "good"), outcome(bad, start_ms, folder / "bad")


def plain(tally: Tally) -> list[object]:
    """A tally that can be compared: without arrays."""
    return [np.asarray(one).tolist() for one in tally]


@pytest.mark.slow
@pytest.mark.parametrize("fault", Fault)
def test_worse_where_it_should_be(town_hall: Town, tmp_path: Path, fault: Fault) -> None:
    """A fault makes the figure worse that it is about, in its space; in another space nothing changes."""
    case = CASES[fault]
    good, bad = both(town_hall, fault, tmp_path)
    before, after = (one.at_first if case.is_told_later else one.in_the_end for one in (good, bad))

    assert case.figure(after[case.space]) >= case.figure(before[case.space]) + case.least
    for space in before.keys() - {case.space} if case.elsewhere else ():
        assert plain(after[space]) == plain(before[space])


@pytest.mark.slow
@pytest.mark.parametrize("fault", [fault for fault, case in CASES.items() if case.is_told_later])
def test_what_is_told_late_revises(town_hall: Town, tmp_path: Path, fault: Fault) -> None:
    """What nothing carried, or had no time yet, comes later: all is known then, and facts are revised."""
    case = CASES[fault]
    good, bad = both(town_hall, fault, tmp_path)
    before, after = good.in_the_end[case.space], bad.in_the_end[case.space]

    assert revised_share(after) > revised_share(before) == 0
    assert unknown_ms(after) == unknown_ms(before)


@pytest.mark.slow
def test_the_broker_loses_nothing(town_hall: Town, tmp_path: Path) -> None:
    """After an afternoon without a broker every reading and state is stored that would have been."""
    good, bad = both(town_hall, Fault.BROKER_OUT, tmp_path)

    assert bad.stored == good.stored
    assert {zone.space for zone in good.stored} == {"0.06", "1.08"}
