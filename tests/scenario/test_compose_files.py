"""The compose files: every variable reaches the role that reads it and no other, and every service of ours is confined."""

import re
import shutil
import stat
import subprocess

import pytest
import yaml

from harness.program import ROOT

DOCKER = ROOT / "docker"
COMPOSED = sorted(DOCKER.glob("compose*.yaml"))
VPNS = sorted((DOCKER / "vpn").glob("*.yaml"))
# Kept from containers: for tests of debug builds alone, and names of files of the host, which the shell may have set.
NOT_HANDED_ON = {"VPN_SENTINEL_FAULT", "SSL_CERT_FILE", "CURL_CA_BUNDLE"}
CONFINED = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"], "tmpfs": ["/tmp"],
            "restart": "unless-stopped", "stop_grace_period": "20s",
            "logging": {"driver": "json-file", "options": {"max-size": "10m", "max-file": "3"}}}
LIMITS = {"mem_limit", "pids_limit", "cpus"}
ADDED = {"extends", "network_mode", "networks", "depends_on", "environment", "ports", "volumes", "container_name"}
SECRET = re.compile(r"(TOKEN|PASSWORD|KEY|WEBHOOK_URL|HEARTBEAT_URL|PUSHOVER_USER|NTFY_TOPIC|VPN_AUTH|VPN_USER)$")


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def variables():
    """{name: (status, role)} of core/config/env_table.c."""
    text = (ROOT / "core/config/env_table.c").read_text(encoding="utf-8")
    row = re.compile(r'\{"([A-Z0-9_]+)",\s*VS_ENV_([A-Z]+),\s*(?:"[^"]*"\s*)+,\s*VS_ENV_([A-Z]+)\}')
    found = {match[1]: (match[2], match[3]) for match in row.finditer(text)}
    assert len(found) == text.count('{"'), "a row of env_table.c has another form than this test knows"
    return found


def accepted(role):
    return {name for name, (status, whose) in variables().items()
            if status == "ACCEPTED" and whose in ("BOTH", role)} - NOT_HANDED_ON


def example():
    """{name: value} of .env.example, of the lines that are set and of those that are not."""
    lines = re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", (DOCKER / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    names = [name for name, _ in lines]
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)
    return dict(lines)


def environment(service):
    """{name: value, None when it is handed on} of a service."""
    given = service.get("environment", [])
    if isinstance(given, dict):
        return given
    return {name: value if mark else None for name, mark, value in (entry.partition("=") for entry in given)}


def asked_for(text):
    """The names that a compose file takes from .env: those in ${...}, and those that are handed on."""
    return set(re.findall(r"\$\{([A-Z0-9_]+)", text)) | set(re.findall(r"^\s+- ([A-Z][A-Z0-9_]+)$", text, re.MULTILINE))


def ours(path):
    return {name: service for name, service in load(path).get("services", {}).items() if not name.startswith("vpn")}


@pytest.mark.parametrize("role", ["server", "client"])
def test_every_variable_of_a_role_reaches_it_and_none_of_the_other(role):
    given = environment(load(DOCKER / "services.yaml")["services"][role])
    plain = {name.removesuffix("_FILE") if name not in variables() else name for name in given}
    missing = accepted(role.upper()) - set(given)
    assert not missing, f"add to docker/services.yaml, service {role}, and to docker/.env.example: {sorted(missing)}"
    assert plain <= accepted(role.upper()) | {"CURL_CA_BUNDLE"}


def test_the_example_has_every_variable_and_nothing_that_nobody_reads():
    known = accepted("SERVER") | accepted("CLIENT")
    read = set().union(*(asked_for(path.read_text(encoding="utf-8"))
                         for path in [*COMPOSED, *VPNS, DOCKER / "services.yaml"]))
    assert not known - set(example()), "add to docker/.env.example"
    assert not set(example()) - read - {"COMPOSE_PROJECT_NAME", "COMPOSE_FILE"}, "in .env.example, and read by no file"
    assert not read - set(example()), "read by a compose file, and not in .env.example"


def test_secrets_in_the_example_are_empty_and_have_a_file():
    secrets = {name: value for name, value in example().items() if SECRET.search(name)}
    assert len(secrets) > 20 and set(secrets.values()) == {""}
    given = set().union(*(environment(service) for service in load(DOCKER / "services.yaml")["services"].values()))
    assert not {name for name in secrets if name in given and f"{name}_FILE" not in given}


@pytest.mark.parametrize("role", ["server", "client"])
def test_each_role_is_confined(role):
    service = load(DOCKER / "services.yaml")["services"][role]
    assert {key: service.get(key) for key in CONFINED} == CONFINED
    assert LIMITS <= set(service) and not {"privileged", "cap_add", "user", "devices"} & set(service)
    assert service["build"]["context"] == ".." and service["build"]["dockerfile"] == f"docker/{role}.Dockerfile"
    assert service["image"].startswith("${") and "/" not in service["image"], "nothing is pulled from a registry"
    assert service["pull_policy"] == "never", "version 2 asks a registry before it builds"
    folders = [volume for volume in service["volumes"] if volume.startswith("./")]
    assert folders == [f"./secrets/{role}:/run/secrets:ro"]


@pytest.mark.parametrize("path", [*COMPOSED, *VPNS], ids=lambda path: path.name)
def test_no_file_weakens_what_confines_a_service(path):
    for name, service in ours(path).items():
        role = "server" if name == "server" else "client"
        assert set(service) <= ADDED, f"{path.name}: {name}"
        if "https" in path.name or "side-path" in path.name or "zone" in path.name:
            continue
        assert service["extends"] == {"file": "services.yaml", "service": role}
        if role == "client":
            vpn = service["network_mode"].removeprefix("service:")
            assert service["depends_on"] == {vpn: {"condition": "service_healthy"}} and "networks" not in service
            assert "VPN_SENTINEL_SERVER_API_BASE_URL" in environment(service), "asked for before anything starts"


@pytest.mark.parametrize("path", [path for path in COMPOSED if "side-path" not in path.name], ids=lambda path: path.name)
def test_no_network_leads_from_a_tunnel_to_the_server_beside_it(path):
    services = load(path).get("services", {})
    beside = {network for name, service in services.items() if name.startswith("vpn") for network in service["networks"]}
    assert not beside & set(services.get("server", {}).get("networks", []))


def test_the_side_path_leads_nowhere_else():
    assert load(DOCKER / "compose.side-path.yaml")["networks"]["side-path"]["internal"] is True


def test_the_vpn_container_of_the_quick_start_is_the_one_in_its_file():
    quick, file = load(DOCKER / "compose.yaml"), load(DOCKER / "vpn/gluetun.yaml")
    assert quick["services"]["vpn"] == file["services"]["vpn"]


def test_every_vpn_container_takes_secrets_from_files():
    for path in VPNS:
        vpn = load(path)["services"]["vpn"]
        assert any(volume.startswith("./secrets/vpn:") for volume in vpn["volumes"]), path.name
        assert vpn["cap_add"] == ["NET_ADMIN"] and "privileged" not in vpn and vpn["networks"] == ["vpn"], path.name


def test_secrets_stay_out_of_git_and_of_images():
    assert {"/docker/.env", "/docker/secrets/"} <= set((ROOT / ".gitignore").read_text(encoding="utf-8").split())
    assert {"**/.env", "**/secrets"} <= set((ROOT / ".dockerignore").read_text(encoding="utf-8").split())


@pytest.fixture
def docker(tmp_path):
    """A copy of what `prepare` works in."""
    for name in ("prepare", ".env.example"):
        shutil.copy(DOCKER / name, tmp_path / name)
    return tmp_path


def prepare(folder, *names):
    return subprocess.run(["sh", folder / "prepare", *names], capture_output=True, text=True, check=False, timeout=60)


def key(folder, name):
    return (folder / "secrets" / name / "api_key").read_text(encoding="utf-8")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_prepare_makes_a_key_that_a_container_can_read_and_a_stranger_cannot(docker):
    assert prepare(docker).returncode == 0
    assert re.fullmatch(r"[0-9a-f]{64}", key(docker, "client")) and key(docker, "server") == key(docker, "client")
    assert mode(docker / "secrets") == 0o700 and mode(docker / ".env") == 0o600
    assert mode(docker / "secrets/server") == 0o755 and mode(docker / "secrets/server/api_key") == 0o444
    assert (docker / ".env").read_text(encoding="utf-8") == (docker / ".env.example").read_text(encoding="utf-8")


def test_prepare_overwrites_nothing(docker):
    prepare(docker)
    before = key(docker, "client")
    (docker / ".env").write_text("TZ=Europe/Madrid\n", encoding="utf-8")
    again = prepare(docker)
    assert again.returncode == 0 and again.stdout == ""
    assert key(docker, "client") == before and (docker / ".env").read_text(encoding="utf-8") == "TZ=Europe/Madrid\n"


def test_prepare_makes_a_key_for_each_client_that_the_server_knows_by_name(docker):
    assert prepare(docker, "office", "home").returncode == 0
    office, home = key(docker, "office/client"), key(docker, "home/client")
    assert office != home and key(docker, "server") == f"office={office},home={home}"
    assert prepare(docker, "office", "lab").returncode == 0
    assert key(docker, "server") == f"office={office},home={home},lab={key(docker, 'lab/client')}"


@pytest.mark.parametrize("name", ["../x", "a b", "-x", ".x", "server", "a=b"])
def test_prepare_refuses_names_that_are_none(docker, name):
    refused = prepare(docker, "office", name)
    assert refused.returncode == 2 and f'"{name}"' in refused.stderr
    assert not (docker / "secrets").exists()
