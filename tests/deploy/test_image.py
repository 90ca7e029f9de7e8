# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The image of collector and API: what is in it suffices, and nothing else is."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
IGNORED = (ROOT / ".dockerignore").read_text().splitlines()
_PIN = re.compile(r"^([\w.-]+)==(\S+?)(?: ;(.*?))? \\$", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    """The versions that a lock file names for this Python and system."""
    text = (ROOT / "requirements" / lock).read_text()
    return {
        name: version
        for name, version, marker in _PIN.findall(text)
        if not marker or Requirement(f"{name}; {marker}").marker.evaluate()  # type: ignore[union-attr]
    }


def stages() -> list[list[str]]:
    """The instructions of the Dockerfile, stage by stage."""
    lines = [line for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
    starts = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    return [lines[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


def copied() -> list[str]:
    """What of the project is copied into the image."""
    return [
        source
        for line in DOCKERFILE.splitlines()
        if line.startswith("COPY ") and "--from=" not in line
        for source in line.split()[1:-1]
    ]


def test_both_stages_begin_with_one_pinned_python() -> None:
    """The Python that libraries are installed for is the Python that runs them, in all its figures."""
    begins = {stage[0].removesuffix(" AS build") for stage in stages()}

    assert len(begins) == 1
    assert re.fullmatch(r"FROM python:3\.\d+\.\d+-slim-\w+", begins.pop())


def test_the_last_stage_is_not_root_and_builds_nothing() -> None:
    """The programs run as a user without a name for root, and no installer ran in the image that is kept."""
    last = stages()[-1]

    assert "USER 10001:10001" in last
    assert [line for line in last if re.search(r"\b(pip|apt-get|apk|curl|wget)\b", line)] == []


def test_every_library_is_held_against_its_hash() -> None:
    """Each installation is from a lock file with hashes, or of the wheel built here; none is compiled."""
    installs = [line for line in stages()[0] if " install " in line]

    assert len(installs) == 3
    for line in installs[:2]:
        assert "--require-hashes --only-binary :all: -r requirements/" in line
    assert "--no-deps --no-index" in installs[2]


@pytest.mark.parametrize("lock", ["server.lock", "build.lock"])
def test_lock_files_hold_hashes_and_no_addresses(lock: str) -> None:
    """Every version has a hash, and no line says where it comes from."""
    text = (ROOT / "requirements" / lock).read_text()

    assert len(re.findall(r"^[\w.-]+==.*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)) == len(
        _PIN.findall(text)
    )
    assert "://" not in text
    assert "--index" not in text


def test_the_lock_has_all_that_server_and_influx_want() -> None:
    """Each requirement of the project and of its two extras is met by a version of the lock."""
    wanted = PROJECT["project"]["dependencies"] + [
        line for extra in ("server", "influx") for line in PROJECT["project"]["optional-dependencies"][extra]
    ]
    found = pins("server.lock")
    unmet = [
        line
        for line in map(Requirement, wanted)
        if line.name not in found or not line.specifier.contains(found[line.name])
    ]

    assert unmet == []


def test_the_build_lock_has_the_build_backend() -> None:
    """The backend that pyproject.toml names can be had without asking anybody."""
    [backend] = PROJECT["build-system"]["requires"]

    assert backend in pins("build.lock")


def test_no_broker_and_no_test_tool_is_in_the_image() -> None:
    """The demo's broker, the build backend and the tools of the tests are not among its libraries."""
    assert pins("server.lock").keys() & {"amqtt", "hatchling", "pytest", "schemathesis", "mypy"} == set()


def test_all_that_the_programs_import_is_in_the_image(tmp_path: Path) -> None:
    """Every module of the rooms that run there can be imported with the libraries of the lock file alone."""
    for name in pins("server.lock"):
        _link(metadata.distribution(name), tmp_path)
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for room in ("api", "bezet", "collector", "store")
        for path in sorted((ROOT / room).rglob("*.py"))
        if path.name not in ("__init__.py", "__main__.py")
    ]
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    ended = subprocess.run(
        [sys.executable, "-S", "-c", code, *modules],
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr


def _link(distribution: metadata.Distribution, folder: Path) -> None:
    """Put what a distribution installed beside the others, without copying it."""
    tops = {Path(str(file)).parts[0] for file in distribution.files or () if ".." not in str(file)}
    for top in tops - {"__pycache__"}:
        (folder / top).symlink_to(str(distribution.locate_file(top)))


def test_what_is_copied_is_there_and_handed_to_the_builder() -> None:
    """Each source exists, and .dockerignore lets it through."""
    allowed = {line.removeprefix("!") for line in IGNORED if line.startswith("!")}

    assert [source for source in copied() if not (ROOT / source).exists()] == []
    assert {source.partition("/")[0] for source in copied()} == allowed


def test_every_room_of_the_wheel_is_copied() -> None:
    """What pyproject.toml puts into the wheel is there when it is built."""
    assert set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= set(copied())


def test_nothing_secret_is_handed_to_the_builder() -> None:
    """.dockerignore begins by leaving everything out; secrets, settings and history stay out."""
    rules = [line for line in IGNORED if line and not line.startswith("#")]

    assert rules[0] == "*"
    assert {"!secrets", "!.env", "!.git", "!.venv"} & set(rules) == set()
