"""Channels that are no web service: programs of the user's, brokers, system logs."""

import json
import os
import signal
import socket
import textwrap

import pytest

from harness import keepalive
from harness.broker import PASSWORD, USER, Broker
from harness.certificates import Unbelievable
from harness.places import HOME, VPN
from harness.system_log import Log
from harness.tls import Authority
from harness.wait import holds, until

HOSTILE = "a\n$(touch {folder}/owned) `touch {folder}/owned` ; touch {folder}/owned %s {{7*7}} <b> \U0001f525"


class World:
    """A server with one channel of the kind in question; clients report by hand."""

    def __init__(self, lab, plugin, options, also=(), **more):
        self.server = lab.server(
            monitor={"interval": "1h", "home": {"addresses": [HOME.ip]}, "lost_after": "9h"},
            notifiers=[{"plugin": plugin, "name": "channel", "timeout": "3s", **more, "options": options}, *also])
        self.server.start()

    def report(self, client, place=VPN):
        reply = self.server.post(keepalive.encode(keepalive.flat(client, place, place.country)))
        assert reply.status == 200, reply

    def channel(self):
        return self.server.get("/health").json()["channels"][0]

    def until_sent(self, count):
        until(lambda: self.channel()["sent"] >= count, lambda: self.channel())

    def until_error(self, part):
        until(lambda: part in (self.channel()["last_error"] or ""), lambda: self.channel())


# -- exec


def program(folder, body):
    """A shell script that keeps what it is told below folder, one file a run."""
    file = folder / "on-alert"
    file.write_text("#!/bin/sh\n" + textwrap.dedent(body).replace("FOLDER", str(folder)))
    file.chmod(0o755)
    return file


KEEP = """
cat >FOLDER/$VPN_SENTINEL_DELIVERY.tmp
env >FOLDER/$VPN_SENTINEL_DELIVERY.env
mv FOLDER/$VPN_SENTINEL_DELIVERY.tmp FOLDER/$VPN_SENTINEL_DELIVERY.json
"""


def kept(folder):
    return [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]


def test_a_program_gets_the_event_as_json_and_in_its_environment(lab):
    world = World(lab, "exec", {"command": [program(lab.folder, KEEP)], "environment": ["MORE=of it"]})
    world.report("office", HOME)
    world.until_sent(1)
    opened = next(event for event in kept(lab.folder) if event["kind"] == "bypass")
    assert (opened["event"], opened["severity"], opened["client"], opened["version"]) == ("opened", "critical", "office", 1)
    environment = (lab.folder / f"{opened['delivery']}.env").read_text().splitlines()
    for line in ("VPN_SENTINEL_EVENT=opened", "VPN_SENTINEL_KIND=bypass", f"VPN_SENTINEL_INCIDENT={opened['incident']}",
                 "MORE=of it"):
        assert line in environment
    assert not [line for line in environment if lab.key in line or line.startswith("SSL_CERT_FILE")]
    world.report("office", VPN)
    until(lambda: [e for e in kept(lab.folder) if e["event"] == "resolved" and e["incident"] == opened["incident"]], "its end")


def test_names_that_mean_harm_to_a_shell_are_but_texts(lab):
    world = World(lab, "exec", {"command": [program(lab.folder, KEEP)]})
    place = VPN.__class__(**{**vars(VPN), "city": HOSTILE.format(folder=lab.folder)})
    world.report("office", place)
    world.until_sent(1)
    (event,) = kept(lab.folder)
    assert "$(touch" in event["text"] and not (lab.folder / "owned").exists()


def test_a_program_that_asks_for_patience_is_run_again(lab):
    world = World(lab, "exec", {"command": [program(
        lab.folder, "[ -e FOLDER/room ] && exec touch FOLDER/done\necho no room >&2; exit 75")]})
    world.report("office")
    world.until_error("ended with 75: no room")
    (lab.folder / "room").touch()
    until((lab.folder / "done").exists, "another run", within=30)


@pytest.mark.parametrize("body, said", [("echo gone >&2; echo more >&2; exit 3", "ended with 3: gone"), (None, "on-alert")])
def test_a_program_that_fails_for_good_is_reported_elsewhere(lab, body, said):
    chat = lab.telegram()
    file = program(lab.folder, body) if body else lab.folder / "on-alert"
    world = World(lab, "exec", {"command": [file]}, also=[lab.notifier(chat, name="chat")])
    world.report("office")
    (report,) = chat.wait_for("channel broken")
    assert said in report.text and "more" not in report.text


def test_a_program_that_does_not_end_or_stop_talking_is_ended_with_all_it_started(lab):
    world = World(lab, "exec", {"limit": "500ms", "command": [program(
        lab.folder, "sleep 1000 & echo $! >FOLDER/pid\nyes & yes >&2")]})
    world.report("office")
    world.until_error("did not end in time")
    pid = int((lab.folder / "pid").read_text())
    until(lambda: not os.path.exists(f"/proc/{pid}") or " Z " in open(f"/proc/{pid}/stat").read(), "its child to be gone")
    for _ in range(20):
        world.report("office")


# -- mqtt


@pytest.fixture
def broker(lab):
    return lab._kept(Broker(lab)).listen()


def cpu_seconds(running):
    fields = open(f"/proc/{running.process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def at(broker, **options):
    return {"host": "localhost", "port": broker.port.number, "user": USER, "password": PASSWORD, **options}


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_an_incident_is_events_and_a_retained_state(lab, broker, qos):
    world = World(lab, "mqtt", at(broker, qos=qos))
    world.report("office", HOME)
    (opened,) = broker.wait_for("bypass")
    assert (opened["severity"], opened["client"]) == ("critical", "office")
    kept = broker.kept()
    assert kept["vpn-sentinel/status"] == "online" and "vpn-sentinel/events" not in kept
    state = json.loads(kept["vpn-sentinel/clients/office/bypass"])
    assert (state["state"], state["incident"]) == ("problem", opened["incident"])
    world.report("office", VPN)
    broker.wait_for("bypass", "resolved")
    assert json.loads(broker.kept()["vpn-sentinel/clients/office/bypass"])["state"] == "ok"
    world.server.stop()
    until(lambda: broker.status() == "offline", broker.status)
    assert broker.kept()["vpn-sentinel/status"] == "offline"


def test_a_server_that_is_killed_leaves_its_will(lab, broker):
    world = World(lab, "mqtt", at(broker))
    until(lambda: broker.status() == "online", "to be online")
    world.server.kill()
    until(lambda: broker.status() == "offline", "its will")


def test_a_wrong_password_is_reported_elsewhere(lab, broker):
    chat = lab.telegram()
    world = World(lab, "mqtt", at(broker, password="not-this-one"), also=[lab.notifier(chat, name="chat")])
    world.report("office")
    (report,) = chat.wait_for("channel broken")
    assert "refuses us" in report.text
    assert "not-this-one" not in report.text + world.server.program.log()


def test_an_encrypted_connection_needs_a_certificate_that_is_to_be_trusted(lab):
    broker = lab._kept(Broker(lab, encrypted=True)).listen()
    (lab.folder / "other").mkdir()
    distrusting = World(lab, "mqtt", at(broker, tls=True, ca_file=Authority(lab.folder / "other").ca_file))
    distrusting.report("office")
    distrusting.until_error("nobody whom we trust")
    distrusting.server.config["notifiers"][0]["options"]["ca_file"] = lab.authority.ca_file
    distrusting.server.stop()
    distrusting.server.start()
    distrusting.report("other")
    broker.wait_for("connected", "notice")


@pytest.mark.parametrize("kind", Unbelievable.KINDS)
def test_a_broker_that_is_not_to_be_believed_gets_no_password(lab, kind):
    broker = lab._kept(Broker(lab, certificates=Unbelievable(lab.authority, lab.folder / "bad", kind)))
    world = World(lab, "mqtt", at(broker, tls=True, ca_file=lab.authority.ca_file))
    world.report("office")
    world.until_error("certificate has expired" if kind == "expired" else "certificate is not for the name")
    assert "vpn-sentinel-" not in (broker.folder / "log").read_text()


def test_a_broker_that_starts_anew_is_told_again_who_is_there(lab):
    broker = lab._kept(Broker(lab, keeps=True)).listen()
    world = World(lab, "mqtt", at(broker))
    world.report("office", HOME)
    broker.wait_for("bypass")
    broker.end()
    broker.start()
    broker.listen()
    until(lambda: broker.status() == "online", broker.status)
    assert json.loads(broker.kept()["vpn-sentinel/clients/office/bypass"])["state"] == "problem"
    world.report("office", VPN)
    broker.wait_for("bypass", "resolved")


def test_a_broker_that_was_away_or_hung_gets_the_event_later(lab, broker):
    world = World(lab, "mqtt", at(broker))
    world.report("first")
    broker.wait_for("connected", "notice")
    broker.pause()
    world.report("second")
    world.until_error("timed out")
    for _ in range(20):
        world.report("second")
    broker.stop()
    world.until_error("no broker")
    broker.start()
    broker.listen()
    until(lambda: [e for e in broker.heard() if e["client"] == "second"], broker.heard, within=30)
    world.until_sent(2)


def test_a_silent_broker_costs_no_time_and_is_given_up(lab):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        world = World(lab, "mqtt", {"host": "127.0.0.1", "port": silent.getsockname()[1], "tls": True})
        world.report("office")
        world.until_error("timed out")
        before = cpu_seconds(world.server.program)
        holds(world.server.program.alive, "to live", during=2)
        assert cpu_seconds(world.server.program) - before < 0.7


# -- syslog


def test_another_machines_log_gets_counted_records_also_those_that_it_lost(lab):
    log = lab._kept(Log())
    world = World(lab, "syslog", {"transport": "tcp", "host": "localhost", "port": log.port})
    world.report("office", HOME)
    world.until_sent(1)
    opened = next(record for record in log.records if " bypass [" in record)
    assert opened.startswith("<26>1 20") and 'client="office"' in opened and 'event="opened"' in opened
    log.spoil = True
    world.report("late")
    world.until_error("takes nothing")
    log.spoil = False
    until(lambda: [record for record in log.records if 'client="late"' in record], "the record that was lost", within=30)


def test_the_local_log_may_be_away_or_full(lab):
    path = lab.folder / "log"
    world = World(lab, "syslog", {"path": path})
    world.report("office")
    world.until_error("No such file")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(path))
        log.settimeout(30)
        assert "Connected: office" in log.recv(65536).decode()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:  # fills the log's queue
            other.setblocking(False)
            other.connect(str(path))
            with pytest.raises(BlockingIOError):
                while True:
                    other.send(b"x" * 100)
        world.report("second")
        for _ in range(20):
            world.report("second")
        world.until_error("timed out")
        until(lambda: "Connected: second" in log.recv(65536).decode(), "the second", within=30)


def test_a_reload_ends_the_old_connection_before_the_new_one_begins(lab, broker):
    world = World(lab, "mqtt", at(broker, client_id="only-one"))
    until(lambda: broker.status() == "online", "to be online")
    options = world.server.config["notifiers"][0]["options"]
    options["prefix"] = "vpn-sentinel/new"
    world.server.write()
    world.server.program.signal(signal.SIGHUP)
    until(lambda: broker.kept().get("vpn-sentinel/new/status") == "online", broker.kept)
    assert broker.kept()["vpn-sentinel/status"] == "offline"
    world.report("office", HOME)
    until(lambda: "vpn-sentinel/new/clients/office/bypass" in broker.kept(), broker.kept)
