# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The QR code that takes what a screen shows along on a phone; the only user of segno."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

import segno

#: Modules of white around it: without so many, phones do not find it (ISO/IEC 18004).
QUIET = 4
#: The page of the same data that is made for one's own device.
FIND = "/find"


def address(public_url: str, language: str) -> str:
    """Where the code leads."""
    return f"{public_url}{FIND}?lang={language}"


def short(public_url: str) -> str:
    """The same for whoever types it in."""
    return f"{public_url.partition('://')[2]}{FIND}"


@lru_cache(maxsize=64)
def matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """The modules of the code of a text, with white around them; True is dark."""
    return tuple(tuple(map(bool, row)) for row in _code(text).matrix_iter(border=QUIET))


@lru_cache(maxsize=64)
def svg(text: str) -> bytes:
    """The code as a drawing that grows with its frame; dark on white also at night, for phones want that."""
    out = BytesIO()
    _code(text).save(
        *(out, "svg"),
        border=QUIET,
        xmldecl=False,
        nl=False,
        omitsize=True,
        svgclass=None,
        lineclass=None,
        dark="#14212b",
        light="#ffffff",
    )
    return out.getvalue()


def _code(text: str) -> segno.QRCode:
    return segno.make(text, error="m", micro=False)
