# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Who may do what, in one table: each operation of the API by its id, each page by its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.access.caller import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

ALL = frozenset(Role)
STAFF = ALL - {Role.PUBLIC}
RUNNING = frozenset({Role.FACILITIES, Role.ADMINISTRATOR})
HISTORY = frozenset({Role.FACILITIES, Role.EVALUATOR, Role.PLANNER, Role.ADMINISTRATOR})
OVERSIGHT = frozenset({Role.PRIVACY_OFFICER, Role.ADMINISTRATOR})

MATRIX: Mapping[str, frozenset[Role]] = {
    # what is now: whether a space is free is for everybody (api/access/view.py says what else)
    "listSites": ALL,
    "readSite": ALL,
    "listFloors": ALL,
    "readFloor": ALL,
    "readPublicInformation": ALL,
    "listSpaces": ALL,
    "readSpace": ALL,
    "followLiveEvents": ALL,
    "listScreens": ALL,
    "readScreen": ALL,
    "readScreenImage": ALL,
    # why it is so
    "explainSpace": RUNNING | {Role.PRIVACY_OFFICER},
    # what was
    "listStates": HISTORY,
    "listFacts": HISTORY,
    "listSessions": HISTORY,
    "listReadings": RUNNING,
    # what hangs where
    "listDevices": RUNNING,
    "readDevice": RUNNING,
    "listZoneDemands": RUNNING,
    # what is wrong, and what to do
    "listAlarms": RUNNING,
    "readAlarm": RUNNING,
    "changeAlarm": RUNNING,
    # how people say that a space was: whoever was there, by the code beside its door
    "createFeedback": ALL,
    "listFeedback": HISTORY,
    # how the installation is; who may not see the devices is told no more than that it works
    "readHealth": ALL,
    "listWebhooks": RUNNING,
    # what people did with it
    "listAuditEntries": OVERSIGHT,
    # pages
    "/": ALL,
    "/lobby": ALL,
    "/lobby/{screen}": ALL,
    "/spaces/{spaceId}": ALL,
    "/alarms/{alarmId}": RUNNING,
    "/door/{spaceId}": ALL,
    "/feedback/{spaceId}": ALL,
    "/find": ALL,
    "/about-measuring": ALL,
    "/cards": RUNNING,
}
#: The way in, the figures for whoever watches the server, and (below) the files that pages are made of: for
#: whoever comes, also where who has no name sees nothing.
ALWAYS = frozenset({"/sign-in", "/sign-in/return", "/sign-in/token", "/sign-out", "/metrics"})
#: What is in no row is for nobody else; a test says that nothing is.
ELSE = frozenset({Role.ADMINISTRATOR})


def allowed(operation: str) -> frozenset[Role]:
    """Who may do an operation."""
    return ALL if is_always(operation) else MATRIX.get(operation, ELSE)


def is_always(operation: str) -> bool:
    """Whether an operation is for whoever comes."""
    is_file = operation.startswith("/") and "." in operation.rpartition("/")[2]
    return is_file or operation in ALWAYS
