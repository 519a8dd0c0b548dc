"""The Debian packages in a bare Debian: installed, run as their units say, upgraded, purged."""

import re
import shutil
import signal
import subprocess

import pytest

from blocks import ROOT, rows
from engine.client import until
from engine.machine import ENVIRONMENT, Machine, shell

KEY = "0123456789abcdef0123456789abcdef"
URL = "http://127.0.0.1:5000"


class Unit:
    """A role that runs as its unit says: user, environment and command are read from there. All share one network."""

    def __init__(self, machine, role, network):
        text = machine.file(f"/usr/lib/systemd/system/vpn-sentinel-{role}.service").read_text(encoding="utf-8")
        said = dict(re.findall(r"^(User|Group|EnvironmentFile|ExecStart|UMask)=-?(.+)$", text, re.MULTILINE))
        lines = machine.file(said["EnvironmentFile"]).read_text(encoding="utf-8").splitlines()
        variables = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        self.log = machine.folder.parent / f"{role}.log"
        with self.log.open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                ["nsenter", f"--net=/proc/{network.pid}/ns/net", *machine.enter(
                    "setpriv", f"--reuid={said['User']}", f"--regid={said['Group']}", "--clear-groups", "--no-new-privs",
                    "--inh-caps=-all", "--bounding-set=-all", "sh", "-c", f"umask {said['UMask']}; exec {said['ExecStart']}")],
                env={**ENVIRONMENT, "HOME": "/", **variables}, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@pytest.fixture(scope="module")
def machine(bare_debian, tmp_path_factory):
    made = Machine(tmp_path_factory.mktemp("packages") / "root")
    try:
        made.copy_of(bare_debian)
        yield made
    finally:
        shutil.rmtree(made.folder, ignore_errors=True)


@pytest.fixture
def network():
    """A process in a network of its own, where only loopback is."""
    process = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep 600"],
                               stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "up\n"
    yield process
    process.kill()
    process.wait()


def test_the_readme_lists_the_packages_that_are_made(made_packages):
    listed = [cells[0].strip("`") for cells in rows("packaging/README.md", "table: packages")]
    assert sorted(made_packages) == sorted(listed)
    assert made_packages["python3-vpn-sentinel-client"].name.endswith("_all.deb")
    said = {name: shell(f"dpkg-deb --field {deb} Maintainer Description").stdout.splitlines() for name, deb in made_packages.items()}
    assert {lines[0] for lines in said.values()} == {"Maintainer: Jo Doe <jo@example.org>"}
    assert len({lines[1] for lines in said.values()}) == len(said) and "MQTT" in said["vpn-sentinel-plugin-mqtt"][1]


def test_lintian_has_nothing_to_say(made_packages):
    if not shutil.which("lintian"):
        pytest.skip("lintian is not installed")
    done = shell("lintian --fail-on error,warning --allow-root " + " ".join(map(str, made_packages.values())), check=False)
    assert done.returncode == 0 and done.stdout == "", done.stdout + done.stderr


def test_packages_of_nobody_are_not_made(tmp_path):
    done = shell(f"cmake --preset packages -B {tmp_path}", cwd=ROOT, check=False)
    assert done.returncode != 0 and "-DVS_PACKAGE_CONTACT='Jo Doe <jo@example.org>'" in done.stderr


def test_packages_for_another_machine_want_a_program_that_prints_their_pages(tmp_path):
    command = f"cmake --preset packages -B {tmp_path} -DCMAKE_SYSTEM_NAME=Linux -DVS_PACKAGE_CONTACT='Jo Doe <jo@example.org>'"
    done = shell(command, cwd=ROOT, check=False)
    assert done.returncode != 0 and "-DVS_HOST_PROGRAM=/path/to/vpn-sentinel" in done.stderr


def test_pages_of_another_version_are_refused(tmp_path):
    program = tmp_path / "vpn-sentinel"
    program.write_text("#!/bin/sh\necho vpn-sentinel 0.0.9\n", encoding="ascii")
    program.chmod(0o755)
    done = shell(f"cmake -DPROGRAM={program} -DFOLDER={tmp_path}/pages -DVERSION=0.1.0 -P packaging/pages.cmake",
                 cwd=ROOT, check=False)
    assert done.returncode != 0 and "is 0.0.9, not 0.1.0" in done.stderr and not (tmp_path / "pages").exists()


def test_installing_makes_a_user_and_private_folders_and_starts_nothing(made_packages, machine):
    machine.install(made_packages["vpn-sentinel"])
    assert machine.run("getent passwd vpn-sentinel").stdout.split(":")[5:] == ["/var/lib/vpn-sentinel", "/usr/sbin/nologin\n"]
    for folder in ("/var/lib/vpn-sentinel", "/var/log/vpn-sentinel"):
        assert machine.run(f"stat -c \"%a %U %G\" {folder}").stdout == "700 vpn-sentinel vpn-sentinel\n"
    assert machine.run("stat -c \"%a %U\" /etc/vpn-sentinel/server.env").stdout == "600 root\n"
    assert "mqtt" not in machine.run("vpn-sentinel plugin list").stdout


def test_both_roles_run_as_their_units_say(machine, network):
    state = machine.file("/etc/vpn-sentinel")
    (state / "server.env").write_text(f"# mine\nVPN_SENTINEL_API_KEY={KEY}\n", encoding="utf-8")
    (state / "client.env").write_text(f"# mine\nVPN_SENTINEL_API_KEY={KEY}\nVPN_SENTINEL_SERVER_API_BASE_URL={URL}\n"
                                      "VPN_SENTINEL_CLIENT_ID=office-vpn\nVPN_SENTINEL_INTERVAL=1\nVPN_SENTINEL_DNS=no\n",
                                      encoding="utf-8")
    server = Unit(machine, "server", network)
    client = None
    try:
        until(lambda: machine.run("vpn-sentinel healthcheck --role server", check=False).returncode == 0,
              server.log.read_text, within=60)
        client = Unit(machine, "client", network)
        until(lambda: "office-vpn" in machine.run("vpn-sentinel status", check=False).stdout, client.log.read_text,
              within=60)
    finally:
        codes = [unit.stop() for unit in (client, server) if unit]
    assert codes == [0, 0]
    assert machine.run("stat -c %U /var/lib/vpn-sentinel/sentinel.db").stdout == "vpn-sentinel\n"


def test_every_shell_completes_its_commands_and_every_page_is_found(machine):
    machine.run("apt-get install -q -y --no-install-recommends bash-completion zsh fish man-db && mandb -q")
    said = machine.run("bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader vpn-sentinel; "
                       "complete -p vpn-sentinel'").stdout
    assert "vpn-sentinel" in said
    assert machine.run("zsh -fc 'autoload -U compinit; compinit -u -D; echo $_comps[vpn-sentinel]'").stdout == "_vpn-sentinel\n"
    assert "plugin" in machine.run("fish -c 'complete -C \"vpn-sentinel plug\"'").stdout
    found = dict(re.findall(r"^(\S+) \((\d)\)", machine.run("man -k vpn-sentinel").stdout, re.MULTILINE))
    pages = machine.run("vpn-sentinel manual").stdout.split()
    assert found == {page.rpartition(".")[0]: page[-1] for page in pages}
    assert "VPN_SENTINEL_API_KEY" in machine.run("man -P cat vpn-sentinel").stdout


def test_plugin_packages_add_their_plugin(made_packages, machine):
    machine.install(made_packages["vpn-sentinel-plugin-mqtt"], made_packages["vpn-sentinel-plugin-mmdb"])
    listed = machine.run("vpn-sentinel plugin list").stdout
    assert "mqtt" in listed and "mmdb" in listed
    assert "broker" in machine.run("vpn-sentinel plugin show mqtt").stdout


def test_an_upgrade_keeps_what_was_changed_and_the_state(machine, newer_packages):
    version, debs = newer_packages
    with machine.file("/etc/vpn-sentinel/server.yaml").open("a", encoding="utf-8") as file:
        file.write("# mine\n")
    machine.install(debs["vpn-sentinel"], debs["vpn-sentinel-plugin-mqtt"], debs["vpn-sentinel-plugin-mmdb"])
    assert version in machine.run("vpn-sentinel version").stdout
    said = {name: machine.file(f"/etc/vpn-sentinel/{name}").read_text(encoding="utf-8")
            for name in ("server.yaml", "client.yaml", "server.env", "client.env")}
    assert said["server.yaml"].endswith("# mine\n") and said["client.yaml"].endswith("# new\n")
    assert said["server.env"].startswith("# mine\n") and said["client.env"].startswith("# mine\n")
    brought = machine.run("cd /etc/vpn-sentinel && ls *.dpkg-*").stdout.split()
    assert brought == ["server.env.dpkg-dist", "server.yaml.dpkg-dist"]  # client.env is the same in both versions
    assert machine.exists("/var/lib/vpn-sentinel/sentinel.db")
    listed = machine.run("vpn-sentinel plugin list").stdout
    assert "mqtt" in listed and "mmdb" in listed


def test_a_plugin_of_another_version_is_not_left_beside_the_program(made_packages, machine):
    done = machine.run(f"apt-get install -s -y --allow-downgrades {machine.bring(made_packages['vpn-sentinel'])[0]}")
    removed = re.search(r"REMOVED:\n((?:  .*\n)+)", done.stdout)[1]
    assert "vpn-sentinel-plugin-mqtt" in removed and "vpn-sentinel-plugin-mmdb" in removed


def test_purging_leaves_nothing(machine):
    machine.run("apt-get remove -q -y vpn-sentinel")
    assert machine.exists("/etc/vpn-sentinel/server.yaml") and machine.exists("/var/lib/vpn-sentinel/sentinel.db")
    machine.run("cd /etc/systemd/system && mkdir -p multi-user.target.wants && "
                "ln -s /usr/lib/systemd/system/vpn-sentinel-server.service multi-user.target.wants/")  # as if it was enabled
    machine.run("apt-get purge -q -y vpn-sentinel vpn-sentinel-plugin-mqtt vpn-sentinel-plugin-mmdb")
    assert machine.run("getent passwd vpn-sentinel", check=False).returncode != 0
    left = machine.run("find / -xdev \\( -nouser -o -nogroup -o -name \"*vpn-sentinel*\" \\) "
                       "-not -path \"/root/*\" -not -path \"/proc/*\" -not -path \"/var/cache/*\"").stdout
    assert left == ""


def test_a_plugin_is_made_tested_and_loaded_with_the_sdk_package_alone(bare_debian, made_packages, tmp_path):
    machine = Machine(tmp_path / "root")
    try:
        machine.copy_of(bare_debian)
        machine.install(made_packages["vpn-sentinel"], made_packages["vpn-sentinel-sdk"])
        machine.run("apt-get install -q -y --no-install-recommends gcc libc6-dev cmake make pkg-config libcmocka-dev")
        machine.run("cp -r /usr/share/doc/vpn-sentinel-sdk/examples/uptime /root/uptime && cd /root/uptime && umask 022 && "
                    "cmake -S . -B build && cmake --build build && ctest --test-dir build --no-tests=error && "
                    "cmake --install build --prefix /opt/my-plugins")
        machine.file("/root/key").write_text(KEY, encoding="ascii")
        config = machine.file("/etc/vpn-sentinel/client.yaml")
        config.write_text("plugins: { path: [/opt/my-plugins/lib/vpn-sentinel] }\n"
                          "client: { server: 'http://127.0.0.1:5000', key: '${file:/root/key}' }\n"
                          "probes:\n  - { plugin: uptime }\n", encoding="utf-8")
        assert "1 probe" in machine.run("vpn-sentinel check --role client").stdout
    finally:
        shutil.rmtree(machine.folder, ignore_errors=True)
