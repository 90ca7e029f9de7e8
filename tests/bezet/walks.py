# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A course walked to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bezet.model import Reading, State
    from bezet.occupancy.course import Course


def walk(course: Course, instants: Iterable[Sequence[Reading]], until_ms: int) -> Iterator[State]:
    """All states that come of readings, grouped by instant in order of time, up to an instant."""
    for readings in instants:
        yield from course.take(readings)
    yield from course.pass_time(until_ms)
