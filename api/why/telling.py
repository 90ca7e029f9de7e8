# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""An explanation in words. Pure; times are of the site, with the day where it is another one."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from api.live import MIN_CAPACITY, Reason, Shown
from api.why.asking import Grain
from api.why.reading import Side
from api.why.words import (
    AMOUNTS,
    ANY_EVIDENCE,
    BECAUSE,
    DETAILS,
    DEVICE_SILENT,
    EVIDENCE,
    FAULT_SINCE,
    FAULTS,
    HEAD,
    NOTES,
    SHOWN,
    TITLES,
    UNKNOWN,
)
from bezet.model import Because, Kind, Occupancy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from api.why.finding import Change, Why
    from api.why.reading import Evidence, Fault
    from api.words import Language, Words

#: CO2 that changes less, ppm a minute, stays as it is: a sensor's noise is as much over ten minutes.
STEADY_PPM_MIN = 1.0
#: While one of these is so, what was heard before does not count.
UNHEARD = frozenset({Reason.LINK, Reason.OFFLINE, Reason.STALE, Reason.CLOCK})
#: Which evidence a change rests on.
SPEAKS: Mapping[Occupancy, Side] = {Occupancy.OCCUPIED: Side.FOR, Occupancy.FREE: Side.AGAINST}


class Told(NamedTuple):
    """All of it in parts: groups of lines under a title, and what changed with its times."""

    summary: str
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    changes_title: str = ""
    changes: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    footer: str = ""


class Teller:
    """Tells one explanation in one language."""

    def __init__(self, why: Why, language: Language) -> None:
        self._why = why
        self._language = language
        self._zone = why.question.building.timezone

    # --- sentences ---

    def summary(self) -> str:
        """What the space is, how sure that is, and why it is unknown where it is."""
        now, question = self._why.now, self._why.question
        name = f"{now.space.id} {now.space.name}" if now.space.name != now.space.id else now.space.id
        if now.shown is Shown.NOT_MEASURED:
            return self._in(HEAD["not_measured"], name=name)
        key = "now" if question.is_of_now else "then"
        said = self._in(
            HEAD[key], name=name, shown=self._in(SHOWN[now.shown]), at=self._minute(question.at_ms)
        )
        if now.since_ms is not None:
            said += self._in(
                HEAD["since" if question.is_of_now else "since_then"], time=self._minute(now.since_ms)
            )
        if now.shown is Shown.UNKNOWN:
            return f"{said}: {self._unknown()}."
        return ", ".join([said, *self._sure(), *self._people()]) + "."

    def evidence(self, one: Evidence, *, briefly: bool = False) -> str:
        """One piece of evidence, with its numbers and times as far as they may be told; `briefly` without how
        long it counts.
        """
        sides = EVIDENCE.get(one.kind, ANY_EVIDENCE)
        by_side = {Side.FOR: sides.present, Side.AGAINST: sides.absent}
        words = by_side.get(one.side) or sides.neutral or sides.present
        said = self._in(words, sensor=one.sensor, kind=one.kind)
        details = [*self._amount(one), *self._seen(one)]
        if not briefly:
            details += self._counts(one)
        between = ", " if briefly else ": "
        return said + (between + ", ".join(details) if details else "")

    def fault(self, one: Fault) -> str:
        """One sensor or device that cannot speak."""
        words = FAULTS[one.how] if one.sensor else DEVICE_SILENT
        said = self._in(words, sensor=one.sensor, device=one.device)
        return said + (self._in(FAULT_SINCE, time=self._minute(one.since_ms)) if one.since_ms else "")

    def change(self, one: Change) -> str:
        """What the space became and by which evidence."""
        before, after = (self._in(SHOWN[Shown(word)]) for word in (one.before, one.after))
        return f"{before} → {after}: {self.reasons(one.because, one.after, one.evidence)}"

    def reasons(
        self, because: Iterable[Because], occupancy: Occupancy, evidence: Sequence[Evidence] = ()
    ) -> str:
        """What a state rests on, by the evidence itself where there is such."""
        side = SPEAKS.get(occupancy, Side.NEITHER)
        return "; ".join(part for one in because for part in self._reason(one, side, evidence))

    def notes(self) -> list[str]:
        """What one must know to read the rest."""
        return [self._in(NOTES[key], **more) for key, more in self._notes()]

    def footer(self) -> str:
        """The rules, of when the newest data are, and the coverage."""
        why, said = self._why, []
        said.append(self._in(NOTES["rules"], rules=" + ".join(why.rules or (why.installed_rule,))))
        if why.now.as_of_ms is not None:
            said.append(self._in(NOTES["as_of"], time=self._second(why.now.as_of_ms)))
        if why.coverage is not None:
            pct = "< 1" if 0 < why.coverage < 0.01 else math.floor(why.coverage * 100)
            said.append(self._in(NOTES["coverage"], pct=pct))
        return " ".join(said)

    # --- all of it ---

    def told(self) -> Told:
        """All of it; a summary alone where there is nothing else to tell."""
        why = self._why
        if why.grain is Grain.NOTHING:
            return Told(self.summary())
        changes = tuple((self._minute(one.t_ms), self.change(one)) for one in why.changes)
        title, notes = self._in(TITLES["changes"]), tuple(self.notes())
        return Told(self.summary(), tuple(self._groups()), title, changes, notes, self.footer())

    def _groups(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        why, nothing = self._why, (self._in(TITLES["nothing"]),)
        for side in Side:
            said = tuple(self.evidence(one) for one in why.evidence if one.side is side)
            if said or side is not Side.NEITHER:
                yield self._in(TITLES[side.value]), said or (nothing if why.kept_hours is None else ())
        yield self._in(TITLES["faults"]), tuple(self.fault(one) for one in why.faults)

    def text(self) -> str:
        """All of it, for a terminal."""
        return "\n".join(self._lines(self.told()))

    def _lines(self, told: Told) -> Iterator[str]:
        yield told.summary
        width = max((len(title) for title, _ in told.groups), default=0) + 2
        for title, said in told.groups:
            for line in said:
                yield f"  {title + ':':{width}}{line}"
        if told.changes:
            yield f"  {told.changes_title}:"
        for time, line in told.changes:
            yield f"    {time}  {line}"
        yield from told.notes
        yield from filter(None, [told.footer])

    # --- parts of sentences ---

    def _unknown(self) -> str:
        now = self._why.now
        causes: list[Reason | Because] = [now.reason] if now.reason is not None else [*now.because]
        if Because.SILENCE in causes and any(not one.sensor for one in self._why.faults):
            causes = [Reason.STALE]
        words = [UNKNOWN[one] for one in causes if one in UNKNOWN] or [UNKNOWN[Reason.EVIDENCE]]
        return "; ".join(dict.fromkeys(self._in(one) for one in words))

    def _sure(self) -> Iterator[str]:
        now = self._why.now
        if now.probability is not None:
            share = now.probability if now.shown is Shown.OCCUPIED else 1 - now.probability
            # Never "100 % sure": nothing that measures is.
            yield self._in(HEAD["sure"], pct=min(math.floor(share * 100), 99))

    def _people(self) -> Iterator[str]:
        now = self._why.now
        if now.shown is not Shown.OCCUPIED or now.people is None:
            return
        people = max(round(now.people), 1)
        said = self._in(HEAD["person" if people == 1 else "people"], n=people)
        # Whether there is anybody at all is said by how sure it is.
        low, high = (None if one is None else max(round(one), 1) for one in (now.people_low, now.people_high))
        if low != high:
            said += self._in(HEAD["between"], low=low, high=high)
        yield said

    def _amount(self, one: Evidence) -> Iterator[str]:
        if one.amount is not None and one.kind in AMOUNTS and (one.amount or one.side is not Side.AGAINST):
            yield self._in(AMOUNTS[one.kind], n=round(one.amount))
        if one.slope_ppm_min is not None:
            slope = one.slope_ppm_min
            key = "steady" if abs(slope) < STEADY_PPM_MIN else "rising" if slope > 0 else "falling"
            yield self._in(DETAILS[key], n=round(abs(slope)))

    def _seen(self, one: Evidence) -> Iterator[str]:
        if one.kind is Kind.DOOR_OPEN and one.t_ms is not None:
            yield self._in(DETAILS["closed"], time=self._minute(one.t_ms))
        if one.present_ms is not None:
            side = "absent_since" if one.side is Side.AGAINST else "seen"
            key = {Kind.DOOR_OPEN: "inside", Kind.PEOPLE_IN: "passed"}.get(one.kind, side)
            yield self._in(DETAILS[key], time=self._second(one.present_ms))

    def _counts(self, one: Evidence) -> Iterator[str]:
        if one.until_ms is not None and one.side is Side.FOR:
            key = "fading" if one.is_fading else "until"
            yield self._in(DETAILS[key], time=self._minute(one.until_ms))

    def _reason(self, because: Because, side: Side, evidence: Sequence[Evidence]) -> list[str]:
        heard = [one for one in evidence if one.because is because and one.side is side]
        if heard:
            return [self.evidence(one, briefly=True) for one in heard]
        sides = BECAUSE[because]
        return [self._in(sides.absent if side is Side.AGAINST else sides.present)]

    def _notes(self) -> Iterator[tuple[str, dict[str, object]]]:
        why, now = self._why, self._why.now
        if why.kept_hours is not None and now.because:
            yield "gone", {"n": why.kept_hours}
            yield "gone_because", {"because": self.reasons(now.because, Occupancy(now.shown))}
        if now.reason in UNHEARD and why.evidence:
            yield "unheard", {}
        if why.rules and why.rules != (why.installed_rule,):
            yield "other_rule", {"said": " + ".join(why.rules), "installed": why.installed_rule}
        if why.read_again is not None:
            yield "read_again", {"shown": self._in(SHOWN[Shown(why.read_again)])}
        if why.grain is Grain.NOW_WITHOUT_INSTANTS:
            yield "private", {}
        if why.grain is Grain.NOW:
            yield "small", {"n": MIN_CAPACITY}

    def _in(self, words: Words, **filled: object) -> str:
        found: str = getattr(words, self._language)
        return found.format(**filled)

    def _minute(self, t_ms: int) -> str:
        return self._time(t_ms, "%H:%M")

    def _second(self, t_ms: int) -> str:
        return self._time(t_ms, "%H:%M:%S")

    def _time(self, t_ms: int, clock: str) -> str:
        asked, local = (
            datetime.fromtimestamp(one / 1000, self._zone) for one in (self._why.question.at_ms, t_ms)
        )
        return local.strftime(clock if local.date() == asked.date() else f"%d-%m {clock}")
