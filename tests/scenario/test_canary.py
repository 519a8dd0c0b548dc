"""Canaries: what a client sends beside its tunnel on purpose, and what their arrival proves."""

import hashlib
import hmac
import json
import re
import secrets
import time

import pytest

from harness import keepalive
from harness.audit import Audit
from harness.foreign import Workshop
from harness.keepalive import call
from harness.places import VPN
from harness.program import ROOT
from harness.sink import Sink
from harness.wait import until

HEADER = "X-VPN-Sentinel-Signature"


def token_of(server, client_id="office-vpn", **more):
    """What the answer to a keepalive hands out."""
    reply = server.post(keepalive.encode(keepalive.own(client_id, VPN, VPN.country, **more)))
    assert reply.status == 200
    token = reply.json()["canary"]["token"]
    assert re.fullmatch("[0-9a-f]{64}", token)
    return token


def body(client_id="office-vpn", device="eth0", **more):
    return json.dumps({"client_id": client_id, "device": device, "nonce": secrets.token_hex(16),
                       "sent_at": "2026-11-23T12:00:00.000Z", **more}).encode()


def sign(token, payload, at=None):
    at = int(time.time()) if at is None else at
    mac = hmac.new(token.encode(), b"%d." % at + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def send(server, payload, signature, **headers):
    return call(f"{server.url}/api/v1/canary", "POST", payload,
                {"Content-Type": "application/json", HEADER: signature, **headers})


def killswitch(server, client_id="office-vpn"):
    return server.client(client_id)["verdicts"]["killswitch"]


def test_one_that_arrives_opens_the_incident_at_once_and_needs_no_key(lab):
    server = lab.server(notifiers=[lab.notifier(lab.telegram(), name="oncall")]).start()
    chat = lab.stand_ins[-1]
    token = token_of(server)
    payload = body()
    reply = send(server, payload, sign(token, payload))
    assert (reply.status, reply.json()) == (200, {"status": "ok"})
    record = server.client("office-vpn")
    assert record["verdicts"]["killswitch"]["verdict"] == "exposed"
    assert "eth0" in record["verdicts"]["killswitch"]["evidence"]
    assert (record["facts"]["canary.ip"]["value"], record["facts"]["canary.device"]["value"]) == ("127.0.0.1", "eth0")
    assert record["facts"]["canary.ip"]["source"] == "canary"
    incidents = server.get("/clients/office-vpn/incidents").json()
    assert [i["kind"] for i in incidents if not i.get("resolved_at")] == ["killswitch_open"]
    assert "by eth0" in chat.wait_for("kill switch open")[0].text


def test_it_leaves_a_line_of_its_own_in_the_audit_log(lab):
    server = lab.server().start()
    token = token_of(server)
    payload = body()
    assert send(server, payload, sign(token, payload)).status == 200
    entry = Audit(server.folder / "audit.log").wait(lambda e: e["path"].endswith("/canary"))
    assert (entry["status"], entry["client"], entry["address"]) == (200, "office-vpn", "127.0.0.1"), entry
    assert token not in Audit(server.folder / "audit.log").text()


def test_after_three_intervals_without_another_one_it_is_over(lab):
    server = lab.server().start()
    token = token_of(server, seq=1, interval_seconds=1)
    payload = body()
    assert send(server, payload, sign(token, payload)).status == 200
    token_of(server, seq=2, interval_seconds=1)
    assert killswitch(server)["verdict"] == "exposed"
    seq = iter(range(3, 1000))

    def gone():
        token_of(server, seq=next(seq), interval_seconds=1)
        return "canary.ip" not in server.client("office-vpn")["facts"]

    until(gone, "the canary to be forgotten")


def test_whatever_is_wrong_gets_the_same_answer(lab):
    server = lab.server().start()
    token = token_of(server)
    other = token_of(server, "other")
    good = body()
    signature = sign(token, good)
    assert send(server, good, signature).status == 200
    now = int(time.time())
    wrong = [
        (good, signature),  # again
        (good, sign(other, good)),
        (body(), ""),
        (body(), "t=1,v1=00"),
        (body(client_id="nobody"), None),
        (body(client_id=""), None),
        (body(device="eth0 wlan0"), None),
        (body(device="x" * 16), None),
        (b"{}", None),
        (b"not json", None),
        (b"", None),
        (body(more="x" * 2000), None),
    ]
    answers = set()
    for payload, header in wrong:
        reply = send(server, payload, sign(token, payload) if header is None else header)
        assert reply.status == 401, (payload, header, reply)
        answers.add(re.sub(rb'"instance":"[^"]*"', b"", reply.body))
    for shift in (-400, 400):
        payload = body()
        reply = send(server, payload, sign(token, payload, now + shift))
        assert reply.status == 401
        answers.add(reply.body)
    assert len(answers) == 1, answers
    assert reply.headers["www-authenticate"]
    metrics = server.get("/metrics", api="").body.decode()
    assert "vpn_sentinel_canaries_total 1\n" in metrics and "vpn_sentinel_canaries_refused_total 14\n" in metrics


def test_the_required_checks_and_the_limit_of_the_address_count(lab):
    bearer = {"plugin": "bearer", "control": "sufficient", "options": {"keys": lab.key}}
    cidr = {"plugin": "cidr", "control": "required", "options": {"allow": "127.0.0.0/8"}}
    server = lab.server(auth=[cidr, bearer], rate_limit={"requests": 5, "per": "1m"}).start()
    token = token_of(server)
    payload = body()
    assert send(server, payload, sign(token, payload)).status == 200
    statuses = []
    for _ in range(8):
        payload = body()
        statuses.append(send(server, payload, sign(token, payload)).status)
    assert statuses[-1] == 429, statuses
    stranger = lab.server(name="far", auth=[{**cidr, "options": {"allow": "192.0.2.0/24"}}, bearer])
    stranger.start(ready=False)
    until(stranger.healthy, "the second server to be healthy")
    payload = body()
    assert send(stranger, payload, sign(token, payload)).status == 403


def test_a_token_outlives_a_restart_of_the_server(lab):
    server = lab.server(store={"plugin": "sqlite", "options": {"path": str(lab.folder / "s.db")}}).start()
    token = token_of(server)
    server.stop()
    server.start()
    payload = body()
    assert send(server, payload, sign(token, payload)).status == 200
    assert token_of(server, seq=9) == token


@pytest.fixture
def herald(lab, tmp_path):
    """A client with a probe that sends one each round, by the loopback device."""
    source = (ROOT / "tests" / "abi" / "zoo" / "herald.c").read_text(encoding="utf-8")
    Workshop(tmp_path / "workshop").build(tmp_path / "plugins" / "probes" / "herald.so", source=source)

    def make(server, device="lo"):
        probe = {"plugin": "herald", "options": {"device": device}}
        return lab.client(server, probes=[probe], plugins={"path": [tmp_path / "plugins"]})

    return make


def text(server):
    record = server.client("office-vpn")
    return record["facts"]["own.text"]["value"] if record and "own.text" in record["facts"] else ""


def test_a_probe_of_the_client_sends_one_by_a_device_and_the_server_takes_it(lab, herald):
    server = lab.server().start()
    client = herald(server).start()
    until(lambda: text(server) == "0 200 127.0.0.1|", lambda: f"a canary to arrive: {text(server)}")
    assert killswitch(server)["verdict"] == "exposed"
    assert server.client("office-vpn")["facts"]["canary.device"]["value"] == "lo"
    token = token_of(server, seq=100000)
    assert token not in client.program.log() and token not in server.program.log()


def test_without_a_token_the_probe_is_told_so(lab, herald):
    sink = Sink(lab.key)
    lab.stand_ins.append(sink)
    herald(sink).start()
    for report in sink.wait_reports(2):
        (seen,) = [o for o in report["observations"] if o["source"] == "herald"]
        assert seen["facts"]["own.text"].startswith("1 0 |the server has not told yet how to sign")


def test_a_device_that_is_not_there_is_no_closed_kill_switch(lab, herald):
    server = lab.server().start()
    herald(server, device="nosuch0").start()
    until(lambda: text(server).startswith("4 0 |the connection cannot leave by nosuch0"),
          lambda: f"the device to be named: {text(server)}")
    assert "canary.ip" not in server.client("office-vpn")["facts"]
