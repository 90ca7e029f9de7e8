# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""deploy/kubernetes: valid by the schemas of Kubernetes, whole, and with no more rights than it needs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from bezet.building import read_building
from tests.conftest import ROOT
from tests.deploy.stage import services

FOLDER = ROOT / "deploy" / "kubernetes"
KUSTOMIZATION: dict[str, Any] = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
MANIFESTS: list[dict[str, Any]] = [
    one for name in KUSTOMIZATION["resources"] for one in yaml.safe_load_all((FOLDER / name).read_text())
]
DEPLOYMENTS = [one for one in MANIFESTS if one["kind"] == "Deployment"]


def title(manifest: dict[str, Any]) -> str:
    """A manifest's kind and name."""
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    """What the manifests of a kind ask for, by name."""
    return {one["metadata"]["name"]: one["spec"] for one in MANIFESTS if one["kind"] == kind}


def pod(deployment: dict[str, Any]) -> dict[str, Any]:
    """What its pods are."""
    found: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return found


def container(deployment: dict[str, Any]) -> dict[str, Any]:
    """Its only container."""
    [found] = pod(deployment)["containers"]
    assert isinstance(found, dict)
    return found


each_deployment = pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=title)


@pytest.mark.parametrize("manifest", MANIFESTS, ids=title)
def test_the_schemas_of_kubernetes_accept_it(manifest: dict[str, Any]) -> None:
    """Every manifest is valid by the newest schemas, and holds no key that they do not know."""
    kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


def test_the_schemas_of_kubernetes_refuse_what_is_wrong() -> None:
    """A misspelled key is refused, so the check above can fail."""
    wrong = yaml.safe_load(yaml.safe_dump(DEPLOYMENTS[0]).replace("livenessProbe", "livelinessProbe"))

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, kubernetes_validate.latest_version(), strict=True)


def test_the_kustomization_names_every_file_and_only_files_that_are_there() -> None:
    """What lies in the folder is used, and what is used lies in the folder."""
    named = {*KUSTOMIZATION["resources"]}
    for generator in KUSTOMIZATION["configMapGenerator"]:
        named |= {*generator.get("files", ())}
    there = {path.name for path in FOLDER.iterdir()} - {"kustomization.yaml", "README.md"}

    assert named == there


def test_the_building_file_can_be_read() -> None:
    """The base can be tried as it stands."""
    assert read_building((FOLDER / "building.toml").read_text(), "building.toml").spaces


@each_deployment
def test_a_pod_has_no_rights_to_lose(deployment: dict[str, Any]) -> None:
    """Not root, a system that it cannot write, no capabilities, no account, nothing of its host."""
    inside, outside = container(deployment), pod(deployment)

    assert outside["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "runAsGroup": 10001,
        "fsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert inside["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert outside["automountServiceAccountToken"] is False
    assert outside.keys() & {"hostNetwork", "hostPID", "hostIPC", "initContainers"} == set()
    assert {kind for volume in outside["volumes"] for kind in volume if kind != "name"} <= {
        "configMap",
        "secret",
        "emptyDir",
        "persistentVolumeClaim",
    }


def test_the_cluster_itself_watches_over_that() -> None:
    """The namespace refuses pods that ask for more."""
    [namespace] = [one for one in MANIFESTS if one["kind"] == "Namespace"]

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert namespace["metadata"]["name"] == KUSTOMIZATION["namespace"]


@each_deployment
def test_the_image_is_that_of_the_compose_file(deployment: dict[str, Any]) -> None:
    """One image and one version, named in full, for both kinds of installation."""
    assert container(deployment)["image"] == services()["collector"]["image"]


@each_deployment
def test_it_runs_what_the_compose_file_runs(deployment: dict[str, Any]) -> None:
    """Command and variables are those that the tests of the compose file run."""
    same = services()[deployment["metadata"]["name"]]
    told = {one["name"] for one in container(deployment)["env"]}

    assert container(deployment)["args"] == same["command"]
    assert {name for name in told if name.startswith(("BEZET_", "THEME_"))} == same["environment"].keys()


@each_deployment
def test_what_is_named_elsewhere_is_there(deployment: dict[str, Any]) -> None:
    """Configuration comes from maps that the kustomization makes; secrets are named and are not in git."""
    made = {one["name"]: one for one in KUSTOMIZATION["configMapGenerator"]}
    literals = {word.partition("=")[0] for word in made["outside"]["literals"]}
    sources = [one["valueFrom"] for one in container(deployment)["env"] if "valueFrom" in one]
    maps = [one["configMapKeyRef"] for one in sources if "configMapKeyRef" in one]
    secrets = {one["secretKeyRef"]["name"] for one in sources if "secretKeyRef" in one}
    volumes = {volume["name"]: volume for volume in pod(deployment)["volumes"]}

    assert {one["name"] for one in maps} == {"outside"}
    assert {one["key"] for one in maps} == literals
    assert secrets == {volumes["influx-token"]["secret"]["secretName"]} == {"bezet"}
    assert volumes["building"]["configMap"]["name"] in made
    assert {mount["name"] for mount in container(deployment)["volumeMounts"]} == set(volumes)
    assert [one for one in MANIFESTS if one["kind"] == "Secret"] == []


@each_deployment
def test_variables_are_made_of_those_above_them(deployment: dict[str, Any]) -> None:
    """Kubernetes fills in only what stands earlier in the same list, and leaves the rest as it is written."""
    seen: set[str] = set()
    for one in container(deployment)["env"]:
        assert set(re.findall(r"\$\((\w+)\)", one.get("value", ""))) <= seen, one
        seen.add(one["name"])


@each_deployment
def test_files_are_where_the_variables_say(deployment: dict[str, Any]) -> None:
    """Each path in a variable lies in a folder that is mounted."""
    mounted = {mount["mountPath"] for mount in container(deployment)["volumeMounts"]}
    paths = [one["value"] for one in container(deployment)["env"] if one.get("value", "").startswith("/")]

    assert paths
    assert {str(Path(path).parent) for path in paths} <= mounted


@each_deployment
def test_probes_ask_what_needs_no_store(deployment: dict[str, Any]) -> None:
    """Start, life and readiness are asked of a named port, and never of a page that asks the store."""
    inside = container(deployment)
    ports = {port["name"] for port in inside["ports"]}

    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert inside[probe]["httpGet"]["port"] in ports
        assert inside[probe]["httpGet"]["path"] == (
            "/lobby.svg" if "BEZET_BOOK" in told(deployment) else "/metrics"
        )


@each_deployment
def test_resources_are_asked_for(deployment: dict[str, Any]) -> None:
    """The scheduler knows what a pod needs, and one that grows without end is ended."""
    resources = container(deployment)["resources"]

    assert resources["requests"].keys() == {"cpu", "memory"}
    assert resources["limits"].keys() == {"memory"}


def told(deployment: dict[str, Any]) -> set[str]:
    """The variables that a deployment's container is told."""
    return {one["name"] for one in container(deployment)["env"]}


@each_deployment
def test_labels_fit(deployment: dict[str, Any]) -> None:
    """A deployment finds its own pods; one with a book has one pod, and the others spread and keep enough."""
    name = deployment["metadata"]["name"]
    labels = {"app.kubernetes.io/name": name}

    assert deployment["spec"]["template"]["metadata"]["labels"] == labels
    assert deployment["spec"]["selector"]["matchLabels"] == labels
    if "BEZET_BOOK" in told(deployment):
        assert (deployment["spec"]["replicas"], deployment["spec"]["strategy"]["type"]) == (1, "Recreate")
        return
    [spread] = pod(deployment)["topologySpreadConstraints"]
    assert spread["labelSelector"]["matchLabels"] == labels
    assert of_kind("PodDisruptionBudget")[name]["selector"]["matchLabels"] == labels
    assert deployment["spec"]["replicas"] > 1


def test_the_book_outlives_its_pod() -> None:
    """What the window must remember lies on a volume that is claimed once."""
    [api] = [one for one in DEPLOYMENTS if one["metadata"]["name"] == "api"]
    claims = {
        one["persistentVolumeClaim"]["claimName"]
        for one in pod(api)["volumes"]
        if "persistentVolumeClaim" in one
    }

    assert claims == of_kind("PersistentVolumeClaim").keys() == {"window"}


def test_the_service_leads_to_the_api() -> None:
    """What the proxy asks arrives at the port of the API."""
    [api] = [one for one in DEPLOYMENTS if one["metadata"]["name"] == "api"]
    service = of_kind("Service")["api"]

    assert service["selector"] == api["spec"]["selector"]["matchLabels"]
    assert [port["targetPort"] for port in service["ports"]] == [
        port["name"] for port in container(api)["ports"]
    ]


def test_traffic_is_closed_unless_it_is_named() -> None:
    """One policy closes both ways for every pod; the others open named ports only."""
    policies = of_kind("NetworkPolicy")
    ports = {port["name"] for one in DEPLOYMENTS for port in container(one)["ports"]}

    assert policies.pop("nothing") == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for policy in policies.values():
        rules = [*policy.get("ingress", []), *policy.get("egress", [])]
        assert rules
        assert all(rule["ports"] for rule in rules)
        assert all(rule["from"] for rule in policy.get("ingress", []))
        named = {port["port"] for rule in rules for port in rule["ports"] if isinstance(port["port"], str)}
        assert named <= ports
