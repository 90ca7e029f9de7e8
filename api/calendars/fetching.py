# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Feeds as they are fetched: politely, bounded, and read by a program that is ended if it takes too long."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx

import bezet
from api.addresses import ADDRESS, ADDRESS_WORDS, THIS_MACHINE
from api.calendars.reading import Busy, Dropped, Read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

# It writes each address that it asks into the log, and those of feeds hold secrets.
logging.getLogger("httpx").setLevel(logging.WARNING)

TIMEOUT_S = 20.0
#: A whole answer may take so long, and hold so much; a room's calendar is some hundred kB.
WHOLE_S, MOST_BYTES = 120.0, 10_000_000
READING_S = 30.0
MOST_REDIRECTS = 3
READER = (sys.executable, "-m", "api.calendars.reading")
HEADERS = {
    "User-Agent": f"bezet/{bezet.__version__} (busy times of rooms)",
    "Accept": "text/calendar, */*;q=0.1",
}


class NotFetched(Exception):
    """A feed that could not be had or read; the words hold neither its address nor anything of it."""

    def __init__(self, why: str, wait_s: float = 0.0) -> None:
        super().__init__(why)
        #: How long its server asks to be left alone.
        self.wait_s = wait_s


class Marks(NamedTuple):
    """By what a server knows whether anything changed."""

    etag: str = ""
    modified: str = ""


class Fetched(NamedTuple):
    """What a feed says now, or None where nothing changed."""

    read: Read | None
    marks: Marks


class Fetcher:
    """Fetches feeds; one connection pool for all of them."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(timeout=TIMEOUT_S, headers=HEADERS, follow_redirects=False)

    async def aclose(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def fetch(self, feed: str | Path, marks: Marks, now_ms: int, zone: ZoneInfo) -> Fetched:
        """What a feed says; raises `NotFetched`."""
        try:
            async with asyncio.timeout(WHOLE_S):
                text, seen = await (
                    self._file(feed, marks) if isinstance(feed, Path) else self._page(feed, marks)
                )
        except TimeoutError:
            raise NotFetched(f"it takes longer than {WHOLE_S:g} s") from None
        return Fetched(None if text is None else await read(text, now_ms, zone), seen)

    async def _file(self, feed: Path, marks: Marks) -> tuple[bytes | None, Marks]:
        try:
            found = await asyncio.to_thread(feed.stat)
            seen = Marks(f"{found.st_mtime_ns}-{found.st_size}")
            if seen == marks:
                return None, seen
            if found.st_size > MOST_BYTES:
                raise NotFetched(_too_long())
            return await asyncio.to_thread(feed.read_bytes), seen
        except OSError as error:
            raise NotFetched(error.strerror or "the file cannot be read") from None

    async def _page(self, feed: str, marks: Marks) -> tuple[bytes | None, Marks]:
        asked = {"If-None-Match": marks.etag, "If-Modified-Since": marks.modified}
        headers = {name: mark for name, mark in asked.items() if mark}
        try:
            request = self._client.build_request("GET", feed, headers=headers)
            for _ in range(1 + MOST_REDIRECTS):
                async with aclosing(await self._client.send(request, stream=True)) as answer:
                    if answer.next_request is None:
                        return await _told(answer, marks)
                    request = answer.next_request
                may_lead(request.url, httpx.URL(feed))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise NotFetched(f"its server does not answer ({type(error).__name__})") from None
        raise NotFetched(f"it leads elsewhere more than {MOST_REDIRECTS} times")


def may_lead(url: httpx.URL, feed: httpx.URL) -> None:
    """Go nowhere that window.toml could not name either, nor from elsewhere to this machine; `NotFetched`.

    Where it led is told without a path, or a name.
    """
    comes_here = url.host in THIS_MACHINE and feed.host not in THIS_MACHINE
    if comes_here or not ADDRESS.fullmatch(str(url)):
        where = f"{url.scheme}://{url.netloc.decode()}"
        raise NotFetched(f"it leads to {where}, and is not followed there: needs {ADDRESS_WORDS}")


async def _told(answer: httpx.Response, marks: Marks) -> tuple[bytes | None, Marks]:
    """What an answer holds, None where nothing changed."""
    if answer.status_code == httpx.codes.NOT_MODIFIED:
        return None, marks
    if answer.status_code != httpx.codes.OK:
        raise NotFetched(f"its server says {answer.status_code}", _wait_s(answer))
    text = b""
    async for part in answer.aiter_bytes():
        text += part
        if len(text) > MOST_BYTES:
            raise NotFetched(_too_long())
    return text, Marks(answer.headers.get("etag", ""), answer.headers.get("last-modified", ""))


async def read(text: bytes, now_ms: int, zone: ZoneInfo, program: Sequence[str] = READER) -> Read:
    """What a feed says, read by a program of its own; raises `NotFetched`."""
    reader = await asyncio.create_subprocess_exec(
        *(*program, str(now_ms), zone.key),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(READING_S):
            said, _ = await reader.communicate(text)
        told = json.loads(said)
    except TimeoutError:
        raise NotFetched(f"reading it takes longer than {READING_S:g} s") from None
    except ValueError:
        raise NotFetched(_died(reader.returncode or 0)) from None
    finally:
        if reader.returncode is None:
            reader.kill()
            await reader.wait()
    if "why" in told:
        raise NotFetched(told["why"])
    dropped = {Dropped(why): number for why, number in told["dropped"].items()}
    return Read([Busy(*span) for span in told["busy"]], dropped)


def _died(code: int) -> str:
    """Why a reader said nothing: others ended it, or it ended itself."""
    if code < 0:
        return f"reading it took too much, and was ended by signal {-code}"
    return f"an internal mistake: its reader ended with {code}; please report it"


def _too_long() -> str:
    return f"it is longer than {MOST_BYTES // 1_000_000} MB"


def _wait_s(answer: httpx.Response) -> float:
    said = answer.headers.get("retry-after", "")
    return float(said) if said.isdigit() and len(said) < 6 else 0.0
