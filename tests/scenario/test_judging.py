"""What reports are judged to, and by which rule: exit policies, resolvers, IPv6, the kill switch; reloads of their rules."""

import itertools
import signal

import pytest

from harness import keepalive
from harness.places import HOME, OTHER_VPN, VPN
from harness.program import run
from harness.wait import until

LATER = {"interval": "1h", "grace": "30s", "lost_after": "9h"}  # nobody is late in these tests
HOME6 = "2001:db8:77:5::20"
LISTED = {"addresses": [HOME.ip, "2001:db8:77::/48", HOME.asn]}
RESOLVED = {"dns.techniques": "akamai google", "dns.labels": "10"}

seqs = itertools.count(1)


@pytest.fixture
def server(lab):
    return lab.server(monitor={**LATER, "home": LISTED}).start()


def report(server, client, place=VPN, **facts):
    """One report of `client`, which says besides its exit the facts given by source; the verdict of each question."""
    body = keepalive.own(client, place, place.country, seq=next(seqs), started_at="2026-11-23T00:00:00Z")
    body["observations"] += [{"source": source, "status": "pass", "facts": told} for source, told in facts.items()]
    reply = server.post(keepalive.encode(body))
    assert reply.status == 200, reply.body
    return verdicts(reply)


def verdicts(reply):
    said = reply.json()
    return {"overall": said["verdict"], **{question: one["verdict"] for question, one in said["verdicts"].items()}}


def answer(server, client, question):
    """Verdict, rule and evidence of one question."""
    said = {q["question"]: q for q in server.get(f"/clients/{client}/why").json()["questions"]}[question]
    return said["verdict"], said.get("rule", ""), said.get("evidence", "")


def kinds(server, client):
    return [incident["kind"] for incident in server.client(client)["incidents"]]


def reload(server):
    server.write()
    before = server.program.log().count("reloaded: ")
    server.program.signal(signal.SIGHUP)
    until(lambda: server.program.log().count("reloaded: ") > before, "the configuration to be taken")


def test_the_policy_that_names_the_client_first_is_held_against_its_exit(lab):
    policy = [{"client": ["office-*"], "allow": ["SE", "CH"]}, {"deny": ["AS51852"]}]
    server = lab.server(monitor={**LATER, "home": LISTED, "policy": policy}).start()
    for _ in range(2):
        assert report(server, "office-1")["policy"] == "violation"
        assert report(server, "office-2", OTHER_VPN)["policy"] == "secure"
        assert report(server, "laptop")["policy"] == "secure"
        assert report(server, "desk", OTHER_VPN)["policy"] == "violation"
    verdict, rule, evidence = answer(server, "office-1", "policy")
    assert (verdict, rule) == ("violation", "policy_not_allowed")
    assert evidence == f"the exit {VPN.ip} is in RO, AS9009; allowed are SE, CH"
    assert answer(server, "desk", "policy")[1] == "policy_denied"
    assert kinds(server, "office-1") == ["policy"] and kinds(server, "laptop") == []


def test_a_policy_that_was_reloaded_judges_the_next_report(server):
    assert report(server, "office-1")["policy"] == "not_checked"
    server.config["monitor"] |= {"policy": [{"allow": ["SE"]}]}
    reload(server)
    for _ in range(2):
        assert report(server, "office-1")["policy"] == "violation"
    assert kinds(server, "office-1") == ["policy"]
    server.config["monitor"] |= {"policy": [{"allow": ["SE", "RO"]}]}
    reload(server)
    for _ in range(2):
        assert report(server, "office-1")["policy"] == "secure"
    assert kinds(server, "office-1") == []


def test_check_says_where_home_and_policy_make_no_sense(lab):
    server = lab.server(monitor={**LATER, "home": {"addresses": ["AS64500"], "asn": "off", "prefix6": 80},
                                 "policy": [{"allow": ["Romania"]}]})
    server.write()
    said = run("check", "-c", str(server.file)).stderr
    for expected in ["'asn' is off, but 'addresses' lists AS64500", "'Romania' is no country code", "prefix6"]:
        assert expected in said, said
    server.config["monitor"] = {**LATER, "policy": [{"allow": ["ZZ"]}]}
    server.write()
    assert '"ZZ" is the code of no country' in run("check", "-c", str(server.file)).stderr


@pytest.mark.parametrize("facts, verdict, rule", [
    ({"dns.resolvers": "198.51.100.53", **RESOLVED}, "secure", "dns_same_prefix"),
    ({"dns.resolvers": f"198.51.100.53 {HOME.ip}", **RESOLVED}, "leak", "dns_home"),
    ({"dns.resolvers": "8.8.8.8 9.9.9.9", **RESOLVED}, "third_party", "dns_public"),
    ({"dns.resolvers": "8.8.8.8", "dns.ecs": "198.51.100.0/24", **RESOLVED}, "third_party", "dns_public_ecs"),
    ({"dns.resolvers": "8.8.8.8", "dns.ecs": "203.0.113.0/24", **RESOLVED}, "leak", "dns_ecs_home"),
    ({"dns.resolvers": "198.51.100.53", "dns.labels": "2"}, "unknown", "dns_few_labels"),
    ({"dns.answering": "false", "dns.labels": "10"}, "unknown", "dns_resolver_dead"),
    ({"dns.resolvers": "192.0.2.53", **RESOLVED}, "unknown", "dns_no_place"),
])
def test_resolvers_are_judged_and_the_trace_no_longer(server, facts, verdict, rule):
    # The trace names another country than the exit's: without resolvers that would be a leak.
    body = keepalive.own("office-1", VPN, "US", seq=next(seqs))
    body["observations"].append({"source": "dns_resolver", "status": "pass", "facts": facts})
    assert verdicts(server.post(keepalive.encode(body)))["dns"] == verdict
    assert answer(server, "office-1", "dns")[:2] == (verdict, rule)


def test_ipv6_at_home_is_a_leak_of_its_own_and_no_bypass(server):
    said = report(server, "office-1", ipify={"exit6.ip": HOME6})
    assert (said["tunnel"], said["ipv6"], said["overall"]) == ("secure", "leak", "leak")
    assert kinds(server, "office-1") == ["ipv6_leak"]
    report(server, "office-1", ipify={"ipv6.reachable": "false"})
    assert kinds(server, "office-1") == []


def test_what_gets_past_the_tunnel_is_exposed(server):
    said = report(server, "office-1", killswitch={"killswitch.tested": "eth0 eth1", "killswitch.open": "eth1"})
    assert said["killswitch"] == "exposed" and kinds(server, "office-1") == ["killswitch_open"]
    said = report(server, "office-1", killswitch={"killswitch.tested": "eth0 eth1"})
    assert said["killswitch"] == "secure" and kinds(server, "office-1") == []


def test_nobody_but_the_server_can_tell_what_its_zone_and_canaries_saw(server):
    said = report(server, "office-1", mine={"zone.resolvers": "198.51.100.53", "zone.labels": "9", "canary.ip": HOME.ip})
    assert said["killswitch"] == "not_checked"
    assert answer(server, "office-1", "dns")[1] == "dns_location_equal"
