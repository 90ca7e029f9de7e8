# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What somebody says of an alarm on the live page: a plain form, so that it works without a script."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import RedirectResponse

from api.access.caller import caller_of
from api.access.gate import refuse_foreign_write
from api.alarms.rules import Why
from api.front.filling import language_of
from api.front.forms import fields_of
from api.routes.alarms import AlarmChange, change_alarm
from api.schemas import instant
from api.words import Language
from bezet.retention import DAY_MS

if TYPE_CHECKING:
    from api.routes import Sources


class Said(StrEnum):
    """What the form can say."""

    KNOWN = "known"
    NEXT_WORKING_DAY = "nextWorkingDay"
    WEEK = "week"
    MONTH = "month"
    AGAIN = "again"


def routes(sources: Sources) -> APIRouter:
    """Takes the form, and goes back to the page."""
    router = APIRouter(include_in_schema=False)

    @router.post("/alarms/{alarmId}")
    async def said(
        request: Request,
        alarmId: str,  # noqa: N803  the name in the path is that in the JSON
        lang: Annotated[str, Query()] = Language.NL,
    ) -> RedirectResponse:
        refuse_foreign_write(request)
        change = _change(await fields_of(request), sources.clock())
        await run_in_threadpool(change_alarm, sources, caller_of(request), alarmId, change)
        return RedirectResponse(f"/?lang={language_of(lang)}#alarms", 303)

    return router


def _change(fields: dict[str, str], now_ms: int) -> AlarmChange:
    """What the API is asked for what the form says."""
    try:
        said, reason = Said(fields.get("said", "")), Why(fields.get("reason", Why.KNOWN))
    except ValueError as error:
        raise HTTPException(400, f"The form says {error}.") from None
    asks: dict[Said, dict[str, object]] = {
        Said.KNOWN: {"acknowledged": True},
        Said.NEXT_WORKING_DAY: {"muted_until": "nextWorkingDay"},
        Said.WEEK: {"muted_until": instant(now_ms + 7 * DAY_MS)},
        Said.MONTH: {"muted_until": instant(now_ms + 28 * DAY_MS)},
        Said.AGAIN: {"acknowledged": False, "muted_until": None},
    }
    return AlarmChange.model_validate({"reason": reason, **asks[said]}, by_name=True)
