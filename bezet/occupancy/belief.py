# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the filter remembers of one zone; it can be written down, so that a restart forgets nothing."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from bezet.model import Because, Kind, Occupancy, State
from bezet.occupancy.air import Air
from bezet.occupancy.doorway import Tally
from bezet.occupancy.suspicion import Record

if TYPE_CHECKING:
    from collections.abc import Mapping


class Source(NamedTuple):
    """A sensor and what it measures."""

    sensor: str
    kind: Kind


class Heard(NamedTuple):
    """The last word of a source, and when it last spoke for presence."""

    t_ms: int
    value: float
    present_ms: int | None


class Doorway(NamedTuple):
    """The tally of all doorways of a zone together, when one last spoke, and when somebody last came in."""

    tally: Tally
    heard_ms: int
    entered_ms: int


class Door(NamedTuple):
    """A door that tells whether it is open: since when it is as it is, and when it last said so."""

    is_open: bool
    since_ms: int
    heard_ms: int


class Lamp(NamedTuple):
    """What a light sensor tells of the lamps: on or off (None: neither was seen yet) since an instant."""

    t_ms: int
    lux: float
    is_on: bool | None
    since_ms: int


class Patience(NamedTuple):
    """What was learned of how still people sit in a zone: by how much longer it is believed to be used.

    `freed_ms` is when it was last called free because nothing moved (None: it was not, or by other evidence),
    `returns` how often somebody moved again soon after that, and `leaves` how often nobody did.
    """

    factor: float = 1.0
    freed_ms: int | None = None
    returns: int = 0
    leaves: int = 0


#: Nothing was learned yet.
AS_USUAL = Patience()


@dataclass(frozen=True, slots=True)
class Belief:
    """The last word of every source that counts, the state said last (None before the first), the records of
    suspicion and who is not believed because of them, the tally where a doorway is counted, by their sensors
    the doors, the air and the lamps, and how still people sit here. Before `turn_ms` nothing changes by
    itself.
    """

    heard: Mapping[Source, Heard] = field(default_factory=dict)
    said: State | None = None
    records: Mapping[Source, Record] = field(default_factory=dict)
    doorway: Doorway | None = None
    doors: Mapping[str, Door] = field(default_factory=dict)
    air: Mapping[str, Air] = field(default_factory=dict)
    patience: Patience = AS_USUAL
    deaf: frozenset[Source] = frozenset()
    turn_ms: int = 0
    lamps: Mapping[str, Lamp] = field(default_factory=dict)


def freeze(belief: Belief) -> str:
    """The belief as JSON text."""
    doorway = belief.doorway
    found = {
        "heard": [[*source, *heard] for source, heard in belief.heard.items()],
        "said": None if belief.said is None else asdict(belief.said),
        "records": [[*source, *record] for source, record in belief.records.items()],
        "doorway": None if doorway is None else [asdict(doorway.tally), *doorway[1:]],
        "doors": {sensor: [*door] for sensor, door in belief.doors.items()},
        "patience": [*belief.patience],
        "deaf": sorted(belief.deaf),
        "turn_ms": belief.turn_ms,
        "lamps": {sensor: [*lamp] for sensor, lamp in belief.lamps.items()},
        "air": {sensor: [*air] for sensor, air in belief.air.items()},
    }
    return json.dumps(found)


def thaw(text: str) -> Belief:
    """The belief that `freeze` wrote; `ValueError`, `KeyError` or `TypeError` for anything else."""
    found: dict[str, Any] = json.loads(text)
    heard = {
        Source(sensor, Kind(kind)): Heard(int(t_ms), float(value), present_ms)
        for sensor, kind, t_ms, value, present_ms in found["heard"]
    }
    records = {
        Source(sensor, Kind(kind)): Record(*record) for sensor, kind, *record in found.get("records", ())
    }
    doorway = found.get("doorway")
    return Belief(
        heard,
        None if found["said"] is None else _state(found["said"]),
        records,
        None if doorway is None else Doorway(Tally(**doorway[0]), *doorway[1:]),
        {sensor: Door(*door) for sensor, door in found.get("doors", {}).items()},
        {sensor: Air(*air) for sensor, air in found.get("air", {}).items()},
        Patience(*found.get("patience", ())),
        frozenset(Source(sensor, Kind(kind)) for sensor, kind in found.get("deaf", ())),
        found.get("turn_ms", 0),
        {sensor: Lamp(*lamp) for sensor, lamp in found.get("lamps", {}).items()},
    )


def _state(said: dict[str, Any]) -> State:
    words = {"occupancy": Occupancy(said["occupancy"]), "because": tuple(map(Because, said["because"]))}
    return State(**{**said, **words})
