# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a space is, from what each of its zones says: at an instant (`merge`), over a time (`history`)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import Because, Occupancy, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: How long a stored row speaks when no other follows. Agents write at every change and at least every
#: 5 minutes, so after two of those the agent is dead, and a dead agent is not "free".
SPEAKS_MS = 10 * 60_000
#: A device that wrote nothing for so long was taken away, and is no zone of the space any more.
GONE_MS = 7 * 24 * 3_600_000
#: What is said of a space of which no zone says anything.
NO_WORD = "zones-1"


@dataclass(frozen=True, slots=True)
class Interval:
    """`[start_ms, end_ms)` in which a space was one thing.

    `people` and `probability` are means over the time in which they were known, None where they never were
    and where the space is unknown.
    """

    start_ms: int
    end_ms: int
    occupancy: Occupancy
    people: float | None
    probability: float | None


# --- at one instant --------------------------------------------------------------------------------------


def merge(states: Sequence[State], t_ms: int) -> State:
    """The state of a space at `t_ms` from the states of all its zones.

    Occupied if any zone is; else unknown if any zone is, or if there are none; else free. `since_ms` is the
    earliest instant from which the zones' present states alone prove it. The probability is that of the
    likeliest zone, because zones of one space are not independent.
    """
    occupancy = _merged_occupancy(states)
    deciding = [one for one in states if one.occupancy is occupancy]
    if not deciding:
        return _no_word(t_ms)
    if occupancy is Occupancy.OCCUPIED:
        since_ms = min(one.since_ms for one in deciding)
    else:
        since_ms = max(one.since_ms for one in states)
    found = {because for one in deciding for because in one.because}
    return State(
        t_ms=t_ms,
        occupancy=occupancy,
        probability=max(one.probability for one in deciding),
        since_ms=min(since_ms, t_ms),
        because=tuple(because for because in Because if because in found),
        rule="+".join(sorted({one.rule for one in deciding})),
        people=_total([one.people for one in states]),
        people_low=_total([one.people_low for one in states]),
        people_high=_total([one.people_high for one in states]),
    )


def _merged_occupancy(states: Sequence[State]) -> Occupancy:
    said = {one.occupancy for one in states}
    for occupancy in (Occupancy.OCCUPIED, Occupancy.UNKNOWN, Occupancy.FREE):
        if occupancy in said:
            return occupancy
    return Occupancy.UNKNOWN


def _no_word(t_ms: int) -> State:
    return State(t_ms, Occupancy.UNKNOWN, 0.5, t_ms, (Because.SILENCE,), NO_WORD)


def _total(counts: Sequence[float | None]) -> float | None:
    """The sum where every zone counts."""
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def said_at(rows: Iterable[tuple[str, State]], t_ms: int) -> State:
    """What was said of a space at an instant, by the last row (device, state) of each device up to it.

    A device that has been silent for `SPEAKS_MS` says unknown, and after `GONE_MS` nothing.
    """
    last: dict[str, State] = {}
    for device, state in rows:
        before = last.get(device)
        if state.t_ms <= t_ms and (before is None or (state.t_ms, state.rule) > (before.t_ms, before.rule)):
            last[device] = state
    heard = [
        state if t_ms < state.t_ms + SPEAKS_MS else _no_word(state.t_ms + SPEAKS_MS)
        for state in last.values()
        if t_ms - state.t_ms < GONE_MS
    ]
    return merge(heard, t_ms)


# --- over a stretch of time ------------------------------------------------------------------------------


class Piece(NamedTuple):
    """A stretch in which no zone changed what it says."""

    start_ms: int
    end_ms: int
    state: State

    @property
    def span_ms(self) -> int:
        """How long it is."""
        return self.end_ms - self.start_ms


def history(rows: Iterable[tuple[str, State]], *, start_ms: int, end_ms: int) -> list[Interval]:
    """What a space was in `[start_ms, end_ms)`, from stored rows (device, state) of all its devices.

    A row speaks from its t until the device's next row, but no longer than `SPEAKS_MS`; then that zone is
    unknown, and after `GONE_MS` it is no zone any more. The rows must hold each device's last one before the
    span too; their order does not matter. The intervals tile the span, and neighbours differ in occupancy.
    """
    found = pieces(rows, start_ms=start_ms, end_ms=end_ms)
    return [_interval(list(run)) for _, run in groupby(found, key=lambda piece: piece.state.occupancy)]


def pieces(rows: Iterable[tuple[str, State]], *, start_ms: int, end_ms: int) -> Iterator[Piece]:
    """The same in pieces in which no zone changed what it says, each with the state of the space in it."""
    return _pieces(sorted(_events(rows)), start_ms, end_ms)


def coverage(intervals: Sequence[Interval]) -> float:
    """The share, 0 to 1, of the time of the intervals in which the sensors could speak; 0 of no time."""
    total_ms = sum(one.end_ms - one.start_ms for one in intervals)
    known_ms = sum(one.end_ms - one.start_ms for one in intervals if one.occupancy is not Occupancy.UNKNOWN)
    return known_ms / total_ms if total_ms else 0.0


class _Event(NamedTuple):
    """From `t_ms` on the device says `state`; None: it is gone. Sorts by time, then by device."""

    t_ms: int
    device: str
    order: tuple[str, str]
    state: State | None


def _events(rows: Iterable[tuple[str, State]]) -> Iterator[_Event]:
    """What each device begins or ceases to say, and when; one event per device and instant."""
    said: defaultdict[str, dict[int, State]] = defaultdict(dict)
    for device, state in rows:
        other = said[device].setdefault(state.t_ms, state)
        said[device][state.t_ms] = max(other, state, key=_order)
    for device, states in said.items():
        times_ms = sorted(states)
        for t_ms, next_ms in zip(times_ms, [*times_ms[1:], None], strict=True):
            yield _Event(t_ms, device, _order(states[t_ms]), states[t_ms])
            if next_ms is None or next_ms > t_ms + SPEAKS_MS:
                silent = _no_word(t_ms + SPEAKS_MS)
                yield _Event(silent.t_ms, device, _order(silent), silent)
            if next_ms is None or next_ms > t_ms + GONE_MS:
                yield _Event(t_ms + GONE_MS, device, ("", ""), None)


def _order(state: State) -> tuple[str, str]:
    """Two rows of a device at one instant differ in their rule: the newer rule speaks."""
    return state.rule, repr(state)


def _pieces(events: Sequence[_Event], start_ms: int, end_ms: int) -> Iterator[Piece]:
    """The merged state of every stretch between two events in the span, in order, without a gap."""
    saying: dict[str, State] = {}
    at_ms = start_ms
    for event in events:
        until_ms = min(event.t_ms, end_ms)
        if until_ms > at_ms:
            yield Piece(at_ms, until_ms, merge([*saying.values()], at_ms))
            at_ms = until_ms
        if event.state is None:
            saying.pop(event.device, None)
        else:
            saying[event.device] = event.state
    if end_ms > at_ms:
        yield Piece(at_ms, end_ms, merge([*saying.values()], at_ms))


def _interval(run: Sequence[Piece]) -> Interval:
    occupancy = run[0].state.occupancy
    start_ms, end_ms = run[0].start_ms, run[-1].end_ms
    if occupancy is Occupancy.UNKNOWN:
        return Interval(start_ms, end_ms, occupancy, None, None)
    likely = _mean([(piece.state.probability, piece.span_ms) for piece in run])
    people = _mean([(piece.state.people, piece.span_ms) for piece in run])
    return Interval(start_ms, end_ms, occupancy, people, likely)


def _mean(weighted: Sequence[tuple[float | None, int]]) -> float | None:
    """The mean over the time in which there was something to take the mean of."""
    known = [(amount, span_ms) for amount, span_ms in weighted if amount is not None]
    total_ms = sum(span_ms for _, span_ms in known)
    return sum(amount * span_ms for amount, span_ms in known) / total_ms if total_ms else None
