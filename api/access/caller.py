# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Who asks: nobody in particular, a screen, a script or a person, and in which roles."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from starlette.requests import Request


class Role(StrEnum):
    """What somebody has to do with the building (docs/how-to/set-up-the-window.md says what each may)."""

    PUBLIC = "public"
    EMPLOYEE = "employee"
    FACILITIES = "facilities"
    EVALUATOR = "evaluator"
    PLANNER = "planner"
    PRIVACY_OFFICER = "privacyOfficer"
    ADMINISTRATOR = "administrator"


class Caller(NamedTuple):
    """Who asks; `name` is what the audit log calls them, `origin` the address that the question came from."""

    name: str
    roles: frozenset[Role]
    origin: str = ""


#: Where no access is configured, on this machine alone: everything is open.
ANYBODY = Caller("anybody", frozenset(Role))


def caller_of(request: Request) -> Caller:
    """Who asks, as the gate found before the route was run."""
    return cast("Caller", getattr(request.state, "caller", ANYBODY))
