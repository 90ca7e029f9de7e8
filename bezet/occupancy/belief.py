# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the filter remembers of one zone; it can be written down, so that a restart forgets nothing."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from bezet.model import Because, Kind, Occupancy, State
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


@dataclass(frozen=True, slots=True)
class Belief:
    """The last word of every source that counts, the state said last (None before the first), and the
    records.
    """

    heard: Mapping[Source, Heard] = field(default_factory=dict)
    said: State | None = None
    records: Mapping[Source, Record] = field(default_factory=dict)


def freeze(belief: Belief) -> str:
    """The belief as JSON text."""
    heard = [[*source, *heard] for source, heard in belief.heard.items()]
    said = None if belief.said is None else asdict(belief.said)
    records = [[*source, *record] for source, record in belief.records.items()]
    return json.dumps({"heard": heard, "said": said, "records": records})


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
    said = found["said"]
    if said is None:
        return Belief(heard, None, records)
    words = {"occupancy": Occupancy(said["occupancy"]), "because": tuple(map(Because, said["because"]))}
    return Belief(heard, State(**{**said, **words}), records)
