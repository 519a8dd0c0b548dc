"""SIGHUP of the server: another configuration, all of it or none, and nobody notices but those it is about."""

import signal
import socket
import ssl
import time

import pytest

from harness import keepalive
from harness.certificates import Certificates
from harness.database import OUTBOX, TOLD, Database
from harness.foreign import Workshop
from harness.log_book import LogBook
from harness.places import HOME, OTHER_VPN, VPN
from harness.ports import Port
from harness.stand_in import HANG, Answer
from harness.wait import holds, until

LATER = {"interval": "1h", "grace": "30s", "lost_after": "9h"}  # nobody is late in these tests
OTHER_KEY = "another-key-0123456789abcdef"


def body(client, place=VPN):
    return keepalive.encode(keepalive.flat(client, place, place.country))


def bearer(*keys):
    return [{"plugin": "bearer", "control": "sufficient", "options": {"keys": list(keys)}}]


def reload(server):
    """Another configuration, which the server must take; the line that says what changed."""
    server.write()
    before = server.program.log().count("reloaded: ")
    server.program.signal(signal.SIGHUP)
    until(lambda: server.program.log().count("reloaded: ") > before,
          lambda: f"the configuration to be taken\n{server.program.log()[-4000:]}")
    return [line for line in server.program.log().splitlines() if "reloaded: " in line][-1].split("reloaded: ")[1]


def refused(server):
    """Another configuration, which the server must refuse; what it says about that."""
    server.write()
    mark = len(server.program.log())
    server.program.signal(signal.SIGHUP)
    until(lambda: "the configuration is not taken" in server.program.log()[mark:],
          lambda: f"a refusal\n{server.program.log()[mark:]}")
    return server.program.log()[mark:]


def configuration(server):
    return server.get("/health").json()["configuration"]


# -- taken or refused


def test_an_unchanged_file_changes_nothing_and_counts(lab):
    server = lab.server().start()
    assert configuration(server)["generation"] == 1
    assert reload(server) == "nothing changed"
    assert configuration(server)["generation"] == 2
    metrics = server.get("/metrics", api="").body.decode()
    assert "\nvpn_sentinel_config_generation 2\n" in metrics and "\nvpn_sentinel_config_refused 0\n" in metrics


def test_the_log_level_and_the_limit_change_in_place(lab):
    server = lab.server(log={"level": "info"}, rate_limit={"requests": 10, "per": "1h"}).start()
    for _ in range(5):
        reply = server.get("/status")
    assert (reply.headers["x-ratelimit-limit"], reply.headers["x-ratelimit-remaining"]) == ("10", "5")
    server.config["rate_limit"] = {"requests": 100, "per": "1h"}
    server.config["log"] = {"level": "debug"}
    assert set(reload(server).split("; ")) == {"rate_limit", "log"}
    reply = server.get("/status")
    assert (reply.headers["x-ratelimit-limit"], reply.headers["x-ratelimit-remaining"]) == ("100", "49")


def test_a_bad_file_is_refused_with_all_errors_and_the_old_one_stays(lab):
    telegram = lab.telegram()
    server = lab.server(monitor=dict(LATER), notifiers=[lab.notifier(telegram, name="oncall")]).start()
    good = dict(server.config)
    taken = Port()
    server.config |= {
        "monitor": {**LATER, "intervall": "5m"},
        "rate_limit": {"requests": "many"},
        "auth": bearer(OTHER_KEY),
        "notifiers": [{"plugin": "pigeon"}, {"plugin": "telegram", "name": "oncall", "options": {"token": "x"}}],
        "server": {"listen": [{"address": server.port.address}, {"address": taken.address}]},
    }
    with socket.socket() as busy:
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        busy.bind(("127.0.0.1", taken.number))
        busy.listen()
        said = refused(server)
    for expected in ["unknown key 'intervall' in monitor", "many", "pigeon", "chat_id", f"{taken.address}: address"]:
        line = next((line for line in said.splitlines() if expected in line), said)
        assert f"{server.file}:" in line and ": error: " in line, f"{expected} in:\n{said}"
    assert "mistakes above: the server goes on as it was" in said
    assert server.get("/status").status == 200 and server.get("/status", key=OTHER_KEY).status == 401
    state = configuration(server)
    assert state["generation"] == 1 and state["refused_at"]
    server.post(body("office"))
    telegram.wait_for("Connected: office")
    server.config = good
    assert reload(server) == "nothing changed"
    assert configuration(server)["refused_at"] is None


def test_a_file_that_is_gone_or_no_yaml_is_refused(lab):
    server = lab.server().start()
    for text in (None, "server: [", ""):
        mark = len(server.program.log())
        if text is None:
            server.file.unlink()
        else:
            server.file.write_text(text)
        server.program.signal(signal.SIGHUP)
        until(lambda: "the configuration is not taken" in server.program.log()[mark:], "a refusal")  # noqa: B023
        assert server.get("/status").status == 200
    assert reload(server) == "nothing changed"


def test_what_cannot_change_while_it_runs_says_so(lab):
    server = lab.server().start()
    good = dict(server.config)
    server.config |= {"state_dir": lab.folder / "elsewhere",
                      "store": {"plugin": "sqlite", "options": {"path": lab.folder / "x.db"}},
                      "server": {**good["server"], "api_path": "/other"}}
    said = refused(server)
    for name in ("state_dir", "server.api_path", "store"):
        assert f"'{name}' cannot change while the server runs" in said
    server.config = good
    assert reload(server) == "nothing changed"


def test_without_an_access_check_an_open_listener_is_refused(lab):
    server = lab.server().start()
    server.config["auth"] = None
    server.config["server"]["listen"].append({"address": f"0.0.0.0:{Port('0.0.0.0').number}"})
    assert "anybody could use the server at 0.0.0.0" in refused(server)


# -- keys


def test_a_key_is_rotated_without_a_gap(lab):
    server = lab.server(auth=bearer(lab.key)).start()
    server.config["auth"] = bearer(lab.key, OTHER_KEY)
    assert reload(server) == "auth ~bearer"
    assert [server.get("/status", key=key).status for key in (lab.key, OTHER_KEY)] == [200, 200]
    server.config["auth"] = bearer(OTHER_KEY)
    reload(server)
    assert [server.get("/status", key=key).status for key in (lab.key, OTHER_KEY)] == [401, 200]


def test_a_file_of_keys_is_read_again_although_its_name_is_the_same(lab):
    keys = lab.folder / "keys"
    keys.write_text(f"{lab.key}\n")
    check = {"plugin": "bearer", "control": "sufficient", "options": {"keys_file": keys}}
    server = lab.server(auth=[check]).start()
    keys.write_text(f"{OTHER_KEY}\n")
    assert reload(server) == "auth ~bearer"
    assert [server.get("/status", key=key).status for key in (lab.key, OTHER_KEY)] == [401, 200]
    keys.write_text("# none any more\n")
    assert "no API key" in refused(server)
    assert server.get("/status", key=OTHER_KEY).status == 200


def test_checks_come_and_go(lab):
    server = lab.server(auth=bearer(lab.key)).start()
    server.config["auth"] = [{"plugin": "cidr", "control": "required", "options": {"allow": "192.0.2.0/24"}},
                             *bearer(lab.key)]
    assert reload(server) == "auth +cidr"
    assert server.get("/status").status == 403
    server.config["auth"] = bearer(lab.key)
    assert reload(server) == "auth -cidr"
    assert server.get("/status").status == 200


# -- listeners


def test_listeners_come_and_go_and_whoever_is_there_is_answered(lab):
    server = lab.server().start()
    old, new = server.port, Port()
    with socket.create_connection(("127.0.0.1", old.number)) as half:
        half.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n")
        server.config["server"]["listen"][0]["address"] = new.address
        assert reload(server) == "server.listen"
        half.sendall(b"\r\n")
        half.settimeout(10)
        answer = b"".join(iter(lambda: half.recv(4096), b""))
    assert b" 200 OK\r\n" in answer and b"Connection: close\r\n" in answer
    server.port = new
    assert server.get("/status").status == 200
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", old.number)).close()
    server.config["server"]["listen"][0]["address"] = old.address
    reload(server)
    server.port = old
    assert server.get("/status").status == 200


def test_what_a_listener_serves_changes_in_place(lab):
    server = lab.server().start()
    server.config["server"]["listen"][0]["serve"] = ["health"]
    reload(server)
    assert server.get("/status").status == 404
    server.config["server"]["listen"][0]["serve"] = ["api", "health"]
    reload(server)
    assert server.get("/status").status == 200


def encrypted(server, certificates):
    """Whether a handshake succeeds at its port."""
    try:
        with socket.create_connection(("127.0.0.1", server.port.number), timeout=10) as plain, \
                certificates.client().wrap_socket(plain, server_hostname="localhost"):
            return True
    except (ssl.SSLError, OSError):
        return False


def test_a_listener_begins_and_ends_to_be_encrypted_at_the_same_port(lab):
    certificates = Certificates(lab.authority, lab.folder / "certificates")
    certificates.install(certificates.make())
    server = lab.server().start()
    plain = Port()
    server.config["server"] = {"listen": [*server.config["server"]["listen"], {"address": plain.address, "tls": False}],
                               "tls": {"cert": certificates.cert, "key": certificates.key}}
    assert not encrypted(server, certificates)
    assert reload(server) == "server.listen; server.tls"
    assert encrypted(server, certificates)
    secured, server.port = server.port, plain
    assert server.get("/status").status == 200
    certificates.put(certificates.cert, "nothing")
    server.config["server"]["tls"]["min_version"] = "1.3"
    assert f"{certificates.cert}" in refused(server)
    del server.config["server"]["tls"]["min_version"]
    server.config["rate_limit"] = {"requests": 4711, "per": "1m"}
    assert reload(server) == "rate_limit"  # the pair in use stays
    assert "the certificate in use stays" in server.program.log()
    del server.config["server"]["tls"], server.config["server"]["listen"][1]["tls"]
    assert reload(server) == "server.listen; server.tls"
    server.port = secured
    assert not encrypted(server, certificates) and server.get("/status").status == 200


# -- channels


class Chats:
    """Two chats; the store is a file, so that rows can be counted."""

    def __init__(self, lab):
        self.file = lab.folder / "sentinel.db"
        self.oncall = lab.telegram()
        self.pager = lab.telegram(chat_id=99)
        self.both = [lab.notifier(self.oncall, name="oncall"), lab.notifier(self.pager, chat_id=99, name="pager")]
        self.server = lab.server(monitor={**LATER, "home": {"addresses": [HOME.ip]}}, notifiers=self.both,
                                 store={"plugin": "sqlite", "options": {"path": self.file}}).start()

    def report(self, client, place=VPN):
        assert self.server.post(body(client, place)).status == 200

    def use(self, *notifiers):
        self.server.config["notifiers"] = list(notifiers)
        return reload(self.server)

    def rows(self, table=OUTBOX):
        return len(Database(self.file).table(table))


@pytest.fixture
def chats(lab):
    return Chats(lab)


def test_channels_come_and_go_and_routes_change(lab, chats):
    assert chats.use(chats.both[0]) == "notifiers -pager"
    chats.report("first")
    chats.oncall.wait_for("Connected: first")
    assert chats.use(chats.both[1], {**chats.both[0], "route": {"severity": "critical"}}) == "notifiers +pager ~oncall"
    chats.report("second")
    chats.pager.wait_for("Connected: second")
    chats.report("second", HOME)
    chats.oncall.wait_for("VPN bypass")
    assert chats.oncall.matching("second: ") == [] and chats.pager.matching("first") == []


def test_what_waits_for_a_channel_that_leaves_comes_back_with_it_once(chats):
    chats.report("office", HOME)
    until(lambda: chats.rows() == 0 and chats.rows(TOLD) == 2, "both to be stored as told")
    chats.pager.stop()
    chats.report("later")
    chats.oncall.wait_for("Connected: later")
    until(lambda: chats.rows() == 1, "one message to wait")
    chats.use(chats.both[0])
    assert "pager: 1 message waits for this channel, which is not configured any more" in chats.server.program.log()
    chats.pager.start()
    assert chats.use(*chats.both) == "notifiers +pager"
    chats.pager.wait_for("Connected: later", within=30)
    chats.report("office", VPN)
    chats.pager.wait_for("VPN bypass is over: office", within=30)
    until(lambda: chats.rows() == 0 and chats.rows(TOLD) == 0, "nothing to be left")
    assert len(chats.pager.matching("later")) == 1 and len(chats.oncall.matching("later")) == 1


def test_what_waits_in_a_channel_that_changes_is_told_once_by_the_new_one(lab, chats):
    elsewhere = lab.telegram(chat_id=77)
    chats.pager.stop()
    for number in range(5):
        chats.report(f"client-{number}")
    chats.oncall.wait_for("Connected", count=5)
    until(lambda: "pager: not delivered yet" in chats.server.program.log(), "the first attempt")
    changed = lab.notifier(elsewhere, chat_id=77, name="pager")
    assert chats.use(chats.both[0], changed) == "notifiers ~pager"
    elsewhere.wait_for("Connected", count=5)
    until(lambda: chats.rows() == 0, "nothing to be left")
    assert sorted(m.title.split()[2] for m in elsewhere.messages) == [f"client-{number}" for number in range(5)]


def test_a_message_on_its_way_ends_there_and_counts(lab, chats):
    chats.pager.script(Answer.json({"ok": True, "result": {"message_id": 1}}, delay=2.0))
    chats.report("office")
    until(lambda: len(chats.pager.requests) > 0, "the request")
    assert chats.use(chats.both[0]) == "notifiers -pager"
    until(lambda: chats.rows() == 0, "the message to be told")
    assert "for this channel, which is not configured any more" not in chats.server.program.log()
    assert len(chats.pager.requests) == 1


def test_an_incident_of_a_channel_that_leaves_is_over(lab):
    broken = lab.telegram()
    broken.script(*[Answer.json({"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"},
                                403)] * 3)
    server = lab.server(monitor=dict(LATER), notifiers=[lab.notifier(broken, name="oncall")]).start()
    server.post(body("office"))
    until(lambda: [i["kind"] for i in server.get("/incidents").json()] == ["channel_broken"], "the incident")
    server.config["notifiers"] = []
    reload(server)
    until(lambda: server.get("/incidents").json() == [], "it to be over")


# -- plugins from outside


@pytest.fixture
def book(lab, tmp_path):
    return LogBook(Workshop(tmp_path / "workshop"), tmp_path / "plugins", tmp_path / "book")


def with_book(lab, book, **options):
    return lab.server(monitor=dict(LATER), plugins={"path": [book.file.parents[1]]},
                      notifiers=[book.notifier(**options)]).start()


def wrote(book, *lines):
    until(lambda: book.lines() == list(lines), lambda: f"{lines}; is: {book.lines()}")


def test_a_file_that_was_replaced_is_loaded_anew(lab, book):
    book.build()
    server = with_book(lab, book)
    server.post(body("a"))
    wrote(book, "first hello: connected a")
    book.build('-DTAG="second"')
    assert reload(server) == "notifiers ~book"
    server.post(body("b"))
    wrote(book, "first hello: connected a", "second hello: connected b")
    assert reload(server) == "nothing changed"


def test_live_options_reach_the_same_instance_and_others_make_a_new_one(lab, book):
    book.build()
    server = with_book(lab, book)
    server.config["notifiers"] = [book.notifier(greeting="salut")]
    assert reload(server) == "notifiers ~book"
    server.post(body("a"))
    wrote(book, "first salut: connected a")
    server.config["notifiers"] = [book.notifier(greeting="refuse")]  # taken by a new one only
    assert reload(server) == "notifiers ~book"
    server.post(body("b"))
    wrote(book, "first salut: connected a", "first refuse: connected b")


def test_one_that_cannot_be_made_refuses_the_file_and_live_options_are_taken_back(lab, book):
    book.build()
    second = LogBook(book.workshop, book.file.parents[1], book.book.with_name("second"))
    server = with_book(lab, book)
    server.config["notifiers"] = [book.notifier(greeting="salut"), second.notifier("second", mode="broken")]
    assert "the pen is broken" in refused(server)
    server.post(body("a"))
    wrote(book, "first hello: connected a")
    server.config["notifiers"] = [book.notifier(greeting="salut"), second.notifier("second")]
    assert reload(server) == "notifiers ~book +second"
    server.post(body("b"))
    wrote(second, "first hello: connected b")
    wrote(book, "first hello: connected a", "first salut: connected b")


def test_an_exclusive_one_is_made_when_the_old_one_has_ended(lab, book):
    book.build("-DEXCLUSIVE=1")
    server = with_book(lab, book)
    server.config["notifiers"] = [book.notifier(greeting="refuse")]
    reload(server)
    server.post(body("a"))
    wrote(book, "first refuse: connected a")
    book.build("-DEXCLUSIVE=1", '-DTAG="second"')
    reload(server)
    server.post(body("b"))
    wrote(book, "first refuse: connected a", "second refuse: connected b")
    assert "somebody else writes into this book" not in server.program.log()


def test_an_exclusive_one_that_cannot_be_made_leaves_the_old_one_made_again(lab, book):
    book.build("-DEXCLUSIVE=1")
    server = with_book(lab, book)
    server.config["notifiers"] = [book.notifier(mode="broken")]
    reload(server)
    server.program.wait_for_log("the pen is broken: the one before is made again, with its old options")
    server.post(body("a"))
    wrote(book, "first hello: connected a")
    server.config["notifiers"] = [book.notifier(greeting="salut")]
    reload(server)
    server.post(body("b"))
    wrote(book, "first hello: connected a", "first salut: connected b")


def test_when_neither_can_be_made_messages_wait_for_the_next_configuration(lab, book):
    book.build("-DEXCLUSIVE=1")
    server = with_book(lab, book)
    lock = book.book.with_name("book.lock")
    other = book.book.with_name("other")
    other.with_name("other.lock").touch()
    server.config["notifiers"] = [{**book.notifier(), "options": {"file": other}}]
    lock.unlink()
    lock.mkdir()  # so that the old one cannot be made again either
    reload(server)
    server.program.wait_for_log("there is none now; correct the configuration and reload")
    server.post(body("a"))
    server.program.wait_for_log("book: not delivered yet: it could not be made; see the log")
    assert book.lines() == []
    lock.rmdir()
    server.config["notifiers"] = [book.notifier()]
    reload(server)
    wrote(book, "first hello: connected a")


def test_a_wedged_one_is_given_up_by_name_and_holds_up_nothing(lab, book):
    book.build()
    server = with_book(lab, book, mode="wedged", timeout="2s")
    server.config["server"]["drain_timeout"] = "500ms"
    reload(server)
    server.post(body("a"))
    until(lambda: server.get("/health").json()["channels"][0]["queued"] == 1, "the message to be on its way")
    server.config["notifiers"] = [book.notifier()]
    begun = time.monotonic()
    assert reload(server) == "notifiers ~book"
    assert time.monotonic() - begun < 2
    assert server.get("/status").status == 200
    wrote(book, "first hello: connected a (again?)")
    server.program.wait_for_log(r"log_book@book\] did not end within 500 ms .*: abandoned")
    assert reload(server) == "nothing changed"
    server.kill()  # what was given up is kept in memory, which a leak checker would not like


# -- what the server knows


def test_a_shorter_wait_counts_for_those_who_are_silent_already(lab):
    server = lab.server(monitor=dict(LATER)).start()
    server.post(body("office"))
    server.config["monitor"] = {"interval": "1s", "grace": "0s", "lost_after": "2s"}
    assert reload(server) == "monitor"
    server.wait_client("office", lambda r: r["status"] == "lost", "to be lost", within=10)


def test_the_home_list_changes_and_what_was_learned_stays(usual):
    usual.until_secure()
    server = usual.server
    server.config["monitor"]["home"] = {"addresses": [OTHER_VPN.ip]}
    reload(server)
    server.post(body("listed", OTHER_VPN))
    server.wait_verdict("listed", "leak")
    server.post(body("learned", HOME))
    server.wait_verdict("learned", "leak")
    server.config["monitor"].pop("home")
    server.config["probes"] = []
    assert set(reload(server).split("; ")) == {"probes -ipinfo", "monitor"}
    server.post(body("listed", OTHER_VPN))
    server.wait_verdict("listed", "secure")
    server.post(body("learned-later", HOME))
    server.wait_verdict("learned-later", "leak")


def test_probes_come_and_go(lab):
    first, second = lab.ipinfo(HOME), lab.ipinfo(HOME)
    probe = {"plugin": "ipinfo", "interval": "1h", "options": {"url": first.url}}
    server = lab.server(monitor=dict(LATER), probes=[probe]).start()
    until(lambda: len(first.requests) == 1, "the first round")
    server.config["probes"].append({**probe, "name": "second", "options": {"url": second.url}})
    assert reload(server) == "probes +second"
    until(lambda: len(second.requests) == 1, "the new one to be asked")
    until(lambda: [p["status"] for p in server.get("/health").json()["probes"]] == ["pass", "pass"], "both answers")
    assert len(first.requests) <= 2
    server.config["probes"] = server.config["probes"][1:]
    assert reload(server) == "probes -ipinfo"
    assert [p["name"] for p in server.get("/health").json()["probes"]] == ["second"]


def test_the_audit_log_moves(lab):
    old, new = lab.folder / "old.log", lab.folder / "new.log"
    server = lab.server(audit={"path": old}).start()
    server.get("/status")
    server.config["audit"] = {"path": new}
    assert reload(server) == "audit"
    server.get("/incidents")
    until(lambda: new.exists() and "/incidents" in new.read_text(), "the new one to be written")
    until(lambda: "/status" in old.read_text() and "reloaded" in old.read_text(), "the old one to be whole")
    server.config["audit"] = {"path": lab.folder / "no" / "such" / "audit.log"}
    assert "audit.path" in refused(server)
    server.config["audit"] = {"enabled": False}
    reload(server)
    assert server.get("/status").status == 200


# -- when


def test_signals_in_a_row_are_one_reload_after_the_other(lab):
    server = lab.server().start()
    for _ in range(50):
        server.program.signal(signal.SIGHUP)
    until(lambda: "reloaded: nothing changed" in server.program.log(), "a reload")
    reload(server)
    assert configuration(server)["generation"] <= 52


def test_a_signal_while_it_starts_is_obeyed_afterwards(lab):
    server = lab.server()
    server.write()
    server.program.start()
    until(lambda: caught(server.program.process.pid), "the signal to be caught or held")
    server.program.signal(signal.SIGHUP)
    server.wait_ready()
    server.program.wait_for_log("reloaded: nothing changed")


def caught(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        masks = {line.split()[0]: int(line.split()[1], 16) for line in status if line.startswith(("SigCgt", "SigBlk"))}
    return (masks["SigCgt:"] | masks["SigBlk:"]) >> (signal.SIGHUP - 1) & 1


def test_a_stop_in_the_middle_of_a_reload_ends_in_order(lab):
    slow = lab.telegram()
    server = lab.server(monitor=dict(LATER), notifiers=[lab.notifier(slow, name="oncall", timeout="20s")]).start()
    slow.script(HANG)
    server.post(body("office"))
    until(lambda: len(slow.requests) == 1, "the message to be on its way")
    server.config["notifiers"] = []
    reload(server)
    server.program.signal(signal.SIGHUP)
    server.program.wait_for_log("the reload before is not over yet: this one comes next")
    assert server.stop() < 8


def test_a_reload_waits_for_the_one_before(lab):
    slow = lab.telegram()
    server = lab.server(monitor=dict(LATER), notifiers=[lab.notifier(slow, name="oncall", timeout="2s")]).start()
    slow.script(HANG)
    server.post(body("office"))
    until(lambda: len(slow.requests) == 1, "the message to be on its way")
    server.config["notifiers"] = []
    reload(server)
    server.config["notifiers"] = [lab.notifier(slow, name="oncall")]
    server.write()
    server.program.signal(signal.SIGHUP)
    slow.wait_for("Connected: office", within=20)
    holds(lambda: len(slow.matching("office")) == 1, "one message", during=1)
