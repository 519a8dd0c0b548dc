"""Who may come in: keys, addresses, limits, and what a stranger learns."""

import pytest

from harness import keepalive
from harness.keepalive import key_headers
from harness.places import VPN
from harness.ports import Port
from harness.roles import API

BODY = keepalive.encode(keepalive.flat("office-vpn", VPN, "RO"))


def bearer(lab, *more):
    return {"plugin": "bearer", "control": "sufficient", "options": {"keys": [lab.key, *more]}}


def cidr(allow):
    return {"plugin": "cidr", "control": "required", "options": {"allow": allow}}


def problem(reply):
    """The parsed refusal, after checking its form."""
    assert reply.headers["content-type"].startswith("application/problem+json"), reply
    said = reply.json()
    assert said["status"] == reply.status and said["error"]
    return said


@pytest.fixture(scope="module")
def server(shared_lab):
    return shared_lab.server().start()


@pytest.mark.parametrize("headers", [
    {}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}, {"Authorization": "Basic eDp5"},
    {"X-API-Key": "wrong"}, {"X-API-Key": ""},
])
@pytest.mark.parametrize("method, path", [("GET", "/status"), ("POST", "/keepalive"), ("GET", "/health"),
                                          ("GET", "/no-such-thing")])
def test_without_a_good_key_everything_is_401(server, headers, method, path):
    reply = keepalive.call(f"{server.url}{API}{path}", method, BODY if method == "POST" else None, headers)
    assert reply.status == 401
    assert "bearer" in reply.headers["www-authenticate"].lower()
    problem(reply)


def test_two_keys_that_differ_are_no_key(server):
    headers = {"Authorization": f"Bearer {server.key}", "X-API-Key": "another-key-0123456789"}
    assert keepalive.call(f"{server.url}{API}/status", headers=headers).status == 401


def test_what_is_not_there_is_404_only_for_those_with_a_key(server):
    assert server.get("/no-such-thing", "none").status == 401
    reply = server.get("/no-such-thing")
    assert reply.status == 404
    problem(reply)


def test_a_wrong_method_is_405_and_says_which_are_right(server):
    reply = server.get("/keepalive")
    assert reply.status == 405 and "POST" in reply.headers["allow"]


@pytest.mark.parametrize("form", ["bearer", "x-api-key"])
def test_each_of_several_keys_opens(lab, form):
    other = "another-key-0123456789abcdef"
    server = lab.server(auth=[bearer(lab, other)]).start()
    for key in (lab.key, other):
        assert server.get("/status", form, key=key).status == 200


def test_an_address_outside_the_list_is_403_whatever_the_key(lab):
    server = lab.server(auth=[cidr("192.0.2.0/24, 2001:db8::/32"), bearer(lab)]).start()
    for form in ("bearer", "none"):
        reply = server.get("/status", form)
        assert reply.status == 403
        problem(reply)
    assert server.post(BODY).status == 403
    assert server.get("/health", "none", api="").status == 200


@pytest.mark.parametrize("allow", ["127.0.0.0/8", "127.0.0.1", "192.0.2.1, 127.0.0.1", "::ffff:127.0.0.0/104", ""])
def test_an_address_inside_the_list_still_needs_the_key(lab, allow):
    server = lab.server(auth=[cidr(allow), bearer(lab)]).start()
    assert server.get("/status").status == 200
    assert server.get("/status", "none").status == 401


@pytest.mark.parametrize("allow, status", [("", 401), ("127.0.0.0/8", 200), ("192.0.2.0/24", 403)])
def test_addresses_alone_let_in_only_those_that_are_listed(lab, allow, status):
    server = lab.server(auth=[cidr(allow)]).start()
    for form in ("none", "bearer"):
        assert server.get("/status", form).status == status
        assert server.post(BODY, form).status == status


def delete(server, key):
    return keepalive.call(f"{server.url}{API}/clients/office-vpn", "DELETE", headers=key_headers(key))


def test_deleting_a_client_needs_a_key_that_may(lab):
    admin = "admin-key-0123456789abcdef"
    admins = {"plugin": "bearer", "name": "admins", "control": "sufficient",
              "options": {"keys": [f"boss={admin}"], "roles": ["read", "admin"]}}
    server = lab.server(auth=[bearer(lab), admins]).start()
    assert server.post(BODY).status == 200
    problem(delete(server, lab.key))
    assert delete(server, lab.key).status == 403
    assert server.client("office-vpn")
    assert delete(server, admin).status == 204
    assert not server.client("office-vpn")
    assert admin not in server.program.log()


def test_who_is_refused_is_told_once_and_counted(lab):
    server = lab.server().start()
    for _ in range(3):
        assert server.get("/status", key="wrong-key-0123456789").status == 401
    server.program.wait_for_log(r"1 request from 127\.0\.0\.1 refused: bad credentials")
    assert server.get("/health").json()["requests_denied"] == 3
    assert server.program.log().count("refused:") == 1
    server.stop()
    assert "2 more requests from 127.0.0.1 refused: bad credentials" in server.program.log()


def test_a_body_that_is_too_large_tells_the_limit(server):
    reply = keepalive.call(f"{server.url}{API}/keepalive", "POST", b"x" * 65537, key_headers(server.key))
    assert reply.status == 413
    assert int(reply.headers["x-ratelimit-limit"]) > 0
    problem(reply)


def test_a_forwarded_address_from_a_stranger_counts_for_nothing(lab):
    server = lab.server(auth=[cidr("192.0.2.0/24"), bearer(lab)]).start()
    headers = {**key_headers(lab.key), "X-Forwarded-For": "192.0.2.1"}
    assert keepalive.call(f"{server.url}{API}/status", headers=headers).status == 403


def test_health_needs_no_key_and_tells_a_stranger_nothing_else(server):
    reply = server.get("/health", "none", api="")
    assert reply.status == 200 and reply.json() == {"status": "healthy"}
    detail = server.get("/health")
    assert detail.status == 200
    said = detail.json()
    assert said["status"] == "healthy" and said["version"] and said["uptime_seconds"] >= 0


def test_too_many_requests_are_429_with_the_time_to_wait_but_health_is_not(lab):
    server = lab.server(rate_limit={"requests": 5, "per": "1m"}).start()
    replies = [server.get("/status") for _ in range(7)]
    assert [r.status for r in replies[:5]] == [200] * 5
    limited = replies[-1]
    assert limited.status == 429 and int(limited.headers["retry-after"]) >= 1
    problem(limited)
    assert replies[0].headers["x-ratelimit-limit"] == "5"
    assert int(replies[0].headers["x-ratelimit-remaining"]) > int(replies[3].headers["x-ratelimit-remaining"])
    assert int(replies[0].headers["x-ratelimit-reset"]) >= 0
    assert server.get("/health", "none", api="").status == 200


def test_the_status_is_also_served_without_the_prefix_and_by_its_own(lab):
    server = lab.server()
    server.config["server"]["api_path"] = "/watch/v7/"
    server.start()
    assert server.post(BODY, api="/watch/v7").status == 200
    assert [r["client_id"] for r in server.get("/status", api="/watch/v7").json()] == ["office-vpn"]
    assert [r["client_id"] for r in server.get("/status", api="").json()] == ["office-vpn"]
    assert server.get("/status", api=API).status == 404


def test_the_page_shows_the_clients_without_script(server):
    assert server.get("/", "none", api="").status == 401
    assert server.post(BODY).status == 200
    reply = server.get("/", api="")
    assert reply.status == 200 and reply.headers["content-type"].startswith("text/html")
    page = reply.body.decode("utf-8")
    assert "office-vpn" in page and VPN.ip in page and "<script" not in page.lower()


def test_it_also_listens_on_ipv6(lab):
    port = Port("::1")
    server = lab.server()
    server.config["server"]["listen"].append({"address": port.address, "serve": ["api", "health"]})
    server.start()
    assert keepalive.call(f"{port.url}{API}/status", headers=key_headers(lab.key)).status == 200


def test_a_listener_serves_only_what_it_is_told_to(lab):
    port = Port()
    server = lab.server()
    server.config["server"]["listen"].append({"address": port.address, "serve": ["health"]})
    server.start()
    assert keepalive.call(f"{port.url}/health").status == 200
    assert keepalive.call(f"{port.url}{API}/status", headers=key_headers(lab.key)).status == 404


def test_metrics_need_the_key_and_count_the_clients(server):
    assert server.get("/metrics", "none", api="").status == 401
    assert server.post(BODY).status == 200
    reply = server.get("/metrics", api="")
    assert reply.status == 200 and reply.headers["content-type"].startswith("text/plain")
    rows = dict(line.rsplit(" ", 1) for line in reply.body.decode().splitlines() if line and not line.startswith("#"))
    assert any("client" in name and float(value) >= 1 for name, value in rows.items()), rows
