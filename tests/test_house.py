# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The laws of the house that the import linter cannot see: names, places, sizes, how tests are written."""

from __future__ import annotations

import ast
import fnmatch
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("api", "bezet", "collector", "demo", "edge", "store")
SHIPPED = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
#: The benchmark measures time, so it may wait; it asserts nothing.
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if "bench" not in path.parts)
TEXTS = sorted(
    path
    for path in ROOT.rglob("*")
    if path.is_file()
    and path.suffix in {".py", ".md", ".toml", ".sql", ".js", ".css", ".html", ".lock", ""}
    and not any(part.startswith(".") and part != ".ci" for part in path.relative_to(ROOT).parts)
    and "LICENSES" not in path.parts
)

#: Which files may import an outside library that touches the outside, or a standard one that does.
ONE_FILE_PER_LIBRARY = {
    "paho": ["bezet/link/mqtt.py"],
    "typer": ["bezet/cli.py", "*/commands.py"],
    "rich": ["*/commands.py"],
    "sqlite3": ["store/sqlite/*", "edge/outbox.py", "api/book/*"],
    "uvicorn": ["api/server.py", "demo/panel.py"],
    "fastapi": ["api/*"],
    "starlette": ["api/*", "demo/panel.py"],
    "pydantic": ["api/*"],
    "jinja2": ["api/*", "demo/panel_page.py"],
    "structlog": ["collector/*", "api/*"],
    "amqtt": ["demo/*"],
    "icalendar": ["demo/calendars.py", "api/calendars/reading.py"],
    "recurring_ical_events": ["api/calendars/reading.py"],
    "httpx": ["api/access/oidc.py", "api/calendars/fetching.py", "api/webhooks/sending.py"],
    "joserfc": ["api/access/oidc.py", "api/access/sealing.py"],
    "numpy": [
        *(
            "api/routes/facts.py",
            "api/alarms/watching.py",
            "bezet/usage/*",
            "store/*",
            "collector/*",
            "demo/*",
        ),
        *("edge/accuracy/*", "edge/heat.py", "edge/sensors/mlx90640.py"),
    ],
    "PIL": ["api/screens/drawing.py", "api/screens/picture.py"],
    "segno": ["api/screens/codes.py"],
    "aiopjlink": ["edge/sensors/pjlink.py"],
    "gpiozero": ["edge/bus/gpio.py"],
    "icmplib": ["edge/sensors/reachable.py"],
    "serial": ["edge/bus/uart.py"],
    "smbus2": ["edge/bus/i2c.py"],
    "subprocess": ["demo/*"],
    "prometheus_client": ["collector/metrics.py", "api/routes/metrics.py"],
    "influxdb_client": ["store/influx/server.py"],
    "urllib3": ["store/influx/server.py"],
    "orjson": ["store/influx/*"],
}
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "common", "manager", "base", "misc"}
MOST_LINES = 400


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SHIPPED, ids=_place)
def test_outside_libraries_have_their_one_place(path: Path) -> None:
    """A library that touches the outside is imported only where the house says."""
    strays = [
        library
        for library in _imports(path) & ONE_FILE_PER_LIBRARY.keys()
        if not any(fnmatch.fnmatch(_place(path), place) for place in ONE_FILE_PER_LIBRARY[library])
    ]

    assert strays == []


def test_the_middle_stands_on_the_standard_library() -> None:
    """`bezet` imports the standard library only, besides paho and Typer in one file each, NumPy in usage."""
    allowed = {*sys.stdlib_module_names, "bezet", "numpy", "paho", "typer"}
    strays = {_place(path): _imports(path) - allowed for path in SHIPPED if _place(path).startswith("bezet/")}

    assert {place: odd for place, odd in strays.items() if odd} == {}


@pytest.mark.parametrize("path", SHIPPED, ids=_place)
def test_files_are_small_and_well_named(path: Path) -> None:
    """No file swallows the rest, and no name says nothing."""
    assert len(path.read_text().splitlines()) <= MOST_LINES
    assert path.stem not in NAMES_THAT_SAY_NOTHING


@pytest.mark.parametrize("path", [path for path in SHIPPED if path.name == "__init__.py"], ids=_place)
def test_each_room_says_what_it_promises(path: Path) -> None:
    """Every `__init__.py` opens with a sentence."""
    assert (ast.get_docstring(ast.parse(path.read_text())) or "").rstrip().endswith(".")


@pytest.mark.parametrize("path", TESTS, ids=_place)
def test_tests_say_their_rule_and_neither_sleep_nor_patch(path: Path) -> None:
    """Every test has a docstring, and none waits for time to pass or changes code from outside."""
    tree = ast.parse(path.read_text())
    mute = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    words = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}

    assert mute == []
    assert words & {"sleep", "wait_for_timeout"} == set()
    assert names & {"monkeypatch", "mocker"} == set()
    assert "mock" not in _imports(path)


@pytest.mark.parametrize("path", TEXTS, ids=_place)
def test_nothing_names_the_machine_it_was_made_on(path: Path) -> None:
    """The project speaks of itself alone: no home folders, no package hosts."""
    home = re.compile(r"/(?:root|home)/[a-z]|/work/(?:main|shared)|pypi\." + "org|files" + r"\.pythonhosted")

    assert home.findall(path.read_text(errors="replace")) == []


def test_every_entry_point_loads() -> None:
    """Each command and driver that the distribution announces is there."""
    announced = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    for group in announced:
        for point in metadata.entry_points(group=group):
            assert point.load() is not None
