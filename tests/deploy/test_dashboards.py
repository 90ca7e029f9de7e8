# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What Grafana and Prometheus are given: fields that they know, services that there are, nothing secret."""

from __future__ import annotations

import json
import re
import subprocess
from itertools import combinations
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.conftest import ROOT
from tests.deploy.stage import PATH, has_program, services

FOLDER = ROOT / "dashboards"
SOURCES: dict[str, Any] = yaml.safe_load((FOLDER / "provisioning/datasources/bezet.yaml").read_text())
PROVIDERS: dict[str, Any] = yaml.safe_load((FOLDER / "provisioning/dashboards/bezet.yaml").read_text())
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "bezet-itself.json").read_text())

#: Fields that are used here, from grafana.com/docs/grafana/latest/administration/provisioning.
SOURCE_FIELDS = {
    "access",
    "editable",
    "isDefault",
    "jsonData",
    "name",
    "secureJsonData",
    "type",
    "uid",
    "url",
}
JSON_DATA = {
    # grafana.com/docs/grafana/latest/datasources/influxdb/configure: InfluxQL with a token in a header
    "influxdb": {"version", "dbName", "httpMode", "httpHeaderName1"},
    # grafana.com/docs/grafana/latest/datasources/prometheus/configure
    "prometheus": {"httpMethod", "timeInterval"},
}
PROVIDER_FIELDS = {
    "allowUiUpdates",
    "disableDeletion",
    "folder",
    "folderUid",
    "name",
    "options",
    "orgId",
    "type",
    "updateIntervalSeconds",
}
each_source = pytest.mark.parametrize("source", SOURCES["datasources"], ids=lambda one: one["uid"])


@each_source
def test_a_source_has_fields_that_grafana_knows(source: dict[str, Any]) -> None:
    """A field that its makers do not document would be passed over in silence."""
    assert SOURCES.keys() == {"apiVersion", "prune", "datasources"}
    assert source.keys() <= SOURCE_FIELDS
    assert source["jsonData"].keys() <= JSON_DATA[source["type"]]


@each_source
def test_a_source_is_a_service_that_grafana_sees(source: dict[str, Any]) -> None:
    """Its address is a service, on a network of Grafana's, at the port of that service's health check."""
    place = urlsplit(source["url"])
    assert place.hostname is not None
    service = services()[place.hostname]

    assert set(service["networks"]) & set(services()["grafana"]["networks"])
    assert any(f":{place.port}/" in word for word in service["healthcheck"]["test"])


def test_the_history_is_read_as_the_store_keeps_it() -> None:
    """Database and token are those of the collector; the token is a file that Grafana is given."""
    [influx] = [one for one in SOURCES["datasources"] if one["type"] == "influxdb"]
    told = services()["collector"]["environment"]
    header = influx["secureJsonData"]["httpHeaderValue1"]

    assert influx["jsonData"]["dbName"] == urlsplit(told["BEZET_STORE"].removeprefix("influx:")).path[1:]
    assert influx["jsonData"]["version"] == "InfluxQL"
    assert influx["jsonData"]["httpHeaderName1"] == "Authorization"
    assert header == f"Token $__file{{{told['BEZET_INFLUX_TOKEN_FILE']}}}"
    assert "influx-token" in services()["grafana"]["secrets"]


def test_dashboards_come_from_the_folder_that_is_mounted() -> None:
    """Grafana looks where the compose file puts them, and changes none of them."""
    [provider] = PROVIDERS["providers"]
    volumes = [volume for volume in services()["grafana"]["volumes"] if isinstance(volume, dict)]
    mounted = {volume["target"]: volume["source"] for volume in volumes}

    assert PROVIDERS["apiVersion"] == SOURCES["apiVersion"] == 1
    assert provider.keys() <= PROVIDER_FIELDS
    assert mounted[provider["options"]["path"]] == "./dashboards"
    for kind in ("datasources", "dashboards"):
        assert mounted[f"/etc/grafana/provisioning/{kind}"] == f"./dashboards/provisioning/{kind}"
    assert provider["allowUiUpdates"] is False


def test_a_dashboard_asks_sources_that_there_are() -> None:
    """Each question names a source of the provisioning."""
    uids = {one["uid"] for one in SOURCES["datasources"]}
    asked = {
        target["datasource"]["uid"] for panel in DASHBOARD["panels"] for target in [panel, *panel["targets"]]
    }

    assert asked <= uids


def test_each_panel_says_what_to_do() -> None:
    """A panel has a title, words about what it means, and a place of its own."""
    panels = DASHBOARD["panels"]

    assert all(panel["title"] and panel["description"].endswith(".") for panel in panels)
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert [
        (one["title"], other["title"]) for one, other in combinations(panels, 2) if _overlap(one, other)
    ] == []


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    first, second = one["gridPos"], other["gridPos"]
    return all(
        first[start] < second[start] + second[size] and second[start] < first[start] + first[size]
        for start, size in (("x", "w"), ("y", "h"))
    )


def test_a_dashboard_asks_what_the_page_of_metrics_tells() -> None:
    """Every figure of ours in it stands in docs/metrics.md."""
    page = (ROOT / "docs" / "metrics.md").read_text()
    words = {
        re.sub(r"_(bucket|sum|count)$", "", name)
        for panel in DASHBOARD["panels"]
        for target in panel["targets"]
        for name in re.findall(r"bezet_\w+", target["expr"])
    }

    assert {word for word in words if f"`{word}`" not in page} == set()


def test_prometheus_asks_our_programs_where_they_answer() -> None:
    """Each target is a service, at the port that its command names."""
    jobs = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]
    targets = {job["job_name"]: job["static_configs"][0]["targets"] for job in jobs}

    assert targets == {"collector": ["collector:9464"], "api": ["api:8080"]}
    assert "0.0.0.0:9464" in services()["collector"]["command"]
    assert services()["api"]["command"][-2:] == ["--port", "8080"]


@pytest.mark.skipif(not has_program("promtool"), reason="promtool is not installed")
def test_prometheus_understands_its_configuration() -> None:
    """The maker's own checker accepts the file."""
    check = ["promtool", "check", "config", str(FOLDER / "prometheus.yml")]

    ended = subprocess.run(check, env={"PATH": PATH}, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stdout + ended.stderr
