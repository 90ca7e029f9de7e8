# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What stands in a plain form that a browser sends: our forms are short."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from starlette.requests import Request

FORM = "application/x-www-form-urlencoded"
#: The longest thing that one of our forms asks for is a token.
MOST_BYTES = 4_096


async def fields_of(request: Request) -> dict[str, str]:
    """The first word of each field; nothing where it is no form, or does not say that it is short enough."""
    length = request.headers.get("content-length", "")
    is_form = request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM
    if not is_form or not length.isdigit() or int(length) > MOST_BYTES:
        return {}
    found = parse_qs((await request.body()).decode(errors="replace"))
    return {name: texts[0].strip() for name, texts in found.items()}
