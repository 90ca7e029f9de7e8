# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What people and scripts did with the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.book.audit import written_down
from api.paging import PageQuery, cursor_of
from api.problems import documented
from api.schemas import Instant, Shape, instant

if TYPE_CHECKING:
    from api.routes import Sources

_ABOUT = """
Aanmeldingen, sleutels, en alles wat iemand veranderde; het nieuwste eerst, met de velden van BIO2 8.15.01.
Een mens heet hier een schuilnaam. Regels worden 13 maanden bewaard.
"""


class AuditEntry(Shape):
    """Wie wat deed, waarmee, vanwaar, en hoe het afliep."""

    at: Instant
    actor: str
    action: str
    object: str
    result: str
    origin: str


class AuditEntries(Shape):
    """Een bladzijde van het logboek."""

    items: list[AuditEntry]
    next_cursor: str | None = Field(description="Waar de volgende bladzijde begint; null aan het eind.")


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["access"])

    @router.get(
        "/audit-entries",
        summary="Wat mensen en programma's deden",
        description=_ABOUT,
        operation_id="listAuditEntries",
        responses=documented(400, 503),
    )
    def audit_entries(query: Annotated[PageQuery, Query()]) -> AuditEntries:
        place = query.place
        found = written_down(sources.book, before=None if place is None else place[0], most=query.limit + 1)
        page = found[: query.limit]
        return AuditEntries(
            items=[
                AuditEntry(at=instant(one.t_ms), **{name: getattr(one, name) for name in one._fields[1:]})
                for _, one in page
            ],
            next_cursor=cursor_of(page[-1][0]) if len(found) > query.limit else None,
        )

    return router
