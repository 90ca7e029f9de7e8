# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Programs under measurement: a collector of one's own, and what a process uses."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

from tests.conftest import ROOT, Mosquitto, bezet, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def collect_command(folder: Path, broker: Mosquitto, store: str = "") -> list[str]:
    """A collector on a database of its own."""
    words = ("--building", ROOT / "building.toml", "--broker", broker.url)
    return bezet("collect", *words, "--store", store or f"sqlite:{folder / 'bezet.db'}")


@dataclass(frozen=True)
class Collecting:
    """A running collector, and what it says about itself."""

    pid: int
    metrics: str

    def commit_ms(self, share: float) -> float:
        """The time within which that share of the commits was done: the end of the bucket that holds it."""
        with urlopen(f"http://{self.metrics}/metrics") as answer:
            text = answer.read().decode()
        found = re.findall(
            r'^bezet_collector_commit_seconds_bucket\{le="([^"]+)"\} (\S+)', text, re.MULTILINE
        )
        counts = [(float(end), float(count)) for end, count in found]
        return next(end for end, count in counts if count >= share * counts[-1][1]) * 1000


@contextmanager
def collecting(
    folder: Path, broker: Mosquitto, store: str, environ: Mapping[str, str]
) -> Iterator[Collecting]:
    """Run a collector."""
    metrics = f"127.0.0.1:{free_port()}"
    command = [*collect_command(folder, broker, store), "--metrics", metrics]
    with (folder / "collect.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **environ})
        try:
            yield Collecting(process.pid, metrics)
        finally:
            process.terminate()
            process.wait(10)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """Resident memory of a process."""
    line = next(
        line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")
    )
    return int(line.split()[1]) / 1024
