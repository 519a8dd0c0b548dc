"""
The holes and faults of the Python original that this project replaces, each closed by a test named after it.
What is held up against them is the built programs, from outside, as a stranger would find them.
"""

import json
import os
import re
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from harness import ipinfo as ipinfo_service
from harness import keepalive, telegram
from harness.keepalive import call, key_headers
from harness.places import HOME, VPN
from harness.ports import Port
from harness.program import ROOT, binary, run
from harness.raw import Raw
from harness.roles import API
from harness.wait import holds, until

TEMPLATES = ["{{7*191}}", "${7*191}", "#{7*191}", "<%= 7*191 %>", "{%print(7*191)%}", "%{7*191}", "{{config}}"]
WORKED_OUT = "1337"
LOST, BACK = "lost", "recovered"
SCRIPTS = ['<script>alert("x")</script>', "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>',
           "'><b>bold</b>", "</td></table><iframe src=//evil.example>", "&lt;script&gt;"]


@pytest.fixture(scope="module")
def server(shared_lab):
    return shared_lab.server().start()


def report(client_id="office-vpn", **more):
    return keepalive.encode(keepalive.flat(client_id, VPN, "RO", **more))


def page(server):
    reply = server.get("/", api="")
    assert reply.status == 200
    return reply


# --- critical and high -----------------------------------------------------------------------------

@pytest.mark.parametrize("template", TEMPLATES)
def test_template_injection_through_a_path_is_only_bytes(server, template):
    for path in (f"/x{template}y", f"{API}/clients/{template}", f"/?q={template}"):
        with Raw(server.port.number) as wire:
            wire.send(b"GET " + path.replace(" ", "%20").encode() + b" HTTP/1.1\r\nHost: a\r\nX-API-Key: "
                      + server.key.encode() + b"\r\n\r\n")
            answer = wire.answer()
            assert answer is not None and WORKED_OUT not in answer.body.decode(), path
    assert WORKED_OUT not in page(server).body.decode()
    assert f"x{WORKED_OUT}y" not in server.program.log()


@pytest.mark.parametrize("template", TEMPLATES)
def test_template_injection_through_a_report_is_only_bytes(server, template):
    assert server.post(report(template)).status == 400, "no such name of a client"
    assert server.post(report("templated", city=template, provider=template, client_version=template)).status == 200
    shown = page(server).body.decode()
    assert WORKED_OUT not in shown and "templated" in shown
    assert server.client("templated")["city"] == template, "kept as it was"
    assert not re.search(rf"templated.*{WORKED_OUT}", server.program.log())


@pytest.mark.parametrize("script", SCRIPTS)
def test_html_and_script_in_a_report_are_text_on_the_page(server, script):
    more = {name: script for name in ("city", "region", "provider", "timezone", "client_version")}
    assert server.post(report("scripted", **more)).status == 200
    reply = page(server)
    shown = reply.body.decode()
    assert script not in shown
    assert not re.search(r"<(script|img|svg|iframe|b)\b", shown, re.IGNORECASE)
    assert "default-src 'none'" in reply.headers["content-security-policy"]


def test_a_path_that_broke_the_log_page_breaks_nothing(server):
    with Raw(server.port.number) as wire:
        wire.send(b"GET /{{ HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.answer().status == 401
    assert page(server).status == 200 and server.healthy()


@pytest.mark.parametrize("path", ["/logs", "/dashboard", "/dashboard/", f"{API}/logs"])
def test_there_is_no_page_of_the_log(server, path):
    assert call(f"{server.url}{path}").status == 401
    assert server.get(path, api="").status == 404


def test_no_line_of_the_log_can_be_forged(server):
    forged = "2026-01-01T00:00:00.000Z ERROR [server] forged"
    with Raw(server.port.number) as wire:
        wire.send(f"GET /a%0d%0a{forged.replace(' ', '%20')} HTTP/1.1\r\nHost: a\r\nUser-Agent: {forged}\r\n"
                  f"X-API-Key: x\r\n\r\n".encode())
        assert wire.answer().status == 401
    assert server.post(report("forger", city=f"x\n{forged}", client_version=f"\r\n{forged}")).status in (200, 400)
    assert not [line for line in server.program.log().splitlines() if line.startswith(forged[:20])]


def test_the_bot_token_is_in_no_log_when_telegram_fails(usual):
    token = usual.lab.bot_token
    usual.telegram.script(telegram.RESTARTING, telegram.failure(404, "Not Found"))
    usual.start()
    usual.server.wait_verdict(usual.id, "secure")
    usual.server.program.wait_for_log(r"(?i)oncall")
    usual.telegram.stop()
    said = usual.server.program.log() + usual.server.program.output()
    assert token not in said and token.split(":")[1] not in said and f"/bot{token[:6]}" not in said


FORWARDED = ["X-Forwarded-For", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "Via"]


@pytest.mark.parametrize("header", FORWARDED)
def test_a_forwarded_address_of_a_stranger_passes_no_list_of_addresses(lab, header):
    server = lab.server(auth=[
        {"plugin": "cidr", "control": "required", "options": {"allow": "192.0.2.0/24"}},
        {"plugin": "bearer", "control": "sufficient", "options": {"keys": lab.key}}]).start()
    for value in ("192.0.2.1", "192.0.2.1, 127.0.0.1", "127.0.0.1, 192.0.2.1"):
        headers = {**key_headers(lab.key), header: value, "Forwarded": f"for={value.split(',')[0]}"}
        assert call(f"{server.url}{API}/status", headers=headers).status == 403


def test_a_forwarded_address_of_a_stranger_passes_no_rate_limit(lab):
    server = lab.server(rate_limit={"requests": 5, "per": "1m"}).start()
    statuses = [call(f"{server.url}{API}/status", headers={"X-Forwarded-For": f"198.51.100.{i}",
                                                           "Forwarded": f"for=198.51.100.{i}"}).status
                for i in range(10)]
    assert statuses == [401] * 5 + [429] * 5


def encrypted(lab, **more):
    server = lab.server(**more)
    server.config["server"]["tls"] = {"cert": str(lab.authority.folder / "server.pem"),
                                      "key": str(lab.authority.folder / "server.key")}
    return server.start(ready=False)


def https(lab, server, timeout=5):
    context = lab.authority.client_context()
    with socket.create_connection(("127.0.0.1", server.port.number), timeout=timeout) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as wire:
            wire.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return b"".join(iter(lambda: wire.recv(65536), b""))


def answers_over_tls(lab, server):
    try:
        return b"healthy" in https(lab, server)
    except (ConnectionRefusedError, ssl.SSLError):
        return False


def test_silent_connections_to_the_tls_listener_block_nobody(lab):
    server = encrypted(lab)
    until(lambda: answers_over_tls(lab, server), server.program.log)
    silent = [socket.create_connection(("127.0.0.1", server.port.number)) for _ in range(100)]
    for half in silent[:50]:
        half.sendall(b"\x16\x03\x01\x02\x00")  # a greeting that goes no further
    begun = time.monotonic()
    for _ in range(5):
        assert b"200 OK" in https(lab, server)
    assert time.monotonic() - begun < 5
    for wire in silent:
        wire.close()


def test_silent_connections_to_a_plain_listener_block_nobody(server):
    silent = [socket.create_connection(("127.0.0.1", server.port.number)) for _ in range(200)]
    for half in silent[:100]:
        half.sendall(b"POST /api/v1/keepalive HTTP/1.1\r\nContent-Le")
    begun = time.monotonic()
    assert server.post(report()).status == 200
    assert time.monotonic() - begun < 5, "their deadline is 15 seconds"
    for wire in silent:
        wire.close()


def test_a_connection_does_not_cost_a_thread(server):
    def threads():
        return len(os.listdir(f"/proc/{server.program.process.pid}/task"))

    before = threads()
    wires = [socket.create_connection(("127.0.0.1", server.port.number)) for _ in range(200)]
    assert server.healthy() and threads() == before
    for wire in wires:
        wire.close()


# --- medium ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("path", ["/", "/status", "/metrics", f"{API}/status", f"{API}/incidents", f"{API}/health",
                                  f"{API}/clients/office-vpn", f"{API}/clients/office-vpn/history"])
def test_nothing_about_clients_is_public(server, path):
    assert server.post(report()).status == 200
    reply = call(f"{server.url}{path}")
    assert reply.status == 401
    for told in ("office-vpn", VPN.ip, VPN.org):
        assert told not in reply.body.decode()


def rss_kib(server):
    status = Path(f"/proc/{server.program.process.pid}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE).group(1))


def test_spoofed_addresses_fill_no_memory(lab):
    server = lab.server(rate_limit={"requests": 10, "per": "1m"})
    # Otherwise a sanitizer keeps what was freed.
    server.program.environment = {**lab.environment, "ASAN_OPTIONS": "exitcode=97:quarantine_size_mb=1"}
    server.start()
    with Raw(server.port.number) as wire:
        before = 0
        for i in range(20000):
            wire.send(b"GET /status HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.%d.%d.%d\r\n\r\n" % (
                i >> 16, (i >> 8) & 255, i & 255))
            assert wire.answer().status in (401, 429)
            if i == 5000:
                before = rss_kib(server)  # what one connection needs is there
        assert rss_kib(server) - before < 4096


@pytest.mark.parametrize("auth", [
    pytest.param([], id="no check"),
    pytest.param([{"plugin": "bearer", "control": "sufficient", "enabled": False, "options": {"keys": "x"}}],
                 id="a check that is switched off"),
])
def test_without_a_key_it_does_not_listen_to_the_world(lab, auth):
    server = lab.server(auth=auth)
    server.config["auth"] = auth
    server.config["server"]["listen"] = [{"address": "0.0.0.0:0"}]
    server.start(ready=False)
    assert server.program.wait() == 2
    assert "anybody could use the server at 0.0.0.0" in server.program.log()


@pytest.mark.parametrize("key", ["", "   "])
def test_an_empty_key_is_no_open_api_but_no_start(lab, tmp_path, key):
    done = run("server", "-c", ROOT / "etc" / "server.yaml", environment={
        "VPN_SENTINEL_API_KEY": key, "VPN_SENTINEL_STATE_DIR": tmp_path, "VPN_SENTINEL_SERVER_ADDRESS": "127.0.0.1",
        "VPN_SENTINEL_SERVER_API_PORT": Port().number})
    assert done.returncode == 2
    assert "VPN_SENTINEL_API_KEY" in done.stderr or "no API key" in done.stderr


def test_keys_are_compared_in_constant_time():
    plugin = binary().parent.parent / "lib" / "vpn-sentinel" / "auth" / "bearer.so"
    names = subprocess.run(["nm", "-D", "--undefined-only", plugin], capture_output=True, text=True, check=True).stdout
    assert re.search(r"\bCRYPTO_memcmp\b", names) and re.search(r"\bEVP_DigestFinal_ex\b", names)


@pytest.mark.parametrize("near", ["", "x", "-", " more"])
def test_a_key_that_is_nearly_right_is_wrong(server, near):
    for key in (server.key[:-1] + near, server.key[1:], server.key.upper(), server.key + "\t" + near):
        if key.strip() != server.key:
            assert server.get("/status", key=key).status == 401


def test_a_key_can_be_bound_so_that_it_overwrites_no_other_client(lab):
    other = "another-key-0123456789abcdef"
    server = lab.server(auth=[{"plugin": "bearer", "control": "sufficient", "options": {
        "keys": [f"office={lab.key}", f"home={other}"], "clients": "{name}"}}]).start()
    assert server.post(report("office")).status == 200
    reply = server.post(report("office", city="Elsewhere"), key=other)
    assert reply.status == 403 and reply.json()["error"] == "client_forbidden"
    assert server.client("office")["city"] == VPN.city
    assert server.post(report("home"), key=other).status == 200


# --- low, and faults of robustness -------------------------------------------------------------------

def test_no_file_with_a_predictable_name_is_made_in_tmp(usual):
    def theirs():
        return {path for path in Path("/tmp").glob("*") if re.match(r"(vpn[-_]sentinel|health[-_]monitor)", path.name)}

    before = theirs()
    usual.until_secure()
    of_the_tests = str(usual.lab.folder.parent)  # a certificate for all of them is there, too
    for program in (usual.server.program, usual.client.program):
        for link in Path(f"/proc/{program.process.pid}/fd").iterdir():
            try:
                target = os.readlink(link)
            except FileNotFoundError:  # closed meanwhile
                continue
            assert not target.startswith("/tmp/") or target.startswith(of_the_tests), target
    assert not {path for path in theirs() - before if path.name.endswith((".log", ".pid"))}


def test_the_providers_are_asked_over_https():
    for role in ("server", "client"):
        for line in (ROOT / "etc" / f"{role}.yaml").read_text(encoding="utf-8").splitlines():
            code = line.split(" #")[0].strip()
            assert code.startswith("#") or "http://" not in code, line


@pytest.mark.parametrize("body, kind, status", [
    ('{"client_id": ', "application/json", 400), ("[]", "application/json", 400), ('[{"client_id": "a"}]', None, 400),
    ("null", "application/json", 400), ("{}", "application/json", 400), ("", "application/json", 400),
    ('"text"', "application/json", 400), ("12", "application/json", 400), ("\xff\xfe", "application/json", 400),
    ('{"client_id": "a b"}', "application/json", 400), ('{"client_id": 7}', "application/json", 400),
    ("client_id=a", "application/x-www-form-urlencoded", 415), ('{"client_id": "a"}', "text/plain", 415),
    ("[" * 30000, "application/json", 400), ('{"a":' * 10000, "application/json", 400),
])
def test_a_bad_report_is_no_internal_error(server, body, kind, status):
    headers = {**key_headers(server.key), **({"Content-Type": kind} if kind else {})}
    reply = call(f"{server.url}{API}/keepalive", "POST", body.encode("latin-1"), headers)
    assert reply.status == status
    assert json.loads(reply.body)["error"] in ("bad_report", "unsupported_media_type")


@pytest.mark.parametrize("method, path, headers, status", [
    ("GET", f"{API}/status", {}, 401), ("GET", f"{API}/status", {"X-API-Key": "wrong"}, 401),
    ("GET", "/no-such-page", None, 404), ("GET", f"{API}/keepalive", None, 405), ("PUT", "/", None, 405),
    ("DELETE", f"{API}/status", None, 405),
])
def test_no_error_is_a_page_of_html_and_none_tells_what_runs_there(server, method, path, headers, status):
    reply = call(f"{server.url}{path}", method, headers=key_headers(server.key) if headers is None else headers)
    assert reply.status == status, "a wrong key is 401, as a missing one"
    assert reply.headers["content-type"] == "application/problem+json"
    assert json.loads(reply.body)["status"] == status
    assert "server" not in reply.headers and "x-powered-by" not in reply.headers


@pytest.mark.parametrize("which", [0, 1])
def test_a_busy_port_ends_the_start_with_a_code_whichever_it_is(lab, which):
    listen = [{"address": Port().address, "serve": ["api"]}, {"address": Port().address, "serve": ["health"]}]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen[which]["address"] = f"127.0.0.1:{taken.getsockname()[1]}"
        server = lab.server(listen=listen).start(ready=False)
        assert server.program.wait() not in (0, 97)
        assert "in use" in server.program.log() and listen[which]["address"] in server.program.log()


@pytest.mark.parametrize("country", [None, "", "unknown", "Unknown", "UNKNOWN", "n/a"])
def test_an_unknown_country_is_no_dns_leak(lab, country):
    server = lab.server().start()
    for _ in range(3):
        assert server.post(report(country=country)).status == 200
    record = server.client("office-vpn")
    assert record["verdicts"]["dns"]["verdict"] != "leak"
    assert not [i for i in record["incidents"] if i["kind"] == "dns_leak"]


def test_a_look_up_of_the_own_exit_that_fails_is_tried_again(usual):
    usual.server_ipinfo.always(ipinfo_service.BROKEN)
    usual.client_ipinfo.place = HOME
    usual.client_trace.ip, usual.client_trace.country = HOME.ip, HOME.country
    usual.start()
    record = usual.server.wait_client(usual.id)
    assert record["verdicts"]["tunnel"]["verdict"] == "unknown", "never called secure meanwhile"
    usual.server_ipinfo.always(None)
    record = usual.server.wait_verdict(usual.id, "leak")
    assert [i["kind"] for i in record["incidents"]] == ["bypass"]


def test_looking_at_the_page_asks_no_service(usual):
    usual.server.config["probes"][0]["interval"] = "1h"
    usual.until_secure()
    asked = len(usual.server_ipinfo.requests)
    for _ in range(5):
        page(usual.server)
    holds(lambda: len(usual.server_ipinfo.requests) == asked, "no more requests", during=0.5)


def test_a_client_says_why_its_report_was_not_taken(lab):
    server = lab.server().start()
    client = lab.client(server)
    client.config["client"]["key"] = "not-the-key-0123456789"
    client.start()
    client.program.wait_for_log(r"401")


def test_a_silent_client_is_alerted_and_so_is_its_return(usual):
    usual.until_secure()
    usual.client.kill()
    usual.telegram.wait_for(LOST)
    usual.client.start()
    usual.telegram.wait_for(BACK)


UNSHARE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"]


@pytest.mark.parametrize("role", ["server", "client"])
def test_process_number_1_obeys_a_request_to_end(usual, role):
    if subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no PID namespace here")
    program = getattr(usual, role).program
    program.wrapper = UNSHARE
    usual.until_secure()
    assert program.inner_namespace_pid() == 1
    assert program.stop_inner() < 5
