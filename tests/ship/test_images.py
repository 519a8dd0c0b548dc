"""The images: what is in them, as whom they run, and what they tell an engine."""

import hashlib
import json
import re
import time
from pathlib import Path

import pytest

from conftest import ROOT, TARGETS
from engine.client import until

KEY = "a-key-of-the-tests-that-nobody-may-see-0123456789"
MIB = 1024 * 1024
LIMITS = {"server": 32 * MIB, "client": 26 * MIB}
EVERY = [(role, target) for role in LIMITS for target in TARGETS]
HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
QUICK = ("--health-interval", "1s", "--health-timeout", "2s", "--health-retries", "1", "--health-start-period", "0s")


@pytest.fixture
def key_file(tmp_path):
    tmp_path.chmod(0o755)
    file = tmp_path / "key"
    file.write_text(KEY, encoding="ascii")
    file.chmod(0o644)  # a bind mount keeps its owner, and user 10001 has to read it
    return file


def keyed(file):
    return ("-v", f"{file}:/run/secrets/key:ro", "-e", "VPN_SENTINEL_API_KEY_FILE=/run/secrets/key")


def start_server(engine, images, key_file, target, *args, network="none"):
    return engine.start("--network", network, *HARDENED, *QUICK, *keyed(key_file), *args, images["server", target])


def start_client(engine, images, key_file, target, server, *args):
    """Beside the server, in its network."""
    return engine.start("--network", f"container:{server}", *HARDENED, *QUICK, *keyed(key_file), "-e",
                        "VPN_SENTINEL_SERVER_API_BASE_URL=http://127.0.0.1:5000", *args, images["client", target])


def start(engine, images, key_file, role, target):
    server = start_server(engine, images, key_file, target)
    return server if role == "server" else start_client(engine, images, key_file, target, server)


@pytest.mark.parametrize("role", LIMITS)
def test_an_image_from_scratch_is_small(engine, images, role):
    assert engine.inspect(images[role, "from-scratch"])["Size"] <= LIMITS[role]


@pytest.mark.parametrize("role, target", EVERY)
def test_what_an_image_says_of_itself(engine, images, role, target):
    config = engine.inspect(images[role, target])["Config"]
    labels = config["Labels"]
    version = re.search(r"VERSION (\d+\.\d+\.\d+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))[1]
    assert labels["org.opencontainers.image.version"] == version
    assert labels["org.opencontainers.image.title"] == f"VPN Sentinel {role}"
    assert labels["org.opencontainers.image.licenses"] == "MIT" and labels["org.opencontainers.image.description"]
    assert config["User"] == "10001:10001" and list(config["Volumes"]) == ["/var/lib/vpn-sentinel"]
    assert engine.docker("run", "--rm", "--network", "none", images[role, target], "version").stdout.startswith(
        f"vpn-sentinel {version} ")


@pytest.mark.parametrize("role, target", EVERY)
def test_a_role_is_nobody_special_and_has_no_capability(engine, images, key_file, role, target):
    name = start(engine, images, key_file, role, target)
    engine.wait_health(name, "healthy")
    status = Path(f"/proc/{engine.inspect(name)['State']['Pid']}/status")
    if not status.exists():
        pytest.skip("the engine is on another machine, its processes cannot be seen")
    fields = dict(line.split(":\t", 1) for line in status.read_text(encoding="ascii").splitlines() if ":\t" in line)
    assert fields["Uid"].split() == ["10001"] * 4 and fields["Gid"].split() == ["10001"] * 4
    assert {fields[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert fields["NoNewPrivs"] == "1"


@pytest.mark.parametrize("role, target", EVERY)
def test_nothing_outside_the_volume_can_be_written(engine, images, role, target):
    command = ("run", "--rm", "--network", "none", *HARDENED, "-w")
    refused = engine.docker(*command, "/", images[role, target], "cert", "ca", check=False)
    assert refused.returncode == 1 and "ca.key" in refused.stderr, refused
    made = engine.docker(*command, "/var/lib/vpn-sentinel", images[role, target], "cert", "ca", check=False)
    assert made.returncode == 0, made


@pytest.mark.parametrize("role, target", EVERY)
def test_health_is_starting_then_healthy_then_unhealthy_and_healthy_again(engine, images, key_file, role, target):
    server = start_server(engine, images, key_file, target)
    if role == "server":
        seen = engine.health(server)
        name = server
    else:
        engine.wait_health(server, "healthy")
        name = start_client(engine, images, key_file, target, server)
        seen = engine.health(name)
    assert seen == "starting"
    engine.wait_health(name, "healthy")
    engine.docker("kill", "--signal", "STOP", name)
    engine.wait_health(name, "unhealthy")
    engine.docker("kill", "--signal", "CONT", name)
    engine.wait_health(name, "healthy")


@pytest.mark.parametrize("target", TARGETS)
def test_a_server_with_tls_on_another_port_is_healthy(engine, images, key_file, target):
    volume = "vpn-sentinel-test-certificates"
    engine.docker("volume", "rm", "-f", volume)
    mount = ("-v", f"{volume}:/var/lib/vpn-sentinel")
    try:
        for words in (("ca",), ("server", "vpn.example.net", "127.0.0.1")):
            engine.docker("run", "--rm", "--network", "none", *mount, "-w", "/var/lib/vpn-sentinel",
                          images["server", target], "cert", *words)
        files = {"CERT": "server.pem", "KEY": "server.key"}
        name = start_server(engine, images, key_file, target, *mount, "-e", "VPN_SENTINEL_SERVER_API_PORT=8443",
                            *(word for what, file in files.items() for word in
                              ("-e", f"VPN_SENTINEL_TLS_{what}_PATH=/var/lib/vpn-sentinel/{file}")))
        engine.wait_health(name, "healthy")
        asked = ("exec", name, "vpn-sentinel", "healthcheck", "--url", "https://127.0.0.1:8443", "--ca",
                 "/var/lib/vpn-sentinel/ca.pem")
        assert engine.docker(*asked).stdout == engine.docker("exec", name, "vpn-sentinel", "healthcheck").stdout
    finally:
        engine.forget()
        engine.docker("volume", "rm", "-f", volume)


@pytest.mark.parametrize("role, target", EVERY)
def test_a_role_ends_within_three_seconds_of_being_asked(engine, images, key_file, role, target):
    name = start(engine, images, key_file, role, target)
    engine.wait_health(name, "healthy")
    began = time.monotonic()
    engine.docker("stop", name)
    assert time.monotonic() - began < 3
    assert engine.inspect(name)["State"]["ExitCode"] == 0, engine.log(name)


def test_process_1_takes_note_of_the_end_of_orphans(engine, images, key_file):
    name = start_server(engine, images, key_file, "slim")
    engine.wait_health(name, "healthy")
    engine.docker("exec", name, "sh", "-c", "sh -c 'sleep 0.3' & true")
    states = ("exec", name, "sh", "-c", "for p in /proc/[0-9]*; do sed -n 's/^State:.//p' $p/status; done 2>/dev/null")
    commands = ("exec", name, "sh", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '")
    until(lambda: "sleep 0.3" not in engine.docker(*commands).stdout, "the orphan to end")
    until(lambda: "Z (zombie)" not in engine.docker(*states).stdout, "nothing dead to be left")


@pytest.mark.parametrize("role, target", EVERY)
def test_the_key_is_not_to_be_seen_from_outside(engine, images, key_file, role, target):
    name = start(engine, images, key_file, role, target)
    engine.wait_health(name, "healthy")
    shown = [engine.docker("inspect", name).stdout, engine.docker("inspect", images[role, target]).stdout,
             engine.docker("history", "--no-trunc", images[role, target]).stdout, engine.log(name)]
    assert not any(KEY in text for text in shown)


def test_secrets_that_lie_about_do_not_reach_the_builder(engine, tmp_path):
    for name in (".env", "docker/.env", "docker/home.env", "key", "server.key", "a/ca.pem", "secrets/token", ".git/config",
                 "run/server/sentinel.db", "core/good.c"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x", encoding="ascii")
    (tmp_path / ".dockerignore").write_text((ROOT / ".dockerignore").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "Dockerfile").write_text('FROM scratch\nCOPY . /context/\nCMD ["/none"]\n', encoding="ascii")
    tag = engine.build(tmp_path, "vpn-sentinel-test-context")
    try:
        files = {name for name, found in engine.files(tag).items() if name.startswith("context/") and found[4]}
    finally:
        engine.docker("rmi", tag)
    assert files - {"context/Dockerfile", "context/.dockerignore"} == {"context/core/good.c"}


@pytest.mark.parametrize("role, target", EVERY)
def test_the_bill_of_materials_has_all_that_is_inside(engine, images, role, target):
    files = engine.files(images[role, target])
    bill = json.loads(files["usr/share/doc/vpn-sentinel/sbom.spdx.json"][4])
    assert bill["spdxVersion"] == "SPDX-2.3" and bill["creationInfo"]["created"].endswith("Z")
    named = {package["name"] for package in bill["packages"]}
    identifiers = [package["SPDXID"] for package in bill["packages"]]
    assert len(identifiers) == len(set(identifiers))
    assert all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", text) for text in identifiers)
    if target == "slim":
        inside = set(re.findall(r"^Package: (.+)$", files["var/lib/dpkg/status"][4].decode(), re.M))
    else:
        inside = {name.split("/")[3] for name in files if re.fullmatch(r"usr/share/doc/[^/]+/copyright", name)}
        assert all(package in inside for package in ("libc6", "libcurl4", "libssl3", "tzdata", "ca-certificates"))
    assert named == inside | {f"vpn-sentinel-{role}"}


def content(files):
    """What must be the same in two builds: the dates of files are not."""
    return {name: (*found[:4], hashlib.sha256(found[4]).hexdigest()) for name, found in files.items()}


@pytest.mark.parametrize("role", LIMITS)
def test_two_builds_have_the_same_files(engine, images, role):
    again = {target: engine.build(ROOT, f"vpn-sentinel-{role}:test-again-{target}", "-f", ROOT / f"docker/{role}.Dockerfile",
                                  *args, *(("--no-cache",) if target == "slim" else ()))
             for target, args in (("slim", ()), ("from-scratch", TARGETS["from-scratch"]))}
    try:
        for target, tag in again.items():
            first, second = content(engine.files(images[role, target])), content(engine.files(tag))
            assert {name for name in first | second if first.get(name) != second.get(name)} == set()
    finally:
        engine.docker("rmi", *again.values())


def test_both_roles_are_built_alike(engine):
    texts = {role: (ROOT / f"docker/{role}.Dockerfile").read_text(encoding="utf-8") for role in LIMITS}
    builds = {role: text[text.index("FROM"):text.index("FROM build AS stage")] for role, text in texts.items()}
    assert builds["server"] == builds["client"]


LANGUAGES = ("en", "de", "es", "fr", "pt", "ro")
ZONES = {"Asia/Tokyo": r"JST \(\+09:00\)", "Asia/Kolkata": r"IST \(\+05:30\)"}


def channel(name, language, zone):
    return (f"  - plugin: console\n    name: {name}\n    locale:\n      language: {language}\n      timezone: {zone}\n"
            f"      templates: {{ title: 'told {name}', message: '<{{headline}}> <{{at}}>' }}\n")


@pytest.fixture
def told(engine, images, key_file, tmp_path, request):
    """What the server from scratch tells of a first keepalive: {channel: (headline, time)}."""
    channels = {f"l_{language}": (language, "UTC") for language in LANGUAGES}
    channels.update({f"z_{i}": ("en", zone) for i, zone in enumerate(ZONES)})
    file = tmp_path / "server.yaml"
    file.write_text("store: { plugin: memory }\nserver: { listen: [ { address: '127.0.0.1:5000' } ] }\n"
                    "auth: [ { plugin: bearer, control: sufficient, options: { keys: '${VPN_SENTINEL_API_KEY}' } } ]\n"
                    "notifiers:\n" + "".join(channel(name, *how) for name, how in channels.items()), encoding="utf-8")
    file.chmod(0o644)
    server = start_server(engine, images, key_file, "from-scratch", "-v", f"{file}:/etc/vpn-sentinel/server.yaml:ro")
    engine.wait_health(server, "healthy")
    start_client(engine, images, key_file, "from-scratch", server)
    pattern = re.compile(r"told ([a-z]_\w+)\W.*?<([^<>]+)> <([^<>]+)>")
    until(lambda: {match[1] for match in pattern.finditer(engine.log(server))} == set(channels),
          f"every channel to tell\n{engine.log(server)}")
    return {match[1]: (match[2], match[3]) for match in pattern.finditer(engine.log(server))}


def test_every_language_is_in_the_image_from_scratch(told):
    headlines = {told[f"l_{language}"][0] for language in LANGUAGES}
    assert len(headlines) == len(LANGUAGES), told


def test_a_time_is_told_in_each_zone_by_the_image_from_scratch(told):
    times = [told[f"z_{i}"][1] for i in range(len(ZONES))]
    for said, zone in zip(times, ZONES.values()):
        assert re.search(zone, said), times
    (tokyo, kolkata) = [int(said[11:13]) * 60 + int(said[14:16]) for said in times]
    assert (tokyo - kolkata) % (24 * 60) == 3 * 60 + 30, times


@pytest.mark.parametrize("target", TARGETS)
def test_names_are_looked_up_by_dns_and_in_the_file_of_hosts(engine, images, key_file, target):
    network = engine.network("vpn-sentinel-test-names")
    server = start_server(engine, images, key_file, target, "--network-alias", "by-dns.test", network=network)
    engine.wait_health(server, "healthy")
    address = engine.inspect(server)["NetworkSettings"]["Networks"][network]["IPAddress"]
    for name in ("by-dns.test", "by-file.test"):
        done = engine.docker("run", "--rm", "--network", network, "--add-host", f"by-file.test:{address}",
                             images["client", target], "healthcheck", "--url", f"http://{name}:5000")
        assert done.stdout.strip() in ("healthy", "degraded"), done
