# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Lists that grow, page by page: how many at once, and an opaque cursor for the next. Pure."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST, USUAL = 1_000, 100


class PageQuery(BaseModel):
    """Which part of a list is asked for; anything else is refused."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(USUAL, ge=1, le=MOST, description=f"Hoeveel er ten hoogste komen, 1 tot {MOST}.")
    cursor: str = Field("", max_length=256, description="De `nextCursor` van de bladzijde ervoor.")


def cursor_of(*place: int) -> str:
    """Where a page ended, as it is given out."""
    return base64.urlsafe_b64encode(",".join(map(str, place)).encode()).decode().rstrip("=")


def place_of(cursor: str, numbers: int) -> Sequence[int] | None:
    """Where a page begins: so many numbers, None at the begin of the list; 400 for what we never gave out."""
    if not cursor:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        place = [int(one) for one in text.split(",")]
    except (binascii.Error, ValueError):
        place = []
    if len(place) != numbers or cursor_of(*place) != cursor or any(not 0 <= one < 2**63 for one in place):
        what = "is not a cursor that this list gave out"
        raise RequestValidationError([{"loc": ("query", "cursor"), "msg": what, "type": "value_error"}])
    return place
