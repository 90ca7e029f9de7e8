# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A score as figures: a table of columns, in words for a person and in a file for any tool."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from demo.folder import put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from demo.truth.score import Score
    from demo.truth.tally import Seconds, Tally

HOUR_MS = 3_600_000
#: What stands where there is nothing to say.
NOTHING = "n/a"
ALL = "all"


class Figure(NamedTuple):
    """One row of the table: what it is of a tally (None: nothing to say), its decimals, and what it means.

    Those that are `brief` fit beside each other on a screen.
    """

    of: Callable[[Tally], float | None]
    decimals: int
    meaning: str
    brief: bool = False


def _share(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole else None


def _mean(whole: float, over: float) -> float | None:
    return whole / over if over else None


def _minutes(lengths_s: Seconds) -> float | None:
    return median(lengths_s) / 60 if lengths_s else None


def _balanced(tally: Tally) -> float | None:
    """The mean of what is found of used and of free time; a coin that is thrown finds half."""
    free_ms = tally.known_ms - tally.true_used_ms
    used = _share(tally.both_used_ms, tally.true_used_ms)
    free = _share(free_ms - (tally.said_used_ms - tally.both_used_ms), free_ms)
    return None if used is None or free is None else (used + free) / 2


def _class_error(tally: Tally) -> float | None:
    """Half of what the shares of the classes differ by: the share of time that is in another class."""
    true, said = np.atleast_1d(tally.true_classes), np.atleast_1d(tally.said_classes)
    if not true.sum() or not said.sum():
        return None
    return 50 * float(np.abs(true / true.sum() - said / said.sum()).sum())


def _missed_ms(tally: Tally) -> int:
    return tally.true_used_ms - tally.both_used_ms


def _ghost_ms(tally: Tally) -> int:
    return tally.said_used_ms - tally.both_used_ms


FIGURES: dict[str, Figure] = {
    "asked_h": Figure(lambda t: t.asked_ms / HOUR_MS, 1, "time that counts, added up over spaces"),
    "known_pct": Figure(
        lambda t: _share(t.known_ms, t.asked_ms), 1, "of that: the sensors could speak (coverage)", brief=True
    ),
    "unknown_pct": Figure(
        lambda t: _share(t.asked_ms - t.known_ms, t.asked_ms), 1, "of that: they could not"
    ),
    "unknown_h": Figure(lambda t: (t.asked_ms - t.known_ms) / HOUR_MS, 1, "the same in hours"),
    "agreed_pct": Figure(
        lambda t: _share(t.known_ms - _missed_ms(t) - _ghost_ms(t), t.known_ms),
        *(1, "of known time: free and said to be, or used and said to be"),
        brief=True,
    ),
    "missed_pct": Figure(
        lambda t: _share(_missed_ms(t), t.known_ms), 1, "of known time: used, and said to be free", brief=True
    ),
    "ghost_pct": Figure(
        lambda t: _share(_ghost_ms(t), t.known_ms), 1, "of known time: free, and said to be used", brief=True
    ),
    "missed_h": Figure(lambda t: _missed_ms(t) / HOUR_MS, 1, "missed, in hours"),
    "ghost_h": Figure(lambda t: _ghost_ms(t) / HOUR_MS, 1, "ghosts, in hours"),
    "balanced_pct": Figure(_balanced, 1, "mean of the shares of used and of free time that were found"),
    "counted_pct": Figure(
        lambda t: _share(t.counted_ms, t.known_ms), 1, "of known time: people were counted"
    ),
    "count_error_people": Figure(
        lambda t: _mean(t.count_error_ms, t.counted_ms),
        2,
        "mean error of the count, over that time",
        brief=True,
    ),
    "count_bias_people": Figure(
        lambda t: _mean(t.count_bias_ms, t.counted_ms), 2, "how much it is too high on average"
    ),
    "sessions_true": Figure(lambda t: t.true_sessions, 0, "sessions that began", brief=True),
    "sessions_said": Figure(lambda t: t.said_sessions, 0, "sessions that were sensed", brief=True),
    "session_true_min": Figure(lambda t: _minutes(t.true_lengths_s), 1, "median length of the true ones"),
    "session_said_min": Figure(lambda t: _minutes(t.said_lengths_s), 1, "median length of the sensed ones"),
    "start_delay_s": Figure(
        lambda t: median(t.start_delays_s) if t.start_delays_s else None,
        *(0, "how much later than it began a session was sensed to begin, median"),
    ),
    "end_delay_s": Figure(
        lambda t: median(t.end_delays_s) if t.end_delays_s else None,
        *(0, "how much later than it ended a session was sensed to end, median"),
    ),
    "occupancy_rate_true": Figure(
        lambda t: _mean(t.true_used_ms, t.known_ms), 3, "used time by known time", brief=True
    ),
    "occupancy_rate_said": Figure(
        lambda t: _mean(t.said_used_ms, t.known_ms), 3, "the same as sensed", brief=True
    ),
    "occupancy_rate_true_of_all": Figure(
        lambda t: _mean(t.used_asked_ms, t.asked_ms), 3, "used time by all time, unknown too"
    ),
    "people_mean_when_used_true": Figure(
        lambda t: _mean(t.true_people_ms, t.true_used_ms), 2, "people while used"
    ),
    "people_mean_when_used_said": Figure(
        lambda t: _mean(t.said_people_ms, t.said_counted_ms), 2, "the same as sensed, where counted"
    ),
    "utilisation_true": Figure(
        lambda t: _mean(t.true_filled_ms, t.true_used_ms), 3, "people while used, by capacity"
    ),
    "utilisation_said": Figure(
        lambda t: _mean(t.said_filled_ms, t.said_counted_ms), 3, "the same as sensed, where counted"
    ),
    "half_full_true_pct": Figure(
        lambda t: _share(t.true_half_ms, t.true_used_ms), 1, "of used time: at most half the capacity"
    ),
    "half_full_said_pct": Figure(
        lambda t: _share(t.said_half_ms, t.said_counted_ms), 1, "the same as sensed, where counted"
    ),
    "co2_error_ppm": Figure(
        lambda t: _mean(t.co2_error_ppm, t.co2_instants), 0, "mean error of CO2, where measured", brief=True
    ),
    "air_class_error_pct": Figure(_class_error, 1, "of used time: counted in another class of air"),
    "revised_pct": Figure(
        lambda t: _share(t.revised_facts, t.facts), 1, "of quarter hours: late data changed their facts"
    ),
    "only_things_h": Figure(
        lambda t: t.things_ms / HOUR_MS, 1, "nobody there, but a bag kept a place; that is free time here"
    ),
}


def columns(*, brief: bool = False) -> list[str]:
    """The heads of the columns of `rows`."""
    return ["what", "name", *(name for name, one in FIGURES.items() if one.brief or not brief)]


def rows(score: Score, *, brief: bool = False) -> list[list[str]]:
    """A row for each space, each kind of space and all together, as text; `n/a` where nothing can be said."""
    tallies = [("space", name, tally) for name, tally in score.spaces().items()]
    tallies += [("kind", kind.value, tally) for kind, tally in score.kinds().items()]
    tallies.append((ALL, ALL, score.all()))
    wanted = [one for one in FIGURES.values() if one.brief or not brief]
    return [[what, name, *(shown(figure, tally) for figure in wanted)] for what, name, tally in tallies]


def shown(figure: Figure, tally: Tally) -> str:
    """One figure as text."""
    found = figure.of(tally)
    # Never "-0.0".
    return NOTHING if found is None else f"{round(found, figure.decimals) + 0.0:.{figure.decimals}f}"


def in_words(score: Score) -> list[str]:
    """The score of all spaces in a few sentences for a person."""
    tally = score.all()
    told = {name: shown(figure, tally) for name, figure in FIGURES.items()}
    first, last = (
        datetime.fromtimestamp(t_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
        for t_ms in (score.start_ms, score.end_ms)
    )
    hours = "all hours" if score.is_all_hours else "opening hours"
    return [*_sentences(told, f"{first} to {last}, {hours} of {len(score.spaces())} spaces")]


def _sentences(told: dict[str, str], when: str) -> Iterator[str]:
    yield f"{when}: {told['asked_h']} h together."
    yield f"Known: {told['known_pct']} % of that time; unknown: {told['unknown_pct']} %."
    yield (
        f"Of known time right: {told['agreed_pct']} %; used and missed: {told['missed_pct']} %; "
        f"free and a ghost: {told['ghost_pct']} %."
    )
    yield (
        f"Occupancy rate: {told['occupancy_rate_said']} as sensed, {told['occupancy_rate_true']} in truth, "
        f"{told['occupancy_rate_true_of_all']} with unknown time."
    )
    yield (
        f"Sessions: {told['sessions_said']} as sensed, {told['sessions_true']} in truth; "
        f"their end is seen {told['end_delay_s']} s late."
    )


def write_score(score: Score, file: Path) -> None:
    """Write all figures as comma-separated text."""
    text = io.StringIO()
    lines: Sequence[list[str]] = [columns(), *rows(score)]
    csv.writer(text, lineterminator="\n").writerows(lines)
    put(file, text.getvalue())
