"""Limits and lists by address, behind a trusted proxy and without one."""

import re
import socket
from pathlib import Path

import pytest

from harness import keepalive
from harness.audit import Audit
from harness.keepalive import key_headers
from harness.places import HOME, VPN
from harness.roles import API

BODY = keepalive.encode(keepalive.flat("office-vpn", VPN, "RO"))


def proxied(lab, **more):
    server = lab.server(**more)
    server.config["server"]["trusted_proxies"] = ["127.0.0.1"]
    return server


def get(server, headers, path=f"{API}/status"):
    return keepalive.call(f"{server.url}{path}", headers={**key_headers(server.key), **headers}).status


def cidr(allow):
    return {"plugin": "cidr", "control": "required", "options": {"allow": allow}}


def bearer(lab):
    return {"plugin": "bearer", "control": "sufficient", "options": {"keys": lab.key}}


def test_a_list_of_addresses_looks_at_whom_the_proxy_names(lab):
    server = proxied(lab, auth=[cidr("192.0.2.0/24, 2001:db8::/32"), bearer(lab)]).start()
    assert get(server, {}) == 403
    assert get(server, {"X-Forwarded-For": "192.0.2.9"}) == 200
    assert get(server, {"X-Forwarded-For": "198.51.100.1, 192.0.2.9"}) == 200
    assert get(server, {"X-Forwarded-For": "192.0.2.9, 198.51.100.1"}) == 403
    assert get(server, {"Forwarded": 'for="[2001:db8::1]:4711";proto=https'}) == 200
    assert get(server, {"Forwarded": "for=198.51.100.1", "X-Forwarded-For": "192.0.2.9"}) == 403
    assert get(server, {"Forwarded": "for=192.0.2.9", "X-Forwarded-For": "192.0.2.9"}) == 200
    assert get(server, {"X-Forwarded-For": "192.0.2.9, unknown"}) == 403
    assert get(server, {"X-Forwarded-For": "192.0.2.9, nobody"}) == 403
    assert get(server, {"X-Real-IP": "192.0.2.9"}) == 403
    server.program.wait_for_log(r"the trusted proxy 127\.0\.0\.1 does not say readably whom it asks for")


def test_a_proxy_that_writes_forwarded_alone_can_be_named(lab):
    server = proxied(lab, auth=[cidr("192.0.2.0/24"), bearer(lab)])
    server.config["server"]["proxy_header"] = "forwarded"
    server.start()
    assert get(server, {"Forwarded": "for=192.0.2.9", "X-Forwarded-For": "198.51.100.1"}) == 200
    assert get(server, {"X-Forwarded-For": "192.0.2.9"}) == 403


def test_the_exit_that_a_proxy_names_is_a_witness(lab):
    server = proxied(lab).start()
    headers = {"Content-Type": "application/json", **key_headers(lab.key), "X-Forwarded-For": VPN.ip}
    assert keepalive.call(f"{server.url}{API}/keepalive", "POST", BODY, headers).status == 200
    record = server.client("office-vpn")
    assert record["source_address"] == VPN.ip and record["side_path"] == "exit"


def test_a_bypass_is_seen_behind_a_proxy(lab):
    server = proxied(lab, monitor={"interval": "1s", "grace": "1s", "lost_after": "60s",
                                   "home": {"addresses": [HOME.ip]}}).start()
    headers = {"Content-Type": "application/json", **key_headers(lab.key), "X-Forwarded-For": HOME.ip}
    assert keepalive.call(f"{server.url}{API}/keepalive", "POST", BODY, headers).status == 200
    assert server.client("office-vpn")["verdict"] == "leak"


def test_a_stranger_behind_the_same_address_locks_nobody_out(lab):
    server = lab.server(rate_limit={"requests": 5, "per": "1h"}).start()
    stranger = [get(server, {"Authorization": f"Bearer guess-{n}-0123456789"}) for n in range(20)]
    stranger += [keepalive.call(f"{server.url}{API}/status").status for _ in range(20)]
    assert stranger[:5] == [401] * 5 and set(stranger[5:]) == {429}
    assert [server.post(BODY).status for _ in range(6)] == [200] * 5 + [429]
    said = keepalive.call(f"{server.url}{API}/status")
    assert said.status == 429 and said.headers["x-ratelimit-remaining"] == "0"
    assert int(said.headers["retry-after"]) >= 1 and int(said.headers["x-ratelimit-reset"]) >= 1


def test_each_answer_behind_the_gate_tells_the_limit(lab):
    server = lab.server(rate_limit={"requests": 100, "per": "1h"}).start()
    for method, path, form in (("GET", f"{API}/status", "bearer"), ("GET", "/nothing", "bearer"), ("GET", "/", "none"),
                               ("OPTIONS", f"{API}/status", "bearer"), ("DELETE", f"{API}/status", "bearer"),
                               ("POST", f"{API}/keepalive", "bearer"), ("GET", "/metrics", "bearer")):
        headers = keepalive.call(f"{server.url}{path}", method, headers=key_headers(lab.key, form)).headers
        assert headers["x-ratelimit-limit"] == "100", (method, path)
        assert 0 <= int(headers["x-ratelimit-remaining"]) < 100 and int(headers["x-ratelimit-reset"]) >= 1


def resident_kib(program):
    return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{program.process.pid}/status").read_text()).group(1))


def flood(server, addresses):
    """A request of each address, many at once over one connection; how often each status came."""
    seen = {}
    with socket.create_connection(("127.0.0.1", server.port.number), timeout=30) as connection:
        reader = connection.makefile("rb")
        while batch := addresses[:200]:
            addresses = addresses[200:]
            connection.sendall(b"".join(b"GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: %s\r\n\r\n" % a.encode()
                                        for a in batch))
            for _ in batch:
                status = int(reader.readline().split()[1])
                seen[status] = seen.get(status, 0) + 1
                length = 0
                while (line := reader.readline()) != b"\r\n":
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                reader.read(length)
    return seen


@pytest.mark.timeout(180)
def test_200000_addresses_do_not_fill_the_memory(lab):
    server = proxied(lab, rate_limit={"requests": 5, "per": "1h"}, audit={"max_size": "1MiB", "keep": 1},
                     log={"level": "info"})
    # What a sanitizer keeps back of freed memory is not the server's.
    server.program.environment = {**server.program.environment,
                                  "ASAN_OPTIONS": "detect_leaks=1:exitcode=97:quarantine_size_mb=1"}
    server.start()
    assert flood(server, [f"10.1.{n // 250}.{n % 250}" for n in range(1000)]) == {401: 1000}
    before = resident_kib(server.program)
    assert flood(server, [f"2001:db8:{n >> 16:x}:{n & 0xffff:x}::1" for n in range(200000)]) == {401: 200000}
    assert resident_kib(server.program) - before < 64 * 1024
    assert server.post(BODY).status == 200
    server.stop()
    assert sum(file.stat().st_size for file in Audit(Path(server.config["state_dir"]) / "audit.log").files()) <= 2 << 20


def test_metrics_can_be_public_within_the_list_of_addresses(lab):
    server = lab.server(metrics={"public": True}, auth=[cidr("127.0.0.0/8"), bearer(lab)]).start()
    assert server.get("/metrics", "none", api="").status == 200
    assert server.get("/status", "none").status == 401
    server.stop()
    server.config["auth"] = [cidr("192.0.2.0/24"), bearer(lab)]
    server.start()
    assert server.get("/metrics", "none", api="").status == 403
