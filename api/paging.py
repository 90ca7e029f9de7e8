# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Lists that grow, page by page: how many at once, and an opaque cursor for the next. Pure."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST, USUAL = 1_000, 100


class PageQuery(BaseModel):
    """Which part of a list is asked for, by cursors of so many `numbers`; anything else is refused."""

    model_config = ConfigDict(extra="forbid")
    numbers: ClassVar[int] = 1

    limit: int = Field(USUAL, ge=1, le=MOST, description=f"Hoeveel er ten hoogste komen, 1 tot {MOST}.")
    cursor: str = Field("", max_length=256, description="De `nextCursor` van de bladzijde ervoor.")

    @field_validator("cursor")
    @classmethod
    def _is_ours(cls, cursor: str) -> str:
        if cursor and _place_of(cursor, cls.numbers) is None:
            raise ValueError("is not a cursor that this list gave out")
        return cursor

    @property
    def place(self) -> Sequence[int] | None:
        """Where the page begins; None at the begin of the list."""
        return _place_of(self.cursor, self.numbers)


def cursor_of(*place: int) -> str:
    """Where a page ended, as it is given out."""
    return base64.urlsafe_b64encode(",".join(map(str, place)).encode()).decode().rstrip("=")


def _place_of(cursor: str, numbers: int) -> Sequence[int] | None:
    """The place that a cursor stands for; None where it stands for none, or we never gave it out."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        place = [int(one) for one in text.split(",")]
    except (binascii.Error, ValueError):
        return None
    is_ours = len(place) == numbers and cursor_of(*place) == cursor and all(0 <= one < 2**63 for one in place)
    return place if is_ours else None
