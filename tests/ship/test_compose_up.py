"""What docker/README.md tells to type, typed: in a copy of the folder, with a stand-in for the VPN container."""

import json
import os
import shutil
import time

import pytest
import yaml

from blocks import block
from conftest import TARGETS
from engine import compose
from engine.client import until

TOKEN = "123456:a-token-of-the-tests-that-nobody-may-see"
VPNS = sorted(path.stem for path in (compose.DOCKER / "vpn").glob("*.yaml"))
# Nothing of a test leaves the machine, several tests do not meet, and none waits long: internal networks, names of their
# own, health looked at each second.
ADDED = """
services:
{services}
networks:
{networks}
"""


@pytest.fixture(scope="module")
def stand_in(an_engine, images, tmp_path_factory):
    """An image that stays where a VPN container would be, healthy, whatever it is told."""
    folder = tmp_path_factory.mktemp("stand-in")
    (folder / "Dockerfile").write_text(
        f"FROM {images['server', 'slim']}\nUSER 0\nRUN printf '#!/bin/sh\\necho wg0\\n' >/usr/bin/wg && chmod 755 /usr/bin/wg\n"
        'HEALTHCHECK --interval=1s CMD ["true"]\nENTRYPOINT ["sh", "-c", "exec sleep infinity"]\n', encoding="ascii")
    tag = f"vpn-sentinel-test-vpn:{os.getpid()}"
    yield an_engine.build(folder, tag)
    an_engine.docker("rmi", "-f", tag, check=False)


@pytest.fixture
def stack(an_engine, images, stand_in, tmp_path):
    if compose.command() is None:
        pytest.skip("there is no compose: package docker-compose")
    if not os.path.exists("/dev/net/tun"):
        pytest.skip("there is no /dev/net/tun, which VPN containers are given")
    folder = compose.copy(tmp_path, SERVER_IMAGE=images["server", "slim"], CLIENT_IMAGE=images["client", "slim"],
                          VPN_IMAGE=stand_in, PUBLISH_ADDRESS="127.0.0.1", PUBLISH_PORT="0", VPN_SENTINEL_INTERVAL="2s")
    made = compose.Stack(an_engine, folder, f"vs-test-{os.getpid()}", "added.yaml")
    add(made, ["server", "client"], ["vpn", "server"])
    yield made
    made.close()


def add(stack, roles, networks):
    services = "\n".join(f"  {role}: {{container_name: {stack.container(role)}, healthcheck: {{interval: 1s}}}}"
                         for role in roles)
    inside = "\n".join(f"  {network}: {{internal: true}}" for network in networks)
    (stack.folder / "added.yaml").write_text(ADDED.format(services=services, networks=inside), encoding="utf-8")


def shown(mark):
    """The block of the README that has this mark, of those that tests here look after."""
    return {
        "quick start": block("docker/README.md", "run: quick start"),
        "look": block("docker/README.md", "run: look"),
        "two hosts": block("docker/README.md", "run: two hosts"),
        "several": block("docker/README.md", "run: several"),
        "side path": block("docker/README.md", "run: side path"),
        "another container": block("docker/README.md", "run: another container"),
        "secret": block("docker/README.md", "run: secret"),
        "https": block("docker/README.md", "run: https"),
        "upgrade": block("docker/README.md", "run: upgrade"),
        "backup": block("docker/README.md", "run: backup"),
        "restore": block("docker/README.md", "run: restore"),
        "by hand": block("docker/README.md", "run: by hand"),
    }[mark].text


def prepare(stack):
    stack.run("sh prepare")


def side_path(stack, scheme="http"):
    compose.fill_in(stack.folder, VPN_SENTINEL_SERVER_API_BASE_URL=f"{scheme}://10.213.77.2:5000")


def status(stack):
    """What the server knows of its clients."""
    said = stack.engine.docker("exec", stack.container("server"), "vpn-sentinel", "status", "--json", check=False)
    return json.loads(said.stdout) if said.returncode == 0 else []


def inside(stack, role):
    return stack.engine.inspect(stack.container(role))


def logs(stack):
    read = [stack.engine.docker("logs", stack.container(role), check=False) for role in ("server", "client")]
    return "\n".join(done.stdout + done.stderr for done in read)


def can_connect(stack, address):
    """Whether the client's network leads to the server at that address; None where no client runs that could tell."""
    tried = f"timeout 5 bash -c '</dev/tcp/{address}/5000' 2>/dev/null && echo yes || echo no"
    done = stack.engine.docker("exec", stack.container("client"), "sh", "-c", tried, check=False)
    return {"yes\n": True, "no\n": False}.get(done.stdout)


def until_reported(stack):
    return until(lambda: status(stack), lambda: f"a report; {logs(stack)}", within=90)[0]


def assert_confined(container):
    host = container["HostConfig"]
    assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and not host["CapAdd"] and not host["Privileged"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"] and list(host["Tmpfs"]) == ["/tmp"]
    assert host["Memory"] > 0 and host["PidsLimit"] > 0 and host["NanoCpus"] > 0
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}}
    assert container["Config"]["User"] == "10001:10001"


@pytest.mark.parametrize("target", TARGETS)
def test_two_commands_start_everything_on_one_host(stack, images, target):
    compose.fill_in(stack.folder, SERVER_IMAGE=images["server", target], CLIENT_IMAGE=images["client", target])
    change, start = shown("quick start").splitlines()
    assert change == "cd docker && sh prepare"
    stack.run("sh prepare")
    stack.run(start)
    server, client = inside(stack, "server"), inside(stack, "client")
    assert_confined(server)
    assert_confined(client)
    vpn = client["HostConfig"]["NetworkMode"].removeprefix("container:")
    assert stack.engine.inspect(vpn)["State"]["Health"]["Status"] == "healthy"
    key = (stack.folder / "secrets/client/api_key").read_text(encoding="ascii")
    assert key not in json.dumps([server, client])
    for role in ("server", "client"):
        stack.engine.wait_health(stack.container(role), "healthy")
    said = stack.run(shown("look"))
    assert stack.container("server") in said and "no client has reported yet" in said and "[client" in said


def test_a_secret_typed_into_a_file_is_read_by_the_server_and_seen_by_nobody_else(stack):
    prepare(stack)
    stack.run(shown("secret"), typed=TOKEN + "\n")
    compose.fill_in(stack.folder, TELEGRAM_BOT_TOKEN_FILE="/run/secrets/telegram_bot_token", TELEGRAM_CHAT_ID="42",
                    TELEGRAM_API_URL="http://127.0.0.1:9")
    stack.run("docker compose up -d")
    stack.engine.wait_health(stack.container("server"), "healthy")
    read = stack.engine.docker("exec", stack.container("server"), "cat", "/run/secrets/telegram_bot_token").stdout
    assert read.strip() == TOKEN
    assert TOKEN not in json.dumps([inside(stack, "server"), inside(stack, "client")]) + logs(stack)
    assert stack.engine.docker("exec", stack.container("client"), "ls", "/run/secrets").stdout.split() == ["api_key"]
    tried = stack.engine.docker("exec", stack.container("server"), "vpn-sentinel", "notify", "--quiet", check=False)
    assert "telegram" in tried.stdout + tried.stderr, "the channel is there: the server has read the token"


def test_beside_the_tunnel_reports_arrive_and_are_labelled(stack):
    prepare(stack)
    side_path(stack)
    stack.run(shown("side path"))
    client = until_reported(stack)
    assert client["side_path"] == "side_path" and client["source_address"] == "10.213.77.3"
    assert can_connect(stack, "10.213.77.2")
    why = stack.engine.docker("exec", stack.container("server"), "vpn-sentinel", "why", client["client_id"]).stdout
    assert "over a private network beside the tunnel" in why
    assert any(name.startswith("VPN_SENTINEL_TUNNEL=auto") for name in inside(stack, "client")["Config"]["Env"])


def test_without_the_side_path_there_is_no_way_beside_the_tunnel(stack):
    prepare(stack)
    stack.run("docker compose up -d")
    [network] = inside(stack, "server")["NetworkSettings"]["Networks"].values()
    assert can_connect(stack, network["IPAddress"]) is False


@pytest.mark.parametrize("away", [0, 8], ids=["restarted", "stopped for longer than the client waits"])
def test_a_client_whose_vpn_container_was_started_again_follows_it(stack, away):
    prepare(stack)
    side_path(stack)
    compose.fill_in(stack.folder, VPN_SENTINEL_EXIT_WHEN_ISOLATED="2s")
    stack.run(shown("side path"))
    until_reported(stack)
    vpn = inside(stack, "client")["HostConfig"]["NetworkMode"].removeprefix("container:")
    stack.engine.docker("stop", "-t", "1", vpn)
    time.sleep(away)
    stack.engine.docker("start", vpn)
    until(lambda: inside(stack, "client")["RestartCount"] > 0, lambda: f"the client's end; {logs(stack)}", within=60)
    until(lambda: can_connect(stack, "10.213.77.2"), lambda: f"the client in the new network; {logs(stack)}", within=60)


def test_with_an_authority_of_ones_own_client_and_server_speak_tls(stack, images):
    prepare(stack)
    side_path(stack, "https")
    text = shown("https").replace("vpn.example.net 203.0.113.7", "10.213.77.2")
    text = text.replace(" vpn-sentinel-server ", f" {images['server', 'slim']} ")
    stack.run(text.replace("-f compose.https.yaml", "-f compose.https.yaml -f compose.side-path.yaml"))
    until_reported(stack)
    for role in ("server", "client"):
        stack.engine.wait_health(stack.container(role), "healthy")


def test_a_backup_brings_back_what_the_server_knew(stack):
    prepare(stack)
    side_path(stack)
    stack.run(shown("side path"))
    known = until_reported(stack)["client_id"]
    stack.run(shown("backup"))
    stack.engine.docker("rm", "-f", stack.container("client"))
    stack.run("docker compose stop server && docker compose rm -f server && docker volume rm "
              f"{stack.name}_server-state && docker compose up -d --no-deps server")
    stack.engine.wait_health(stack.container("server"), "healthy")
    assert status(stack) == []
    stack.run(shown("restore"))
    assert until_reported(stack)["client_id"] == known


def test_several_clients_have_a_name_and_a_key_each(stack, images):
    add(stack, ["server", "client-office", "client-home"], ["office", "home", "server"])
    compose.fill_in(stack.folder, VPN_SENTINEL_API_KEY_FILE="/run/secrets/api_key")
    stack.run(shown("several"))
    stack.engine.wait_health(stack.container("server"), "healthy")
    for name in ("office", "home"):
        client = inside(stack, f"client-{name}")
        assert_confined(client)
        assert f"VPN_SENTINEL_CLIENT_ID={name}" in client["Config"]["Env"]
        asked = stack.engine.docker(
            "run", "--rm", "--network", f"container:{stack.container('server')}", "-v",
            f"{stack.folder}/secrets/{name}/client:/run/secrets:ro", images["client", "slim"], "status", "--url",
            "http://127.0.0.1:5000", "--key-file", "/run/secrets/api_key")
        assert asked.returncode == 0


def test_a_key_that_is_bound_to_its_client_cannot_speak_for_another(stack, images):
    """As the README has it: a copy of the shipped configuration without one `#`."""
    add(stack, ["server"], ["server"])
    compose.fill_in(stack.folder, VPN_SENTINEL_API_KEY_FILE="/run/secrets/api_key")
    stack.run("sh prepare office home")
    shipped, bound = (compose.ROOT / "etc/server.yaml").read_text(encoding="utf-8"), 'clients: "{name}"'
    assert shipped.count(f"# {bound}") == 1 and bound in (stack.folder / "README.md").read_text(encoding="utf-8")
    own = stack.folder / "server.yaml"
    own.write_text(shipped.replace(f"# {bound}", bound), encoding="utf-8")
    own.chmod(0o644)
    override = yaml.safe_load(block("docker/README.md", "file: compose.override.yaml").text)
    volumes = override["services"]["server"]["volumes"]
    more = {"services": {"server": {"volumes": [volume for volume in volumes if "server.yaml" in volume]}}}
    (stack.folder / "compose.override.yaml").write_text(yaml.safe_dump(more), encoding="utf-8")
    stack.run("docker compose -f compose.multi.yaml -f compose.override.yaml up -d server")
    stack.engine.wait_health(stack.container("server"), "healthy")
    for client in ("home", "office"):
        said = stack.engine.docker(
            "run", "--rm", "--network", f"container:{stack.container('server')}", "-v",
            f"{stack.folder}/secrets/office/client:/run/secrets:ro", "-e", "VPN_SENTINEL_API_KEY_FILE=/run/secrets/api_key",
            "-e", f"VPN_SENTINEL_CLIENT_ID={client}", "-e", "VPN_SENTINEL_SERVER_API_BASE_URL=http://127.0.0.1:5000",
            images["client", "slim"], "client", "--once", check=False).stdout
        assert ("it answered 403" in said) == (client == "home"), said
    assert [one["client_id"] for one in status(stack)] == ["office"]


def test_two_hosts_and_another_container_start(stack):
    prepare(stack)
    (stack.folder / "added.yaml").unlink()
    for line in [*shown("two hosts").splitlines(), *shown("another container").splitlines()]:
        roles = [role for role in ("server", "client") if f"compose.{role}.yaml" in line]
        add(stack, roles, (["vpn"] if "vpn/" in line else []) + (["server"] if "server" in roles else []))
        stack.run(line)
        for role in roles:
            assert inside(stack, role)["State"]["Running"]
        stack.close()


@pytest.mark.parametrize("vpn", VPNS)
def test_every_vpn_container_is_started_as_its_file_says(stack, vpn):
    prepare(stack)
    add(stack, ["client"], ["vpn"])
    stack.run(f"docker compose -f compose.client.yaml -f vpn/{vpn}.yaml up -d")
    container = stack.engine.inspect(inside(stack, "client")["HostConfig"]["NetworkMode"].removeprefix("container:"))
    assert [name.removeprefix("CAP_") for name in container["HostConfig"]["CapAdd"]] == ["NET_ADMIN"]
    assert not container["HostConfig"]["Privileged"] and container["State"]["Health"]["Status"] == "healthy"
    assert any(mount["Source"].endswith("/secrets/vpn") for mount in container["Mounts"])


def test_an_upgrade_builds_and_makes_only_anew_what_changed(stack):
    prepare(stack)
    for path in compose.ROOT.iterdir():
        if path.name not in (".git", "build", "docker", "run"):
            (shutil.copytree if path.is_dir() else shutil.copy2)(path, stack.folder.parent / path.name)
    for path in ("server.Dockerfile", "client.Dockerfile", "sbom", "stage", "README.md"):
        assert (stack.folder / path).exists()
    stack.run("docker compose up -d")
    upgrade = shown("upgrade").replace(" --pull", "")
    stack.run(upgrade, timeout=1800)
    built = inside(stack, "server")["Id"]
    stack.run(upgrade, timeout=1800)
    assert inside(stack, "server")["Id"] == built, "the same sources make the same image"


def test_without_compose_both_run_by_hand(stack, images, stand_in):
    prepare(stack)
    name = f"{stack.name}-by-hand"
    vpn = stack.engine.start("--network", stack.engine.network(f"{name}-vpn"), stand_in)  # with a device, but no way out
    text = shown("by hand").replace("-p 5000:5000", "--network none").replace("container:gluetun", f"container:{vpn}")
    for role in ("server", "client"):
        text = text.replace(f"--name vpn-sentinel-{role}", f"--name {name}-{role}")
        text = text.replace(f"sentinel-{role}:/var", f"{name}-{role}:/var")
        text = text.replace(f" vpn-sentinel-{role}\n", f" {images[role, 'slim']}\n")
    try:
        stack.run(text)
        for role in ("server", "client"):
            stack.engine.wait_health(f"{name}-{role}", "healthy")
    finally:
        stack.engine.docker("rm", "-f", "-v", f"{name}-server", f"{name}-client", check=False)
        stack.engine.docker("volume", "rm", f"{name}-server", f"{name}-client", check=False)
        stack.engine.forget()
