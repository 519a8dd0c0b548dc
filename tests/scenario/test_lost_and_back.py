"""Silence, and the end of it: whose fault it is and what is told."""

import re
import signal

import pytest

from harness.lab import Usual
from harness.places import HOME, VPN
from harness.ports import Port
from harness.roles import INTERVAL, LOST_AFTER
from harness.sink import Sink
from harness.stand_in import Answer
from harness.wait import holds, until

LOST = "lost"
BACK = "recovered"


def test_a_killed_client_is_lost_after_the_threshold_and_recovers_with_the_duration(usual):
    usual.until_secure()
    usual.client.kill()
    usual.server.wait_client(usual.id, lambda r: r["status"] == "late", "to be late")
    assert usual.telegram.matching(LOST) == []
    usual.server.wait_client(usual.id, lambda r: r["status"] == "lost", "to be lost")
    (lost,) = usual.telegram.wait_for(LOST)
    record = usual.server.client(usual.id)
    assert usual.id in lost.text and record["verdict"] == "down"
    assert [i["kind"] for i in record["incidents"]] == ["tunnel_lost"]
    holds(lambda: len(usual.telegram.matching(LOST)) == 1, usual.telegram.texts, during=1.5 * LOST_AFTER)

    usual.client.start()
    (back,) = usual.telegram.wait_for(BACK)
    assert re.search(r"\b\d+(\.\d+)? ?s", back.text), f"no duration in: {back.text}"
    record = usual.server.wait_verdict(usual.id, "secure")
    assert record["status"] == "alive" and record["incidents"] == []
    assert len(usual.telegram.matching("connected")) == 1, "who comes back is not new"


def test_a_client_is_not_lost_before_the_threshold(usual):
    usual.until_secure()
    usual.client.kill()
    last = usual.client_trace.requests[-1].at
    (lost,) = usual.telegram.wait_for(LOST)
    assert lost.at - last >= LOST_AFTER - 0.2


def test_a_clean_stop_of_the_client_is_silence_too(usual):
    usual.until_secure()
    usual.client.stop()
    usual.telegram.wait_for(LOST)


def test_a_server_whose_own_probes_never_answered_tells_of_the_lost_all_the_same(lab):
    usual = Usual(lab)
    dead = Port()
    usual.server.config["probes"] = [
        {"plugin": "ipinfo", "interval": "1s", "timeout": "1s", "options": {"url": f"{dead.url}/json"}},
        {"plugin": "cloudflare_trace", "interval": "1s", "timeout": "1s", "options": {"url": f"{dead.url}/trace"}}]
    usual.start()
    usual.server.wait_client(usual.id)
    usual.telegram.wait_for("connected")
    usual.server.program.wait_for_log("0 of this server's own probes measured something")
    usual.client.kill()
    (lost,) = usual.telegram.wait_for(LOST)
    assert usual.id in lost.text
    assert usual.server.client(usual.id)["status"] == "lost"


def test_a_server_that_is_cut_off_loses_nobody_until_it_is_back(lab):
    usual = Usual(lab)
    trace = lab.trace(HOME.ip, HOME.country)
    usual.server.config["monitor"] = {"interval": "1s", "grace": "1s", "lost_after": "10s"}
    usual.server.config["probes"].append(
        {"plugin": "cloudflare_trace", "interval": "1s", "timeout": "2s", "options": {"url": trace.url}})
    usual.until_secure()
    usual.server_ipinfo.stop()
    trace.stop()
    usual.client.kill()
    holds(lambda: not usual.telegram.matching(LOST) and usual.server.client(usual.id)["status"] != "lost",
          usual.server.program.log, during=15)
    usual.server_ipinfo.start()
    trace.start()
    (lost,) = usual.telegram.wait_for(LOST, within=40)
    assert usual.id in lost.text


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_nobody_is_lost_because_the_server_restarted(lab, end):
    usual = Usual(lab)
    usual.until_secure()
    getattr(usual.server, end)()
    usual.server.start()
    usual.server.wait_verdict(usual.id, "secure")
    holds(lambda: not usual.telegram.matching(LOST), usual.telegram.texts, during=LOST_AFTER + INTERVAL)


def test_nobody_is_lost_because_the_server_was_suspended(usual):
    usual.until_secure()
    usual.server.program.signal(signal.SIGSTOP)
    rounds = len(usual.client_ipinfo.requests)
    try:
        until(lambda: len(usual.client_ipinfo.requests) >= rounds + 2 * LOST_AFTER, "the client to go on probing")
    finally:
        usual.server.program.signal(signal.SIGCONT)
    usual.server.program.wait_for_log(r"the server stood still for \d")
    holds(lambda: not usual.telegram.matching(LOST), usual.telegram.texts, during=LOST_AFTER + INTERVAL)
    assert usual.server.client(usual.id)["status"] == "alive"


def test_nobody_is_lost_because_the_server_was_away_for_long(usual):
    usual.until_secure()
    usual.server.stop()
    rounds = len(usual.client_ipinfo.requests)
    until(lambda: len(usual.client_ipinfo.requests) >= rounds + LOST_AFTER + 1, "the client to go on probing")
    usual.server.start()
    usual.server.wait_verdict(usual.id, "secure")
    usual.client.program.wait_for_log(r"\d+ reports? delivered late")
    holds(lambda: not usual.telegram.matching(LOST), usual.telegram.texts, during=LOST_AFTER + INTERVAL)


def sink_client(lab, sink, ipinfo, **more):
    return lab.client(None, probes=[{"plugin": "ipinfo", "options": {"url": ipinfo.url}}],
                      client={"server": sink.url, "key": lab.key, "id": "office-vpn", "interval": "1s",
                              "timeout": "2s", **more})


@pytest.fixture
def sink(lab):
    made = Sink(lab.key)
    lab.stand_ins.append(made)
    return made


def test_reports_made_while_the_server_was_away_arrive_late_and_in_order(lab, sink):
    ipinfo = lab.ipinfo(VPN)
    client = sink_client(lab, sink, ipinfo).start()
    sink.wait_reports(1)
    sink.stop()
    rounds = len(ipinfo.requests)
    until(lambda: len(ipinfo.requests) >= rounds + 4, "four rounds without a server")
    before = len(sink.reports)
    sink.start()
    until(lambda: len([r for r in sink.reports[before:] if r.get("late")]) >= 3,
          lambda: f"three late reports; came {sink.reports[before:]}")
    until(lambda: any(not r.get("late") for r in sink.reports[before:]), "a fresh report")
    late = [r for r in sink.reports[before:] if r.get("late")]
    assert all(r["observed_at"] for r in late)
    assert [r["seq"] for r in late] == sorted({r["seq"] for r in late}), "in order, none twice"
    assert [r["observed_at"] for r in late] == sorted(r["observed_at"] for r in late)
    fresh = [r for r in sink.reports if not r.get("late")]
    assert not {r["seq"] for r in late} & {r["seq"] for r in fresh}, "nothing is told twice"
    assert client.program.alive()


def test_the_spool_keeps_only_as_many_as_it_may(lab, sink):
    ipinfo = lab.ipinfo(VPN)
    sink.stop()
    sink_client(lab, sink, ipinfo, spool=2).start()
    until(lambda: len(ipinfo.requests) >= 5, "five rounds without a server")
    sink.start()
    sink.wait_reports(3)
    late = [r for r in sink.reports if r.get("late")]
    assert 1 <= len(late) <= 2, late
    assert min(r["seq"] for r in late) >= 3, "the newest are kept"


def test_a_server_that_asks_for_time_is_given_it(lab, sink):
    ipinfo = lab.ipinfo(VPN)
    sink.script(Answer.json({"error": "rate_limited"}, 429, Retry_After="2"))
    sink_client(lab, sink, ipinfo).start()
    sink.wait_reports(1)
    first, second = sink.requests[0], sink.requests[1]
    assert second.at - first.at >= 1.9


def test_a_client_whose_server_was_never_there_waits_for_it(lab):
    port = Port()
    ipinfo = lab.ipinfo(VPN)
    client = lab.client(None, probes=[{"plugin": "ipinfo", "options": {"url": ipinfo.url}}],
                        client={"server": port.url, "key": lab.key, "id": "early-bird", "interval": "1s", "timeout": "2s"})
    client.start()
    until(lambda: len(ipinfo.requests) >= 2, "two rounds")
    assert client.program.alive()
    assert "refused" in client.program.log().lower()
