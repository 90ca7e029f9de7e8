# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Figures worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from edge.accuracy.playing import FREE, OCCUPIED, UNKNOWN
from edge.accuracy.scoring import FIGURES, score
from tests.edge.accuracy.made import NAN, recorded, said

#: A day of 24 rows of an hour: here from the third to the tenth.
TRUE = [0] * 3 + [1] * 8 + [0] * 13
HOURS = [60 * hour for hour in range(24)]


def test_right_all_day() -> None:
    """Who says what is true has no faults, and no delay."""
    found = score(
        said(recorded(HOURS, present=TRUE), TRUE, switches=[0] * 3 + [1] + [0] * 7 + [1] + [0] * 12)
    )

    assert (found.rows, found.days) == (24, 1)
    assert found.accuracy == found.accuracy_of_all == found.f1 == found.balanced == 1
    assert (found.false_free_min_day, found.false_occupied_min_day, found.unknown) == (0, 0, 0)
    assert (found.changes_day, found.true_changes_day) == (2, 2)
    assert (found.detected_after_s, found.released_after_s, found.never_detected) == (0, 0, 0)
    assert found.occupied == found.true_occupied == pytest.approx(8 / 24)


def test_late_at_both_ends() -> None:
    """Two hours late in, one hour late out: 5 + 1 hours are wrong or late as the sum says."""
    occupancy = [FREE] * 5 + [OCCUPIED] * 7 + [FREE] * 12
    found = score(said(recorded(HOURS, present=TRUE), occupancy))

    assert found.accuracy == pytest.approx(21 / 24)
    assert found.f1 == pytest.approx(2 * 6 / (2 * 6 + 2 + 1))
    assert found.balanced == pytest.approx((6 / 8 + 15 / 16) / 2)
    assert (found.false_free_min_day, found.false_occupied_min_day) == (120, 60)
    assert (found.detected_after_s, found.released_after_s) == (7_200, 3_600)


def test_unknown_is_neither_right_nor_wrong_and_is_shown() -> None:
    """It is left out of both sides of accuracy, and wrong in the accuracy of all."""
    occupancy = [UNKNOWN] * 4 + [OCCUPIED] * 7 + [FREE] * 13
    found = score(said(recorded(HOURS, present=TRUE), occupancy))

    assert found.accuracy == found.f1 == found.balanced == 1
    assert found.unknown == pytest.approx(4 / 24)
    assert found.accuracy_of_all == pytest.approx(20 / 24)
    assert found.false_free_min_day == 0


def test_what_was_never_said_is_infinitely_late() -> None:
    """A visit that was missed has no delay that a median could hide."""
    found = score(said(recorded(HOURS, present=TRUE), [FREE] * 24))

    assert math.isinf(found.detected_after_s)
    assert found.never_detected == 1
    assert math.isnan(found.released_after_s)  # nothing was occupied, so nothing was to be released
    assert found.accuracy == pytest.approx(16 / 24)
    assert (found.f1, found.balanced) == (0, 0.5)


def test_short_gaps_have_no_delay() -> None:
    """A gap of five minutes is not waited for; one of ten is."""
    present = [1] * 15 + [0] * 5 + [1] * 15 + [0] * 10
    occupancy = [OCCUPIED] * 37 + [FREE] * 8
    found = score(said(recorded(range(45), present=present), occupancy))

    assert found.released_after_s == 120


def test_where_the_truth_is_not_known_nothing_is_judged() -> None:
    """Hours without a truth count for nothing, not even for the length of the day."""
    present = [NAN] * 12 + TRUE[12:]
    found = score(said(recorded(HOURS, present=present), [OCCUPIED] * 12 + [FREE] * 12))

    assert (found.rows, found.days, found.accuracy) == (12, 0.5, 1)
    assert found.false_occupied_min_day == 0


def test_a_hole_is_no_time() -> None:
    """Rows around a hole of a week stand for one step each, and no change is seen across it."""
    minutes = [*range(60), *range(10_080, 10_140)]
    found = score(said(recorded(minutes, present=[0] * 60 + [1] * 60), [OCCUPIED] * 120))

    assert found.days == pytest.approx(120 / 1_440)
    assert found.true_changes_day == 0
    assert found.false_occupied_min_day == pytest.approx(60 / (120 / 1_440))


def test_spots_tell_nothing_about_minutes() -> None:
    """Where a person looked in now and then, only shares are figures."""
    spots = replace(recorded([0, 60, 120], present=[0, NAN, 1], people=[0, NAN, 2]), is_spots=True)
    found = score(said(spots, [FREE, OCCUPIED, FREE], people=[0, 1, 0]))

    assert (found.rows, found.accuracy, found.count_mae) == (2, 0.5, 1)
    assert math.isnan(found.days)
    assert math.isnan(found.false_free_min_day)


def test_counts() -> None:
    """Errors are of counts that were said in known time; the interval counts its ends as within."""
    recording = recorded(range(5), people=[0, 2, 4, 5, 9])
    people = [0.4, 2.6, 2.0, NAN, 9.0]
    low, high = [0.0, 2.0, 1.0, NAN, 9.0], [1.0, 3.0, 3.0, NAN, 9.0]
    occupancy = [FREE, OCCUPIED, OCCUPIED, OCCUPIED, UNKNOWN]
    found = score(said(recording, occupancy, people=people, low=low, high=high))

    assert found.counted == pytest.approx(3 / 5)
    assert found.count_mae == pytest.approx((0.4 + 0.6 + 2.0) / 3)
    assert found.count_bias == pytest.approx((0.4 + 0.6 - 2.0) / 3)
    assert found.count_exact == pytest.approx(1 / 3)
    assert found.count_within_1 == pytest.approx(2 / 3)
    assert found.covered_90 == pytest.approx(2 / 3)
    assert found.width_90 == pytest.approx((1 + 1 + 2) / 3)
    assert math.isnan(found.accuracy)


def test_nothing_counted() -> None:
    """Without a count there are no figures of counts, and none is zero."""
    found = score(said(recorded(range(3), people=[1, 1, 1]), [OCCUPIED] * 3))

    assert all(math.isnan(getattr(found, name)) for name in FIGURES if name not in ("rows", "days"))
