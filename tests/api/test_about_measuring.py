# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The page about measuring says what the configuration says: each value of it, and nothing that is not so."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from api.access.caller import Role
from api.access.settings import Access
from api.book.tokens import add_token
from api.calendars.settings import CalendarSettings
from api.contact import Contact
from api.feedback.answers import FACE_WORDS, REASON_WORDS
from api.heard import ASK_AGAIN_MS, HEARD_MS, Hearing
from api.settings import Settings, read_settings
from api.words.about import ABOUT, GRAIN_WORDS, KEPT_WORDS
from api.words.feedback import FEEDBACK
from api.words.find import FIND
from api.words.kinds import KIND_WORDS
from bezet.building import read_building
from bezet.errors import ConfigError, StoreBusy
from bezet.messages import Batch, Clock
from bezet.model import Kind, Level, Reading
from bezet.occupancy.evidence import RULE
from bezet.retention import DAY_MS
from store.memory import MemoryStore
from tests.api.access.test_gate import bearer, key
from tests.api.conftest import BOOT, NOW_MS, SITE, Stage, building_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.words import Words
    from bezet.usage.columns import ReadingColumns

CONTACT = Contact("Team Gebouw", "gebouw@stadhuis.example", "088 555 01 23")
#: How precisely states are kept, as the page says it.
CHANGE = "Vrij, bezet of onbekend elke verandering, en elke 5 minuten"
AGREED = "\n[retention]\nstates_days = 400\n[retention.agreement]\nreference = 'OR 7'\nuntil = 2026-12-24\n"


def text_of(html: str) -> str:
    """What can be read of a page, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def heard(space: str, *kinds: Kind, t_ms: int = NOW_MS) -> Batch:
    """A reading of each kind."""
    readings = tuple(Reading(t_ms, "s", kind, 1.0) for kind in kinds)
    return Batch(SITE, "pi-1", space, BOOT, 1, Clock.TRUSTED, readings, ())


async def page_of(stage: Stage, lang: str = "nl") -> str:
    """The page about measuring, as text, for somebody with a token."""
    async with stage.running():
        token, sent = key(Role.EMPLOYEE)
        add_token(stage.book, token)
        answer = await stage.client.get(f"/about-measuring?lang={lang}", headers=bearer(sent))
    return text_of(answer.text)


# --- each value of the configuration ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ('name = "Stadhuis"', 'name = "Raadhuis"', "Stadhuis Wat wij", "Raadhuis Wat wij"),
        ('name = "Plein"', 'name = "Atrium"', "Plein 0.01", "Atrium 0.01"),
        ('id = "0.02"', 'id = "0.22"', "Markt 0.02", "Markt 0.22"),
        ("Begane grond", "Souterrain", "Begane grond · Ontmoetingsplek", "Souterrain · Ontmoetingsplek"),
        ('kind = "social"', 'kind = "desks"', "Ontmoetingsplek · 36", "Flexplekken · 36"),
        ("capacity = 36", "capacity = 35", "36 plaatsen", "35 plaatsen"),
        ("measured = false", "measured = true", "Niet gemeten. Van deze ruimte bewaren wij niets.", ""),
        ("capacity = 1\n", "capacity = 9\n", "Wij zeggen nooit sinds wanneer", ""),
        ("", "\n[retention]\npresence_hours = 12\n", "van de sensor 24 uur", "van de sensor 12 uur"),
        ("", "\n[retention]\nenvironment_days = 30\n", "van de sensor 90 dagen", "van de sensor 30 dagen"),
        ("", "\n[retention]\nstates_days = 30\n", f"{CHANGE} 90 dagen", f"{CHANGE} 30 dagen"),
        ("", "\n[retention]\nfacts_months = 13\n", "per kwartier 25 maanden", "per kwartier 13 maanden"),
        ("", "\n[retention]\nfacts_months = 13\n", "als aantal 25 maanden", "als aantal 13 maanden"),
        ("", AGREED, "Er is geen afspraak", "OR 7. Zij geldt tot en met 24 december 2026."),
        ("", AGREED, f"{CHANGE} 90 dagen", f"{CHANGE} 400 dagen"),
        ("", AGREED.replace("12-24", "11-22"), "Er is geen afspraak", "OR 7 liep af op 22 november 2026."),
    ],
)  # fmt: skip
async def test_each_value_of_the_building_is_told(old: str, new: str, before: str, after: str) -> None:
    """Another value in the building file is another text on the page, and the old text is gone."""
    plain = building_text()
    changed = plain.replace(old, new) if old else plain + new
    first = await page_of(Stage(read_building(plain, "b.toml")))
    second = await page_of(Stage(read_building(changed, "b.toml")))

    assert before in first
    assert before not in second
    assert after in second
    assert not after or after not in first


@pytest.mark.parametrize(
    ("changed", "before", "after"),
    [
        ({"contact": CONTACT}, "nog niemand genoemd", f"aan Team Gebouw. {CONTACT.email} {CONTACT.phone}"),
        ({"access": Access()}, "Er is geen toegang ingesteld.", "Iedereen ziet welke ruimtes vrij zijn."),
        ({"access": Access(is_public=False)}, "geen toegang", "Alleen wie aanmeldt, ziet welke ruimtes"),
        ({"calendars": CalendarSettings({"0.02": "x"})}, "", "een ruimte geboekt is begin en eind 90 dagen"),
        ({"calendars": CalendarSettings({"0.02": "x"})}, "", "Uit de agenda lezen wij alleen"),
    ],
)  # fmt: skip
async def test_each_value_of_the_window_is_told(changed: dict[str, Any], before: str, after: str) -> None:
    """The same of window.toml: whom to ask, who sees what, and whether calendars are read."""
    building = read_building(building_text(), "b.toml")
    first = await page_of(Stage(building))
    second = await page_of(Stage(building, settings=Settings(**changed)))

    assert before in first
    assert not before or before not in second
    assert after in second
    assert after not in first


@pytest.mark.parametrize("lang", ["nl", "en"])
async def test_each_kind_that_is_heard_is_told_and_explained(stage: Stage, lang: str) -> None:
    """Where a sensor speaks the page says what it notices; what none measures is not on it."""
    stage.store.write([heard("0.01", Kind.MOTION, Kind.CO2_PPM), heard("0.03", Kind.AV_STATE)])
    page = await page_of(stage, lang)

    names = {kind: getattr(words.name, lang) for kind, words in KIND_WORDS.items()}
    for kind, words in KIND_WORDS.items():
        is_told = getattr(words.meaning, lang) in page
        assert is_told == (kind in {Kind.MOTION, Kind.CO2_PPM, Kind.AV_STATE})
    assert (
        f"36 {'plaatsen' if lang == 'nl' else 'places'} {names[Kind.MOTION]} {names[Kind.CO2_PPM]} " in page
    )
    assert RULE in page


async def test_the_page_and_the_api_say_the_same(stage: Stage) -> None:
    """Each space, limit and term that the API tells stands on the page."""
    async with stage.running():
        api = await stage.read("/v1/public-information")
        html = (await stage.client.get("/about-measuring")).text

    assert re.findall(r'<li data-space="([^"]+)">', html) == [one["spaceId"] for one in api["spaces"]]
    assert len(re.findall(r"<tr><th scope=\"row\">", html)) == len(api["kept"]) + len(api["ownKept"]) + 1
    assert f"Voor minder dan {api['smallestShownCapacity']} mensen." in html
    assert (
        f"pas als er {api['fewestAnswers']} zijn. Een percentage komt er pas bij {api['leastBase']}." in html
    )
    flags = {
        one["spaceId"]: (one["hasSince"], one["hasHistory"], one["takesFeedback"]) for one in api["spaces"]
    }
    assert flags["0.04"] == flags["1.01"] == (False, False, False)
    assert (flags["1.02"], flags["1.03"]) == ((True, False, False), (True, True, True))


async def test_without_the_store_the_page_stands(building: Any) -> None:
    """Which sensors there are cannot be read then, and is said so; the API says 503."""
    stage = Stage(building, Slow(fails=True))
    async with stage.running():
        page, api = [await stage.client.get(path) for path in ("/about-measuring", "/v1/public-information")]

    assert (page.status_code, api.status_code) == (200, 503)
    assert "Welke sensoren er hangen, is nu niet te lezen." in page.text
    assert "Hier kwam niets binnen." not in page.text


@pytest.mark.parametrize("lang", ["nl", "en"])
async def test_the_page_is_in_order(stage: Stage, lang: str) -> None:
    """Headings go down by one, every link inside leads somewhere, and nothing comes from elsewhere."""
    async with stage.running():
        answer = await stage.client.get(f"/about-measuring?lang={lang}")

    levels = [int(one) for one in re.findall(r"<h(\d)", answer.text)]
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    assert set(re.findall(r'href="#([\w-]+)"', answer.text)) <= set(re.findall(r'id="([\w-]+)"', answer.text))
    assert answer.headers["content-language"] == lang
    assert not re.search(r'(?:src|href)="(?:https?:)?//', answer.text)


# --- how often the store is asked ------------------------------------------------------------------------


class Slow(MemoryStore):
    """A store that counts how often it is asked for readings, or is away."""

    def __init__(self, *, fails: bool = False) -> None:
        super().__init__()
        self.asked, self.fails = 0, fails

    def readings(self, *args: Any, **more: Any) -> ReadingColumns:
        """Count, or fail."""
        self.asked += "kinds" not in more  # the alarms ask for some kinds, and have turns of their own
        if self.fails:
            raise StoreBusy("locked")
        return super().readings(*args, **more)


async def test_many_who_ask_ask_the_store_once(building: Any) -> None:
    """For ten minutes the answer stands, with its age; then the store is asked again."""
    store = Slow()
    stage = Stage(building, store)
    async with stage.running():
        first = await stage.read("/v1/public-information")
        stage.time.now_ms += ASK_AGAIN_MS - 1
        again, _ = await stage.read("/v1/public-information"), await stage.client.get("/about-measuring")
        asked = store.asked
        stage.time.now_ms += 1
        later = await stage.read("/v1/public-information")

    assert asked == 7  # each measured space
    assert store.asked == 14
    assert first["heardAt"] == again["heardAt"] == "2026-11-23T10:00:00.000Z"
    assert (later["heardAt"], again["at"]) == ("2026-11-23T10:10:00.000Z", "2026-11-23T10:09:59.999Z")


def test_what_is_heard_is_of_a_day(building: Any) -> None:
    """A kind that was silent for a day is not told, and a clock that went back does not keep an answer."""
    store, times = MemoryStore(), [NOW_MS]
    store.write([heard("0.01", Kind.MOTION, t_ms=NOW_MS - HEARD_MS), heard("0.02", Kind.CO2_PPM)])
    hearing = Hearing(store, building, lambda: times[-1])

    assert {space: [*kinds] for space, kinds in hearing.kinds().by_space.items() if kinds} == {
        "0.01": [Kind.MOTION],
        "0.02": [Kind.CO2_PPM],
    }
    times.append(NOW_MS + DAY_MS + 1)
    assert not any(hearing.kinds().by_space.values())
    times.append(NOW_MS)
    assert hearing.kinds().at_ms == NOW_MS


# --- whom to ask -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("", None),
        ('[contact]\nname = "A"\nemail = "a@b.nl"\n', Contact("A", "a@b.nl")),
        ('[contact]\nname = "A"\nphone = "+31 (0)88 1"\n', Contact("A", "", "+31 (0)88 1")),
    ],
)
def test_a_contact_is_read(building: Any, text: str, contact: Contact | None) -> None:
    """A name with an e-mail address, a phone number, or both."""
    assert read_settings(text, "window.toml", building).contact == contact


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[contact]\nname = "A"\n', ":2: contact, name: needs an email or a phone beside it"),
        ('[contact]\nemail = "a@b.nl"\n', "contact, name: is missing"),
        ('[contact]\nname = "A"\nemail = "a at b"\n', 'email: needs an e-mail address, not "a at b"'),
        ('[contact]\nname = "A"\nphone = "bel ons"\n', 'phone: needs a phone number, not "bel ons"'),
        ('[contact]\nname = "A"\nphone = "088"\nmail = "x"\n', "mail: is not a key here; did you mean"),
        ("contact = 3\n", "contact: needs a table [contact], not 3"),
    ],
)  # fmt: skip
def test_a_wrong_contact_is_named(building: Any, text: str, said: str) -> None:
    """Each mistake with its file, key and what stands there."""
    with pytest.raises(ConfigError) as error:
        read_settings(text, "window.toml", building)

    assert said in str(error.value)


# --- the words -------------------------------------------------------------------------------------------

#: Words that people who never built such a thing do not use; each was found in a text like this one.
JARGON = """
    aggregat algoritm anonimi api bezettingsgraad broker classificatie configuratie data dataset dpia edge
    fusie gateway granulari grondslag implement informatievoorziening interval metadata monitor mqtt opt-out
    parameter persoonsgegevens proportional pseudonim retentie server subsidiari telemetrie transparantie
    verwerkingsverantwoordelijke
"""
#: What an official name may hold all the same.
NAMES = "Autoriteit Persoonsgegevens"
#: Plain Dutch (level B1) has sentences of ten words or so; a mean of twelve is the most that counsels allow.
MOST_WORDS, LONGEST = 12, 20


def sentences(tables: list[Mapping[Any, Words]]) -> list[str]:
    """All Dutch sentences of some tables of words."""
    texts = [words.nl for table in tables for words in table.values()]
    return [
        one for text in texts for one in re.split(r"(?<=[.?!])\s+", text) if one.endswith((".", "?", "!"))
    ]


def test_the_dutch_is_plain() -> None:
    """Short sentences and no jargon: what can be counted of level B1. It says not that all is understood."""
    meanings: Mapping[Any, Words] = {kind: words.meaning for kind, words in KIND_WORDS.items()}
    names: Mapping[Any, Words] = {kind: words.name for kind, words in KIND_WORDS.items()}
    found = sentences([ABOUT, FEEDBACK, FIND, meanings])
    lengths = [len(one.split()) for one in found]
    tables: list[Mapping[Any, Words]] = [ABOUT, FEEDBACK, FIND, meanings, names, KEPT_WORDS, GRAIN_WORDS]
    tables += [FACE_WORDS, REASON_WORDS]
    said = " ".join(words.nl for table in tables for words in table.values()).replace(NAMES, "").lower()

    assert len(found) > 40
    assert sum(lengths) / len(lengths) <= MOST_WORDS
    assert [one for one in found if len(one.split()) > LONGEST] == []
    assert [word for word in JARGON.split() if re.search(rf"\b{word}", said)] == []


def test_every_kind_level_and_grain_has_its_words() -> None:
    """What a sensor can tell and what is kept, the page can say in both languages."""
    assert {*KIND_WORDS} == {*Kind}
    assert {*Level} <= {*KEPT_WORDS}
    for words in (
        *KEPT_WORDS.values(),
        *GRAIN_WORDS.values(),
        *(w for one in KIND_WORDS.values() for w in one),
    ):
        assert words.nl
        assert words.en
