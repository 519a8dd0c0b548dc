"""The three bodies a keepalive may have, and what is refused."""

import html
import json
from dataclasses import replace

import pytest

from harness import keepalive
from harness.places import HOME, OTHER_VPN, VPN
from harness.raw import Raw
from harness.wait import until

CITY = 'São "Quoted" <b>Paulo</b> & Co 東京 🔒'

# The original's client, byte for byte.
CAPTURED = (
    '{"client_id": "upstream-client", "timestamp": "2026-11-23T00:43:05+0000", "public_ip": "198.51.100.7", '
    '"status": "alive", "client_version": "1.0.0-dev-e53dc65", "location": {"country": "RO", "city": "Bucharest", '
    '"region": "București", "org": "AS9009 M247 Europe SRL", "timezone": "Europe/Bucharest"}, '
    '"dns_test": {"location": "RO", "colo": "OTP"}}').encode()


@pytest.fixture(scope="module")
def server(shared_lab):
    """One server for the whole file, that knows its own exit already."""
    ipinfo = shared_lab.ipinfo(HOME)
    made = shared_lab.server(probes=[{"plugin": "ipinfo", "options": {"url": ipinfo.url}}]).start()

    def knows_home():
        canary = keepalive.encode(keepalive.flat("canary", OTHER_VPN, "CH"))
        return made.post(canary).json()["verdict"] == "secure"

    until(knows_home, "the server to know its own exit")
    return made


@pytest.mark.parametrize("form", ["bearer", "x-api-key"])
@pytest.mark.parametrize("body", keepalive.BODIES)
def test_each_body_and_each_form_of_the_key_is_understood(server, body, form):
    name = f"{body}-{form}"
    reply = server.post(keepalive.encode(keepalive.BODIES[body](name, VPN, "RO")), form)
    assert reply.status == 200, reply
    said = reply.json()
    assert said["status"] == "ok" and said["message"] and said["server_time"].startswith("20")
    assert said["interval_seconds"] >= 1 and said["verdict"] == "secure" and said["durable"] in (True, False)
    record = server.client(name)
    assert (record["public_ip"], record["country"], record["city"]) == (VPN.ip, "RO", "București")
    assert record["dns_location"] == "RO" and record["status"] == "alive" and record["verdict"] == "secure"
    assert record["facts"]["exit.asn"]["value"].removeprefix("AS") == "9009"
    assert record["facts"]["exit.timezone"]["value"] == "Europe/Bucharest"


def test_the_originals_client_is_understood_byte_for_byte(server):
    assert server.post(CAPTURED, "x-api-key").status == 200
    record = server.client("upstream-client")
    assert record["facts"]["exit.region"]["value"] == "București"
    assert record["client_version"] == "1.0.0-dev-e53dc65" and record["dns_location"] == "RO"


@pytest.mark.parametrize("body", keepalive.BODIES)
def test_text_is_kept_exactly_whatever_the_script(server, body):
    name = f"odd-{body}"
    assert server.post(keepalive.encode(keepalive.BODIES[body](name, replace(VPN, city=CITY), "RO"))).status == 200
    assert server.client(name)["city"] == CITY
    page = server.get("/", api="").body.decode("utf-8")
    shown = page.split("<body>")[1]
    assert CITY in html.unescape(shown) and "<b" not in shown.replace("<br", "") and "& Co" not in shown


@pytest.mark.parametrize("word", ["unknown", "Unknown", "UNKNOWN", "", None])
def test_every_way_to_say_unknown_is_unknown(server, word):
    body = keepalive.flat("lost-in-space", VPN, word, public_ip=word, country=word, city=word)
    assert server.post(keepalive.encode(body)).status == 200
    record = server.client("lost-in-space")
    assert [record[name] for name in ("public_ip", "country", "city", "dns_location")] == ["unknown"] * 4
    assert record["verdict"] == "unknown"


@pytest.mark.parametrize("alias, name", [("dns_loc", "dns_location"), ("ip", "public_ip")])
def test_the_other_names_of_the_flat_body_are_understood(server, alias, name):
    body = keepalive.flat("alias", VPN, "RO")
    body[alias] = body.pop(name)
    assert server.post(keepalive.encode(body)).status == 200
    record = server.client("alias")
    assert (record["public_ip"], record["dns_location"]) == (VPN.ip, "RO")


def test_a_third_partys_fact_of_our_own_body_is_kept_with_its_source(server):
    body = keepalive.own("tidal", VPN, "RO")
    body["observations"].append({"source": "tide", "status": "pass", "facts": {"tide.level_cm": "212"}})
    assert server.post(keepalive.encode(body)).status == 200
    fact = server.client("tidal")["facts"]["tide.level_cm"]
    assert (fact["value"], fact["source"]) == ("212", "tide")


def test_members_nobody_knows_are_ignored(server):
    body = keepalive.nested("office-vpn", VPN, "RO", whatever={"deep": [1, {"er": None}]})
    assert server.post(keepalive.encode(body)).status == 200


def own_with(observation):
    return (b'{"client_id": "x", "v": 2, "observations": [{"source": "a", "status": "pass"}, ' + observation + b"]}")


@pytest.mark.parametrize("body, member", [
    (b"", None), (b"{", None), (b"[]", None), (b'"x"', None), (b'{"client_id": "x"', None), (b"\xff\xfe{}", None),
    (b'\xef\xbb\xbf{"client_id": "x"}', None), (b'{"client_id": "x"} {}', None), (b'{"client_id": "x",}', None),
    (b'{"client_id": "x", "city": "\xff"}', None), (b'{"client_id": "x", "a": NaN}', None), (b"client_id=x", None),
    (b"{}", "client_id"), (b'{"client_id": ""}', "client_id"), (b'{"client_id": 7}', "client_id"),
    (b'{"client_id": "a/b"}', "client_id"), (b'{"client_id": "' + b"x" * 101 + b'"}', "client_id"),
    (b'{"client_id": "x", "public_ip": "300.1.1.1"}', "public_ip"),
    (b'{"client_id": "x", "client_id": "y"}', "client_id"),
    (b'{"client_id": "x", "location": {"city": "A", "city": "B"}}', "location.city"),
    (b'{"client_id": "x", "location": {"country": 40}}', "location.country"),
    (b'{"client_id": "x", "dns_test": "RO"}', "dns_test"),
    (b'{"client_id": "x", "city": "\\ud800"}', "city"),
    (b'{"client_id": "x", "city": "\\u0000"}', "city"),
    (b'{"client_id": "x", "a": [0, 1e400]}', "a[1]"),
    (b'{"client_id": "x", "v": 3}', "v"),
    (b'{"client_id": "x", "v": 2, "tags": ["home", 5]}', "tags[1]"),
    (own_with(b"5"), "observations[1]"),
    (own_with(b'{"source": "a", "status": "pass"}'), "observations[1].source"),
    (own_with(b'{"source": "b", "status": "good"}'), "observations[1].status"),
    (own_with(b'{"source": "b", "status": "pass", "facts": {"exit.ip": "here"}}'), "observations[1].facts.exit.ip"),
    (own_with(b'{"source": "b", "status": "pass", "facts": {"x": 1, "x": 1}}'), "observations[1].facts.x"),
    (b'{"client_id": "x", "a": ' + b"[" * 5000 + b"]" * 5000 + b"}", "a" + "[0]" * 15),
])
def test_a_bad_body_is_refused_by_name_and_leaves_nothing(server, body, member):
    before = set(server.status())
    reply = server.post(body)
    assert reply.status == 400, reply
    assert reply.headers["content-type"].startswith("application/problem+json")
    said = reply.json()
    assert said["status"] == 400 and said["error"] == "bad_report" and said["detail"]
    assert said.get("member") == member
    assert set(server.status()) == before


@pytest.mark.parametrize("kind, status", [
    ("application/json", 200), ("application/json; charset=UTF-8", 200), ("Application/Json", 200),
    ("application/json; charset=iso-8859-1", 415), ("text/plain", 415), ("application/x-www-form-urlencoded", 415),
    ("application/problem+json", 415), ("", 415)])
def test_a_report_is_json_in_utf_8_by_its_content_type(server, kind, status):
    body = keepalive.encode(keepalive.flat("typed", VPN, "RO"))
    reply = server.post(body, **{"Content-Type": kind})
    assert reply.status == status, reply
    if status == 415:
        assert reply.json()["error"] == "unsupported_media_type" and reply.headers["accept"] == "application/json"


@pytest.mark.parametrize("headers, detail", [
    (["Content-Type: application/json", "Content-Type: text/plain"], "There is more than one Content-Type"),
    (["Content-Type: application/json"] * 2, "There is more than one Content-Type"),
    (["Content-Encoding: gzip"], "Its Content-Encoding is not known here: send the report as it is"),
    (["Content-Encoding: identity, gzip"], "Its Content-Encoding is not known here: send the report as it is"),
    (["Content-Encoding: Identity"], None),
])
def test_a_report_is_neither_of_two_types_nor_encoded(server, headers, detail):
    body = keepalive.encode(keepalive.flat("encoded", VPN, "RO"))
    head = ["POST /api/v1/keepalive HTTP/1.1", "Host: a", f"X-API-Key: {server.key}", f"Content-Length: {len(body)}"]
    with Raw(server.port.number) as wire:
        wire.send("\r\n".join([*head, *headers, "", ""]).encode() + body)
        answer = wire.answer()
    assert answer.status == (415 if detail else 200)
    if detail:
        assert json.loads(answer.body)["detail"] == detail and answer.header("accept-encoding") == "identity"


def test_a_report_without_a_content_type_is_taken_for_json(server):
    headers = keepalive.key_headers(server.key)
    body = keepalive.encode(keepalive.flat("untyped", VPN, "RO"))
    assert keepalive.call(f"{server.url}/api/v1/keepalive", "POST", body, headers).status == 200


def test_a_body_that_is_too_large_is_refused_and_the_answer_arrives(server):
    reply = server.post(keepalive.encode(keepalive.flat("too-large", VPN, "RO", padding="x" * 70000)))
    assert reply.status == 413 and reply.json()["status"] == 413
    assert server.client("too-large") is None
