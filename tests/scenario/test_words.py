"""Messages in the language of each channel, trying channels, and the heartbeat of a server that is well."""

import json
import re
import signal
from dataclasses import replace

from harness import keepalive
from harness.channel_ntfy import Ntfy
from harness.channel_webhook import Webhook
from harness.places import HOME, VPN
from harness.program import ROOT, run
from harness.stand_in import Answer, StandIn
from harness.wait import holds, until


def server_with(lab, *channels, **more):
    notifiers = [made.notifier(name=f"channel{i}", **extra) for i, (made, extra) in enumerate(channels)]
    return lab.server(monitor={"interval": "1h", "home": {"addresses": [HOME.ip]}, "lost_after": "9h"},
                      notifiers=notifiers, **more)


def command(server, *args):
    return run(*args, environment={"VPN_SENTINEL_STATE_DIR": server.config["state_dir"]})


def report(server, client, place):
    reply = server.post(keepalive.encode(keepalive.flat(client, place, place.country)))
    assert reply.status == 200, reply


def test_each_channel_speaks_its_language_whatever_that_of_the_process(lab):
    lab.environment.update(LANGUAGE="de:ro", LC_ALL="C")
    spanish, english = lab._kept(Ntfy(lab.authority)), lab._kept(Ntfy(lab.authority))
    server = server_with(lab, (spanish, {"locale": {"language": "es", "timezone": "Europe/Madrid"}}), (english, {}))
    server.start()
    report(server, "oficina", HOME)
    (told,) = spanish.wait_for("Tráfico fuera de la VPN: oficina")
    assert "El tráfico sale por la red doméstica en lugar del túnel." in told.text
    assert "Prueba (en inglés): «the exit" in told.text
    assert "Qué hacer: " in told.text and "What to do" not in told.text
    assert " CET (+01:00)" in told.text or " CEST (+02:00)" in told.text
    (told,) = english.wait_for("VPN bypass: oficina")
    assert "What to do: " in told.text and " UTC" in told.text
    report(server, "oficina", VPN)
    spanish.wait_for("El tráfico vuelve a ir por la VPN: oficina tras ")


def example_of(path, start):
    """The lines of an example that begins with start, without what stands before each of them."""
    lines = (ROOT / path).read_text(encoding="utf-8").split("\n")
    first = next(i for i, line in enumerate(lines) if line.endswith(start) and "templates:" in "".join(lines[i:i + 4]))
    before = lines[first][:-len(start)]
    taken = []
    for line in lines[first:]:
        if not line.startswith(before) or (taken and line[len(before):len(before) + 1] != " "):
            break
        taken.append(line[len(before):])
    return "\n".join(taken) + "\n"


def test_the_templates_of_the_documentation_are_good_ones_and_all_places_are_listed(tmp_path):
    shown = example_of("core/server/README.md", "locale:")
    assert example_of("etc/server.yaml", "locale:") == shown
    file = tmp_path / "server.yaml"
    file.write_text("store: { plugin: memory }\nserver: { listen: [ { address: \"127.0.0.1:0\" } ] }\nnotifiers:\n"
                    "  - plugin: console\n" + "".join(f"    {line}\n" for line in shown.splitlines()))
    done = run("check", "-c", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    file.write_text(file.read_text().replace("{evidence}", "{evidenz}"))
    done = run("check", "-c", str(file))
    assert done.returncode == 2 and "did you mean '{evidence}'?" in done.stdout + done.stderr
    header = (ROOT / "core/config/template_conf.h").read_text()
    places = re.findall(r"X\((\w+)\) ", header.split("VS_TEMPLATE_PLACES(X)", 1)[1])
    table = (ROOT / "core/server/README.md").read_text().split("## Templates", 1)[1].split("## ", 1)[0]
    assert len(places) > 30
    assert {place for place in places if f"`{place}`" not in table} == set()


def test_each_channel_has_its_templates_and_a_reload_brings_others(lab):
    short, long = lab._kept(Ntfy(lab.authority)), lab._kept(Ntfy(lab.authority))
    brief = {"locale": {"templates": {"title": "[{severity}] {headline}: {client}", "opened": "{exit} {country}\n{provider} {{7*7}\n{tags}",
                                      "resolved": "{{over} {duration}"}}}
    server = server_with(lab, (short, brief), (long, {"locale": {"language": "es"}}))
    server.start()
    report(server, "office", replace(HOME, org="AS5617 {hint} {{7*7}} %s"))
    (told,) = short.wait_for(r"\[critical\] VPN bypass: office")
    assert f"\n{HOME.ip} {HOME.country}\n" in told.text and told.text.rstrip().endswith("{hint} {{7*7}} %s {7*7}"), told.text
    (told,) = long.wait_for("Tráfico fuera de la VPN: office")
    assert "Qué hacer: " in told.text
    server.config["notifiers"][0]["locale"]["templates"]["resolved"] = "over for {client}"
    server.write()
    generation = server.get("/health").json()["configuration"]["generation"]
    server.program.signal(signal.SIGHUP)
    until(lambda: server.get("/health").json()["configuration"]["generation"] != generation, "the reload")
    report(server, "office", VPN)
    (told,) = short.wait_for("VPN bypass is over: office")
    assert told.text.rstrip().endswith("\nover for office") and "Until" not in told.text


def test_notify_tries_every_channel_and_tells_what_each_answers(lab):
    good, bad = lab._kept(Webhook(lab.authority)), lab._kept(Ntfy(lab.authority))
    bad.always(bad.REFUSED)
    server = server_with(lab, (good, {"route": {"severity": "critical"}}), (bad, {}))
    server.start()
    done = command(server, "notify", "Is <b>anybody</b> there? {{7*7}} %s")
    assert done.returncode == 1
    first, second = done.stdout.splitlines()
    assert first.startswith("channel0 (webhook): sent in ")
    assert second.startswith("channel1 (ntfy): refused: ") and "forbidden" in second
    assert "1 of 2 channels did not take it" in done.stderr
    (told,) = good.wait_for("Test message")
    assert "Is <b>anybody</b> there? {{7*7}} %s" in told.text
    only = command(server, "notify", "again", "--channel", "channel0", "--json")
    assert only.returncode == 0, only.stderr
    (answer,) = json.loads(only.stdout)["channels"]
    assert answer["outcome"] == "sent" and answer["reason"] == ""
    missing = command(server, "notify", "x", "--channel", "fax")
    assert missing.returncode == 1 and "there is none of this name" in missing.stderr
    assert command(server, "notify", "").returncode == 2


def test_the_heartbeat_comes_while_the_server_is_healthy_and_stops_when_it_is_not(lab):
    heart = lab._kept(StandIn(lab.authority))
    heart.always(Answer.text("OK"))
    dead = lab._kept(Ntfy(lab.authority))
    server = server_with(lab, (dead, {}), heartbeat={"url": f"{heart.origin}/ping/secret-4711", "interval": "1s"})
    server.start()
    until(lambda: len(heart.requests) >= 2, "no second heartbeat")
    assert {(request.method, request.path) for request in heart.requests} == {("GET", "/ping/secret-4711")}
    heart.always(Answer.text("no", 503))
    server.program.wait_for_log("heartbeat.*not taken: the answer was 503")
    heart.always(Answer.text("OK"))
    server.program.wait_for_log("heartbeat.*taken again")
    dead.always(dead.REFUSED)
    report(server, "office", VPN)
    server.program.wait_for_log("heartbeat.*withheld while the server is degraded")
    seen = len(heart.requests)
    holds(lambda: len(heart.requests) == seen, lambda: heart.requests, during=2)
    assert "secret-4711" not in server.program.log()


def test_a_heartbeat_without_an_address_is_refused_by_check_too(lab):
    server = server_with(lab, heartbeat={"url": "healthchecks.example/secret-4711"})
    done = run("check", "-c", server.write())
    assert done.returncode == 2
    assert "'url' of heartbeat must be an address that begins with http:// or https://" in done.stdout + done.stderr
    assert "secret-4711" not in done.stdout + done.stderr


def test_a_heartbeat_can_be_moved_and_ended_while_the_server_runs(lab):
    first, second = lab._kept(StandIn(lab.authority)), lab._kept(StandIn(lab.authority))
    for heart in (first, second):
        heart.always(Answer.text("OK"))
    server = server_with(lab, heartbeat={"url": f"{first.origin}/a", "interval": "1s"})
    server.start()
    until(lambda: first.requests, "the first heartbeat")
    server.config["heartbeat"]["url"] = f"{second.origin}/b"
    server.write()
    server.program.signal(signal.SIGHUP)
    until(lambda: second.requests, "a heartbeat elsewhere")
    seen = len(first.requests)
    until(lambda: len(second.requests) >= 2, "another one there")
    assert len(first.requests) == seen
    del server.config["heartbeat"]
    server.write()
    generation = server.get("/health").json().get("configuration", {}).get("generation")
    server.program.signal(signal.SIGHUP)
    until(lambda: server.get("/health").json().get("configuration", {}).get("generation") != generation, "the reload")
    seen = len(second.requests)
    holds(lambda: len(second.requests) == seen, lambda: second.requests, during=2)
