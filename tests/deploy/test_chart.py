"""The Helm chart: its values, what it refuses, and what Kubernetes would get of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from chart import CHART, EXAMPLES, ChartError, Document, one, rendered, values
from deploy_tools import ROOT, output_of, tool

from fittingroom.configuration import leaves
from fittingroom.server.run import LAST_ANSWERS
from fittingroom.settings import Settings

SEVERAL = EXAMPLES / "several.yaml"
RAY = EXAMPLES / "ray.yaml"
KINDS: dict[str, tuple[Path, ...]] = {"one": (), "several": (SEVERAL,), "ray": (SEVERAL, RAY)}
FOREIGN = {"ServiceMonitor", "RayCluster"}
"""Kinds of operators, which Kubernetes' own schemas do not know."""


def pods(documents: list[Document]) -> list[dict[str, Any]]:
    """The specifications of all pods that the documents make."""
    found = [one(documents, "Deployment")["spec"]["template"]["spec"]]
    for cluster in (document for document in documents if document["kind"] == "RayCluster"):
        groups = [cluster["spec"]["headGroupSpec"], *cluster["spec"]["workerGroupSpecs"]]
        found += [group["template"]["spec"] for group in groups]
    return found


@pytest.mark.parametrize("files", KINDS.values(), ids=KINDS)
def test_values_fit_their_schema_and_name_real_settings(files: tuple[Path, ...]) -> None:
    laid = values(*files)
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(laid, schema)
    known = {leaf.name: leaf.secret for leaf in leaves()}
    assert set(laid["settings"]) <= set(known)
    assert all(known[name] for name in laid["secrets"])
    assert not any(known[name] for name in laid["settings"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**laid, "replica": 2}, schema)


def test_kubernetes_understands_every_field(tmp_path: Path) -> None:
    documents = [document for files in KINDS.values() for document in rendered(values(*files))]
    path = tmp_path / "chart.yaml"
    path.write_text(yaml.safe_dump_all(d for d in documents if d["kind"] not in FOREIGN), encoding="utf-8")
    code, said = output_of(tool("kubernetes-validate"), "--strict", "-k", "1.34", path)
    assert code == 0, said


@pytest.mark.parametrize("files", KINDS.values(), ids=KINDS)
def test_no_container_may_do_more_than_it_must(files: tuple[Path, ...]) -> None:
    for pod in pods(rendered(values(*files))):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["enableServiceLinks"] is False
        volumes = {volume["name"] for volume in pod["volumes"]}
        for container in [*pod.get("initContainers", ()), *pod["containers"]]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "memory" in container["resources"]["limits"]
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
            assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}


def test_stopping_leaves_time_for_running_requests() -> None:
    laid = values()
    settings = Settings()
    assert laid["settings"]["server.drain_timeout"] == settings.server.drain_timeout
    assert laid["stopSeconds"] >= settings.server.drain_timeout + LAST_ANSWERS + settings.dispatch.grace
    pod = one(rendered(laid), "Deployment")["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] == laid["leaveSeconds"] + laid["stopSeconds"]


def test_settings_become_variables_and_secrets_files() -> None:
    pod = one(rendered(values(SEVERAL)), "Deployment")["spec"]["template"]["spec"]
    variables = {entry["name"]: entry.get("value", "") for entry in pod["containers"][0]["env"]}
    known = {leaf.variable for leaf in leaves()}
    assert {name.removesuffix("_FILE") for name in variables} <= known
    assert variables["FITTINGROOM_SERVER__DRAIN_TIMEOUT"] == "60"
    assert variables["FITTINGROOM_ACCOUNTS__DATABASE_FILE"] == "/run/secrets/fittingroom/database_url"


def test_one_gateway_keeps_its_state_and_is_never_doubled() -> None:
    documents = rendered(values())
    assert one(documents, "Deployment")["spec"]["strategy"] == {"type": "Recreate"}
    claim = one(documents, "PersistentVolumeClaim")
    assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    volumes = one(documents, "Deployment")["spec"]["template"]["spec"]["volumes"]
    assert {"name": "data", "persistentVolumeClaim": {"claimName": claim["metadata"]["name"]}} in volumes


@pytest.mark.parametrize(
    ("files", "given", "message"),
    [
        ((), {"replicas": 2}, "persistence.enabled=false"),
        ((), {"autoscaling": {"enabled": True}}, "persistence.enabled=false"),
        ((), {"persistence": {"enabled": False}}, "secrets must name accounts.database"),
        ((SEVERAL,), {"secrets": {"limits.url": None}}, "secrets must name limits.url"),
        ((SEVERAL,), {"settings": {"results.url": None}}, "settings must have results.url"),
        ((SEVERAL,), {"secretName": ""}, "set secretName"),
        ((SEVERAL,), {"ingress": {"host": ""}}, "ingress.host is needed"),
        ((SEVERAL, RAY), {"ray": {"createCluster": False, "tokenSecret": "t"}}, "ray.address is needed"),
        ((SEVERAL, RAY), {"ray": {"createCluster": False, "address": "a:1"}}, "ray.tokenSecret is needed"),
    ],
)
def test_what_would_answer_wrongly_is_refused(files: tuple[Path, ...], given: dict[str, Any], message: str) -> None:
    laid = values(*files, **given)
    for table in (laid["secrets"], laid["settings"]):  # as helm takes away what is set to null
        for name in [name for name, value in table.items() if value is None]:
            del table[name]
    with pytest.raises(ChartError, match=message):
        rendered(laid)


def test_outside_only_the_api_and_results_are_reached() -> None:
    (rule,) = one(rendered(values(SEVERAL)), "Ingress")["spec"]["rules"]
    paths = {(path["path"], path["pathType"]) for path in rule["http"]["paths"]}
    assert paths == {("/", "Exact"), ("/results/", "Prefix")}


def test_ray_runs_the_version_of_the_lock_and_only_its_own_reach_it() -> None:
    documents = rendered(values(SEVERAL, RAY))
    cluster = one(documents, "RayCluster")
    assert f"\nray=={cluster['spec']['rayVersion']}\n" in (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    address = f"{cluster['metadata']['name']}-head-svc:6379"
    pod = one(documents, "Deployment")["spec"]["template"]["spec"]
    assert pod["containers"][0]["args"] == ["serve", "--dispatch", "ray", "--ray-address", address]
    assert f"--address={address}" in pod["initContainers"][0]["args"]
    assert cluster["spec"]["authOptions"]["mode"] == "token"
    for container in (pod["initContainers"][0], pod["containers"][0]):
        (token,) = [entry for entry in container["env"] if entry["name"] == "RAY_AUTH_TOKEN"]
        assert token["valueFrom"] == {"secretKeyRef": {"name": cluster["metadata"]["name"], "key": "auth_token"}}
    policy = one(documents, "NetworkPolicy", cluster["metadata"]["name"])
    own = [{"podSelector": {"matchLabels": {"app.kubernetes.io/instance": "shop"}}}]
    assert policy["spec"]["ingress"] == [{"from": own}]


def test_helm_has_nothing_to_say() -> None:
    for files in KINDS.values():
        flags = [word for file in files for word in ("--values", file)]
        code, said = output_of(tool("helm", "see helm.sh"), "lint", "--strict", CHART, *flags)
        assert code == 0, said


def test_the_ray_example_bounds_its_replicas_by_what_its_workers_hold() -> None:
    laid = values(SEVERAL, RAY)
    (group,) = [group for group in laid["ray"]["workerGroups"] if group["name"] == "cpu"]
    each = int(group["resources"]["requests"]["cpu"]) // laid["settings"]["ray.cpus"]
    assert each > 0
    assert laid["settings"]["ray.min_replicas"] == group["minReplicas"] * each
    assert laid["settings"]["ray.max_replicas"] == group["maxReplicas"] * each
