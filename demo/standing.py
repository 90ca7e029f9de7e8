# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The town as it stands in the data folder, so that every program of the demo knows the same one."""

from __future__ import annotations

import asyncio
import json
import math
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from bezet.building import read_building
from bezet.errors import CannotStart
from bezet.hours import is_open
from bezet.program import read_text
from demo.faults import Fault
from demo.happenings import read_happenings
from demo.lens import Piece, read_lens, write_lens
from demo.town import make_town

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bezet.model import Building
    from demo.hardware import World
    from demo.town import Town

BUILDING, TOWN, DATABASE = "building.toml", "town.json", "bezet.db"
HAPPENINGS, LENS = "happenings.jsonl", "lens.jsonl"
#: Which share of the history is filled, and what the pages say of it.
PROGRESS, NOTICE = "history.txt", "notice.toml"
LOOK_AGAIN_S = 0.5
DEFAULT_SEED = 1
#: The day of the pilot's new layouts in the example building, and how long ago it is in the demo.
PILOT_DAY, PILOT_AGO = date(2026, 9, 7), timedelta(weeks=8)
TUESDAY, BUSY = 1, time(10, 30)


def found_town(folder: Path, source: str, seed: int | None, faults: Iterable[Fault], today: date) -> Town:
    """The town that stands in the folder, founded now if there is none.

    `source` is the text of a building file. `CannotStart` where another town stands there.
    """
    digest = blake2b(source.encode(), digest_size=8).hexdigest()
    if not (folder / TOWN).exists():
        if (folder / DATABASE).exists():
            raise CannotStart(f"data folder {folder}: an earlier demo made it; begin anew with --fresh")
        about = {"seed": seed or DEFAULT_SEED, "faults": sorted(faults), "source": digest}
        (folder / BUILDING).write_text(with_pilot(source, today), encoding="utf-8")
        (folder / TOWN).write_text(json.dumps(about) + "\n", encoding="utf-8")
    town, about = read_town(folder), _about(folder / TOWN)
    if seed not in (None, town.seed):
        raise CannotStart(
            f"--seed {seed}: the town in {folder} has seed {town.seed}; begin anew with --fresh"
        )
    if about.get("source") != digest:
        raise CannotStart(f"the town in {folder} is of another building file; begin anew with --fresh")
    return town


def with_pilot(source: str, today: date) -> str:
    """The example building, with the day of its pilot's new layouts moved to a Monday eight weeks ago."""
    monday = today - timedelta(days=today.weekday()) - PILOT_AGO
    return source.replace(f"start = {PILOT_DAY}", f"start = {monday}")


def _about(file: Path) -> dict[str, Any]:
    """What is written of a town; `CannotStart` where that is something else."""
    try:
        found = json.loads(read_text(file))
        return {**found, "seed": int(found["seed"]), "faults": frozenset(map(Fault, found["faults"]))}
    except (ValueError, KeyError, TypeError) as error:
        raise CannotStart(f"{file}: is not what the demo wrote there ({error}); use --fresh") from None


def read_town(folder: Path) -> Town:
    """The town in the folder, with what was made to happen; `CannotStart` where there is none."""
    building = read_building(read_text(folder / BUILDING), str(folder / BUILDING))
    about = _about(folder / TOWN)
    happenings, bent = read_happenings(folder / HAPPENINGS), read_lens(folder / LENS)
    return make_town(building, about["seed"], faults=about["faults"], happenings=happenings, bent=bent)


def bend(folder: Path, town: Town, now_ms: int, speed: float, covered_to_ms: int) -> str:
    """Let life run from now on as is asked, or through a busy morning while the town hall is closed.

    What was bent in an earlier run ends where that one ended, which is known as `covered_to_ms`. Gives what
    is to be said of it; nothing where life and the wall agree.
    """
    before = [one._replace(to_ms=min(one.to_ms, covered_to_ms)) for one in town.bent]
    before = [one for one in before if one.from_ms < one.to_ms]
    busy = None if is_open(town.building, now_ms) else busy_morning(town.building, now_ms)
    if busy is None and speed == 1:
        write_lens(folder / LENS, before)
        return ""
    life_ms = now_ms if busy is None else round(busy.timestamp() * 1000)
    write_lens(folder / LENS, [*before, Piece(now_ms, math.inf, life_ms, speed)])
    at = (
        ""
        if busy is None
        else f"The town hall is closed now, so its people live through {busy:%A %d %B, %H:%M}"
    )
    fast = "" if speed == 1 else f"Life goes {speed:g} times as fast; sensors and rules do not"
    return "; ".join(filter(None, (at, fast))) + "."


def busy_morning(building: Building, now_ms: int) -> datetime:
    """The last Tuesday on which the site was open, at half past ten, its own time."""
    now = datetime.fromtimestamp(now_ms / 1000, building.timezone)
    day = now.date() - timedelta(days=(now.weekday() - TUESDAY) % 7)
    while day in building.holidays or datetime.combine(day, BUSY, building.timezone) > now:
        day -= timedelta(days=7)
    return datetime.combine(day, BUSY, building.timezone)


async def keep_up(world: World, folder: Path) -> None:
    """Let the world know what somebody makes happen, until cancelled."""
    files = folder / HAPPENINGS, folder / LENS
    seen = [_stamp(file) for file in files]
    while True:
        await asyncio.sleep(LOOK_AGAIN_S)
        now = [_stamp(file) for file in files]
        if now != seen:
            seen = now
            happenings, bent = read_happenings(folder / HAPPENINGS), read_lens(folder / LENS)
            # What was found before is not true any more.
            world.town = replace(world.town, happenings=happenings, bent=bent, _kept={})


def _stamp(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
