# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""docker-compose.yml as it is written: valid, pinned, closed, and with nothing secret in it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.conftest import ROOT
from tests.deploy.stage import COMPOSE, compose, filled, image_name, make_secrets, services

if TYPE_CHECKING:
    from pathlib import Path

ALL = sorted(services())
OURS = ("api", "collector", "setup")
_INFLUX = "docs.influxdata.com/influxdb/v2/install/use-docker-compose"
_INFLUX_OPTIONS = "docs.influxdata.com/influxdb/v2/reference/config-options"
_GRAFANA_DOCKER = "grafana.com/docs/grafana/latest/setup-grafana/configure-docker"
_GRAFANA = "grafana.com/docs/grafana/latest/setup-grafana/configure-grafana"
#: The variables of other people's images that are used here, and the page that says what each does.
DOCUMENTED = {
    "influxdb": {
        "DOCKER_INFLUXDB_INIT_MODE": _INFLUX,
        "DOCKER_INFLUXDB_INIT_ORG": _INFLUX,
        "DOCKER_INFLUXDB_INIT_BUCKET": _INFLUX,
        "DOCKER_INFLUXDB_INIT_USERNAME": _INFLUX,
        "DOCKER_INFLUXDB_INIT_PASSWORD_FILE": _INFLUX,
        "DOCKER_INFLUXDB_INIT_ADMIN_TOKEN_FILE": _INFLUX,
        "INFLUXD_REPORTING_DISABLED": _INFLUX_OPTIONS,
        "INFLUXD_SQLITE_PATH": _INFLUX_OPTIONS,
    },
    "grafana/grafana": {
        "GF_SECURITY_ADMIN_PASSWORD__FILE": _GRAFANA_DOCKER,
        "GF_SECURITY_ADMIN_USER": _GRAFANA,
        "GF_SECURITY_DISABLE_GRAVATAR": _GRAFANA,
        "GF_AUTH_ANONYMOUS_ENABLED": _GRAFANA,
        "GF_USERS_ALLOW_SIGN_UP": _GRAFANA,
        "GF_ANALYTICS_REPORTING_ENABLED": _GRAFANA,
        "GF_ANALYTICS_CHECK_FOR_UPDATES": _GRAFANA,
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": _GRAFANA,
        "GF_NEWS_NEWS_FEED_ENABLED": _GRAFANA,
        "GF_PLUGINS_PREINSTALL_DISABLED": _GRAFANA,
        "GF_SNAPSHOTS_EXTERNAL_ENABLED": _GRAFANA,
        "GF_LOG_MODE": _GRAFANA,
    },
    "eclipse-mosquitto": {},
    "prom/prometheus": {},
}
#: Without these InfluxDB's image sets nothing up.
NEEDED_BY_INFLUXDB = ("MODE", "ORG", "BUCKET", "USERNAME", "PASSWORD_FILE", "ADMIN_TOKEN_FILE")


def test_the_schema_of_compose_accepts_it() -> None:
    """The file is valid by the schema of the Compose specification."""
    check = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        str(COMPOSE),
    ]
    ended = subprocess.run(check, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stdout


def test_the_schema_of_compose_refuses_what_is_wrong(tmp_path: Path) -> None:
    """A misspelled key is refused, so the check above can fail."""
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(COMPOSE.read_text().replace("healthcheck:", "helthcheck:", 1))
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(wrong)]
    ended = subprocess.run(check, capture_output=True, text=True, check=False)

    assert ended.returncode != 0
    assert "helthcheck" in ended.stdout


@pytest.mark.parametrize("name", ALL)
def test_a_service_has_no_rights_to_lose(name: str) -> None:
    """Not root, a system that it cannot write, no capabilities, none to be had; it comes back by itself."""
    service = services()[name]

    assert int(service["user"].partition(":")[0]) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == ("no" if name == "setup" else "unless-stopped")
    assert service.keys() & {"privileged", "cap_add", "devices", "network_mode", "pid", "ipc"} == set()


@pytest.mark.parametrize("name", ALL)
def test_versions_are_pinned(name: str) -> None:
    """Every image is named with its whole version."""
    assert re.fullmatch(r"v?\d+\.\d+\.\d+", services()[name]["image"].rpartition(":")[2])


def test_our_image_has_our_version() -> None:
    """The image of this project is called after the version that is built into it."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert {services()[name]["image"] for name in OURS} == {f"bezet:{version}"}


@pytest.mark.parametrize("name", ALL)
def test_every_service_can_be_waited_for(name: str) -> None:
    """It has a health check, or it ends and others wait for that: else `up --wait` would wait for ever."""
    awaited = {
        needed
        for service in services().values()
        for needed, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_completed_successfully"
    }
    check = services()[name].get("healthcheck")

    assert (check is None) == (name in awaited)
    if check is not None:
        assert check["test"][0] == "CMD"
        assert {"interval", "timeout", "start_period", "start_interval"} <= check.keys()


def test_only_this_machine_reaches_it_unless_a_site_says_more() -> None:
    """Ports are bound to loopback, but for an address that a site sets; InfluxDB has no port at all."""
    everywhere = {"BEZET_MQTT_ADDRESS": "192.0.2.1", "BEZET_PAGE_ADDRESS": "192.0.2.2"}
    ports = {name: service["ports"] for name, service in services().items() if "ports" in service}
    opened = {
        name: filled(service["ports"], everywhere)
        for name, service in yaml.safe_load(COMPOSE.read_text())["services"].items()
        if "ports" in service
    }

    assert ports == {
        "mosquitto": ["127.0.0.1:1883:1883"],
        "api": ["127.0.0.1:8080:8080"],
        "grafana": ["127.0.0.1:3000:3000"],
    }
    assert opened == {
        "mosquitto": ["192.0.2.1:1883:1883"],
        "api": ["192.0.2.2:8080:8080"],
        "grafana": ["127.0.0.1:3000:3000"],
    }


def test_the_broker_does_not_see_the_history() -> None:
    """What devices reach shares no network with InfluxDB."""
    networks = {name: set(service["networks"]) for name, service in services().items()}

    assert networks["mosquitto"] & networks["influxdb"] == set()
    assert networks["collector"] == networks["api"] == networks["mosquitto"] | networks["influxdb"]
    assert set().union(*networks.values()) == set(compose()["networks"])


@pytest.mark.parametrize("name", [name for name in ALL if name not in OURS])
def test_variables_of_other_images_are_documented_ones(name: str) -> None:
    """Every variable set for another's image stands on a page of its makers."""
    service = services()[name]

    assert service.get("environment", {}).keys() <= DOCUMENTED[image_name(service)].keys()


def test_influxdb_is_set_up_as_the_store_address_says() -> None:
    """All that the image's setup wants is there, and organisation and database are those of BEZET_STORE."""
    told = services()["influxdb"]["environment"]
    address = services()["collector"]["environment"]["BEZET_STORE"]

    assert {f"DOCKER_INFLUXDB_INIT_{name}" for name in NEEDED_BY_INFLUXDB} <= told.keys()
    database, _, _ = told["DOCKER_INFLUXDB_INIT_BUCKET"].partition("/")
    assert address == f"influx:http://influxdb:8086/{database}?org={told['DOCKER_INFLUXDB_INIT_ORG']}"


@pytest.mark.parametrize(
    "name", ["GF_AUTH_ANONYMOUS_ENABLED", "GF_USERS_ALLOW_SIGN_UP", "GF_ANALYTICS_REPORTING_ENABLED"]
)
def test_grafana_is_closed_and_silent(name: str) -> None:
    """Nobody looks in without an account, and nothing is told to the outside."""
    assert services()["grafana"]["environment"][name] == "false"


def test_our_programs_know_the_same() -> None:
    """Collector, API and setup read the same variables from the same places; the API has some of its own."""
    told = {name: dict(services()[name]["environment"]) for name in OURS}
    own = {key: told["api"].pop(key) for key in ("BEZET_WINDOW", "BEZET_BOOK", "THEME_CSS")}

    assert told["api"] == told["collector"] == told["setup"]
    assert told["api"].keys() == {"BEZET_BUILDING", "BEZET_STORE", "BEZET_BROKER", "BEZET_INFLUX_TOKEN_FILE"}
    assert own == {
        "BEZET_WINDOW": "/etc/bezet/window.toml",
        "BEZET_BOOK": "/var/lib/bezet/window.db",
        "THEME_CSS": "/etc/bezet/theme.css",
    }


def test_secrets_are_files_that_make_fills(tmp_path: Path) -> None:
    """The secrets of the file are exactly those that `make secrets` makes, and each is used."""
    make_secrets(tmp_path)
    made = {f"./secrets/{path.name}" for path in (tmp_path / "secrets").iterdir()}
    used = {secret for service in services().values() for secret in service.get("secrets", [])}

    assert {secret["file"] for secret in compose()["secrets"].values()} == made
    assert used == set(compose()["secrets"])


@pytest.mark.parametrize("name", ALL)
def test_a_service_gets_the_secrets_that_it_reads(name: str) -> None:
    """What a variable names in /run/secrets is given to that service."""
    service = services()[name]
    read = set(
        re.findall(r"/run/secrets/([\w-]+)", " ".join(map(str, service.get("environment", {}).values())))
    )

    assert read <= set(service.get("secrets", []))


def test_what_is_mounted_is_there() -> None:
    """Every file of the project that is mounted exists, and none is made when it is missing."""
    mounted = [
        volume
        for service in services().values()
        for volume in service.get("volumes", [])
        if isinstance(volume, dict)
    ]

    assert [volume["source"] for volume in mounted if not (ROOT / volume["source"]).exists()] == []
    assert all(volume["read_only"] and not volume["bind"]["create_host_path"] for volume in mounted)


def test_what_a_site_may_set_is_told() -> None:
    """Every variable of the file stands in its first lines and in the how-to, with its default."""
    text = COMPOSE.read_text()
    head = text[: text.index("\nname:")]
    page = (ROOT / "docs/how-to/install-one-building.md").read_text()

    for name, default in set(re.findall(r"\$\{(\w+):-([^}]*)\}", text)):
        assert re.search(rf"{name} .*{re.escape(default)}\n", head), name
        assert f"`{name}`" in page
        assert f"`{default}`" in page


@pytest.mark.parametrize("path", ["/secrets/", "/.env"])
def test_git_never_sees_what_a_site_makes(path: str) -> None:
    """Secrets and settings of a site are ignored."""
    assert path in (ROOT / ".gitignore").read_text().splitlines()
