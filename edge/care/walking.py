# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The walk-test: five minutes before the sensors at installation, and how well they saw it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import Kind, Occupancy
from bezet.occupancy.evidence import EVIDENCE, RULE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from edge.care.watching import Watcher


class Stage(NamedTuple):
    """What the tester does for so long, and whether somebody is there then (None: nobody can tell)."""

    name: str
    told: str
    seconds: int
    is_there: bool | None


#: Five minutes. Nobody is judged while somebody passes the door.
PLAN: Sequence[Stage] = (
    Stage("out", "Leave the space, with everybody in it, and close the door.", 30, None),
    Stage("empty", "Stay outside.", 60, False),
    Stage("enter", "Go in, and walk through the space to its far corner.", 30, True),
    Stage("sit", "Sit down where people sit, and read without moving much.", 90, True),
    Stage("work", "Move to another place, and type or write there.", 45, True),
    Stage("leave", "Go out, and close the door.", 15, None),
    Stage("away", "Stay outside.", 30, False),
)

#: What sees whoever is there; a door and the light may well say nothing of it.
SEES = (Kind.MOTION, Kind.PRESENCE, Kind.TARGET_COUNT, Kind.PEOPLE_COUNT)

#: From so much on a sensor, or a whole space, is good enough to leave.
GOOD_SHARE = 0.9
GOOD_DELAY_S = 10


class Second(NamedTuple):
    """What was seen in one second of a stage: which sources saw somebody, and whether the state said so."""

    stage: str
    is_there: bool | None
    seen_by: frozenset[str]
    heard: frozenset[str]
    is_occupied: bool


@dataclass(frozen=True, slots=True)
class Score:
    """How well a space was seen; shares are of seconds, 0 to 1.

    `delay_s` is the time from entering until the space was occupied, None if it never was. `seen` is how
    often each source saw the tester in each stage in which somebody was there, `quiet` how often it rightly
    saw nobody.
    """

    space: str
    rule: str
    delay_s: int | None
    occupied_share: float
    seen: Mapping[str, Mapping[str, float]]
    quiet: Mapping[str, float]

    @property
    def points(self) -> int:
        """0 to 100: half for the state while somebody was there, half for quiet when nobody was."""
        quiet = min(self.quiet.values(), default=0.0)
        return round(50 * self.occupied_share + 50 * quiet)

    @property
    def remarks(self) -> list[str]:
        """What to do to do better."""
        found = []
        if self.delay_s is None:
            found.append("Nobody was seen at all: check what the sensors look at (bezet edge watch).")
        elif self.delay_s > GOOD_DELAY_S:
            found.append(f"It took {self.delay_s} s to see you come in: turn a sensor towards the door.")
        if self.occupied_share < GOOD_SHARE:
            found.append("You were lost while you were there: turn the sensors to where people sit.")
        if self.delay_s is not None:
            found += [
                f"{source} never saw you: check its wires, and what it looks at."
                for source, seen in self.seen.items()
                if not any(seen.values()) and source.rpartition(" ")[2] in SEES
            ]
        found += [
            f"{source} saw somebody while nobody was there: turn it away from door, window and heater."
            for source, share in self.quiet.items()
            if share < GOOD_SHARE
        ]
        return found


async def walk(
    watcher: Watcher,
    space: str,
    *,
    say: Callable[[Stage, int], None],
    plan: Sequence[Stage] = PLAN,
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Score:
    """Guide the tester through the plan; `say` is told each second what to do and for how long still."""
    seconds = []
    for stage in plan:
        for left_s in range(stage.seconds, 0, -1):
            say(stage, left_s)
            await wait(1.0)
            seconds.append(look(watcher, space, stage))
    return score(space, seconds)


def look(watcher: Watcher, space: str, stage: Stage) -> Second:
    """What the sensors of a space say now."""
    last = {
        f"{sensor}{f'.{part}' if part else ''} {kind}": one.value >= EVIDENCE[kind].high
        for sensor, found in watcher.looks.items()
        if found.space == space and not found.trouble
        for (kind, part), one in found.last.items()
        if kind in EVIDENCE  # air is too slow for five minutes
    }
    state = watcher.states()[space]
    is_occupied = state is not None and state.occupancy is Occupancy.OCCUPIED
    seen_by = frozenset(source for source, is_seen in last.items() if is_seen)
    return Second(stage.name, stage.is_there, seen_by, frozenset(last), is_occupied)


def score(space: str, seconds: Sequence[Second]) -> Score:
    """What comes of it."""
    there = [one for one in seconds if one.is_there]
    nobody = [one for one in seconds if one.is_there is False]
    sources = sorted({source for one in seconds for source in one.heard})
    stages = list(dict.fromkeys(one.stage for one in there))
    return Score(
        space=space,
        rule=RULE,
        delay_s=next((second for second, one in enumerate(there) if one.is_occupied), None),
        occupied_share=_share([one.is_occupied for one in there]),
        seen={
            source: {
                stage: _share([source in one.seen_by for one in there if one.stage == stage])
                for stage in stages
            }
            for source in sources
        },
        quiet={source: _share([source not in one.seen_by for one in nobody]) for source in sources},
    )


def _share(answers: Sequence[bool]) -> float:
    return round(sum(answers) / len(answers), 3) if answers else 0.0


def keep_score(found: Score, folder: Path, t_ms: int) -> Path:
    """Add the score to the file of walk-tests in the state folder, a line of JSON each; returns the file."""
    path = folder / "walk-tests.jsonl"
    when = datetime.fromtimestamp(t_ms / 1000, UTC).isoformat(timespec="seconds")
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"when": when, "points": found.points, **asdict(found)}) + "\n")
    return path
