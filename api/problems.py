# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Every error as application/problem+json (RFC 9457), the unknown path and the crash included."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.responses import Response
from starlette.routing import compile_path

from api.negotiation import chosen, is_json
from api.schemas import FieldError, Problem
from bezet.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Container, Iterable, Iterator

    from fastapi import FastAPI
    from starlette.requests import Request

    _Handler = Callable[[Request, Exception], Awaitable[Response]]

MEDIA_TYPE, HTML = "application/problem+json", "text/html"
RETRY_AFTER_S = 5
WRITES = ("POST", "PUT", "PATCH")
NO_SPACE = "is no space of this building"

#: What is said where the raiser said no more than the status.
_DETAILS: Mapping[int, str] = {
    400: "The question could not be read.",
    404: "There is nothing at this path. Paths have no slash at the end.",
    405: "This path does not take that method; the Allow header names what it takes.",
    415: "This takes application/json only; the Content-Type header says something else.",
    500: "The server made a mistake; it has been written down.",
    503: "The store does not answer at the moment; try again.",
}


class Refused(HTTPException):
    """A question that is understood and refused, with a kind of problem of its own."""

    def __init__(self, status: int, kind: str, title: str, detail: str) -> None:
        super().__init__(status, detail)
        self.kind = kind
        self.title = title


def handle_problems(
    app: FastAPI,
    page: Callable[[Request, Response], Response] | None = None,
    spaces: Container[str] = (),
) -> None:
    """Let the app answer every error with a problem; with a page made of it for who likes that better.

    A `spaceId` that is none of `spaces` is named beside what else is wrong.
    """

    async def invalid(request: Request, error: Exception) -> Response:
        return _invalid(request, cast("RequestValidationError", error), spaces)

    kinds: Mapping[type[Exception], _Handler] = {
        AnyHTTPException: _http,
        RequestValidationError: invalid,
        StoreError: _store,
        Exception: _crash,
    }
    for kind, handler in kinds.items():
        app.add_exception_handler(kind, handler if page is None else _shown(handler, page))


def _shown(handler: _Handler, page: Callable[[Request, Response], Response]) -> _Handler:
    async def handle(request: Request, error: Exception) -> Response:
        found = await handler(request, error)
        accepted = ",".join(request.headers.getlist("accept"))
        return page(request, found) if chosen(accepted, (MEDIA_TYPE, HTML)) == HTML else found

    return handle


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer, for its documentation."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def problem(status: int, detail: str = "", headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """The answer that says what went wrong; `more` are other members of `Problem`."""
    said = {"title": HTTPStatus(status).phrase, "detail": detail or _detail(status)}
    body = Problem(status=status, **said | more)
    return Response(body.model_dump_json(exclude_defaults=True), status, headers, MEDIA_TYPE)


def _detail(status: int) -> str:
    return _DETAILS.get(status, HTTPStatus(status).description or HTTPStatus(status).phrase)


def _allowed(request: Request, headers: Mapping[str, str] | None) -> Mapping[str, str] | None:
    """The methods that the document knows for the path; the router names those of one operation only."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    for template, operations in request.app.openapi().get("paths", {}).items():
        if compile_path(template)[0].fullmatch(path):
            methods = {one.upper() for one in operations}
            # Whatever can be read can be asked for its head.
            return {
                **(headers or {}),
                "Allow": ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set()))),
            }
    return headers


async def _http(request: Request, error: Exception) -> Response:
    found = cast("AnyHTTPException", error)
    if isinstance(found, Refused):
        return problem(found.status_code, found.detail, type=f"urn:bezet:{found.kind}", title=found.title)
    is_plain = found.detail == HTTPStatus(found.status_code).phrase
    headers = _allowed(request, found.headers) if found.status_code == 405 else found.headers
    return problem(found.status_code, "" if is_plain else found.detail, headers)


def _invalid(request: Request, error: RequestValidationError, spaces: Container[str]) -> Response:
    if request.method in WRITES and not is_json(request.headers.get("content-type", "")):
        return problem(415)
    errors = [*_fields(error.errors())]
    named = {(one.location, one.name) for one in errors}
    for location, held in (("query", request.query_params), ("body", error.body)):
        space = held.get("spaceId") if isinstance(held, Mapping) else None
        if (location, "spaceId") not in named and isinstance(space, str) and space not in spaces:
            errors.append(FieldError(location=location, name="spaceId", detail=NO_SPACE))
    detail = "; ".join(f"{one.name}: {one.detail}" if one.name else one.detail for one in errors)
    return problem(400, detail, errors=errors)


def _fields(found: Iterable[Mapping[str, Any]]) -> Iterator[FieldError]:
    """A line for each field: how we look at it inside (items, kinds of one field) is nobody's business."""
    said: dict[tuple[str, str], list[str]] = {}
    for one in found:
        location, name, *_ = *map(str, (part for part in one["loc"] if isinstance(part, str))), ""
        said.setdefault((location, name), []).append(str(one["msg"]).removeprefix("Value error, "))
    for (location, name), details in said.items():
        yield FieldError(location=location, name=name, detail=", or: ".join(dict.fromkeys(details)))


async def _store(_: Request, __: Exception) -> Response:
    return problem(503, headers={"Retry-After": str(RETRY_AFTER_S)})


async def _crash(_: Request, __: Exception) -> Response:
    return problem(500)
