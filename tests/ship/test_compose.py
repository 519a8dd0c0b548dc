"""The compose files, as compose and a linter of its newest form read them. No engine is needed."""

import json
import shutil
import subprocess

import pytest
import yaml

from blocks import block
from engine import compose

VPNS = sorted(path.name for path in (compose.DOCKER / "vpn").glob("*.yaml"))
COMBINATIONS = [
    ("compose.yaml",),
    ("compose.yaml", "compose.https.yaml"),
    ("compose.yaml", "compose.side-path.yaml"),
    ("compose.yaml", "compose.zone.yaml"),
    ("compose.yaml", "compose.https.yaml", "compose.side-path.yaml", "compose.zone.yaml"),
    ("compose.server.yaml",),
    ("compose.server.yaml", "compose.zone.yaml"),
    ("compose.multi.yaml",),
    ("compose.multi.yaml", "compose.multi.https.yaml", "compose.zone.yaml"),
    *(("compose.client.yaml", f"vpn/{vpn}") for vpn in VPNS),
    *(("compose.server.yaml", "compose.client.yaml", f"vpn/{vpn}") for vpn in VPNS),
    *(("compose.server.yaml", "compose.client.yaml", f"vpn/{vpn}", "compose.https.yaml", "compose.side-path.yaml")
      for vpn in VPNS),
]
# What the linter wants and we do not: a `name` that compose 1.29 refuses, orders of its own, an image that is either
# built or named. It does not see the address in "${PUBLISH_ADDRESS:-0.0.0.0}:..."; the test below does.
RULES = {"require-project-name-field": 0, "service-keys-order": 0, "services-alphabetical-order": 0,
         "top-level-properties-order": 0, "service-dependencies-alphabetical-order": 0, "service-ports-alphabetical-order": 0,
         "no-build-and-image": 0, "no-unbound-port-interfaces": 0, "require-quotes-in-ports": 0,
         "service-image-require-explicit-tag": 0, "no-duplicate-container-names": 2, "no-duplicate-exported-ports": 2}


@pytest.fixture
def folder(tmp_path):
    return compose.copy(tmp_path)


def config(folder, files, *args, **settings):
    argv = compose.command()
    if argv is None:
        pytest.skip("there is no compose: package docker-compose")
    named = [word for file in files for word in ("-f", file)]
    return subprocess.run([*argv, *named, "config", *args], cwd=folder, env=compose.environment(**settings),
                          capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("files", COMBINATIONS, ids=" ".join)
def test_compose_accepts_every_combination(folder, files):
    read = config(folder, files, "--quiet")
    assert read.returncode == 0 and not read.stdout, read.stderr


def test_every_file_is_in_a_combination():
    there = {path.relative_to(compose.DOCKER).as_posix() for path in compose.DOCKER.glob("compose*.yaml")}
    named = {file for files in COMBINATIONS for file in files}
    assert there - {"compose.override.yaml"} <= named


URL, PROVIDER = "VPN_SENTINEL_SERVER_API_BASE_URL", "VPN_SERVICE_PROVIDER"


@pytest.mark.parametrize("name, files", [
    (URL, ("compose.yaml",)),
    (URL, ("compose.client.yaml", "vpn/linuxserver-wireguard.yaml")),
    (URL, ("compose.multi.yaml",)),
    (PROVIDER, ("compose.yaml",)),
    (PROVIDER, ("compose.client.yaml", "vpn/gluetun.yaml")),
    (PROVIDER, ("compose.client.yaml", "vpn/haugene-transmission-openvpn.yaml")),
    (f"OFFICE_{PROVIDER}", ("compose.multi.yaml",)),
    (f"HOME_{PROVIDER}", ("compose.multi.yaml",)),
])
def test_what_must_be_filled_in_is_asked_for_by_its_name(folder, name, files):
    compose.fill_in(folder, **{name: ""})
    refused = config(folder, files, "--quiet")
    assert refused.returncode != 0 and f": set {name} in .env to " in refused.stderr


def test_a_server_alone_needs_nothing_to_be_filled_in(tmp_path):
    folder = compose.copy(tmp_path)
    shutil.copy(folder / ".env.example", folder / ".env")
    read = config(folder, ("compose.server.yaml",), "--quiet")
    assert read.returncode == 0, read.stderr


def given(folder, files, **settings):
    """{service: {name: value}}, of what is set."""
    read = config(folder, files, **settings)
    assert read.returncode == 0, read.stderr
    return {name: {key: value for key, value in service.get("environment", {}).items() if value is not None}
            for name, service in yaml.safe_load(read.stdout)["services"].items()}


def test_a_value_of_env_reaches_its_role_alone(folder):
    compose.fill_in(folder, TELEGRAM_BOT_TOKEN="123:of-the-bot", TELEGRAM_CHAT_ID="42", VPN_SENTINEL_INTERVAL="60",
                    VPN_SENTINEL_API_KEY_FILE="/run/secrets/api_key", VPN_PASSWORD="a $strange # one")
    found = given(folder, ("compose.yaml",))
    assert found["server"]["TELEGRAM_BOT_TOKEN"] == "123:of-the-bot" and "VPN_SENTINEL_INTERVAL" not in found["server"]
    assert found["client"]["VPN_SENTINEL_INTERVAL"] == "60" and "TELEGRAM_BOT_TOKEN" not in found["client"]
    assert found["server"]["VPN_SENTINEL_API_KEY_FILE"] == found["client"]["VPN_SENTINEL_API_KEY_FILE"]
    assert found["vpn"]["OPENVPN_PASSWORD"].replace("$$", "$") == "a $strange # one"
    assert "of-the-bot" not in str(found["vpn"]) and "strange" not in str([found["server"], found["client"]])


def test_what_is_not_set_is_not_handed_on_and_the_shells_own_certificates_are_not(folder):
    found = given(folder, ("compose.yaml",), SSL_CERT_FILE="/of/the/host", CURL_CA_BUNDLE="/of/the/host")
    assert {"NTFY_TOKEN", "EMAIL_HOST", "TZ"} & set(found["server"]) == set()
    assert "/of/the/host" not in str(found)


def test_each_role_has_its_own_certificate_where_both_stand_in_one_file(folder):
    compose.fill_in(folder, VPN_SENTINEL_TLS_CERT_PATH="/run/secrets/of-the-server.pem")
    assert given(folder, ("compose.yaml",))["client"]["VPN_SENTINEL_TLS_CERT_PATH"] == ""
    with_https = given(folder, ("compose.yaml", "compose.https.yaml"))
    assert with_https["server"]["VPN_SENTINEL_TLS_CERT_PATH"] == "/run/secrets/server.pem"
    assert with_https["client"]["VPN_SENTINEL_TLS_CERT_PATH"] == "/run/secrets/ca.pem"


def test_a_port_is_published_where_env_says(folder):
    compose.fill_in(folder, PUBLISH_ADDRESS="192.0.2.10", PUBLISH_PORT="5421", VPN_SENTINEL_SERVER_API_PORT="5001")
    read = config(folder, ("compose.server.yaml",))
    assert "192.0.2.10" in read.stdout and "5421" in read.stdout and "5001" in read.stdout


def test_what_the_readme_adds_is_accepted(folder):
    (folder / "compose.override.yaml").write_text(block("docker/README.md", "file: compose.override.yaml").text, encoding="utf-8")
    read = config(folder, ())
    assert read.returncode == 0 and "/plugins" in read.stdout and "server.yaml" in read.stdout, read.stderr


@pytest.fixture(scope="session")
def linter(tmp_path_factory):
    """dclint, which knows the newest schema, in a folder of its own."""
    if not shutil.which("npm"):
        pytest.skip("there is no npm: packages nodejs and npm")
    folder = tmp_path_factory.mktemp("dclint")
    done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "dclint@3.1.0"], cwd=folder,
                          capture_output=True, text=True, check=False, timeout=300)
    program = folder / "node_modules/.bin/dclint"
    if done.returncode != 0 or not program.exists():
        pytest.skip(f"npm could not install dclint 3.1.0: {done.stderr.strip()[-300:]}")
    rules = folder / "rules.json"
    rules.write_text(json.dumps({"rules": RULES}), encoding="ascii")
    return [str(program), "--config", str(rules), "--max-warnings", "0"]


def lint(linter, *files):
    return subprocess.run([*linter, *map(str, files)], capture_output=True, text=True, check=False, timeout=120)


def test_the_linter_has_nothing_to_say(linter):
    files = [*compose.DOCKER.glob("compose*.yaml"), compose.DOCKER / "services.yaml", *(compose.DOCKER / "vpn").glob("*.yaml")]
    said = lint(linter, *sorted(files))
    assert said.returncode == 0, said.stdout + said.stderr


def test_the_linter_sees_what_version_2_would_refuse(linter, tmp_path):
    text = (compose.DOCKER / "compose.server.yaml").read_text(encoding="utf-8")
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(text.replace("    networks: [server]\n", "    networks: [server]\n    read_onyl: true\n"), encoding="utf-8")
    assert lint(linter, wrong).returncode != 0
