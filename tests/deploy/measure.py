# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`python -m tests.deploy.measure`: figures of docs/scale.md that `make bench` does not print."""

from __future__ import annotations

import os
import random
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from api.live import Board
from bezet.building import read_building
from bezet.messages import Batch, Clock, Health, Live
from bezet.model import Because, Kind, Occupancy, Reading, State, Zone
from bezet.usage.columns import ZoneFacts
from bezet.usage.facts import FACTS, QUARTER_MS, ROW
from store.influx.address import TOKEN, access
from store.influx.setup import examine
from store.influx.store import InfluxStore
from tests.deploy.stage import Native
from tests.store.influx_server import LocalInflux, now_ms, token

if TYPE_CHECKING:
    from collections.abc import Iterator

SITE, BOOT = "townhall", "00000000000000aa"
DAY_MS = 86_400_000
ZONES = 10
HEAD = '[site]\nid="townhall"\nname="S"\ntimezone="Europe/Amsterdam"\n[site.hours]\nmon="08:00-18:00"\n'
FLOOR = '[[floor]]\nid="0"\nname="B"\n'
SPACE = '[[space]]\nid="s{}"\nname="Kamer"\nfloor="0"\narea_m2=20.0\n'
LAYOUT = '[[space.layout]]\nstart=2026-01-05\nkind="meeting"\ncapacity=6\nname="T"\n'
#: Data go into the files that they stay in after a second instead of ten minutes.
QUICK = ("INFLUXDB_DATA_CACHE_SNAPSHOT_WRITE_COLD_DURATION", "INFLUXDB_DATA_COMPACT_FULL_WRITE_COLD_DURATION")


def board_us(spaces: int) -> float:
    """What one live message costs the API for each space of its site, in microseconds of one core."""
    text = HEAD + FLOOR + "".join(SPACE.format(number) + LAYOUT for number in range(spaces))
    board, t_ms = Board(read_building(text, "measured")), now_ms()
    board.link_changed(is_up=True, now_ms=t_ms)
    for number in range(spaces):
        board.hear(_health(f"pi-{number}", t_ms), t_ms)
        board.hear(Live(SITE, f"pi-{number}", f"s{number}", _state(t_ms, is_used=False)), t_ms)
    board.changed(t_ms)
    turns = 20
    began_s = time.process_time()
    for number in range(turns):
        board.hear(Live(SITE, f"pi-{number}", f"s{number}", _state(t_ms + 1, is_used=True)), t_ms + 1)
        board.changed(t_ms + 1)
        board.next_change_ms(t_ms + 1)
    return (time.process_time() - began_s) / turns / spaces * 1e6


def _health(device: str, t_ms: int) -> Health:
    return Health(
        site=SITE,
        device=device,
        t_ms=t_ms,
        boot=BOOT,
        online=True,
        uptime_s=1,
        queued=0,
        refused=0,
        clock=Clock.TRUSTED,
        sensors={},
        troubles=(),
        version="0.1.0",
    )


def _state(t_ms: int, *, is_used: bool, probability: float = 0.05) -> State:
    word = Occupancy.OCCUPIED if is_used else Occupancy.FREE
    because = (Because.MOTION,) if is_used else ()
    counts = (2.0, 1.0, 4.0) if is_used else (None, None, None)
    return State(t_ms, word, probability, t_ms - t_ms % 2_700_000, because, "1", *counts)


def a_day(start_ms: int, dice: random.Random) -> tuple[list[Reading], list[Reading], list[State]]:
    """Presence, environment and states of a space on a day, in use every other three quarters of an hour."""
    presence, environment, states, co2_ppm, celsius = [], [], [], 450.0, 21.0
    for second in range(0, 86_400, 10):
        t_ms = start_ms + second * 1000 + dice.randrange(900)
        is_used = 8 <= second // 3600 < 18 and second // 2700 % 2 == 0
        presence.append(Reading(t_ms, "pir", Kind.MOTION, float(is_used and dice.random() < 0.4)))
        if second % 30 == 0:
            co2_ppm += is_used * 8 - (co2_ppm - 430) * 0.01 + dice.gauss(0, 1.5)
            celsius += dice.gauss(0, 0.02)
            environment.append(Reading(t_ms, "scd.co2", Kind.CO2_PPM, round(co2_ppm, 1)))
            environment.append(Reading(t_ms, "scd.t", Kind.TEMPERATURE_C, round(celsius, 2)))
        if second % 300 == 0 or (is_used and dice.random() < 0.03):
            states.append(_state(t_ms, is_used=is_used, probability=round(dice.random(), 3)))
    return presence, environment, states


def some_facts(zone: Zone, start_ms: int, dice: random.Random) -> ZoneFacts:
    """The facts of such a day."""
    amounts = np.zeros((len(FACTS), 96))
    amounts[ROW["covered_s"]] = 900
    amounts[ROW["occupied_s"], 32:72] = [dice.randrange(900) for _ in range(40)]
    amounts[ROW["person_s"]] = amounts[ROW["occupied_s"]] * 2
    amounts[ROW["co2_ppm_s"]] = amounts[ROW["occupied_s"]] * 612.5
    quarters = np.arange(96, dtype=np.int64) * QUARTER_MS + start_ms
    return ZoneFacts(zone, quarters, amounts, np.zeros(96, np.int32))


def influx_bytes(folder: Path) -> Iterator[tuple[str, float]]:
    """What a row of each kind takes in the files of InfluxDB, in bytes."""
    os.environ.update(dict.fromkeys(QUICK, "1s"))
    server, dice, rows = LocalInflux(folder, folder / "data"), random.Random(1), [0, 0, 0]
    try:
        address, environ = f"influx:{server.url}/bezet", {TOKEN: token("bezet")}
        examine(address, fix=True, environ=environ)
        start_ms = now_ms() // DAY_MS * DAY_MS - DAY_MS
        with closing(InfluxStore(access(address, environ), now_ms=now_ms)) as store:
            for number in range(ZONES):
                zone = Zone(SITE, f"s{number}", f"pi-{number}")
                day = a_day(start_ms, dice)
                rows = [rows[0] + len(day[0]), rows[1] + len(day[1]), rows[2] + len(day[2])]
                whole = (tuple(day[0] + day[1]), tuple(day[2]))
                store.write([Batch(zone.site, zone.device, zone.space, BOOT, 1, Clock.TRUSTED, *whole)])
                store.write_facts([some_facts(zone, start_ms, dice)], [])
        for bucket, count in zip(("presence", "environment", "states", "facts"), (*rows, ZONES), strict=True):
            yield bucket, _settled_bytes(server, folder / "data/data/bezet" / bucket) / count
    finally:
        server.end()


def _settled_bytes(server: LocalInflux, folder: Path) -> int:
    """The size of the data files, once it stays the same for five seconds."""
    sizes: list[int] = []
    while len(sizes) < 5 or len({*sizes[-5:]}) > 1 or sizes[-1] == 0:
        sizes.append(sum(path.stat().st_size for path in folder.rglob("*.tsm")))
        Native.let_work(server.influxd.process, 1.0)
    return sizes[-1]


def main() -> None:
    """Print them all."""
    for spaces in (100, 500):
        print(f"API, one live message at {spaces} spaces: {board_us(spaces):.1f} µs of a core for each space")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for kind, size in influx_bytes(folder):
            unit = "zone and day" if kind == "facts" else "row"
            print(f"InfluxDB 1.6, {kind}: {size:,.1f} bytes for each {unit}")


if __name__ == "__main__":
    main()
