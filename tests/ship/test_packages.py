"""The Debian packages in a bare Debian: installed, run as their units say, upgraded, purged."""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from engine import debian

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
KEY = "0123456789abcdef0123456789abcdef"
URL = "http://127.0.0.1:5000"


def execute(argv, *, cwd=None, check=True, timeout=600):
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False,
                          stdin=subprocess.DEVNULL, env={**ENVIRONMENT, **debian.proxy()})
    assert not check or done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
    return done


def shell(command, **how):
    return execute(["sh", "-ec", command], **how)


def build_packages():
    shell("cmake --preset packages && cmake --build --preset packages && cd build/packages && rm -f deb/*.deb && cpack",
          cwd=ROOT, timeout=1500)
    return ROOT / "build/packages/deb"


class Machine:
    """A bare Debian below a folder, entered by chroot."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def enter(self, *command):
        """/proc is mounted for the command alone, so that no mount stays behind."""
        return ["unshare", "--mount", "sh", "-ec", 'mount --rbind /proc "$0/proc"; exec chroot "$0" "$@"', self.folder, *command]

    def run(self, command, check=True):
        return execute(self.enter("sh", "-ec", command), check=check)

    def install(self, *debs):
        for deb in debs:
            shutil.copy(deb, self.folder / "root")
        names = " ".join(f"/root/{Path(deb).name}" for deb in debs)
        return self.run(f"apt-get install -q -y --no-install-recommends -o Dpkg::Options::=--force-confdef {names}")

    def file(self, name):
        return self.folder / name.lstrip("/")

    def exists(self, name):
        return self.run(f"test -e {name}", check=False).returncode == 0


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
def packages():
    for tool in ("cmake", "cpack", "dpkg-shlibdeps"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    return {path.name.split("_")[0]: path for path in build_packages().glob("*.deb")}


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        pytest.skip("needs root and debootstrap")
    made = Machine(tmp_path_factory.mktemp("packages") / "root")
    try:
        debian.lay_out(made.folder)
        shutil.copy("/etc/resolv.conf", made.file("/etc/resolv.conf"))
        shutil.copy("/etc/hosts", made.file("/etc/hosts"))
        made.run("apt-get update -q")
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


def until(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what()
        time.sleep(0.2)


def test_four_packages_are_made_and_lintian_finds_no_error(packages):
    assert sorted(packages) == ["vpn-sentinel", "vpn-sentinel-plugin-mmdb", "vpn-sentinel-plugin-mqtt", "vpn-sentinel-sdk"]
    if not shutil.which("lintian"):
        pytest.skip("lintian is not installed")
    done = shell("lintian --fail-on error --allow-root " + " ".join(map(str, packages.values())), check=False)
    assert done.returncode == 0, done.stdout


def test_installing_makes_a_user_and_private_folders_and_starts_nothing(packages, machine):
    machine.install(packages["vpn-sentinel"])
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
              server.log.read_text)
        client = Unit(machine, "client", network)
        until(lambda: "office-vpn" in machine.run("vpn-sentinel status", check=False).stdout, client.log.read_text)
    finally:
        codes = [unit.stop() for unit in (client, server) if unit]
    assert codes == [0, 0]
    assert machine.run("stat -c %U /var/lib/vpn-sentinel/sentinel.db").stdout == "vpn-sentinel\n"


def test_plugin_packages_add_their_plugin(packages, machine):
    machine.install(packages["vpn-sentinel-plugin-mqtt"], packages["vpn-sentinel-plugin-mmdb"])
    listed = machine.run("vpn-sentinel plugin list").stdout
    assert "mqtt" in listed and "mmdb" in listed
    assert "broker" in machine.run("vpn-sentinel plugin show mqtt").stdout


def test_an_upgrade_keeps_what_was_changed_and_the_state(packages, machine, tmp_path):
    newer = tmp_path / "vpn-sentinel_9_all.deb"
    shell(f"dpkg-deb -R {packages['vpn-sentinel']} tree && sed -i 's/^Version: .*/Version: 9.0/' tree/DEBIAN/control && "
          f"echo '# new' >> tree/etc/vpn-sentinel/server.yaml && echo '# new' >> tree/etc/vpn-sentinel/client.yaml && "
          f"dpkg-deb -b tree {newer}", cwd=tmp_path)
    with machine.file("/etc/vpn-sentinel/server.yaml").open("a", encoding="utf-8") as file:
        file.write("# mine\n")
    machine.run("apt-get remove -q -y vpn-sentinel-plugin-mqtt vpn-sentinel-plugin-mmdb")  # they want their own version
    machine.install(newer)
    said = {name: machine.file(f"/etc/vpn-sentinel/{name}").read_text(encoding="utf-8")
            for name in ("server.yaml", "client.yaml", "server.env")}
    assert said["server.yaml"].endswith("# mine\n") and said["client.yaml"].endswith("# new\n")
    assert said["server.env"].startswith("# mine\n")
    assert machine.exists("/etc/vpn-sentinel/server.yaml.dpkg-dist")
    assert machine.exists("/var/lib/vpn-sentinel/sentinel.db")


def test_purging_leaves_nothing(machine):
    machine.run("apt-get remove -q -y vpn-sentinel")
    assert machine.exists("/etc/vpn-sentinel/server.yaml") and machine.exists("/var/lib/vpn-sentinel/sentinel.db")
    machine.run("cd /etc/systemd/system && mkdir -p multi-user.target.wants && "
                "ln -s /usr/lib/systemd/system/vpn-sentinel-server.service multi-user.target.wants/")  # as if enabled
    machine.run("apt-get purge -q -y vpn-sentinel vpn-sentinel-plugin-mqtt vpn-sentinel-plugin-mmdb")
    assert machine.run("getent passwd vpn-sentinel", check=False).returncode != 0
    left = machine.run("find / -xdev \\( -nouser -o -nogroup -o -name \"*vpn-sentinel*\" \\) "
                       "-not -path \"/root/*\" -not -path \"/proc/*\" -not -path \"/var/cache/*\"").stdout
    assert left == ""


def test_the_sdk_package_builds_its_example(packages, tmp_path):
    shell(f"dpkg-deb -x {packages['vpn-sentinel-sdk']} {tmp_path}/sdk")
    done = shell(f"cc -shared -fPIC -Wall -Werror -I sdk/usr/include -o uptime.so "
                 f"sdk/usr/share/doc/vpn-sentinel-sdk/examples/uptime/uptime.c && nm -D uptime.so", cwd=tmp_path)
    assert "vpns_plugin" in done.stdout
