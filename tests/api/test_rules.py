# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The rules for Dutch public APIs (ADR 2.2) and for headers, on good answers, errors and crashes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from bezet.errors import Cause, StoreBusy
from store.memory import MemoryStore
from tests.api.conftest import Stage

if TYPE_CHECKING:
    from bezet.model import Building
    from bezet.usage.columns import StateColumns
    from store import Reject

READABLE = [
    "/v1/spaces",
    "/v1/spaces/0.01",
    "/v1/spaces/0.01/states",
    "/v1/spaces/0.01/why",
    "/v1/health",
    "/v1/openapi.json",
]
PAGES = ["/", "/?lang=en", "/live.js", "/theme.css", "/lobby", "/lobby.css", "/lobby.js", "/lobby.svg"]
MISSING = ["/v1", "/v1/", "/v1/none", "/v1/spaces/", "/v1/health/", "/lobby/", "/none", "/docs", "/v1/docs"]


class BrokenStore(MemoryStore):
    """A store that is away, or whose code is wrong."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def states(self, *_: Any, **__: Any) -> StateColumns:
        """Fail."""
        raise self._error

    def rejects(self, *_: Any) -> list[Reject]:
        """Fail, if it is away; what reads the history fails for either."""
        if isinstance(self._error, StoreBusy):
            raise self._error
        return []


@pytest.mark.parametrize("path", [*READABLE, *PAGES, *MISSING, "/v1/spaces/0.01/states?from=x"])
async def test_every_answer_has_its_version_and_its_guards(stage: Stage, path: str) -> None:
    """Version, no caching, framing, sniffing or referrer, TLS only, a policy without exceptions."""
    async with stage.running():
        answer = await stage.client.get(path)
        info = (await stage.read("/v1/openapi.json"))["info"]

    headers = answer.headers
    policy = headers["content-security-policy"]
    assert headers["api-version"] == info["version"]
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
    assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert policy.startswith("default-src 'none'")
    is_page = headers.get("content-type", "").startswith("text/html")
    forms = "form-action 'self'" if is_page else "form-action 'none'"
    for directive in ("base-uri 'none'", forms, "frame-ancestors 'none'"):
        assert directive in policy
    assert ("'self'" in policy) == is_page
    assert not re.search(r"unsafe|data:|https?:|\*", policy)
    assert ("access-control-allow-origin" in headers) == (path == "/v1/openapi.json")
    assert "server" not in headers


@pytest.mark.parametrize("path", MISSING)
async def test_what_is_not_there_is_a_problem_and_never_a_redirect(stage: Stage, path: str) -> None:
    """An unknown path and a slash at the end are 404 as problem+json."""
    async with stage.running():
        answer = await stage.client.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert {"status", "title", "detail"} <= answer.json().keys()


@pytest.mark.parametrize("path", [*READABLE, "/v1/live-events", "/lobby", "/lobby.js", "/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_nothing_here_can_be_written(stage: Stage, path: str, method: str) -> None:
    """Any method but reading is 405 as problem+json, and Allow names what does work."""
    async with stage.running():
        answer = await stage.client.request(method, path)
        allowed = answer.headers["allow"].split(", ")

    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")
    assert "GET" in allowed
    assert set(allowed) <= {"GET", "HEAD"}


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [(StoreBusy("locked"), 503, {"retry-after": "5"}), (ZeroDivisionError("a mistake of ours"), 500, {})],
)
async def test_a_failing_store_and_a_mistake_of_ours_are_problems(
    building: Building, error: Exception, status: int, headers: dict[str, str]
) -> None:
    """503 and when to come back for a store that is away, 500 for a mistake; neither tells more."""
    stage = Stage(building, BrokenStore(error))
    async with stage.running(), stage.browser(raises=False) as browser:
        answer = await browser.get("/v1/spaces/0.01/states")

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert str(error) not in answer.text
    assert headers.items() <= dict(answer.headers).items()
    assert {"api-version", "content-security-policy"} <= answer.headers.keys()


async def test_health_says_that_the_store_is_away(building: Building) -> None:
    """A store that cannot be read makes the server degraded; the live page goes on."""
    stage = Stage(building, BrokenStore(StoreBusy("locked")))
    async with stage.running():
        found = await stage.read("/v1/health")

    assert (found["status"], found["store"]["readable"], found["link"]["up"]) == ("degraded", False, True)


# --- the document ----------------------------------------------------------------------------------------


async def read_document(stage: Stage) -> dict[str, Any]:
    """The OpenAPI document as it is published."""
    async with stage.running():
        found: dict[str, Any] = await stage.read("/v1/openapi.json")
    return found


async def test_the_document_keeps_the_rules(stage: Stage) -> None:
    """OpenAPI 3, semver, major version in the URI, a contact, kebab paths, camel keys, problems, no 422."""
    document = await read_document(stage)

    assert document["openapi"].startswith("3.")
    assert re.fullmatch(r"\d+\.\d+\.\d+", document["info"]["version"])
    assert [one["url"] for one in document["servers"]] == ["/v1"]
    assert document["info"]["contact"].keys() == {"name", "url", "email"}
    assert not document["info"]["contact"]["email"].startswith("info@")
    for path, operations in document["paths"].items():
        assert re.fullmatch(r"(/([a-z0-9-]+|\{[a-zA-Z]+\}))+", path)
        assert operations.keys() <= {"get", "post", "put", "patch", "delete"}
        for operation in operations.values():
            _check_operation(operation, document["info"]["version"])
    shapes = document["components"]["schemas"].values()
    names = {name for shape in shapes for name in shape.get("properties", {})}
    assert {name for name in names if not re.fullmatch(r"[a-z][a-zA-Z0-9]*", name)} == set()


def _check_operation(operation: dict[str, Any], version: str) -> None:
    assert operation["summary"]
    assert "422" not in operation["responses"]
    for parameter in operation.get("parameters", []):
        assert parameter["in"] == "header" or re.fullmatch(r"[a-z][a-zA-Z0-9]*", parameter["name"])
        assert "400" in operation["responses"]
    for status, response in operation["responses"].items():
        assert "API-Version" in response["headers"]
        if status >= "400":
            assert response["content"].keys() == {"application/problem+json"}


async def test_every_reference_of_the_document_leads_somewhere(stage: Stage) -> None:
    """No $ref points at a shape that is not there, and no shape is left that nothing points at."""
    document = await read_document(stage)

    wanted = set(re.findall(r"'\$ref': '#/components/schemas/(\w+)'", str(document)))

    assert wanted == set(document["components"]["schemas"])


async def test_the_document_tells_every_path_that_there_is(stage: Stage) -> None:
    """All of it is documented, and nothing inside shows through in the names."""
    document = await read_document(stage)

    assert document["paths"].keys() == {
        "/spaces",
        "/spaces/{spaceId}",
        "/spaces/{spaceId}/states",
        "/spaces/{spaceId}/facts",
        "/spaces/{spaceId}/why",
        "/live-events",
        "/audit-entries",
        "/webhooks",
        "/zone-demands",
        "/alarms",
        "/alarms/{alarmId}",
        "/sites",
        "/sites/{siteId}",
        "/floors",
        "/floors/{floorId}",
        "/spaces/{spaceId}/sessions",
        "/spaces/{spaceId}/readings",
        "/devices",
        "/devices/{deviceId}",
        "/public-information",
        "/health",
    }
    assert not re.search(r"mqtt|sqlite|influx|fastapi|pydantic", str(document), re.IGNORECASE)


async def test_what_the_document_says_of_instants(stage: Stage) -> None:
    """Every instant is a date-time, in questions and in answers."""
    document = await read_document(stage)

    parameters = document["paths"]["/spaces/{spaceId}/states"]["get"]["parameters"]
    asked = {one["name"]: one["schema"] for one in parameters if one["in"] == "query"}
    assert {"from", "to"} == asked.keys()
    assert all("date-time" in str(schema) for schema in asked.values())
    assert "date-time" in str(document["components"]["schemas"]["Space"]["properties"]["asOf"])
    assert set(document["components"]["schemas"]["Cause"]["enum"]) == set(Cause)
