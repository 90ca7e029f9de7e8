# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""docker-compose.yml as it is, and its services as programs of this machine instead of containers."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import yaml

from tests.conftest import ROOT, free_port
from tests.store.influx_server import LocalInflux, token

if TYPE_CHECKING:
    from types import TracebackType

COMPOSE = ROOT / "docker-compose.yml"
#: What an image runs when the compose file does not say: the CMD or ENTRYPOINT of its Dockerfile
#: (docker/2.0-openssl in eclipse-mosquitto/mosquitto, Dockerfile in prometheus/prometheus).
IMAGE_COMMANDS = {
    "eclipse-mosquitto": ["mosquitto", "-c", "/mosquitto/config/mosquitto.conf"],
    "prom/prometheus": ["prometheus"],
}
#: Where Debian keeps servers, which is not on the PATH of an ordinary user.
PATH = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
_VARIABLE = re.compile(r"\$\$|\$\{(\w+):-([^}]*)\}")


def filled(node: Any, variables: dict[str, str]) -> Any:
    """The node with `${NAME:-default}` and `$$` as Compose reads them."""
    if isinstance(node, dict):
        return {key: filled(part, variables) for key, part in node.items()}
    if isinstance(node, list):
        return [filled(part, variables) for part in node]
    if isinstance(node, str):
        return _VARIABLE.sub(lambda one: variables.get(one[1], one[2]) if one[1] else "$", node)
    return node


@cache
def compose() -> dict[str, Any]:
    """The compose file where nobody sets a variable."""
    found: dict[str, Any] = filled(yaml.safe_load(COMPOSE.read_text()), {})
    return found


def services() -> dict[str, dict[str, Any]]:
    """The services, by name."""
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def image_name(service: dict[str, Any]) -> str:
    """The image without its version."""
    return str(service["image"]).rpartition(":")[0]


def has_program(name: str) -> bool:
    """Whether the program is installed here."""
    return shutil.which(name, path=PATH) is not None


def make(folder: Path, target: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a target of the project's own Makefile in that folder."""
    shutil.copy(ROOT / "Makefile", folder / "Makefile")
    outer = {name: word for name, word in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", "--no-print-directory", target],
        cwd=folder,
        env={**outer, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def make_secrets(folder: Path) -> None:
    """Let the project's own Makefile make the secrets of an installation in that folder."""
    made = make(folder, "secrets")
    assert made.returncode == 0, made.stderr


class Native:
    """Services of docker-compose.yml as processes, with the commands, environments and checks of the file.

    What a container adds is done by text: host names and ports become free ports on loopback, and paths
    become what is mounted there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ports: dict[tuple[str, int], int] = {}
        self._copies: dict[str, Path] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        make_secrets(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in reversed([*self._running]):
            self.kill(name)

    def port(self, service: str, port: int) -> int:
        """The port on loopback that stands for a port of a container."""
        return self._ports.setdefault((service, port), free_port())

    def take_influxdb(self) -> LocalInflux:
        """A real InfluxDB stands for the container of that name, with the same token."""
        folder = self.folder / "influxdb-native"
        folder.mkdir()
        folder.chmod(0o755)
        server = LocalInflux(folder, folder / "data")
        self._ports["influxdb", 8086] = int(server.url.rpartition(":")[2])
        # The image's server takes the token from the file; this one makes its own, so the file takes it.
        secret = self.folder / "secrets" / "influx-token"
        secret.unlink()
        secret.write_text(token("bezet"))
        return server

    # --- from the words of the file to words for this machine ---------------------------------------------

    def mounts(self, service: str) -> dict[str, Path]:
        """What is mounted where: paths in the container, and what they are here."""
        found = services()[service]
        places = {f"/run/secrets/{name}": self.folder / "secrets" / name for name in found.get("secrets", [])}
        for volume in found.get("volumes", []):
            if isinstance(volume, dict):
                places[volume["target"]] = self._copies.get(volume["target"], ROOT / volume["source"])
            else:
                name, _, target = volume.partition(":")
                places[target] = self.folder / name
                places[target].mkdir(exist_ok=True)
        return places

    def text(self, service: str, words: str) -> str:
        """The words with hosts, ports and paths of this machine."""
        hosts = "|".join([*services(), r"0\.0\.0\.0", r"127\.0\.0\.1"])
        words = re.sub(
            rf"\b({hosts}):(\d+)",
            lambda one: f"127.0.0.1:{self.port(one[1] if one[1] in services() else service, int(one[2]))}",
            words,
        )
        mounts = self.mounts(service)
        targets = "|".join(re.escape(target) for target in sorted(mounts, key=len, reverse=True))
        # A whole path or the beginning of one, never a part of another's middle.
        return re.sub(rf"(?<![\w./-])({targets or '$.'})(?![\w.-])", lambda one: str(mounts[one[1]]), words)

    def copy(self, service: str, target: str, *changes: tuple[str, str]) -> None:
        """Mount a copy of a file, with hosts, ports and paths of this machine and with these changes."""
        source = self.mounts(service)[target]
        words = source.read_text()
        for old, new in changes:
            assert old in words, f"{source}: {old}"
            words = words.replace(old, new)
        copy = self.folder / f"{service}-{source.name}"
        copy.write_text(self.text(service, words))
        self._copies[target] = copy

    def command(self, service: str, words: list[str]) -> list[str]:
        """A command with hosts, ports and paths of this machine."""
        found = [self.text(service, word) for word in words]
        for place, (option, word) in enumerate(pairwise(words), start=1):
            if option in ("-p", "--port"):
                found[place] = str(self.port(service, int(word)))
            elif option == "--host":
                found[place] = "127.0.0.1"
        return found

    def environment(self, service: str) -> dict[str, str]:
        """What the file sets, and nothing else of this machine but where programs are."""
        told = services()[service].get("environment", {})
        return {"PATH": PATH, **{name: self.text(service, words) for name, words in told.items()}}

    # --- running --------------------------------------------------------------------------------------------

    def up(self, service: str, *more: str) -> None:
        """Start a service as Compose would: first what it depends on, each until its condition holds."""
        found = services()[service]
        self._await(found)
        words = [*IMAGE_COMMANDS.get(image_name(found), []), *found.get("command", []), *more]
        with self.log(service).open("ab") as log:
            self._running[service] = subprocess.Popen(
                self.command(service, words),
                env=self.environment(service),
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        self._until_healthy(service)

    def run(self, service: str) -> str:
        """Run a service that ends by itself, and give what it said."""
        self._await(services()[service])
        ended = subprocess.run(
            self.command(service, services()[service]["command"]),
            env=self.environment(service),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def _await(self, service: dict[str, Any]) -> None:
        for needed, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_completed_successfully":
                self.run(needed)
            else:
                assert self.is_healthy(needed), needed

    def is_healthy(self, service: str) -> bool:
        """What the health check of the file says now."""
        check = services()[service]["healthcheck"]
        kind, *words = check["test"]
        assert kind == "CMD"
        try:
            ended = subprocess.run(
                self.command(service, words),
                env=self.environment(service),
                cwd=self.folder,
                capture_output=True,
                timeout=float(check["timeout"].removesuffix("s")),
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False
        return ended.returncode == 0

    def _until_healthy(self, service: str) -> None:
        for _ in range(300):
            if self.is_healthy(service):
                return
            self.wait(service)
        raise AssertionError(f"{service} is not healthy: {self.log(service).read_text()}")

    def wait(self, service: str) -> None:
        """Let it work for a moment; it must not end."""
        assert self.let_work(self._running[service], 0.1), f"{service}: {self.log(service).read_text()}"

    @staticmethod
    def let_work(process: subprocess.Popen[bytes], time_s: float) -> bool:
        """Whether a program goes on for so long."""
        try:
            process.wait(time_s)
        except subprocess.TimeoutExpired:
            return True
        return False

    def log(self, service: str) -> Path:
        """What the service said."""
        return self.folder / f"{service}.log"

    def kill(self, service: str) -> None:
        """End it at once."""
        self._end(service, signal.SIGKILL)

    def stop(self, service: str) -> None:
        """Let it end, as `docker compose stop` does."""
        self._end(service, signal.SIGTERM)

    def _end(self, service: str, how: signal.Signals) -> None:
        process = self._running.pop(service)
        process.send_signal(how)
        process.wait(10)
