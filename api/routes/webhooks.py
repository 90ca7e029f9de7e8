# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The systems that are told of changes, and how that goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import Field

from api.problems import documented
from api.schemas import Instant, Shape, maybe_instant
from api.webhooks.settings import EventKind  # noqa: TC001  pydantic reads the annotations when it runs

if TYPE_CHECKING:
    from api.routes import Sources


class Webhook(Shape):
    """Een systeem dat berichten krijgt; nooit zijn adres of geheim."""

    name: str
    events: list[EventKind]
    stopped: bool = Field(description="Waar het systeem zei dat het niets meer wil (410).")
    waiting: int = Field(description="Hoeveel berichten onderweg zijn.")
    sent: int = Field(description="Hoeveel er aankwamen sinds de start.")
    given_up: int = Field(description="Hoeveel er na een dag, of bij te veel, zijn opgegeven sinds de start.")
    last_success: Instant | None
    last_failure: Instant | None
    failure: str = Field(description="Waarom het de laatste keer niet lukte; leeg als dat nooit was.")


class WebhooksShape(Shape):
    """Alle systemen die berichten krijgen."""

    items: list[Webhook]


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["health"])

    @router.get(
        "/webhooks",
        summary="Wie berichten krijgt, en hoe dat gaat",
        description="Zij staan in window.toml. Een bericht komt ten minste één keer aan.",
        operation_id="listWebhooks",
        responses=documented(503),
    )
    def webhooks() -> WebhooksShape:
        return WebhooksShape(
            items=[
                Webhook(
                    name=one.settings.name,
                    events=[*one.settings.events],
                    stopped=one.has_stopped,
                    waiting=sources.webhooks.waiting(one.settings.name),
                    sent=one.sent,
                    given_up=one.given_up,
                    last_success=maybe_instant(one.success_ms),
                    last_failure=maybe_instant(one.failure_ms),
                    failure=one.failure,
                )
                for one in sources.webhooks.standings.values()
            ]
        )

    return router
