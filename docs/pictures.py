# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Takes the pictures of README.md from the demo: `python docs/pictures.py`, or `make pictures`.

It starts a town hall that isn't there on a port of its own, waits until its spaces are known, and looks at
its pages with Debian's Chromium.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import httpx
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

FOLDER = Path(__file__).parent / "pictures"
READY_WITHIN_S, LOOK_AGAIN_S = 180.0, 2.0
#: A picture is taken when so many spaces are known.
ENOUGH_KNOWN = 20


class Picture(NamedTuple):
    """One picture: its file, the page it is of, its size in pixels, and whether the colours are dark."""

    name: str
    path: str
    width_px: int
    height_px: int
    is_dark: bool = False


PICTURES = (
    Picture("live-page", "/?lang=en", 1_440, 900),
    Picture("live-page-dark", "/", 1_440, 900, is_dark=True),
    Picture("lobby-screen", "/lobby/hal", 1_440, 810),
    Picture("finder", "/find?people=4&lang=en", 390, 780),
    Picture("door-sign", "/door/1.04", 800, 480),
    Picture("about-measuring", "/about-measuring?lang=en", 390, 780),
)


@contextmanager
def demo() -> Iterator[str]:
    """The address of a demo that runs, once enough of it is known."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with TemporaryDirectory(prefix="bezet-pictures-") as folder:
        command = [
            sys.executable,
            "-m",
            "bezet",
            "demo",
            "--port",
            str(port),
            "--weeks",
            "1",
            "--data",
            folder,
        ]
        process = subprocess.Popen(  # noqa: S603  our own program
            command, stdout=subprocess.DEVNULL, cwd=FOLDER.parent.parent
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_known(address, process)
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def wait_until_known(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until most spaces are known and every sensor spoke; SystemExit where that takes too long."""
    until_s = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until_s and process.poll() is None:
        time.sleep(LOOK_AGAIN_S)
        try:
            spaces = httpx.get(f"{address}/v1/spaces").json()["spaces"]
            devices = httpx.get(f"{address}/v1/devices").json()["items"]
        except httpx.HTTPError:
            continue
        known = [one for one in spaces if one["occupancy"] in ("free", "occupied")]
        silent = [one for device in devices for one in device["sensors"] if one["state"] != "ok"]
        print(f"\r{len(known)} spaces are known, {len(silent)} sensors silent ", end="", flush=True)
        if len(known) >= ENOUGH_KNOWN and not silent and any(one["airClass"] for one in spaces):
            print()
            return
    raise SystemExit(f"the demo on {address} is not ready after {READY_WITHIN_S:.0f} s")


def take(browser: Browser, address: str, picture: Picture) -> None:
    """Take one picture of the demo at an address."""
    context = browser.new_context(
        viewport={"width": picture.width_px, "height": picture.height_px},
        color_scheme="dark" if picture.is_dark else "light",
        reduced_motion="reduce",
    )
    context.add_init_script("localStorage.setItem('bezet-welcomed', '1')")
    page = context.new_page()
    page.goto(address + picture.path)
    # While history is filled in every page says so.
    page.wait_for_selector(
        "#notice:empty, body:not(:has(#notice))", state="attached", timeout=READY_WITHIN_S * 1_000
    )
    page.screenshot(path=FOLDER / f"{picture.name}.png", animations="disabled")
    context.close()
    print(f"docs/pictures/{picture.name}.png")


def main() -> None:
    """Take them all."""
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("chromium is not installed; on Debian and Ubuntu: sudo apt install chromium")
    FOLDER.mkdir(exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for picture in PICTURES:
            take(browser, address, picture)


if __name__ == "__main__":
    main()
