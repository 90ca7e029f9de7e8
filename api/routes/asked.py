# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What questions about one space's past have in common: the space, the time, and whether it may be shown."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError

from api.live import MIN_CAPACITY
from api.problems import NO_SPACE, Refused
from api.words import asked_language

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from api.routes import Sources
    from api.schemas import SpanQuery
    from api.words import Language
    from bezet import model

DEFAULT_SPAN = timedelta(hours=24)


def found_space(sources: Sources, space_id: str) -> model.Space:
    """The space of that id, or 404."""
    space = sources.building.spaces.get(space_id)
    if space is None:
        raise HTTPException(404, f"There is no space {space_id!r} in this building.")
    return space


def told_language(request: Request, response: Response) -> Language:
    """The language that is asked for by `Accept-Language`; the answer says that it is in it."""
    language = asked_language(request.headers.get("accept-language", ""))
    response.headers.update({"Content-Language": language, "Vary": "Accept-Language"})
    return language


def asked_span(
    query: SpanQuery, now: datetime, longest: timedelta, usual: timedelta = DEFAULT_SPAN
) -> tuple[datetime, datetime]:
    """The asked time, up to now; the last 24 hours, or what else is `usual`, where nothing is said."""
    end = min(query.end or now, now)
    start = query.start or end - usual
    if start >= end:
        raise wrong("query", "from", "must lie before `to`, and before now")
    if end - start > longest:
        raise wrong("query", "from", f"may lie at most {longest.days} days before `to`")
    return start, end


def known_space(sources: Sources, space_id: str, where: str) -> model.Space:
    """The space that is asked for in a query or a body, or 400."""
    space = sources.building.spaces.get(space_id)
    if space is None:
        raise wrong(where, "spaceId", NO_SPACE)
    return space


def wrong(where: str, name: str, what: str) -> RequestValidationError:
    """What is wrong with a field, as the check of its type would say it."""
    return RequestValidationError([{"loc": (where, name), "msg": what, "type": "value_error"}])


def may_show(sources: Sources, space: model.Space, start: datetime, end: datetime) -> None:
    """Refuse what would be the history of a person, by any layout of the span; and privacy mode."""
    if not space.measured:
        detail = f"Space {space.id!r} is not measured, so it has no history."
        raise Refused(403, "not-measured", "Not measured", detail)
    first, last = (one.astimezone(sources.building.timezone).date() for one in (start, end))
    layouts = {space.layout_on(first), *(one for one in space.layouts if first < one.start <= last)}
    if any(one.capacity < MIN_CAPACITY for one in layouts):
        raise Refused(
            403,
            "too-small-to-show",
            "Too small to show singly",
            f"Space {space.id!r} was for fewer than {MIN_CAPACITY} people then. To protect them, it has "
            "no history of its own; it counts in the figures of a group of spaces.",
        )
