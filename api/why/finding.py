# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Stored readings and states to what explains a space at an instant. Pure.

    stored readings ─▶ Course, as on the device ─▶ evidence in force, sensors that are not believed
    stored states ───▶ what was said ────────────▶ what it is, what changed, with the evidence of that instant

What may not be told of a small space (`Grain`) is left out here, so that nobody after this can tell it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from api.live import Shown, SpaceNow
from api.why.asking import PAST_MS, Grain
from api.why.reading import NOBODY, Evidence, walk_again
from bezet.model import Because, Occupancy, State
from bezet.occupancy.evidence import RULE
from bezet.occupancy.zones import NO_WORD, coverage, history, said_at
from bezet.retention import HOUR_MS, local_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.why.asking import Question, Stored
    from api.why.reading import Fault, Read

#: The newest changes are told, no more: it is an answer, not a log.
MOST_CHANGES = 6


class Change(NamedTuple):
    """From `t_ms` on the space was said to be something else; evidence where it can still be read."""

    t_ms: int
    before: Occupancy
    after: Occupancy
    because: tuple[Because, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """What explains a space.

    `rules` made what was said, `read_again` is what the installed rules make of the same readings where that
    is something else. `kept_hours` is set where the readings of presence are gone, to how long they are kept.
    `coverage` is of the last 24 hours, None where it may not be told.
    """

    question: Question
    grain: Grain
    now: SpaceNow
    evidence: tuple[Evidence, ...] = ()
    faults: tuple[Fault, ...] = ()
    changes: tuple[Change, ...] = ()
    rules: tuple[str, ...] = ()
    read_again: Occupancy | None = None
    kept_hours: int | None = None
    coverage: float | None = None

    @property
    def installed_rule(self) -> str:
        """The rules that read the evidence now."""
        return RULE


def found(
    question: Question, stored: Stored, now: SpaceNow | None = None, down_ms: Mapping[str, int] = NOBODY
) -> Why:
    """What explains a space at the asked instant.

    `now` is what the live board shows of it, and `down_ms` when its devices that are down last spoke, where
    that is known.
    """
    grain, at_ms = question.grain, question.at_ms
    said = said_at(stored.states, at_ms)
    now = now or space_then(question, said, stored)
    if grain is Grain.NOTHING:
        return Why(question, grain, now)
    intervals = history(stored.states, start_ms=at_ms - PAST_MS, end_ms=at_ms + 1)
    read = walk_again(question, stored, [one.start_ms for one in intervals[-MOST_CHANGES:]])
    faults = {(one.device, one.sensor): one for one in read.faults(at_ms, stored, down_ms)}
    why = Why(
        question=question,
        grain=grain,
        now=now,
        evidence=read.evidence(at_ms),
        faults=tuple(faults.values()),
        rules=tuple(rule for rule in said.rule.split("+") if rule != NO_WORD),
        read_again=read.otherwise(at_ms, said),
        kept_hours=None if read.covers(at_ms) else (question.now_ms - read.kept_from_ms) // HOUR_MS,
    )
    if grain is not Grain.ALL:
        return _veiled(why)
    changes = [
        _change(left.occupancy, right.start_ms, said_at(stored.states, right.start_ms), read)
        for left, right in pairwise(intervals[-MOST_CHANGES - 1 :])
    ]
    return replace(why, changes=tuple(reversed(changes)), coverage=coverage(intervals))


def _veiled(why: Why) -> Why:
    """Without what would be the history of a person: of a one-person space no instant, nothing that fades."""
    if why.grain is Grain.NOW:
        return why
    bare = [Evidence(one.side, one.device, one.sensor, one.kind, one.because) for one in why.evidence]
    return replace(
        why,
        now=replace(why.now, since_ms=None, as_of_ms=None),
        evidence=tuple(sorted(bare, key=lambda one: one.kind)),
        faults=tuple(one._replace(since_ms=None) for one in why.faults),
    )


# --- what was said ----------------------------------------------------------------------------------------


def space_then(question: Question, said: State, stored: Stored) -> SpaceNow:
    """What was said, in the shape of the live board."""
    space, building = question.space, question.building
    names = {floor.id: floor.name for floor in building.floors}
    layout = space.layout_on(local_day(question.at_ms, building.timezone))
    plain = SpaceNow(space, names.get(space.floor, space.floor), layout, Shown.UNKNOWN)
    if not space.measured:
        return replace(plain, shown=Shown.NOT_MEASURED)
    heard_ms = [row.reading.t_ms for row in stored.readings[-1:]] + [row.state.t_ms for row in stored.states]
    plain = replace(plain, because=said.because, as_of_ms=max(heard_ms, default=None))
    if said.occupancy is Occupancy.UNKNOWN:
        return plain
    return replace(
        plain,
        shown=Shown(said.occupancy),
        people=said.people,
        people_low=said.people_low,
        people_high=said.people_high,
        probability=said.probability,
        since_ms=said.since_ms,
    )


def _change(before: Occupancy, t_ms: int, said: State, read: Read) -> Change:
    # Here the least weight counts: what was fading turned the scale.
    evidence = tuple(one for one in read.evidence(t_ms, least=0.0) if one.because in said.because)
    return Change(t_ms, before, said.occupancy, said.because, evidence)
