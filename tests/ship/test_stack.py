"""
The compose files as they are shipped, with both images, around a real tunnel: a container with wireguard-go and a kill
switch stands for gluetun. Nothing here reaches the machine's own network.

Tests follow each other in one laboratory; each leaves it healthy.
"""

import os
import re
import signal
import time
from pathlib import Path

import pytest

from engine import compose
from engine.client import until
from stack.laboratory import ISOLATED, LOST_AFTER, PATIENCE, Laboratory

CODE = 75  # of a client whose network is gone
LOST, RECOVERED, CONNECTED = r"Lost: office", r"Recovered: office", r"Connected: office"


def why_not(engine, folder):
    """Why the stack cannot be set up here, or ""."""
    if compose.command() is None:
        return "there is no compose: package docker-compose"
    base = ("run", "--rm", "--network", "none")
    (folder / "seen").write_text("seen", encoding="ascii")
    done = engine.docker(*base, "-v", f"{folder}:/probe:ro", "debian:bookworm-slim", "cat", "/probe/seen", check=False)
    if done.stdout != "seen":
        return "the engine does not see this machine's files"
    done = engine.docker(*base, "--cap-add", "NET_ADMIN", "--device", "/dev/net/tun", "debian:bookworm-slim", "true", check=False)
    return "" if done.returncode == 0 else f"containers get no tun device: {done.stderr.strip()[-200:]}"


@pytest.fixture(scope="module")
def stack(an_engine, images, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stack")
    reason = why_not(an_engine, folder)
    if reason:
        pytest.skip(reason)
    made = Laboratory(an_engine, images, folder, "vpn-sentinel-test-stack")
    made.close()  # what a killed run left
    try:
        made.up()
        yield made
        assert made.complaints() == [], "the internet or Telegram would not have accepted something"
    finally:
        made.close()


class Told:
    """What Telegram is told from here on."""

    def __init__(self, stack):
        self.stack, self.before = stack, len(stack.news("text"))

    def texts(self, pattern=""):
        return [text for text in self.stack.news("text")[self.before:] if re.search(pattern, text)]

    def wait(self, pattern, within=PATIENCE):
        until(lambda: self.texts(pattern), f"a message with {pattern}", within=within)

    def in_pairs(self):
        """A busy machine may take so long to start things that the client is lost once more; then it is told so once."""
        until(lambda: len(self.texts(RECOVERED)) == len(self.texts(LOST)), "what was lost to be told as recovered")
        turns = [LOST if re.search(LOST, text) else RECOVERED for text in self.texts(f"{LOST}|{RECOVERED}")]
        assert turns == [LOST, RECOVERED] * (len(turns) // 2) and not self.texts(CONNECTED), self.texts()


def process(stack, container):
    """/proc of its first process, where that can be seen."""
    found = Path(f"/proc/{stack.engine.inspect(container)['State']['Pid']}")
    if not found.exists():
        pytest.skip("the engine is on another machine, its processes cannot be seen")
    return found


def runs_again_in(stack, container, started):
    until(lambda: stack.engine.inspect(container)["State"]["StartedAt"] != started,
          lambda: f"{container} to be started again\n{stack.engine.log(container)[-2000:]}", within=PATIENCE)


def test_the_tunnel_is_proved_and_told(stack):
    stack.wait_healthy()
    record = stack.until_secure()
    said = {question: answer["verdict"] for question, answer in record["verdicts"].items()}
    assert (said["tunnel"], said["dns"]) == ("secure", "secure"), record
    assert record["public_ip"] == "198.51.100.7" and record["source_address"] == "198.51.100.7"
    assert record["side_path"] == "exit", "the keepalive came through the tunnel"
    (told,) = stack.wait_told(CONNECTED)
    assert "198.51.100.7" in told
    assert "203.0.113.20" in stack.engine.log(stack.server), "the server knows its own exit"


def test_both_roles_are_nobody_special(stack):
    for container in (stack.server, stack.client):
        status = (process(stack, container) / "status").read_text(encoding="ascii")
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert fields["Uid"].split() == fields["Gid"].split() == ["10001"] * 4
        assert {fields[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
        assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")
        refused = stack.engine.docker("exec", container, "sh", "-c", "echo x >/usr/x", check=False)
        assert refused.returncode != 0 and "Read-only file system" in refused.stderr
        stack.engine.docker("exec", container, "sh", "-c", "echo x >/tmp/x && rm /tmp/x")


def test_no_secret_can_be_read_from_outside(stack):
    secrets = {"the key": stack.key, "the bot's token": stack.bot_token, "the tunnel's key": stack.near_key}
    for container in (stack.server, stack.client, stack.vpn):
        image = stack.engine.inspect(container)["Image"]
        shown = {"container": stack.engine.docker("inspect", container).stdout,
                 "image": stack.engine.docker("inspect", image).stdout,
                 "history": stack.engine.docker("history", "--no-trunc", image).stdout,
                 "log": stack.engine.log(container)}
        for where, text in shown.items():
            assert [what for what, secret in secrets.items() if secret in text] == [], f"{container}: {where}"
    # The token is the server's alone.
    done = stack.engine.docker("exec", stack.client, "sh", "-c", "cat /run/secrets/*; env")
    assert stack.key in done.stdout and stack.bot_token not in done.stdout


def test_a_killed_tunnel_is_told_at_once_and_a_new_vpn_container_takes_its_client_along(stack):
    told = Told(stack)
    begun = time.monotonic()
    stack.play(stack.vpn, "die")
    told.wait(LOST)
    assert time.monotonic() - begun < LOST_AFTER + 20, "on two busy cores"
    record = stack.record()
    assert (record["verdict"], record["public_ip"]) == ("down", "198.51.100.7"), "nothing got out beside the tunnel"
    started = stack.engine.inspect(stack.client)["State"]["StartedAt"]
    stack.engine.docker("restart", "-t", "2", stack.vpn)
    runs_again_in(stack, stack.client, started)
    told.wait(RECOVERED)
    log = stack.engine.log(stack.client)
    assert f"stopping with exit code {CODE}: no network device but loopback has been up for {ISOLATED}s" in log
    until(lambda: "delivered late" in stack.engine.log(stack.client), "what it saw meanwhile to arrive", within=PATIENCE)
    stack.wait_healthy()
    stack.until_secure()
    told.in_pairs()


def test_a_server_that_is_killed_still_knows_what_is_wrong_and_says_it_once(stack):
    told = Told(stack)
    stack.play(stack.vpn, "die")
    told.wait(LOST)
    (before,) = stack.record()["incidents"]
    started = stack.engine.inspect(stack.server)["State"]["StartedAt"]
    os.kill(int(process(stack, stack.server).name), signal.SIGKILL)
    runs_again_in(stack, stack.server, started)
    stack.wait_health(stack.server, "healthy")
    (after,) = stack.record()["incidents"]
    assert len(told.texts(LOST)) == 1, told.texts()
    assert (after["id"], after["kind"], after["opened_at"]) == (before["id"], "tunnel_lost", before["opened_at"])
    stack.engine.docker("restart", "-t", "2", stack.vpn)
    told.wait(RECOVERED)
    stack.until_secure()
    told.in_pairs()


def test_traffic_beside_the_tunnel_is_told_as_what_it_is(stack):
    told = Told(stack)
    stack.play(stack.vpn, "leak")
    record = stack.wait_record(lambda r: any(one["kind"] == "bypass" for one in r["incidents"]), "a bypass")
    assert record["verdict"] == "leak" and record["public_ip"] == "203.0.113.20"
    until(lambda: any("203.0.113.20" in text for text in told.texts()), "a message with the home's address", within=PATIENCE)
    stack.engine.docker("restart", "-t", "2", stack.vpn)
    stack.until_secure()


def test_a_vpn_container_that_stays_away_is_waited_for(stack):
    """Docker tries once to start a container in the network of another, and that other must run then."""
    line = "has not been started again yet"
    started = stack.engine.inspect(stack.client)["State"]["StartedAt"]
    before = stack.engine.log(stack.client).count(line)
    stack.engine.docker("stop", "-t", "2", stack.vpn)
    until(lambda: stack.engine.log(stack.client).count(line) > before, "the client to say that it waits", within=PATIENCE)
    stack.engine.docker("start", stack.vpn)
    runs_again_in(stack, stack.client, started)
    stack.wait_healthy()
    stack.until_secure()


def test_a_client_that_is_told_to_stay_in_a_dead_network_is_unhealthy_with_the_reason(stack):
    compose.fill_in(stack.folder, VPN_SENTINEL_EXIT_WHEN_ISOLATED="0s")
    stack.compose("up", "-d")
    stack.wait_healthy()
    stack.engine.docker("restart", "-t", "2", stack.vpn)
    stack.wait_health(stack.client, "unhealthy")
    seen = stack.engine.inspect(stack.client)
    assert "failing: no network device but loopback is up" in seen["State"]["Health"]["Log"][-1]["Output"]
    assert seen["RestartCount"] == 0
    compose.fill_in(stack.folder, VPN_SENTINEL_EXIT_WHEN_ISOLATED=f"{ISOLATED}s")
    stack.compose("up", "-d")
    stack.wait_healthy()
    stack.until_secure()


def test_everything_is_started_again_and_nothing_told_twice(stack):
    told = Told(stack)
    stack.engine.docker("restart", stack.vpn, stack.client, stack.server)
    stack.wait_healthy()
    stack.until_secure()
    told.in_pairs()

    for container in (stack.client, stack.server):
        begun = time.monotonic()
        stack.engine.docker("stop", container)
        assert time.monotonic() - begun < 8, f"{container} takes long, on two busy cores; after 20 s it would be killed"
        assert stack.engine.inspect(container)["State"]["ExitCode"] == 0
    told = Told(stack)
    stack.compose("down")
    stack.compose("up", "-d")
    stack.wait_healthy()
    stack.until_secure()
    told.in_pairs()


def test_the_images_from_scratch_do_the_same_over_https_with_an_authority_of_ones_own(stack):
    folder = stack.folder / "secrets" / "authority"
    folder.mkdir()
    mount = ("run", "--rm", "--network", "none", "--user", f"{os.getuid()}:{os.getgid()}", "-v", f"{folder}:/authority",
             stack.images["server", "slim"], "cert")
    stack.engine.docker(*mount, "ca", "-o", "/authority")
    stack.engine.docker(*mount, "server", "-o", "/authority", "sentinel.example.net", "127.0.0.1")
    for role, name in (("server", "server.pem"), ("server", "server.key"), ("server", "ca.pem"), ("client", "ca.pem")):
        stack.put(f"{role}/{name}", (folder / name).read_text(encoding="ascii"))
    compose.fill_in(stack.folder, VPN_SENTINEL_SERVER_API_BASE_URL="https://sentinel.example.net:5000",
                    SERVER_IMAGE=stack.images["server", "from-scratch"], CLIENT_IMAGE=stack.images["client", "from-scratch"])
    stack.files.append("compose.https.yaml")
    stack.compose("up", "-d")
    stack.wait_healthy()
    stack.until_secure()
    assert "reports to https://sentinel.example.net:5000" in stack.engine.log(stack.client)
    asked = ("exec", stack.server, "vpn-sentinel", "healthcheck", "--url", "https://127.0.0.1:5000")
    assert stack.engine.docker(*asked, "--ca", "/run/secrets/ca.pem").stdout == "healthy\n"
    assert stack.engine.docker(*asked, "--ca", "/run/secrets/world.pem", check=False).returncode == 1
