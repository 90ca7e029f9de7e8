# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Stretches of time in which somebody is in a space without a break."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from demo.people import Doing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from demo.people import Stay


class Session(NamedTuple):
    """Somebody is there from `from_ms` up to `to_ms`; at `met_ms` the first second person came."""

    from_ms: int
    to_ms: int
    met_ms: int | None
    is_cleaning: bool


def sessions(stays: Iterable[Stay]) -> list[Session]:
    """The sessions that stays make, which are in order of coming; one is cleaning if it begins with that."""
    found: list[Session] = []
    for stay in stays:
        if not found or stay.from_ms > found[-1].to_ms:
            found.append(Session(stay.from_ms, stay.to_ms, None, stay.doing is Doing.CLEANING))
            continue
        last = found[-1]
        met_ms = stay.from_ms if last.met_ms is None and stay.from_ms < last.to_ms else last.met_ms
        found[-1] = last._replace(to_ms=max(last.to_ms, stay.to_ms), met_ms=met_ms)
    return found
