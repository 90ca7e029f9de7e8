# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What every page that shows the building now is filled with, in its language: times, ages, what is loud."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from api.access.caller import Role
from api.live import STALE_MS, Shown
from api.words import NOW, Language, words_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, tzinfo

    from jinja2 import Template

    from api.access.caller import Caller
    from api.access.view import View
    from api.routes import Sources
    from api.schemas import Space, Spaces
    from api.words import Words

_PAGES = Environment(
    loader=PackageLoader("api", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Now(NamedTuple):
    """The building at an instant, as it is told in one language."""

    found: Spaces
    language: Language
    words: Mapping[str, str]
    zone: tzinfo
    newest: datetime | None

    def of(self, spaces: list[Space]) -> Now:
        """The building as if it had but these spaces: their data are what a page about them is as old as."""
        found = self.found.model_copy(update={"spaces": spaces})
        return self._replace(found=found, newest=_newest(spaces))

    def clock_time(self, instant: datetime) -> str:
        """The time of day in the building, to the second; with the date where it is not today."""
        return instant.astimezone(self.zone).strftime("%H:%M:%S" if self.is_today(instant) else "%d-%m %H:%M")

    def minute(self, instant: datetime) -> str:
        """The same to the minute."""
        return instant.astimezone(self.zone).strftime("%H:%M" if self.is_today(instant) else "%d-%m %H:%M")

    def is_today(self, instant: datetime) -> bool:
        """Whether an instant is on this day in the building."""
        return instant.astimezone(self.zone).date() == self.found.at.astimezone(self.zone).date()

    def age(self, space: Space) -> str:
        """Of when the data of a space are, or when it was last heard of where it is unknown."""
        if space.as_of is None:
            return ""
        is_unknown = space.occupancy is Shown.UNKNOWN
        age = self.words["last_word"] if is_unknown else self.words["as_of"]
        return age.format(time=self.clock_time(space.as_of))

    def since(self, space: Space) -> str:
        """Why a space is unknown, or else since when it is what it is, where that is today."""
        if space.unknown_because:
            return self.words[space.unknown_because]
        if space.since is None or not self.is_today(space.since):
            return ""
        return self.words["since"].format(time=self.minute(space.since))

    def banner(self) -> str:
        """What must be said loudly: that the sensors are out of reach, or that what they said is old."""
        if not self.found.link.up:
            if self.newest is None:
                return self.words["link_never"]
            return self.words["link_lost"].format(time=self.clock_time(self.newest))
        if self.newest is None:
            return self.words["data_none"]
        if (self.found.at - self.newest).total_seconds() * 1000 > STALE_MS:
            return self.words["data_old"].format(time=self.clock_time(self.newest))
        return ""


def now_in(sources: Sources, language: Language, view: View) -> Now:
    """The building now, as it looks in a view."""
    found = sources.spaces(view)
    return Now(found, language, words_in(language), sources.building.timezone, _newest(found.spaces))


def _newest(spaces: Iterable[Space]) -> datetime | None:
    return max((space.as_of for space in spaces if space.as_of), default=None)


def alone(now: Now, space_id: str) -> Now:
    """The building as if it had but this space."""
    return now.of([one for one in now.found.spaces if one.id == space_id])


def filling(now: Now, sources: Sources, caller: Caller, own: Mapping[str, Words] = NOW) -> dict[str, object]:
    """What the head of a page needs; its scripts get what is said of now, and the page's own words."""
    notice, words = sources.feed.notice, now.words
    is_signed_in = bool(caller.roles - {Role.PUBLIC}) and not sources.gate.is_open
    return {
        **spoken(now.language, now.found.name),
        "script_words": words_in(now.language, NOW, own),
        "timezone": sources.building.timezone.key,
        "stale_ms": STALE_MS,
        "now": now.found.at.astimezone(now.zone).strftime("%H:%M"),
        "now_exact": now.clock_time(now.found.at),
        "as_of": words["as_of"].format(time=now.clock_time(now.newest)) if now.newest else words["no_data"],
        "notice": getattr(notice, now.language) if notice else "",
        "banner": now.banner(),
        "signed_in": words["signed_in"].format(name=caller.name) if is_signed_in else "",
        "can_sign_in": not is_signed_in and not sources.gate.is_open,
        "open_mode": words["open_mode"] if sources.gate.is_open else "",
    }


def spoken(language: Language, building: str) -> dict[str, object]:
    """What every page needs to speak a language."""
    other = next(one for one in Language if one is not language)
    return {"language": language, "other": other, "words": words_in(language), "building": building}


def is_on(asked: str) -> bool:
    """Whether a box in an address is ticked."""
    return asked.lower() not in ("", "0", "false", "no", "off")


def language_of(asked: str) -> Language:
    """The language that is asked for; Dutch where it is none of ours."""
    return Language(asked) if asked in [*Language] else Language.NL


def template(name: str) -> Template:
    """A page by the name of its file."""
    return _PAGES.get_template(name)


def answer(page: str, language: Language) -> HTMLResponse:
    """A page as it is sent."""
    return HTMLResponse(page, headers={"Content-Language": language})
