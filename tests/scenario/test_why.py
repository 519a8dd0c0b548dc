"""`why`: what a verdict is made of, for people and for programs."""

import json

import pytest

from harness.keepalive import call, key_headers
from harness.lab import Usual
from harness.places import HOME, VPN
from harness.ports import Port
from harness.program import run
from harness.roles import API, Server

WIDTH = 92


def why(server, client, **options):
    return server.get(f"/clients/{client}/why", **options)


def ask(server, *arguments):
    """The command on the server's own machine, over its socket."""
    return run("why", *arguments, environment={"VPN_SENTINEL_STATE_DIR": server.config["state_dir"]})


def test_a_healthy_client_is_explained_with_every_source_and_rule(usual):
    usual.until_secure()
    reply = why(usual.server, usual.id)
    assert reply.status == 200
    said = reply.json()
    assert said["client_id"] == usual.id and said["verdict"] == "secure" and said["status"] == "alive"
    questions = {q["question"]: q for q in said["questions"]}
    assert list(questions) == ["tunnel", "dns", "ipv6", "policy", "killswitch"]
    assert questions["tunnel"]["rule"] == "tunnel_elsewhere" and questions["tunnel"]["rule_words"]
    assert VPN.ip in questions["tunnel"]["evidence"]
    sources = {s["source"]: s for s in said["sources"]}
    assert sources["ipinfo"]["status"] == "told" and sources["ipinfo"]["facts"]["exit.ip"] == VPN.ip
    assert sources["cloudflare_trace"]["age_ms"] < 60000
    (exit_,) = [e for e in said["exits"] if e["address"] == VPN.ip]
    assert {"source": "ipinfo", "fact": "exit.ip"} in exit_["told_by"]
    assert [h["address"] for h in said["home"]["learned"]] == [HOME.ip]
    assert said["incidents"] == [] and "cause" not in said


def test_a_bypass_is_explained_with_its_incident_and_the_exit_that_is_home(usual):
    usual.until_secure()
    usual.client_ipinfo.place = HOME
    usual.client_trace.ip, usual.client_trace.country = HOME.ip, HOME.country
    usual.server.wait_verdict(usual.id, "leak")
    said = why(usual.server, usual.id).json()
    (incident,) = said["incidents"]
    assert incident["kind"] == "bypass" and incident["evidence"]
    assert [q["rule"] for q in said["questions"] if q["question"] == "tunnel"] == ["tunnel_exit_home"]
    (exit_,) = [e for e in said["exits"] if e["address"] == HOME.ip]
    assert "server's own exit" in exit_["home"]
    shown = ask(usual.server, usual.id)
    assert shown.returncode == 0, shown
    assert "OPEN INCIDENTS" in shown.stdout and "bypass, critical, since 20" in shown.stdout
    assert f"it {exit_['home']}" in " ".join(shown.stdout.split())


def test_people_read_it_within_the_width_of_a_terminal(usual):
    usual.until_secure()
    shown = ask(usual.server, usual.id)
    assert shown.returncode == 0 and shown.stderr == ""
    lines = shown.stdout.splitlines()
    assert lines[0].startswith(f"{usual.id}: secure (alive, heard ")
    for title in ("VERDICTS", "EXITS", "RESOLVERS", "SOURCES", "OPEN INCIDENTS", "HOME"):
        assert any(line.startswith(title) for line in lines), title
    assert all(len(line) <= WIDTH or " " not in line.strip() for line in lines), shown.stdout
    assert "rule tunnel_elsewhere: every exit is outside the home network" in " ".join(shown.stdout.split())
    assert "\x1b" not in shown.stdout, "no colours where there is no terminal"


def test_the_reply_is_printed_as_it_is_when_programs_ask(usual):
    usual.until_secure()
    shown = ask(usual.server, usual.id, "--json")
    assert shown.returncode == 0 and json.loads(shown.stdout)["client_id"] == usual.id


def test_a_source_that_failed_is_named_with_its_reason(lab):
    usual = Usual(lab)
    dead = Port()
    usual.client.config["probes"].append(
        {"plugin": "ipinfo", "name": "broken", "options": {"url": f"{dead.url}/json"}})
    usual.start()
    usual.server.wait_client(usual.id, lambda r: "broken" in r["failures"], "to have a failing source")
    (broken,) = [s for s in why(usual.server, usual.id).json()["sources"] if s["source"] == "broken"]
    assert broken["status"] == "failed" and broken["reason"] and broken["facts"] == {}
    shown = ask(usual.server, usual.id)
    assert "broken, failed (" in shown.stdout


def test_a_silent_client_is_explained_too(usual):
    usual.until_secure()
    usual.client.kill()
    usual.server.wait_client(usual.id, lambda r: r["status"] == "lost", "to be lost")
    said = why(usual.server, usual.id).json()
    assert said["verdict"] == "down" and said["cause"] == "client_silent"
    assert {q["rule"] for q in said["questions"] if q["verdict"] != "not_checked"} == {"silent"}
    assert [i["cause"] for i in said["incidents"]] == ["client_silent"]


def test_a_client_that_nobody_heard_of_is_a_clear_error(lab):
    server = Server(lab).start()
    assert why(server, "nobody").json()["error"] == "client_not_found"
    shown = ask(server, "nobody")
    assert shown.returncode == 1 and "never heard of a client \"nobody\"" in shown.stderr
    assert "vpn-sentinel status" in shown.stderr and shown.stdout == ""


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["no such id"], ["../health"]])
def test_what_is_no_client_is_a_usage_error(arguments):
    shown = run("why", *arguments)
    assert shown.returncode == 2 and "why" in shown.stderr


def test_without_a_server_it_says_where_it_looked(lab):
    shown = run("why", "office-vpn", environment={"VPN_SENTINEL_STATE_DIR": lab.folder})
    assert shown.returncode == 1 and "server.sock" in shown.stderr and "--url" in shown.stderr


def test_who_has_no_key_is_told_nothing(usual):
    usual.until_secure()
    path = f"{usual.server.url}{API}/clients/{usual.id}/why"
    assert call(path, headers=key_headers("", "none")).status == 401
    assert call(path, "POST", headers=key_headers(usual.lab.key), body="{}").status == 405
