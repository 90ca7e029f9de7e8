# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How people say that a space was: by the API and by the page, how often, and what comes out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from api.book.feedback import count_answer, read_answers
from api.contact import Contact
from api.feedback.answers import FACE_WORDS, REASON_WORDS, Face, FeedbackReason
from api.feedback.box import AT_ONCE, REFILL_MS, Box, household
from api.settings import Settings
from bezet.retention import DAY_MS, HOUR_MS
from tests.api.conftest import NOW_MS, Stage

if TYPE_CHECKING:
    import httpx

    from api.words import Language
    from bezet.model import Building

GOOD = {"spaceId": "0.02", "face": "good"}


def kept(stage: Stage) -> dict[str, list[tuple[int, str, str | None, int]]]:
    """All that is in the book of answers."""
    found = read_answers(stage.book, start_ms=0, end_ms=2**53)
    return {space: [tuple(one) for one in hours] for space, hours in found.items()}  # type: ignore[misc]


async def post(stage: Stage, body: Any) -> httpx.Response:
    """An answer, by the API."""
    return await stage.client.post("/v1/feedback", json=body)


# --- what comes in ---------------------------------------------------------------------------------------


async def test_an_answer_is_counted_in_its_hour(stage: Stage) -> None:
    """201 says what was counted; two answers of one sort are a number, and no rows of their own."""
    async with stage.running():
        stage.time.now_ms += 17 * 60_000
        first = await post(stage, GOOD)
        await post(stage, GOOD)
        other = await post(stage, GOOD | {"face": "bad", "reason": "shownFree"})
        found = kept(stage)

    assert first.status_code == other.status_code == 201
    assert first.json() == GOOD | {"reason": None, "hour": "2026-11-23T10:00:00.000Z"}
    assert found == {"0.02": [(NOW_MS, "bad", "shownFree", 1), (NOW_MS, "good", None, 2)]}


@pytest.mark.parametrize(
    ("body", "status", "wrong"),
    [
        ({}, 400, {"spaceId", "face"}),
        (
            {"spaceId": "0.02", "face": "great", "reason": "x", "text": "Jan was er"},
            400,
            {"face", "reason", "text"},
        ),
        (GOOD | {"spaceId": "9.99"}, 400, {"spaceId"}),
        (GOOD | {"spaceId": "9.99", "face": "great"}, 400, {"spaceId", "face"}),
        (GOOD | {"spaceId": 7}, 400, {"spaceId"}),
        (GOOD | {"spaceId": ["0.02"]}, 400, {"spaceId"}),
        ([], 400, {""}),
        (GOOD | {"spaceId": "0.04"}, 403, set()),
        (GOOD | {"spaceId": "1.01"}, 403, set()),
        (GOOD | {"spaceId": "1.02"}, 403, set()),
    ],
)
async def test_what_is_not_counted(stage: Stage, body: Any, status: int, wrong: set[str]) -> None:
    """All that is wrong is named at once; a space in privacy mode, or for few, takes no answers."""
    async with stage.running():
        answer = await post(stage, body)
        found = kept(stage)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert {one["name"] for one in answer.json().get("errors", [])} == wrong
    assert found == {}


async def test_only_json_is_taken(stage: Stage) -> None:
    """A form of another site cannot speak to the API: 415."""
    async with stage.running():
        answer = await stage.client.post("/v1/feedback", content="{}", headers={"Content-Type": "text/plain"})

    assert answer.status_code == 415


async def test_one_phone_cannot_fill_the_box(stage: Stage) -> None:
    """So many at once from one address, then one each five minutes; another space has turns of its own."""
    async with stage.running():
        first = [(await post(stage, GOOD)).status_code for _ in range(AT_ONCE)]
        full, elsewhere = await post(stage, GOOD), await post(stage, GOOD | {"spaceId": "0.03"})
        stage.time.now_ms += REFILL_MS
        later = [(await post(stage, GOOD)).status_code for _ in range(2)]

    assert first == [201] * AT_ONCE
    assert (full.status_code, full.headers["retry-after"]) == (429, "300")
    assert elsewhere.status_code == 201
    assert later == [201, 429]


async def test_nothing_of_who_answered_is_kept(stage: Stage) -> None:
    """Neither the address nor anything that stands for it is in the book, and no cookie is set."""
    async with stage.running():
        answer = await post(stage, GOOD)
        with stage.book.snapshot() as connection:
            columns = [row[1] for row in connection.execute("PRAGMA table_info(feedback)")]
            lines = connection.execute("SELECT count(*) FROM audit").fetchone()[0]

    assert columns == ["space", "hour_ms", "face", "reason", "answers"]
    assert lines == 0
    assert "set-cookie" not in answer.headers


# --- what comes out --------------------------------------------------------------------------------------


def answered(
    stage: Stage, space: str, days_ago: int, face: Face, reason: FeedbackReason | None, n: int
) -> None:
    """So many answers at the same time of an earlier day."""
    for _ in range(n):
        count_answer(stage.book, space, NOW_MS - days_ago * DAY_MS, face, reason)


async def test_counts_per_period(stage: Stage) -> None:
    """Per space whole days with counts per face and reason; shares from ten answers on, else null."""
    async with stage.running():
        answered(stage, "0.02", 3, Face.BAD, FeedbackReason.AIR, 8)
        answered(stage, "0.02", 3, Face.GOOD, None, 2)
        answered(stage, "0.02", 1, Face.SO_SO, None, 5)
        answered(stage, "0.02", 0, Face.GOOD, None, 50)
        found = await stage.read("/v1/feedback?spaceId=0.02")

    [space] = found["spaces"]
    first, second = space["periods"]
    assert (first["start"], first["end"]) == ("2026-10-31T23:00:00.000Z", "2026-11-20T23:00:00.000Z")
    assert [(one["face"], one["answers"], one["share"]) for one in first["faces"]] == [
        ("good", 2, 0.2),
        ("soSo", 0, 0.0),
        ("bad", 8, 0.8),
    ]
    assert first["reasons"] == [{"reason": "air", "answers": 8, "share": 0.8}]
    assert (second["answers"], {one["share"] for one in second["faces"]}) == (5, {None})
    assert (found["fewest"], found["to"]) == (5, "2026-11-23T10:00:00.000Z")


async def test_who_asks_for_a_day_gets_the_whole_period(stage: Stage) -> None:
    """A span inside a period, or over its edge, shows the same numbers, so that none can be subtracted."""
    async with stage.running():
        answered(stage, "0.02", 10, Face.BAD, None, 4)
        answered(stage, "0.02", 8, Face.GOOD, None, 4)
        spans = [("2026-11-13", "2026-11-14"), ("2026-11-15", "2026-11-16"), ("2026-10-01", "2026-11-23")]
        found = [
            (await stage.read(f"/v1/feedback?from={first}T00:00:00Z&to={last}T00:00:00Z&spaceId=0.02"))[
                "spaces"
            ]
            for first, last in spans
        ]
        outside = await stage.read("/v1/feedback?from=2026-11-16T00:00:00Z&spaceId=0.02")

    assert [one[0]["periods"][0]["answers"] for one in found] == [8, 8, 8]
    assert outside["spaces"][0]["periods"] == []


async def test_small_and_unmeasured_spaces_are_in_no_list(stage: Stage) -> None:
    """Whoever names one is refused, in the list it is missing; also what became large enough in the span."""
    async with stage.running():
        answered(stage, "1.02", 3, Face.BAD, None, 20)
        found = await stage.read("/v1/feedback")
        lately = await stage.read("/v1/feedback?from=2026-11-21T00:00:00Z")
        named = [
            await stage.client.get(f"/v1/feedback?spaceId={one}") for one in ("0.04", "1.02", "1.03", "9")
        ]

    assert [one["spaceId"] for one in found["spaces"]] == ["0.01", "0.02", "0.03", "1.04"]
    assert "1.03" in [one["spaceId"] for one in lately["spaces"]]
    assert [one.status_code for one in named] == [403, 403, 403, 400]


async def test_a_month_that_is_half_gone_is_not_shown(stage: Stage) -> None:
    """Retention is to the hour; a month of which it took a part would be cut into other periods."""
    async with stage.running():
        edge_ms = round(datetime(2024, 10, 25, 12, tzinfo=UTC).timestamp()) * 1000
        for hour_ms in (edge_ms, edge_ms + 10 * DAY_MS):
            for _ in range(5):
                count_answer(stage.book, "0.02", hour_ms // HOUR_MS * HOUR_MS, Face.GOOD, None)
        found = await stage.read(
            "/v1/feedback?spaceId=0.02&from=2024-10-20T00:00:00Z&to=2024-11-20T00:00:00Z"
        )

    assert [one["start"] for one in found["spaces"][0]["periods"]] == ["2024-10-31T23:00:00.000Z"]


# --- the page --------------------------------------------------------------------------------------------


async def form(
    stage: Stage, space: str = "0.02", body: str = "", lang: str = "nl", **headers: str
) -> httpx.Response:
    """The form of a space as a browser without a script sends it."""
    return await stage.client.post(
        f"/feedback/{space}?lang={lang}",
        content=body,
        headers={"Content-Type": "application/x-www-form-urlencoded", **headers},
    )


@pytest.mark.parametrize(("lang", "title"), [("nl", "Hoe was deze ruimte?"), ("en", "How was this room?")])
async def test_the_form_asks_in_words_and_faces(stage: Stage, lang: Language, title: str) -> None:
    """Each face has its word and its drawing, each reason its words; no script, no field for text."""
    async with stage.running():
        html = (await stage.client.get(f"/feedback/0.02?lang={lang}")).text

    assert f"<h1>{title}</h1>" in html
    for face, words in FACE_WORDS.items():
        assert f'href="#face-{face}"/></svg><span>{getattr(words, lang)}</span>' in html
        assert f'<symbol id="face-{face}"' in html
    assert re.findall(r'name="reason" value="(\w+)"', html) == [*FeedbackReason]
    assert all(getattr(words, lang) in html for words in REASON_WORDS.values())
    assert set(re.findall(r'<input type="(\w+)"', html)) == {"radio"}
    assert "<script" not in html
    assert "<textarea" not in html


async def test_the_form_is_counted_and_thanked_for(stage: Stage) -> None:
    """A post leads to an address that may be loaded again without counting again; nothing is kept there."""
    async with stage.running():
        answer = await form(stage, body="face=bad&reason=noise", lang="en")
        thanks = await stage.client.get(answer.headers["location"])
        await stage.client.get(answer.headers["location"])
        plain = await form(stage, body="face=good&reason=")
        found = kept(stage)

    assert (answer.status_code, answer.headers["location"]) == (303, "/feedback/0.02?thanks=1&lang=en")
    assert "Your answer has been counted." in thanks.text
    assert {"set-cookie"} & {*answer.headers, *thanks.headers, *plain.headers} == set()
    assert found == {"0.02": [(NOW_MS, "bad", "noise", 1), (NOW_MS, "good", None, 1)]}


@pytest.mark.parametrize(
    "body", ["", "face=", "face=great", "face=good&reason=x", "face=good&x=" + "y" * 5_000, "%ff"]
)
async def test_a_form_without_a_face_says_so(stage: Stage, body: str) -> None:
    """What cannot be counted is told in words above the form, and counts for nothing."""
    async with stage.running():
        answer = await form(stage, body=body)
        found = kept(stage)

    assert answer.status_code == 400
    assert '<p class="alert" role="alert" id="why">Kies eerst een gezicht.</p>' in answer.text
    assert found == {}


async def test_the_form_has_its_limit_too(stage: Stage) -> None:
    """Page and API share the turns of an address; the page says in words when it may be tried again."""
    async with stage.running():
        for _ in range(AT_ONCE):
            await post(stage, GOOD)
        answer = await form(stage, body="face=good")

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "300")
    assert "Probeer het over 5 minuten weer." in answer.text


@pytest.mark.parametrize(
    ("space", "words"),
    [("0.04", "Van deze ruimte bewaren wij niets."), ("1.02", "Deze ruimte is voor weinig mensen.")],
)
async def test_a_space_that_takes_no_answers_says_why(building: Building, space: str, words: str) -> None:
    """In place of the form stands why, and whom to call; a form sent all the same is refused."""
    stage = Stage(building, settings=Settings(contact=Contact("Team Gebouw", phone="088 (55) 1")))
    async with stage.running():
        page, sent = (
            await stage.client.get(f"/feedback/{space}?thanks=1"),
            await form(stage, space, "face=good"),
        )

    assert words in page.text
    assert '<a href="tel:088551">088 (55) 1</a>' in page.text
    assert "<form" not in page.text
    assert sent.status_code == 403


async def test_the_page_names_what_it_takes(stage: Stage) -> None:
    """Any other method is 405, and Allow names both that work."""
    async with stage.running():
        answer = await stage.client.put("/feedback/0.02")

    assert (answer.status_code, {*answer.headers["allow"].split(", ")}) == (405, {"GET", "POST"})


async def test_another_site_cannot_let_its_visitors_answer(stage: Stage) -> None:
    """Browsers say where a form stands; who says nothing is no browser, and has its turns."""
    async with stage.running():
        statuses = [
            (await form(stage, body="face=good", **{"Sec-Fetch-Site": site})).status_code
            for site in ("cross-site", "same-site", "same-origin")
        ]

    assert statuses == [403, 403, 303]


@pytest.mark.parametrize(
    ("origin", "other", "is_one"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("testclient", "other", False),
    ],
)
def test_a_device_that_takes_another_address_is_the_same(origin: str, other: str, *, is_one: bool) -> None:
    """Of IPv6 a network of /64 counts as one, because a device may take any address in it."""
    assert (household(origin) == household(other)) == is_one


def test_the_memory_holds_no_address(stage: Stage, building: Building) -> None:
    """What the box remembers of an address tells it from others, in this program only."""
    boxes = [Box(stage.book, building, stage.time) for _ in range(2)]
    for box in boxes:
        box.put(building.spaces["0.02"], Face.GOOD, None, "192.0.2.7")
    first, second = ([*box._buckets._left] for box in boxes)

    assert len(first) == len(second) == 1
    assert first != second
    assert "192.0.2.7" not in first[0] + second[0]
    stage.book.close()
