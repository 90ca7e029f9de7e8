# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the filter remembers of one zone; it can be written down, so that a restart forgets nothing."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, get_origin, get_type_hints

from bezet.model import Because, Kind, Occupancy, State
from bezet.occupancy.air import Air
from bezet.occupancy.doorway import Tally
from bezet.occupancy.suspicion import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


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
    """The belief that `freeze` wrote; `ValueError` for anything else."""
    try:
        return _thawed(json.loads(text))
    except (KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError) as error:
        raise ValueError(f"no belief of this version: {error!r}") from error


def _thawed(found: dict[str, Any]) -> Belief:
    doorway = found.get("doorway")
    return Belief(
        {Source(sensor, Kind(kind)): _sound(Heard(*heard)) for sensor, kind, *heard in found["heard"]},
        None if found["said"] is None else _state(found["said"]),
        {
            Source(sensor, Kind(kind)): _sound(Record(*record))
            for sensor, kind, *record in found.get("records", ())
        },
        None if doorway is None else _sound(Doorway(_sound(Tally(**doorway[0])), *doorway[1:])),
        {sensor: _sound(Door(*door)) for sensor, door in found.get("doors", {}).items()},
        {sensor: _sound(Air(*air)) for sensor, air in found.get("air", {}).items()},
        _sound(Patience(*found.get("patience", ()))),
        frozenset(Source(sensor, Kind(kind)) for sensor, kind in found.get("deaf", ())),
        int(found.get("turn_ms", 0)),
        {sensor: _sound(Lamp(*lamp)) for sensor, lamp in found.get("lamps", {}).items()},
    )


def _sound(made: T) -> T:
    """What was made, if each of its fields is of its type, and each number is one."""
    for name, allowed in get_type_hints(type(made)).items():
        value = getattr(made, name)
        is_typed = isinstance(value, get_origin(allowed) if get_origin(allowed) is tuple else allowed)
        if not is_typed and not (allowed is float and type(value) is int):
            raise TypeError(f"{name}: {value!r}")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{name}: {value!r}")
    return made


def _state(said: dict[str, Any]) -> State:
    words = {"occupancy": Occupancy(said["occupancy"]), "because": tuple(map(Because, said["because"]))}
    return _sound(State(**{**said, **words}))
