# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The demo as a user starts it, and the processes of it that are left."""

from __future__ import annotations

import http.client
import json
import os
import select
import signal
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.conftest import ROOT, bezet, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The last words of the demo before it stays.
STAYS = "Ctrl-C ends everything."


class Process(NamedTuple):
    """A living process, as /proc knows it."""

    pid: int
    parent: int
    group: int


def processes() -> Iterator[Process]:
    """Every process that is not a zombie."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if words[0] != "Z":
                yield Process(int(folder.name), int(words[1]), int(words[2]))


class Demo:
    """A demo that runs, with everything that it started."""

    def __init__(self, data: Path, *options: str) -> None:
        self.port = free_port()
        self.data = data
        self.process = subprocess.Popen(
            bezet(
                "demo",
                "--building",
                ROOT / "building.toml",
                "--data",
                data,
                "--port",
                str(self.port),
                *options,
            ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def words(self) -> list[str]:
        """What it says until it stays; all it says when it does not."""
        assert self.process.stdout is not None
        found = []
        for line in self.process.stdout:
            found.append(line.rstrip())
            if STAYS in line:
                break
        return found

    def make(self, *words: str) -> None:
        """Make something happen, as whoever watches would."""
        command = bezet("demo", *words, "--data", self.data)
        subprocess.run(command, check=True, timeout=60, capture_output=True)

    def children(self) -> list[Process]:
        """What it started."""
        return [one for one in processes() if one.parent == self.process.pid]

    def group(self) -> int:
        """The process group of everything that it started."""
        (group,) = {child.group for child in self.children()}
        assert group != os.getpgid(self.process.pid)
        return group

    def get(self, path: str) -> Any:
        """What its server answers, as JSON."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", path)
            return json.load(connection.getresponse())

    def events(self) -> Iterator[dict[str, Any]]:
        """The spaces that its live stream tells of, one by one, beginning with all of them."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", "/v1/live-events")
            name = ""
            for line in connection.getresponse():
                field, _, rest = line.decode().strip().partition(": ")
                if field == "event":
                    name = rest
                elif field == "data" and name == "spaces":
                    yield from json.loads(rest)["spaces"]
                elif field == "data" and name == "space":
                    yield json.loads(rest)

    def end(self, how: signal.Signals) -> int:
        """Send a signal and wait for the end; the exit code."""
        self.process.send_signal(how)
        return self.process.wait(15)

    def close(self) -> None:
        """End what a failed test left."""
        if self.process.poll() is None:
            self.end(signal.SIGKILL)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


@contextmanager
def running(data: Path, *options: str) -> Iterator[Demo]:
    """A demo that was started just now, and is over afterwards."""
    with closing(Demo(data, *options)) as demo:
        yield demo


def wait_for_all(pids: list[int], timeout_s: float) -> None:
    """Return when none of these processes runs any more."""
    descriptors = [os.pidfd_open(pid) for pid in pids]
    try:
        for descriptor in descriptors:
            assert select.select([descriptor], [], [], timeout_s)[0], "a process did not end"
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
