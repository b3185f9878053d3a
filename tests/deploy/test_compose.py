"""compose.yaml and what lies beside it: every container confined, every name real, every secret made and read."""

from __future__ import annotations

import ipaddress
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from deploy_tools import DEPLOY, output_of, tool

from fittingroom.accounts import Vault
from fittingroom.configuration import load_configuration
from fittingroom.server.run import LAST_ANSWERS
from fittingroom.settings import Settings

FILE = DEPLOY / "compose.yaml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
MAKE = DEPLOY / "compose" / "make-secrets"
IN_CONTAINER = "/run/secrets"


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    code, said = output_of(MAKE, tmp_path / "secrets")
    assert code == 0, said
    return tmp_path / "secrets"


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service.get("cap_add", ())) <= {"CHOWN"}
    assert not service.get("privileged")
    assert re.search(r":\$?\{?.*[\d.]+", service["image"]) or name == "gateway"
    assert not service["image"].endswith(":latest")


def test_all_that_is_named_exists() -> None:
    for kind in ("secrets", "configs"):
        used = {
            entry["source"] if isinstance(entry, dict) else entry
            for service in SERVICES.values()
            for entry in service.get(kind, ())
        }
        assert used == set(COMPOSE[kind])
    for entry in COMPOSE["configs"].values():
        assert (DEPLOY / entry["file"]).is_file()
    for service in SERVICES.values():
        assert set(service.get("networks", ())) <= set(COMPOSE["networks"])
        assert set(service.get("depends_on", ())) <= set(SERVICES)
    build = SERVICES["gateway"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()


def test_every_secret_is_made_once_and_closed_to_others(secrets: Path) -> None:
    assert {Path(entry["file"]).name for entry in COMPOSE["secrets"].values()} == {
        path.name for path in secrets.iterdir()
    }
    assert secrets.stat().st_mode & 0o777 == 0o700
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    (secrets / "grafana_password").unlink()
    assert output_of(MAKE, secrets)[0] == 0
    after = {path.name: path.read_bytes() for path in secrets.iterdir()}
    assert {name for name in before if before[name] != after[name]} == {"grafana_password"}


def test_the_gateway_understands_its_environment(
    secrets: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in os.environ if name.startswith("FITTINGROOM_")]:
        monkeypatch.delenv(name)
    given = SERVICES["gateway"]["environment"]
    for name, value in given.items():
        found = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
        monkeypatch.setenv(name, found.replace(IN_CONTAINER, str(secrets)))
    settings = load_configuration().settings
    assert settings.objects.endpoint == "http://s3:8333"
    assert settings.accounts.url is not None
    assert (secrets / "postgres_password").read_text(encoding="utf-8") in settings.accounts.url
    Vault.open(tmp_path, settings.accounts.master_key)
    assert not (tmp_path / "master.key").exists()
    mounted = {Path(value).name for value in given.values() if value.startswith(IN_CONTAINER)}
    assert mounted == set(SERVICES["gateway"]["secrets"])
    watch, front = (COMPOSE["networks"][name]["ipam"]["config"][0]["subnet"] for name in ("watch", "front"))
    assert watch in settings.server.metrics_from
    assert settings.server.trusted_proxies == (front,)
    assert not ipaddress.ip_network(watch).overlaps(ipaddress.ip_network(front))


def test_stopping_leaves_time_for_running_requests() -> None:
    settings = Settings()
    needed = settings.server.drain_timeout + LAST_ANSWERS + settings.dispatch.grace
    for name in ("gateway", "balancer"):
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) >= needed


def test_only_the_balancer_is_reached_from_outside() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"balancer", "grafana"}
    assert all(port.startswith("127.0.0.1:") for port in published["grafana"])
    assert COMPOSE["networks"]["back"]["internal"] is True


def test_valkey_takes_its_file_and_keeps_strangers_out(secrets: Path, tmp_path: Path) -> None:
    """The folder named in the file is the container's; here it is one of the test's own, and there is no port."""
    server = tool("redis-server", "apt install redis-server")
    socket = tmp_path / "s"
    flags = ["--port", "0", "--unixsocket", str(socket), "--dir", str(tmp_path)]
    configuration = tmp_path / "valkey.conf"
    told = (secrets / "valkey_conf").read_text(encoding="utf-8")
    assert "\ndir /data\n" in told
    configuration.write_text(told.replace("dir /data", f"dir {tmp_path}"), encoding="utf-8")
    process = subprocess.Popen([server, str(configuration), *flags], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not socket.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        password = (secrets / "valkey_password").read_text(encoding="utf-8")
        with redis.Redis(unix_socket_path=str(socket), password=password) as client:
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        with redis.Redis(unix_socket_path=str(socket)) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
        assert f":{password}@" in (secrets / "limits_url").read_text(encoding="utf-8")
    finally:
        process.terminate()
        process.wait(20)


def test_haproxy_understands_its_file() -> None:
    program = tool("haproxy", "apt install haproxy")
    code, said = output_of(program, "-c", "-f", DEPLOY / "compose" / "haproxy.cfg")
    assert code == 0, said


def test_prometheus_understands_its_file(tmp_path: Path) -> None:
    text = (DEPLOY / "compose" / "prometheus.yml").read_text(encoding="utf-8")
    assert "/etc/prometheus/alerts.yml" in text
    file = tmp_path / "prometheus.yml"
    alerts = str(DEPLOY / "monitoring" / "alerts.yml")
    file.write_text(text.replace("/etc/prometheus/alerts.yml", alerts), encoding="utf-8")
    code, said = output_of(tool("promtool", "apt install prometheus"), "check", "config", file)
    assert code == 0, said


def test_compose_understands_its_file(secrets: Path) -> None:
    """Where the plugin is: it reads every line, and the files that are named."""
    docker = tool("docker", "install docker with its compose plugin")
    if output_of(docker, "compose", "version")[0]:
        pytest.skip("docker has no compose plugin (apt install docker-compose-plugin)")
    code, said = output_of(docker, "compose", "--file", FILE, "--profile", "observability", "config", "--quiet")
    assert code == 0, said
