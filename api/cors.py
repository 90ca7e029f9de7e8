# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Which other sites' pages may ask the API: what a browser asks before it does, and what it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.cors import CORSMiddleware

from api.problems import problem

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.responses import Response


class Cors(CORSMiddleware):
    """As Starlette has it, but a refusal is a problem as all others are."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """What a browser may do; 400 says what it may not."""
        found = super().preflight_response(request_headers)
        if found.status_code < 400:
            return found
        told = {name: text for name, text in found.headers.items() if name.startswith(("access-", "vary"))}
        return problem(found.status_code, f"{bytes(found.body).decode()}.", told)
