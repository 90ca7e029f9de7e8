# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Figures of screens: what their page weighs, when it shows something, and what a picture for e-ink costs."""

from __future__ import annotations

import gzip
import shutil
import statistics
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
from playwright.async_api import async_playwright

from bezet.link import Up
from bezet.link.mqtt import MqttLink
from bezet.messages import Clock, Health
from bezet.program import now_ms
from demo.screens import SCREENS
from tests.bench.window import DEVICE, SITE, say, serving, state

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import BrowserContext

    from tests.conftest import Mosquitto

ROUNDS, WALL = 9, {"width": 1_920, "height": 1_080}
SCREEN, PICTURE = "/lobby/hal", "/v1/screens/trap/image"
#: When something of the page is seen, in ms since it was asked for.
SEEN = """new Promise((done) => {
    const look = () => {
        const [paint] = performance.getEntriesByName("first-contentful-paint");
        if (paint) done(paint.startTime); else requestAnimationFrame(look);
    };
    look();
})"""


async def figures(folder: Path, broker: Mosquitto) -> None:
    """Print all of them."""
    (folder / "window.toml").write_text(f"[access]\nrequests_per_minute = 100000\n{SCREENS}")
    async with (
        serving(folder, broker, "--window", folder / "window.toml") as (port, _),
        MqttLink(broker.url, "bench-pages") as link,
    ):
        while not isinstance(await link.receive(), Up):
            pass
        await say(
            link, Health(SITE, DEVICE, now_ms(), "0" * 16, True, 1, 0, 0, Clock.TRUSTED, {}, (), "0.1.0")
        )
        await say(link, state(0))
        await page(f"http://127.0.0.1:{port}")
        pictures(f"http://127.0.0.1:{port}")


async def page(address: str) -> None:
    """Weigh the page and all that it loads, and take its time in a browser that is new, and that knows it."""
    program = shutil.which("chromium")
    if program is None:
        print("page of a screen: chromium is not installed")
        return
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        times: dict[str, list[tuple[float, float]]] = {"cold": [], "warm": []}
        asked: set[str] = set()
        for _ in range(ROUNDS):
            context = await browser.new_context(viewport=WALL)  # type: ignore[arg-type]  # as Playwright types it
            context.on("request", lambda request: asked.add(request.url))
            for taken in times.values():
                taken.append(await opening(context, address + SCREEN))
            await context.close()
        await browser.close()
    weigh(sorted(asked))
    for kind, taken in times.items():
        seen_ms, live_ms = (statistics.median(one) for one in zip(*taken, strict=True))
        print(
            f"page of a screen, {kind}: something is seen after {seen_ms:.0f} ms, live after {live_ms:.0f} ms"
        )


async def opening(context: BrowserContext, address: str) -> tuple[float, float]:
    """When something is seen, and when the first live event is drawn, in ms."""
    page = await context.new_page()
    await page.goto(address, wait_until="commit")
    await page.wait_for_selector("body[style]", state="attached")
    live_ms = await page.evaluate("performance.now()")
    seen_ms = await page.evaluate(SEEN)
    await page.close()
    return float(seen_ms), float(live_ms)


def weigh(addresses: list[str]) -> None:
    """What the page loads, as it is, as it is sent, and as a proxy may send it; the live events left out."""
    plain = sent = squeezed = 0
    for address in addresses:
        if urlsplit(address).path.startswith("/v1/"):
            continue
        with httpx.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
            raw = b"".join(answer.iter_raw())
        body = gzip.decompress(raw) if answer.headers.get("content-encoding") == "gzip" else raw
        small = min(len(body), len(gzip.compress(body, 6)))
        plain, sent, squeezed = plain + len(body), sent + len(raw), squeezed + small
        print(f"  {urlsplit(address).path:28} {len(body):7,} bytes, sent {len(raw):6,}, gzip {small:6,}")
    print(
        f"page of a screen, in all: {plain / 1000:.1f} kB, sent as {sent / 1000:.1f} kB, "
        f"{squeezed / 1000:.1f} kB where a proxy squeezes the page too"
    )


def pictures(address: str) -> None:
    """How long a picture takes that is drawn already, and one that a panel has."""
    with httpx.Client(base_url=address) as client:
        tag = client.get(PICTURE).headers["etag"]
        for what, headers in (("drawn", {}), ("that a panel has (304)", {"If-None-Match": tag})):
            taken_ms = []
            for _ in range(100):
                began_s = time.perf_counter()
                client.get(PICTURE, headers=headers)
                taken_ms.append((time.perf_counter() - began_s) * 1000)
            print(f"picture for e-ink, 1600 by 1200, {what}: {statistics.median(taken_ms):.1f} ms")
