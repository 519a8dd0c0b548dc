"""The commands and files of docs/hardening.md, used; its firewall rules have test_tunnel_firewall.py."""

import re
import signal

from blocks import block
from harness.audit import Audit
from harness.keepalive import call, key_headers
from harness.program import run
from harness.roles import API
from harness.typed import typed
from harness.wait import until


def test_a_certificate_is_made_shown_and_renewed_for_the_same_key(tmp_path):
    pin = re.compile(r"sha256//\S+")
    first = pin.findall(typed(block("docs/hardening.md", "run: tls").text, tmp_path).stdout)
    assert {"ca.key", "ca.pem", "server.pem", "server.key"} <= {path.name for path in tmp_path.iterdir()}
    before = (tmp_path / "server.pem").read_bytes()
    typed(block("docs/hardening.md", "run: renew").text, tmp_path)
    assert (tmp_path / "server.pem").read_bytes() != before
    assert first and set(first) >= set(pin.findall(run("cert", "show", tmp_path / "server.pem").stdout))


def may_read(server, key):
    return call(f"{server.url}{API}/status", headers=key_headers(key)).status == 200


def test_a_second_key_counts_after_a_reload_while_the_first_goes_on(lab):
    server = lab.server()
    file = lab.folder / "api_key"
    file.write_text(f"{lab.key}\n")
    server.config["auth"] = [{"plugin": "bearer", "control": "sufficient", "options": {"keys": "${VPN_SENTINEL_API_KEY}"}}]
    server.program.environment["VPN_SENTINEL_API_KEY_FILE"] = str(file)
    server.start()
    command = block("docs/hardening.md", "run: second key").text.replace("/etc/vpn-sentinel/api_key", str(file))
    typed(command.replace("systemctl reload vpn-sentinel-server", f"kill -HUP {server.program.process.pid}"), lab.folder)
    old, new = file.read_text().split()
    until(lambda: may_read(server, new), "the new key to count")
    assert old == lab.key and may_read(server, old)
    file.write_text(f"{new}\n")
    server.program.signal(signal.SIGHUP)
    until(lambda: not may_read(server, old), "the old key to count no more")
    assert may_read(server, new)


def test_pinned_plugins_are_refused_with_the_digest_that_lets_them_in(tmp_path):
    text = block("docs/hardening.md", "file: pinned.yaml").text.replace("/var/lib/vpn-sentinel", str(tmp_path)) + f"state_dir: {tmp_path}\n"
    file = tmp_path / "server.yaml"
    here = {"VPN_SENTINEL_API_KEY": "0123456789abcdef0123456789abcdef"}
    for plugin in ("sqlite", "bearer"):
        digest = re.search(r"^sha256 +(\w{64})$", run("plugin", "show", plugin).stdout, re.MULTILINE)[1]
        file.write_text(text.replace("DIGEST", "0" * 64))
        assert digest in run("check", "--role", "server", file, environment=here).stderr
        text = text.replace("DIGEST", digest, 1)
    file.write_text(text)
    done = run("check", "--role", "server", file, environment=here)
    assert done.returncode == 0, done.stderr


def test_who_was_refused_is_counted_by_address(usual):
    usual.server.start()
    for _ in range(3):
        assert call(f"{usual.server.url}{API}/status", headers=key_headers("a-key-that-is-nobodys")).status == 401
    folder = usual.server.config["state_dir"]
    audit = Audit(folder / "audit.log")
    until(lambda: sum(entry["status"] == 401 for entry in audit.requests()) == 3, "the audit log")
    done = typed(block("docs/hardening.md", "run: refused").text.replace("/var/lib/vpn-sentinel", str(folder)), usual.lab.folder)
    assert re.fullmatch(r' *3 "address":"127\.0\.0\.1"\n', done.stdout), done.stdout
