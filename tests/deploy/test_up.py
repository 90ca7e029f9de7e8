# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`make up` and `make down`: one clear line where nothing can be started, else what they ask of Docker.

No Docker engine runs where these tests do. A script named `docker` stands for it: it writes down what it was
asked, and answers as the engine would.
"""

from __future__ import annotations

import shutil
import stat
from typing import TYPE_CHECKING

import pytest

from tests.deploy.stage import has_program, make

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not has_program("make"), reason="make is not installed")

#: All that the targets need besides docker.
TOOLS = ("sh", "make", "chmod", "head", "mkdir", "mv", "od", "tail", "tr")
WORKS = """
case "$1 $2" in
  "compose port") echo "127.0.0.1:$4" ;;
esac
"""
NO_PLUGIN = '[ "$1" != compose ]'
NO_ENGINE = '[ "$1" != info ] || { echo "Cannot connect to the Docker daemon. Is it running?" >&2; exit 1; }'
UP_FAILS = '[ "$2" != up ] || { echo "container bezet-influxdb-1 is unhealthy" >&2; exit 1; }'


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH with what the targets need, and without any docker of this machine."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        program = shutil.which(name)
        assert program is not None
        (folder / name).symlink_to(program)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder for a project."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def put_docker(tools: Path, answers: str) -> Path:
    """Put the stand-in for docker on the PATH; the file in which it writes down what it was asked."""
    asked = tools.parent / "asked"
    docker = tools / "docker"
    docker.write_text(f'#!/bin/sh\necho "$*" >> {asked}\n{answers}\n')
    docker.chmod(0o755)
    return asked


@pytest.mark.parametrize("target", ["up", "down"])
@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (None, "there is no docker here"),
        (NO_PLUGIN, "docker is here, but docker compose is not"),
        (NO_ENGINE, "docker info says: Cannot connect to the Docker daemon. Is it running?"),
    ],
    ids=["no docker", "no plugin", "no engine"],
)
def test_where_nothing_can_be_started(
    project: Path, tools: Path, target: str, answers: str | None, said: str
) -> None:
    """It ends with one line that says what is missing, and makes nothing."""
    if answers is not None:
        put_docker(tools, answers)

    ended = make(project, target, PATH=str(tools))

    assert ended.returncode != 0
    [line] = (ended.stdout + ended.stderr).splitlines()
    assert said in line
    assert not (project / "secrets").exists()


def test_up_asks_compose_to_build_start_and_wait(project: Path, tools: Path) -> None:
    """It says what it made, starts everything and waits until it is healthy, and tells where things are."""
    asked = put_docker(tools, WORKS)

    ended = make(project, "up", PATH=str(tools))

    assert ended.returncode == 0, ended.stderr
    assert "compose up --build --detach --wait" in asked.read_text().splitlines()
    assert ended.stdout.splitlines() == [
        "Made secrets/influx-admin-password.",
        "Made secrets/influx-token.",
        "Made secrets/grafana-admin-password.",
        "Pages:      http://127.0.0.1:8080/lobby",
        "Dashboards: http://127.0.0.1:3000 as admin, with what is in secrets/grafana-admin-password",
        "Devices:    mqtt://127.0.0.1:1883",
    ]


def test_up_that_fails_says_so(project: Path, tools: Path) -> None:
    """What Compose says is passed on, no address is told, and the exit code is not 0."""
    put_docker(tools, UP_FAILS)

    ended = make(project, "up", PATH=str(tools))

    assert ended.returncode != 0
    assert "container bezet-influxdb-1 is unhealthy" in ended.stderr
    assert "http://" not in ended.stdout


def test_down_keeps_what_was_measured(project: Path, tools: Path) -> None:
    """It stops the services and removes no volume."""
    asked = put_docker(tools, WORKS)

    assert make(project, "down", PATH=str(tools)).returncode == 0
    assert asked.read_text().splitlines()[-1] == "compose down"


def test_secrets_are_made_once(project: Path, tools: Path) -> None:
    """The second time nothing changes: InfluxDB took its token at the first start and knows no other."""
    put_docker(tools, WORKS)
    make(project, "up", PATH=str(tools))
    first = {path.name: path.read_bytes() for path in (project / "secrets").iterdir()}

    again = make(project, "up", PATH=str(tools))

    assert {path.name: path.read_bytes() for path in (project / "secrets").iterdir()} == first
    assert "Made" not in again.stdout
    assert len(set(first.values())) == len(first) == 3
    assert all(len(bytes.fromhex(secret.decode())) == 20 for secret in first.values())


def test_one_missing_secret_is_made_again(project: Path, tools: Path) -> None:
    """A secret that is gone or empty is made, and the others stay."""
    put_docker(tools, WORKS)
    make(project, "up", PATH=str(tools))
    gone, kept = project / "secrets/grafana-admin-password", project / "secrets/influx-token"
    before = kept.read_bytes()
    gone.chmod(0o600)
    gone.write_text("")

    again = make(project, "up", PATH=str(tools))

    assert again.stdout.startswith("Made secrets/grafana-admin-password.\nPages")
    assert gone.read_text() != ""
    assert kept.read_bytes() == before


def test_secrets_are_closed_to_other_users(project: Path) -> None:
    """Nobody else may enter the folder; in it, whatever user a container has may read, and nobody write."""
    make(project, "secrets")
    folder = project / "secrets"

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}
