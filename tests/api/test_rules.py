# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The rules for Dutch public APIs (ADR 2.2) and for headers, on good answers, errors and crashes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from api.access.caller import Role
from api.access.matrix import allowed
from bezet.errors import Cause, StoreBusy
from store.memory import MemoryStore
from tests.api.conftest import Stage, health, live
from tests.conftest import ROOT

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
PAGES = [
    "/",
    "/?lang=en",
    "/live.js",
    "/theme.css",
    "/lobby",
    "/wall.css",
    "/lobby-qr.svg",
    "/lobby.css",
    "/lobby.js",
    "/lobby.svg",
]
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
        "/feedback",
        "/public-information",
        "/screens",
        "/screens/{screenId}",
        "/screens/{screenId}/image",
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


# --- what is asked for, and how ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("*/*", 200),
        ("", 200),
        ("text/html;q=0.9, application/*;q=0.1", 200),
        ("text/csv, */*;q=0", 406),
        ("text/html", 406),
        ("application/json;q=0", 406),
        ("application/json;q=x", 406),
        ("nonsense", 406),
    ],
)
async def test_a_form_that_cannot_be_given_is_406(stage: Stage, accept: str, status: int) -> None:
    """What is not taken is not sent: 406 as a problem; an empty Accept takes anything."""
    async with stage.running():
        answer = await stage.client.get("/v1/spaces", headers={"Accept": accept})

    assert answer.status_code == status
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", [*READABLE, "/v1/live-events", "/lobby", "/lobby.css", "/v1/none"])
async def test_head_is_get_without_a_body(stage: Stage, path: str) -> None:
    """HEAD answers as GET does, with nothing after the head; a stream is not begun."""
    async with stage.running():
        head = await stage.client.head(path)
        get = None if path == "/v1/live-events" else await stage.client.get(path)
        listeners = stage.app.state.feed.listeners

    assert (head.content, listeners) == (b"", 0)
    assert head.status_code == (200 if get is None else get.status_code)
    assert get is None or head.headers["content-type"] == get.headers["content-type"]


async def test_a_tag_that_is_known_is_enough(stage: Stage) -> None:
    """304 without a body while nothing changed but the time, for a list of tags and `*` too."""
    async with stage.running():
        await stage.say(health(), live())
        for path in ("/v1/spaces", "/v1/spaces/0.01", "/v1/spaces?free=true"):
            first = await stage.client.get(path)
            tag = first.headers["etag"]
            stage.time.now_ms += 1_000
            known = [
                await stage.client.get(path, headers={"If-None-Match": one})
                for one in (tag, f'"x", {tag}', tag.removeprefix("W/"), "*")
            ]
            unknown = await stage.client.get(path, headers={"If-None-Match": 'W/"x", nonsense'})
            await stage.say(live("0.02", t_ms=stage.time.now_ms))
            later = await stage.client.get(path, headers={"If-None-Match": tag})

            assert [(one.status_code, one.content, one.headers["etag"]) for one in known] == [
                (304, b"", tag)
            ] * 4
            assert (unknown.status_code, later.status_code) == (200, 200)
            assert first.headers["cache-control"] == "no-store"


async def test_what_answers_while_others_are_away(building: Building) -> None:
    """Without the store what is is told, without both that it is unknown; and health says which is away."""
    stage = Stage(building, BrokenStore(StoreBusy("locked")))
    async with stage.running():
        await stage.say(health(), live())
        no_store = [await stage.client.get(path) for path in ("/v1/spaces/0.01", "/v1/spaces/0.01/states")]
        stage.broker.stop()
        await stage.settle()
        stage.time.now_ms += 91_000
        neither = [await stage.client.get(path) for path in ("/v1/spaces/0.01", "/v1/spaces/0.01/states")]
        told = await stage.read("/v1/health")

    assert [one.status_code for one in (*no_store, *neither)] == [200, 503, 200, 503]
    assert no_store[0].json()["occupancy"] == "free"
    assert (neither[0].json()["occupancy"], neither[0].json()["unknownBecause"]) == ("unknown", "link")
    assert (told["link"]["up"], told["store"]["readable"]) == (False, False)


VERBS = "^(get|list|set|make|create|update|delete|remove|add|read|write|run|find|search|calculate)(-|$)"
#: Feedback has members, and no plural.
SINGULAR = {"health", "image", "why", "public-information", "feedback"}


async def test_paths_are_nouns_and_collections_plural(stage: Stage) -> None:
    """No path is a verb; what has members is a plural; nothing is a file."""
    document = await read_document(stage)

    for path in document["paths"]:
        words = [word for word in path.split("/")[1:] if not word.startswith("{")]
        assert not any(re.search(VERBS, word) for word in words)
        assert all(word.endswith("s") or word in SINGULAR for word in words)
        assert "." not in path


async def test_the_changelog_tells_of_this_version(stage: Stage) -> None:
    """CHANGELOG.md has an entry for the version that the document names."""
    document = await read_document(stage)

    assert f"API {document['info']['version']}" in (ROOT / "CHANGELOG.md").read_text()


async def test_every_operation_says_who_it_is_for(stage: Stage) -> None:
    """The roles stand in the description, and where nobody needs a key the document says so."""
    document = await read_document(stage)

    for operations in document["paths"].values():
        for operation in operations.values():
            roles = allowed(operation["operationId"])
            assert operation["description"].endswith(
                f"Voor: {', '.join(one for one in Role if one in roles)}."
            )
            assert ({} in operation["security"]) == (Role.PUBLIC in roles)
            assert {"400", "401", "406", "429", "500"} <= operation["responses"].keys()


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/v1/alarms?limit=0&spaceId=zz&cursor=bad&kind=none", {"limit", "spaceId", "cursor", "kind"}),
        (
            "/v1/spaces/0.03/readings?limit=0&cursor=bad&from=2026-11-23T09:00:00Z&to=2026-11-23T08:00:00Z",
            {"limit", "cursor", "to"},
        ),
        ("/v1/feedback?spaceId=zz&from=yesterday", {"spaceId", "from"}),
    ],
)
async def test_all_wrong_fields_are_named_at_once(stage: Stage, path: str, names: set[str]) -> None:
    """Also those of which only the building or we ourselves know, each once, by its own name."""
    async with stage.running():
        answer = await stage.client.get(path)
        errors = answer.json()["errors"]

    assert answer.status_code == 400
    assert {one["name"] for one in errors} == names
    assert len(errors) == len(names)
