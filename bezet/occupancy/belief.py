# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the filter remembers of one zone; it can be written down, so that a restart forgets nothing."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from bezet.model import Because, Kind, Occupancy, State
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


@dataclass(frozen=True, slots=True)
class Belief:
    """The last word of every source that counts, the state said last (None before the first), the records of
    suspicion, and the tally where a doorway is counted.
    """

    heard: Mapping[Source, Heard] = field(default_factory=dict)
    said: State | None = None
    records: Mapping[Source, Record] = field(default_factory=dict)
    doorway: Doorway | None = None


def freeze(belief: Belief) -> str:
    """The belief as JSON text."""
    doorway = belief.doorway
    found = {
        "heard": [[*source, *heard] for source, heard in belief.heard.items()],
        "said": None if belief.said is None else asdict(belief.said),
        "records": [[*source, *record] for source, record in belief.records.items()],
        "doorway": None if doorway is None else [asdict(doorway.tally), *doorway[1:]],
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
    )


def _state(said: dict[str, Any]) -> State:
    words = {"occupancy": Occupancy(said["occupancy"]), "because": tuple(map(Because, said["because"]))}
    return State(**{**said, **words})
