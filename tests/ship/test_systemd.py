"""The units under a real systemd, in a bare Debian that is booted: what packaging/README.md promises of both roles."""

import re
import shutil
import time
from functools import partial

import pytest

from blocks import ROOT, block, parse
from engine import client
from engine.booted import Booted

SERVER, CLIENT = "vpn-sentinel-server", "vpn-sentinel-client"
until = partial(client.until, within=60)  # seconds that anything may take
README = "packaging/README.md"
# In the place of an editor: it writes what a person would into the file of variables that it is given.
EDITOR = """#!/bin/sh
set -e
case $1 in
*/client.env)
	key=$(sed -n 's/^VPN_SENTINEL_API_KEY=//p' /etc/vpn-sentinel/server.env)
	set -- "$1" VPN_SENTINEL_SERVER_API_BASE_URL=http://127.0.0.1:5000 "VPN_SENTINEL_API_KEY=$key" \\
		VPN_SENTINEL_CLIENT_ID=office-vpn VPN_SENTINEL_INTERVAL=1 VPN_SENTINEL_DNS=no
	;;
*) set -- "$1" "VPN_SENTINEL_API_KEY=$(cat /root/key)" ;;
esac
file=$1
shift
printf '%s\\n' "$@" >>"$file"
"""


@pytest.fixture(scope="module")
def machine(bare_debian, made_packages, tmp_path_factory):
    made = Booted(tmp_path_factory.mktemp("systemd") / "root")
    try:
        made.copy_of(bare_debian)
        made.run("apt-get install -q -y --no-install-recommends systemd systemd-sysv iproute2 man-db")
        made.run("apt-get install -q -y --no-install-recommends curl")
        made.bring_dependencies(*(made_packages[name] for name in ("vpn-sentinel", "python3-vpn-sentinel-client")))
        made.file("/usr/local/bin/editor").write_text(EDITOR, encoding="utf-8")
        made.file("/usr/local/bin/editor").chmod(0o755)
        reason = made.boot()
        if reason:
            pytest.skip(reason)
        yield made
    finally:
        made.end()
        shutil.rmtree(made.folder, ignore_errors=True)


def drop_in(unit, has):
    """The one that packaging/README.md shows for that unit and that has this in it."""
    shown = [one.text for one in parse((ROOT / README).read_text(encoding="utf-8")) if one.mark == f"drop-in: {unit}.service"]
    return next(text for text in shown if has in text)


def override(machine, unit, text):
    """As `systemctl edit` does it."""
    folder = machine.file(f"/etc/systemd/system/{unit}.service.d")
    folder.mkdir(exist_ok=True)
    (folder / "override.conf").write_text(text, encoding="utf-8")
    machine.run("systemctl daemon-reload")


def shown(machine, unit, key):
    return machine.run(f"systemctl show --value -p {key} {unit}").stdout.strip()


def process(machine, unit):
    """/proc of its main process."""
    return f"/proc/{shown(machine, unit, 'MainPID')}"


def journal(machine, unit):
    return machine.run(f"journalctl -q -o cat --no-pager -u {unit}").stdout


def healthy(machine, role):
    return machine.run(f"vpn-sentinel healthcheck --role {role}", check=False).returncode == 0


def until_healthy(machine, role):
    until(lambda: healthy(machine, role), lambda: machine.run(f"journalctl --no-pager -n 50 -u vpn-sentinel-{role}").stdout)


def states(machine):
    return [machine.run(f"systemctl is-active {unit}", check=False).stdout.strip() for unit in (SERVER, CLIENT)]


def test_installing_starts_and_enables_nothing(machine, made_packages):
    machine.install(made_packages["vpn-sentinel"])
    assert states(machine) == ["inactive", "inactive"]
    asked = machine.run(f"systemctl is-enabled {SERVER} {CLIENT}", check=False).stdout
    assert asked == "disabled\ndisabled\n"


def test_what_the_readme_says_brings_the_server_up(machine):
    command = block("packaging/README.md", "run: start").text
    machine.run(command.replace("vpn-sentinel key new", "vpn-sentinel key new >/root/key"))
    until_healthy(machine, "server")
    assert shown(machine, SERVER, "UnitFileState") == "enabled"


def test_what_the_readme_says_brings_the_client_up(machine):
    machine.run(block("packaging/README.md", "run: start client").text)
    until(lambda: "office-vpn  alive" in machine.run("vpn-sentinel status", check=False).stdout, lambda: journal(machine, CLIENT))
    until_healthy(machine, "client")


@pytest.mark.parametrize("unit", [SERVER, CLIENT])
def test_a_role_has_no_capability_and_filters_its_system_calls(machine, unit):
    status = dict(re.findall(r"^(\w+):\s*(.*)$", machine.run(f"cat {process(machine, unit)}/status").stdout, re.MULTILINE))
    owner = machine.run("id -u vpn-sentinel").stdout.strip()
    assert status["Uid"].split() == [owner] * 4
    assert {int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"


@pytest.mark.parametrize("unit", [SERVER, CLIENT])
def test_a_role_can_write_nothing_but_its_own_folders(machine, unit):
    pid = shown(machine, unit, "MainPID")
    inside = f"nsenter -t {pid} --mount setpriv --reuid=vpn-sentinel --regid=vpn-sentinel --clear-groups"
    for folder in ("/usr", "/etc", "/boot", "/var/lib", "/home", "/sys/fs/cgroup"):
        assert machine.run(f"{inside} touch {folder}/mine", check=False).returncode != 0, folder
    machine.run(f"{inside} touch /var/lib/vpn-sentinel/mine /var/log/vpn-sentinel/mine /tmp/mine")
    machine.run("rm /var/lib/vpn-sentinel/mine /var/log/vpn-sentinel/mine")
    assert not machine.exists("/tmp/mine"), "its /tmp is everybody's"
    machine.run("touch /dev/mine /home/mine")
    assert machine.run(f"{inside} ls /home", check=False).stdout == ""
    devices = machine.run(f"{inside} ls /dev").stdout.split()
    assert "null" in devices and "mine" not in devices
    assert machine.run(f"{inside} ls -d /proc/1", check=False).returncode != 0, "it sees other processes"


@pytest.mark.parametrize("unit", [SERVER, CLIENT])
def test_systemd_itself_finds_little_exposed(machine, unit):
    said = machine.run(f"systemd-analyze security {unit} --no-pager").stdout
    assert float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)[1]) <= 2.0, said


def test_what_is_packed_for_others_works_where_it_is_packed(machine, made_packages):
    examples = "/usr/share/doc/vpn-sentinel/examples"
    checked = machine.run(f"{examples}/nagios/check_vpn_sentinel.sh server http://127.0.0.1:5000", check=False)
    assert (checked.returncode, checked.stdout) == (0, "VPN Sentinel: healthy\n")
    checked = machine.run(block("etc/examples/README.md", "run: nagios").text, check=False)
    assert (checked.returncode, checked.stdout) == (3, "VPN: unknown\n"), checked  # there is no internet in here
    url = "VPN_SENTINEL_URL=http://127.0.0.1:5000 CLOUDFLARE_TRACE_URL=http://127.0.0.1:1/"
    machine.run(f". /etc/vpn-sentinel/server.env; {url} VPN_SENTINEL_API_KEY=$VPN_SENTINEL_API_KEY "
                f"VPN_SENTINEL_CLIENT_ID=router {examples}/shell/keepalive.sh")
    machine.install(made_packages["python3-vpn-sentinel-client"])
    program = ("from vpn_sentinel_client import Client; "
               "print([one.client_id for one in Client('http://127.0.0.1:5000', key_file='/root/key').status()])")
    assert "router" in machine.run(f'python3 -c "{program}"').stdout
    machine.run("apt-get remove -q -y python3-vpn-sentinel-client")
    assert not machine.exists("/usr/lib/python3/dist-packages/vpn_sentinel_client")


def test_operation_goes_as_its_page_says(machine):
    machine.run(block("docs/operation.md", "run: backup").text)
    machine.run(block("docs/operation.md", "run: restore").text)
    until_healthy(machine, "server")
    assert machine.run("stat -c %U /var/lib/vpn-sentinel/sentinel.db").stdout == "vpn-sentinel\n"
    assert "router" in machine.run("vpn-sentinel status").stdout
    machine.run(block("docs/operation.md", "run: change").text)
    machine.run("rm /var/backups/vpn-sentinel-*.db")
    (command,) = re.findall(r"`(sh -ac '[^`]* doctor --role client')`", (ROOT / "docs/installation.md").read_text(encoding="utf-8"))
    said = machine.run(command, check=False).stdout
    assert re.search(r"^ok +configuration", said, re.MULTILINE), said


def test_a_reload_reads_the_configuration_again_and_keeps_the_process(machine):
    before = shown(machine, SERVER, "MainPID")
    config = machine.file("/etc/vpn-sentinel/server.yaml")
    good = config.read_text(encoding="utf-8")
    machine.run(f"systemctl reload {SERVER}")
    until(lambda: "reloaded: nothing changed" in journal(machine, SERVER), lambda: journal(machine, SERVER))
    assert shown(machine, SERVER, "MainPID") == before
    config.write_text(good + "nonsense: yes\n", encoding="utf-8")
    machine.run(f"systemctl reload {SERVER}")
    until(lambda: "nonsense" in journal(machine, SERVER), lambda: journal(machine, SERVER))
    config.write_text(good, encoding="utf-8")
    assert shown(machine, SERVER, "MainPID") == before and healthy(machine, "server")


def test_the_journal_knows_what_is_a_warning(machine):
    whole = journal(machine, SERVER)
    assert re.search(r"^INFO  \[server\] reloaded: nothing changed$", whole, re.MULTILINE), whole
    serious = machine.run(block("docs/operation.md", "run: warnings").text).stdout
    assert re.search(r" vpn-sentinel\[\d+\]: ERROR \[\w+\] .*nonsense", serious), serious
    assert "INFO" not in serious and "reloaded" not in serious


@pytest.mark.parametrize("role", ["server", "client"])
def test_a_start_has_ended_when_the_role_does_its_work(machine, role):
    machine.run(f"systemctl restart vpn-sentinel-{role} && vpn-sentinel healthcheck --role {role}")


def test_a_role_that_is_killed_comes_back(machine):
    before = shown(machine, SERVER, "MainPID")
    machine.run(f"systemctl kill -s KILL {SERVER}")
    until(lambda: shown(machine, SERVER, "NRestarts") == "1", lambda: journal(machine, SERVER))
    until_healthy(machine, "server")
    assert shown(machine, SERVER, "MainPID") not in (before, "0")


def test_a_mistake_in_the_configuration_is_told_once_and_not_tried_again(machine):
    config = machine.file("/etc/vpn-sentinel/client.yaml")
    good = config.read_text(encoding="utf-8")
    config.write_text(good + "nonsense: yes\n", encoding="utf-8")
    assert machine.run(f"systemctl restart {CLIENT}", check=False).returncode != 0
    until(lambda: shown(machine, CLIENT, "ActiveState") == "failed", lambda: journal(machine, CLIENT))
    config.write_text(good, encoding="utf-8")
    assert shown(machine, CLIENT, "ExecMainStatus") == "2" and shown(machine, CLIENT, "NRestarts") == "0"
    assert "nonsense" in machine.run(f"journalctl -q -o cat --no-pager -p err -u {CLIENT}").stdout
    machine.run(f"systemctl reset-failed {CLIENT} && systemctl start {CLIENT}")
    until_healthy(machine, "client")


def test_a_key_as_a_credential_is_in_no_environment(machine):
    variables = machine.file("/etc/vpn-sentinel/server.env")
    kept = variables.read_text(encoding="utf-8")
    key = re.search(r"^VPN_SENTINEL_API_KEY=(.+)$", kept, re.MULTILINE)[1]
    machine.run(f"umask 077; echo {key} >/etc/vpn-sentinel/api_key")
    variables.write_text(kept.replace(f"VPN_SENTINEL_API_KEY={key}\n", ""), encoding="utf-8")
    override(machine, SERVER, drop_in(SERVER, "LoadCredential"))
    machine.run(f"systemctl restart {SERVER}")
    until_healthy(machine, "server")
    environment = machine.run(f"tr '\\0' '\\n' <{process(machine, SERVER)}/environ").stdout
    assert "VPN_SENTINEL_API_KEY_FILE=/run/credentials/" in environment and key not in environment
    until(lambda: "office-vpn  alive" in machine.run("vpn-sentinel status").stdout, lambda: journal(machine, SERVER))
    told = journal(machine, SERVER).count("reloaded: nothing changed")
    machine.run(f"systemctl reload {SERVER}")
    until(lambda: journal(machine, SERVER).count("reloaded: nothing changed") > told, lambda: journal(machine, SERVER))
    variables.write_text(kept, encoding="utf-8")
    machine.run(f"rm /etc/vpn-sentinel/api_key && systemctl revert {SERVER} && systemctl restart {SERVER}")
    until_healthy(machine, "server")


def test_the_server_may_bind_a_low_port_with_its_drop_in_alone(machine):
    override(machine, SERVER, "[Service]\nEnvironment=VPN_SENTINEL_SERVER_API_PORT=53\n")
    machine.run(f"systemctl restart {SERVER}", check=False)
    until(lambda: "53: permission denied" in journal(machine, SERVER), lambda: journal(machine, SERVER))
    override(machine, SERVER, drop_in(SERVER, "CAP_NET_BIND_SERVICE") + "Environment=VPN_SENTINEL_SERVER_API_PORT=53\n")
    machine.run(f"systemctl reset-failed {SERVER}; systemctl restart {SERVER}")
    until_healthy(machine, "server")
    assert "127.0.0.1:53" in machine.run("ss -ltn").stdout.replace("0.0.0.0", "127.0.0.1")
    status = machine.run(f"grep ^Cap {process(machine, SERVER)}/status").stdout
    assert {int(line.split()[1], 16) for line in status.splitlines()} == {1 << 10}
    machine.run(f"systemctl revert {SERVER} && systemctl restart {SERVER}")
    until_healthy(machine, "server")


def test_the_client_runs_in_the_network_namespace_of_a_tunnel(machine):
    machine.run("ip netns add vpn && mkdir -p /etc/netns/vpn && echo nameserver 192.0.2.53 >/etc/netns/vpn/resolv.conf && "
                "ip link add outer type veth peer name inner netns vpn && ip address add 10.9.0.1/24 dev outer && "
                "ip link set outer up && ip -n vpn address add 10.9.0.2/24 dev inner && ip -n vpn link set inner up")
    override(machine, CLIENT, drop_in(CLIENT, "NetworkNamespacePath")
             + "Environment=VPN_SENTINEL_SERVER_API_BASE_URL=http://10.9.0.1:5000 VPN_SENTINEL_CLIENT_ID=inside\n")
    # A file of variables goes before what the unit says.
    machine.run("sed -i '/BASE_URL=\\|CLIENT_ID=/d' /etc/vpn-sentinel/client.env")
    machine.run(f"systemctl restart {CLIENT}")
    until(lambda: re.search(r"^inside +alive", machine.run("vpn-sentinel status").stdout, re.MULTILINE),
          lambda: journal(machine, CLIENT))
    where = process(machine, CLIENT)
    assert machine.run(f"readlink {where}/ns/net").stdout == machine.run("ip netns exec vpn readlink /proc/self/ns/net").stdout
    assert "192.0.2.53" in machine.run(f"nsenter -t {where[6:]} --mount cat /etc/resolv.conf").stdout
    machine.run(f"systemctl stop {CLIENT} && systemctl revert {CLIENT} && ip netns del vpn")
    machine.run("printf '%s\\n' VPN_SENTINEL_SERVER_API_BASE_URL=http://127.0.0.1:5000 VPN_SENTINEL_CLIENT_ID=office-vpn "
                f">>/etc/vpn-sentinel/client.env && systemctl start {CLIENT}")
    until_healthy(machine, "client")


def test_both_are_there_again_after_the_machine_was_booted(machine):
    machine.end()
    assert machine.boot() is None
    for role in ("server", "client"):
        until_healthy(machine, role)
    assert states(machine) == ["active", "active"]


@pytest.mark.parametrize("unit", [CLIENT, SERVER])
def test_a_role_stops_within_three_seconds(machine, unit):
    begun = time.monotonic()
    machine.run(f"systemctl stop {unit}")
    took = time.monotonic() - begun
    assert took < 3 and shown(machine, unit, "Result") == "success" and shown(machine, unit, "ExecMainStatus") == "0"


def test_an_upgrade_restarts_the_role_that_runs_and_no_other(machine, newer_packages):
    version, debs = newer_packages
    machine.run(f"systemctl stop {CLIENT} && systemctl start {SERVER}")
    until_healthy(machine, "server")
    before = shown(machine, SERVER, "MainPID")
    machine.install(debs["vpn-sentinel"])
    until_healthy(machine, "server")
    assert shown(machine, SERVER, "MainPID") != before
    assert states(machine) == ["active", "inactive"]
    assert f"vpn-sentinel {version}: server at" in journal(machine, SERVER)


def test_removing_stops_what_runs_and_purging_forgets_it(machine):
    machine.run(f"systemctl start {CLIENT}")
    machine.run("apt-get remove -q -y vpn-sentinel")
    assert states(machine) == ["inactive", "inactive"]
    assert machine.run("pgrep -x vpn-sentinel", check=False).stdout == ""
    machine.run("apt-get purge -q -y vpn-sentinel && systemctl daemon-reload")
    left = machine.run("find / -xdev -name '*vpn-sentinel*' -not -path '/root/*' -not -path '/proc/*' "
                       "-not -path '/var/cache/*'").stdout
    assert left == "" and machine.run("getent passwd vpn-sentinel || getent group vpn-sentinel", check=False).returncode != 0
    assert machine.run("systemctl list-unit-files --no-legend 'vpn-sentinel*'", check=False).stdout == ""
