"""The server's own DNS zone: a resolver that asks it for a client's name is told of as that client's resolver."""

import json
import re
import signal
import socket
import struct

import dns.edns
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import pytest

from harness import keepalive
from harness.own_zone import NS, ZONE, Unbound, ask, facts, make_nonce, nonces, query, send_raw, zone
from harness.places import VPN
from harness.ports import Port
from harness.vpnlab_netns import Netns, why_not
from harness.wait import until


@pytest.fixture
def dns_port():
    port = Port()
    yield port
    port.close()


@pytest.fixture
def server(lab, dns_port):
    return lab.server(zone=zone(dns_port)).start()


def report(server, client_id, names, **more):
    reply = server.post(keepalive.encode(nonces(client_id, VPN, names, **more)))
    assert reply.status == 200, reply
    return facts(server.client(client_id))


def health(server):
    return server.get("/health").json()["zone"]


def test_what_unbound_resolves_for_a_client_is_told_with_unbounds_own_address(lab, server, dns_port):
    if not Unbound.program():
        pytest.skip("there is no unbound here")
    mine, other = make_nonce(), make_nonce()
    with Unbound(lab.folder / "unbound", dns_port, "127.0.0.53") as resolver:
        answer = resolver.resolve(f"{mine}.{ZONE}")
        assert [str(item) for item in answer.answer[0]] == ["192.0.2.1"]
        resolver.resolve(f"{mine}.{ZONE}", "AAAA")
        resolver.resolve(f"{other}.{ZONE}", "TXT")
    told = report(server, "office-vpn", [mine, other], seq=1)
    assert told["zone.resolvers"] == "127.0.0.53"
    assert told["zone.labels"] == 2
    assert "zone.ecs" not in told
    assert server.client("office-vpn")["facts"]["zone.resolvers"]["source"] == "zone"


def test_the_network_that_a_resolver_passes_on_is_told(lab, server, dns_port):
    if not Unbound.program():
        pytest.skip("there is no unbound here")
    nonce = make_nonce()
    with Unbound(lab.folder / "unbound", dns_port, "127.0.0.54", subnets=True) as resolver:
        if "unknown value for module-config" in resolver.log() or "subnetcache" not in resolver.file.read_text():
            pytest.skip("this unbound was built without client subnets")
        resolver.resolve(f"{nonce}.{ZONE}")
    told = report(server, "office-vpn", [nonce], seq=1)
    assert told["zone.resolvers"] == "127.0.0.54"
    assert told["zone.ecs"] == "127.0.0.0/24"


def test_a_pool_of_resolvers_is_told_whole_and_queries_after_the_keepalive_count(server, dns_port):
    first, second = make_nonce(), make_nonce()
    ask(dns_port, query(f"{first}.{ZONE}"), source="127.0.0.11")
    ask(dns_port, query(f"{first}.{ZONE}"), source="127.0.0.12", tcp=True)
    told = report(server, "office-vpn", [f"{first}.{ZONE}", second], seq=1)
    assert told["zone.resolvers"] == "127.0.0.11 127.0.0.12"
    ask(dns_port, query(f"{second.upper()}.{ZONE}"), source="127.0.0.13")
    told = report(server, "office-vpn", [], seq=2)
    assert told["zone.resolvers"] == "127.0.0.11 127.0.0.12 127.0.0.13"
    assert told["zone.labels"] == 2
    assert health(server)["clients"] == 1


def test_a_name_belongs_to_the_first_client_that_lists_it_and_no_client_can_say_the_fact_itself(server, dns_port):
    nonce = make_nonce()
    ask(dns_port, query(f"{nonce}.{ZONE}"), source="127.0.0.21")
    assert report(server, "first", [nonce], seq=1)["zone.resolvers"] == "127.0.0.21"
    assert "zone.resolvers" not in report(server, "second", [nonce], seq=1)
    body = nonces("liar", VPN, [], seq=1)
    body["observations"][0]["facts"]["zone.resolvers"] = "192.0.2.99"
    assert server.post(keepalive.encode(body)).status == 200
    assert "zone.resolvers" not in facts(server.client("liar"))


GATEWAY, OUTSIDE = "172.18.0.1", "198.51.100.53"


@pytest.fixture
def harbour(lab, dns_port):
    """A server in a network of its own, where queries come from any address that a test likes."""
    if reason := why_not():
        pytest.skip(reason)
    place = Netns("zone")
    try:
        for address in (GATEWAY, OUTSIDE):
            place.ip("address", "add", f"{address}/32", "dev", "lo")
        made = lab.server(zone=zone(dns_port))
        get, post = made.get, made.post
        made.get = lambda *args, **options: place.inside(lambda: get(*args, **options))
        made.post = lambda *args, **options: place.inside(lambda: post(*args, **options))
        made.program.wrapper = place.wrapper()
        made.resolve = lambda nonce, source: place.inside(
            lambda: ask(dns_port, query(f"{nonce}.{ZONE}"), source=source))
        yield made.start()
        made.program.stop()
    finally:
        place.close()


def test_one_private_address_that_resolves_for_everybody_is_a_gateway_and_no_leak(harbour):
    def names(client_id, seq, source):
        nonce = make_nonce()
        assert harbour.resolve(nonce, source).rcode() == dns.rcode.NOERROR
        return report(harbour, client_id, [nonce], seq=seq)

    assert names("one", 1, GATEWAY)["zone.resolvers"] == GATEWAY, "alone it may well have a resolver there"
    assert health(harbour)["resolvers_hidden_by"] == ""
    for client_id, seq in (("two", 1), ("one", 2), ("two", 2)):
        told = names(client_id, seq, GATEWAY)
        assert "zone.resolvers" not in told and "zone.labels" not in told
        assert harbour.client(client_id)["verdicts"]["dns"]["verdict"] != "leak"
    assert health(harbour)["resolvers_hidden_by"] == GATEWAY
    assert harbour.program.log().count("a gateway hides their resolvers") == 1
    assert names("two", 3, OUTSIDE)["zone.resolvers"].split() == [GATEWAY, OUTSIDE]
    assert health(harbour)["resolvers_hidden_by"] == ""


def test_each_query_gets_the_answer_it_should(server, dns_port):
    nonce = f"{make_nonce()}.{ZONE}"
    cases = [
        (query(ZONE, "SOA"), dns.rcode.NOERROR, 1, 0),
        (query(ZONE, "NS"), dns.rcode.NOERROR, 1, 0),
        (query(ZONE, "A"), dns.rcode.NOERROR, 0, 1),
        (query(nonce, "A"), dns.rcode.NOERROR, 1, 0),
        (query(nonce, "MX"), dns.rcode.NOERROR, 0, 1),
        (query(nonce, "ANY"), dns.rcode.NOERROR, 1, 0),
        (query(f"www.{ZONE}"), dns.rcode.NXDOMAIN, 0, 1),
        (query("example.net", "A"), dns.rcode.REFUSED, 0, 0),
        (query(NS, "A"), dns.rcode.REFUSED, 0, 0),
        (query("version.bind", "TXT", rdclass="CH"), dns.rcode.REFUSED, 0, 0),
        (query(ZONE, "AXFR"), dns.rcode.REFUSED, 0, 0),
    ]
    for question, code, answers, authorities in cases:
        for tcp in (False, True):
            answer = ask(dns_port, question, tcp=tcp)
            what = f"{question.question[0]} {'tcp' if tcp else 'udp'}: {answer}"
            assert answer.rcode() == code, what
            assert (len(answer.answer), len(answer.authority)) == (answers, authorities), what
            assert bool(answer.flags & dns.flags.AA) == (code != dns.rcode.REFUSED), what
            assert not answer.flags & dns.flags.RA, what
            assert len(answer.to_wire()) <= 2 * len(question.to_wire()) + 32, what


def test_what_is_no_query_gets_an_error_or_nothing_and_the_server_goes_on(server, dns_port):
    good = query(f"{make_nonce()}.{ZONE}").to_wire()
    update = query(ZONE, "SOA")
    update.set_opcode(dns.opcode.NOTIFY)
    silent = [b"", b"\0", good[:11], good[:2] + b"\x81\x00" + good[4:], b"\xff" * 12, bytes(4097), bytes(65507)]
    for payload in silent:
        assert send_raw(dns_port, payload, timeout=0.2) is None, payload[:40]
    for payload, code in [(good[:20], dns.rcode.FORMERR), (good[:4] + b"\0\2" + good[6:], dns.rcode.FORMERR),
                          (good[:12] + b"\xc0\x0c\0\1\0\1", dns.rcode.FORMERR),
                          (update.to_wire(), dns.rcode.NOTIMP)]:
        reply = send_raw(dns_port, payload)
        assert reply is not None and reply[3] & 15 == code and len(reply) <= len(payload), payload
    later = query(f"{make_nonce()}.{ZONE}")
    later.use_edns(1)
    assert ask(dns_port, later).rcode() == dns.rcode.BADVERS
    assert ask(dns_port, query(f"{make_nonce()}.{ZONE}")).rcode() == dns.rcode.NOERROR


def test_many_queries_on_one_connection_are_answered_in_order_and_broken_ones_end_it(server, dns_port):
    names = [make_nonce() for _ in range(50)]
    with socket.create_connection((dns_port.host, dns_port.number), timeout=5) as talker:
        wires = [query(f"{name}.{ZONE}").to_wire() for name in names]
        payload = b"".join(struct.pack("!H", len(wire)) + wire for wire in wires)
        for at in range(0, len(payload), 7):  # in small pieces
            talker.sendall(payload[at : at + 7])
        stream = talker.makefile("rb")
        for wire in wires:
            size = struct.unpack("!H", stream.read(2))[0]
            assert stream.read(size)[:2] == wire[:2]
        talker.sendall(b"\xff\xff" + b"x" * 100)
        assert stream.read() == b""
    told = report(server, "office-vpn", names[:16], seq=1)
    assert told["zone.labels"] == 16


def test_beyond_the_rate_honest_resolvers_are_led_to_tcp_and_others_get_little(lab, dns_port):
    server = lab.server(zone=zone(dns_port, rate=10)).start()
    question = query(f"{make_nonce()}.{ZONE}").to_wire()
    answered = cut = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talker:
        talker.bind(("127.0.9.1", 0))
        talker.connect((dns_port.host, dns_port.number))
        talker.settimeout(0.5)
        for _ in range(200):
            talker.send(question)
        try:
            while True:
                reply = talker.recv(65535)
                cut += bool(reply[2] & 2)
                answered += not reply[2] & 2
                assert len(reply) <= 2 * len(question)
        except TimeoutError:
            pass
    assert 10 <= answered <= 30 and cut <= 110, (answered, cut)
    state = until(lambda: (lambda h: h if h["beyond_rate"] >= 160 else None)(health(server)), "the flood to be counted")
    assert state["name"] == ZONE
    nonce = make_nonce()
    assert ask(dns_port, query(f"{nonce}.{ZONE}"), tcp=True, source="127.0.9.1").rcode() == dns.rcode.NOERROR
    assert report(server, "office-vpn", [nonce], seq=1)["zone.resolvers"] == "127.0.9.1"
    metrics = server.get("/metrics", api="").body.decode()
    assert re.search(r"^vpn_sentinel_zone_queries_dropped_total [1-9]", metrics, re.MULTILINE)


def test_invented_names_push_out_nobodys(server, dns_port):
    mine = make_nonce()
    ask(dns_port, query(f"{mine}.{ZONE}"), source="127.1.0.1")
    with socket.create_connection((dns_port.host, dns_port.number), timeout=5, source_address=("127.2.0.1", 0)) as talker:
        for _ in range(900):
            wire = query(f"{make_nonce()}.{ZONE}").to_wire()
            talker.sendall(struct.pack("!H", len(wire)) + wire)
        stream = talker.makefile("rb")
        for _ in range(900):
            stream.read(struct.unpack("!H", stream.read(2))[0])
    assert health(server)["names_waiting"] >= 900
    assert report(server, "office-vpn", [mine], seq=1)["zone.resolvers"] == "127.1.0.1"


def test_a_reload_changes_the_zone_and_where_it_is_answered(lab, server, dns_port):
    other = Port()
    nonce = make_nonce()
    server.config["zone"] = zone(other, name="other.example.net")
    server.write()
    server.program.signal(signal.SIGHUP)
    server.program.wait_for_log("reloaded: zone")
    assert ask(other, query(f"{nonce}.other.example.net")).rcode() == dns.rcode.NOERROR
    assert ask(other, query(f"{nonce}.{ZONE}")).rcode() == dns.rcode.REFUSED
    assert _refused(dns_port)
    server.config.pop("zone")
    server.write()
    server.program.signal(signal.SIGHUP)
    until(lambda: "zone" not in server.get("/health").json(), "the zone to be gone")
    assert _refused(other)
    other.close()


def _refused(port):
    try:
        send_raw(port, query(ZONE).to_wire())
    except ConnectionRefusedError:
        return True
    return False


def test_a_port_that_another_has_is_refused_with_what_to_do(lab, dns_port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind((dns_port.host, dns_port.number))
        server = lab.server(zone=zone(dns_port))
        server.start(ready=False)
        assert server.program.wait() != 0
    assert f"cannot answer DNS on {dns_port.address}: another program does" in server.program.log()


def test_a_reload_to_a_port_that_another_has_leaves_all_as_it_was(lab, server, dns_port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        server.config["zone"]["listen"].append(f"127.0.0.1:{holder.getsockname()[1]}")
        server.write()
        server.program.signal(signal.SIGHUP)
        server.program.wait_for_log("another program does")
        server.program.wait_for_log("the configuration is not taken")
    assert ask(dns_port, query(f"{make_nonce()}.{ZONE}")).rcode() == dns.rcode.NOERROR


def test_a_reload_to_an_address_that_overlaps_with_the_old_one_says_so(server, dns_port):
    server.config["zone"]["listen"] = [f"0.0.0.0:{dns_port.number}"]
    server.write()
    server.program.signal(signal.SIGHUP)
    server.program.wait_for_log("the configuration is not taken")
    assert "the two overlap" in server.program.log() and "another program" not in server.program.log()
    assert ask(dns_port, query(f"{make_nonce()}.{ZONE}")).rcode() == dns.rcode.NOERROR


def test_an_answer_over_ipv6_and_from_every_address_leaves_by_the_one_that_was_asked(lab):
    port = Port("::1")
    everywhere = Port()
    server = lab.server(zone={"name": ZONE, "ns": NS, "listen": [port.address, f"0.0.0.0:{everywhere.number}"]}).start()
    nonce = make_nonce()
    assert ask(port, query(f"{nonce}.{ZONE}"), source="::1").rcode() == dns.rcode.NOERROR
    everywhere.host = "127.0.0.77"
    assert ask(everywhere, query(f"{nonce}.{ZONE}"), source="127.0.0.78").rcode() == dns.rcode.NOERROR
    assert report(server, "office-vpn", [nonce], seq=1)["zone.resolvers"] == "127.0.0.78 ::1"


def test_the_status_and_health_stay_json(server, dns_port):
    ask(dns_port, query(f"{make_nonce()}.{ZONE}"))
    assert json.loads(server.get("/health").body)["zone"]["queries"] == 1
