# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The pages that are drawn from the code say what the code does, and what they tell people to copy works."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bezet import wire
from bezet.link.mqtt import MqttLink
from tests.bezet.link.stages import next_delivery, next_up
from tests.bezet.wire_table import EXAMPLES
from tests.conftest import ROOT, Mosquitto, find_mosquitto

if TYPE_CHECKING:
    from pathlib import Path

PAGES = ("accuracy.md", "alarms.md", "contract.md", "devices.md", "evidence.md", "sensors/README.md")


def draw(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run docs/draw.py as people do."""
    return subprocess.run(
        [sys.executable, folder / "draw.py", *arguments], capture_output=True, text=True, check=False
    )


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A copy of the drawn pages."""
    (tmp_path / "sensors").mkdir()
    for name in ("draw.py", *PAGES):
        shutil.copy(ROOT / "docs" / name, tmp_path / name)
    return tmp_path


def test_pages_are_up_to_date() -> None:
    """The pages in the tree are what the code would draw."""
    checked = draw(ROOT / "docs", "--check")

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("page", PAGES)
def test_a_page_out_of_date_is_named_and_mended(pages: Path, page: str) -> None:
    """A drawn part that was changed by hand fails the check by name, and is drawn again as it was."""
    before = (pages / page).read_text()
    (pages / page).write_text(before.replace("| --- |", "| --- | oops", 1))
    checked = draw(pages, "--check")
    drawn = draw(pages)

    assert (checked.returncode, checked.stdout.count("out of date")) == (1, 1)
    assert page in checked.stdout
    assert drawn.returncode == 0
    assert (pages / page).read_text() == before


@pytest.mark.parametrize("page", PAGES)
def test_a_page_without_a_place_is_named(pages: Path, page: str) -> None:
    """A part of the code that has no place in its page any more is no part that is silently left out."""
    text = (pages / page).read_text()
    (pages / page).write_text(
        re.sub(r"<!-- drawn: [a-z ]+ -->\n.*?<!-- end -->", "", text, count=1, flags=re.DOTALL)
    )
    checked = draw(pages, "--check")

    assert checked.returncode == 1
    assert page in checked.stderr


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Every link of a page leads to a heading or a file that is there."""
    text = (ROOT / "docs" / page).read_text()
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        there = (ROOT / "docs" / page).parent / target
        assert target[1:] in anchors if target.startswith("#") else there.exists()


# --- the access rules of the page, on a real broker -------------------------------------------------------


@pytest.fixture
def guarded(tmp_path: Path) -> Mosquitto:
    """A Mosquitto with the access rules of docs/contract.md, not started."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    found = re.search(r"```acl\n(.*?)```", (ROOT / "docs" / "contract.md").read_text(), flags=re.DOTALL)
    assert found is not None
    folder = tmp_path / "mosquitto"
    folder.mkdir(mode=0o777)
    (folder / "acl").write_text(found[1])
    broker = Mosquitto(folder)
    with (folder / "mosquitto.conf").open("a") as config:
        # With an unbounded queue Mosquitto 2.0.11 hangs up on whoever publishes what it may not.
        config.write(f"acl_file {folder / 'acl'}\nmax_queued_messages 100000\n")
    return broker


#: Who may say what, and who hears what, of one device.
SAYS = {"pi-1": {"readings", "state", "health"}, "collector": {"receipt"}, "window": set[str]()}
HEARS = {"pi-1": {"health", "receipt"}, "collector": {"health", "readings"}, "window": {"health", "state"}}


def last_level(topic: str) -> str:
    """The name of the message."""
    return topic.rsplit("/", 1)[1]


@pytest.mark.broker
async def test_access_rules(guarded: Mosquitto) -> None:
    """With the rules of the page each hears what it may, and nobody speaks under the name of another."""
    topics = sorted({one.topic for one in EXAMPLES if "/townhall/pi-1/" in one.topic})
    links = {
        name: MqttLink(f"mqtt://{name}@127.0.0.1:{guarded.port}", name, subscriptions=("bezet/#",))
        for name in SAYS
    }
    try:
        await asyncio.to_thread(guarded.start)
        async with links["window"] as window, links["collector"] as collector, links["pi-1"] as device:
            for link in (window, collector, device):
                await next_up(link)
            for name, link in links.items():
                forbidden = [topic for topic in topics if last_level(topic) not in SAYS[name]]
                others = [topic.replace("/pi-1/", "/pi-2/") for topic in topics if name != "collector"]
                for topic in (*forbidden, *others):
                    await link.publish(topic, b"forged")
                for topic in topics:
                    if last_level(topic) in SAYS[name]:
                        await link.publish(topic, name.encode())
            for name, link in links.items():
                wanted = [topic for topic in topics if last_level(topic) in HEARS[name]]
                heard = [await next_delivery(link) for _ in wanted]

                assert sorted(one.topic for one in heard) == wanted
                assert b"forged" not in {one.payload for one in heard}
    finally:
        await asyncio.to_thread(guarded.kill)


def test_the_page_names_every_topic() -> None:
    """The rules of access speak of every topic of the contract."""
    rules = re.search(r"```acl\n(.*?)```", (ROOT / "docs" / "contract.md").read_text(), flags=re.DOTALL)
    assert rules is not None
    written = set(re.findall(r"(?:readwrite|write) \S+/(\w+)$", rules[1], flags=re.MULTILINE))
    read = set(re.findall(r"(?:readwrite|read) \S+/(\w+)$", rules[1], flags=re.MULTILINE))

    assert written == read == set(wire.TOPICS)
