"""
The DNS of a laboratory's internet: one process that plays every authoritative server, each on its real address, and
answers by who asks. Resolvers are real ones (unbound) and find it as their root.

What is played: `whoami` names of Akamai and Google, with the client subnet that came along, OpenDNS's and Cloudflare's
names that only their own servers answer, Cymru's AS numbers, the hosts of the stand-ins, and a delegation.
"""

import ipaddress
import selectors
import socket
import struct
import threading
import time
from dataclasses import dataclass

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.query
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from .wait import until

ROOT_NAME = "a.root-servers.net."
ROOT = ("198.41.0.4", "2001:503:ba3e::2:30")
GOOGLE = ("216.239.32.10", "2001:4860:4802:32::a")
OPENDNS = ("208.67.222.222", "2620:119:35::35")
CLOUDFLARE = ("1.1.1.1", "2606:4700:4700::1111")
SERVERS = (*ROOT, *GOOGLE, *OPENDNS, *CLOUDFLARE)

AKAMAI_NAMES = ("whoami.akamai.net.", "whoami.akamai.com.")
AKAHELP_NAMES = ("whoami.ds.akahelp.net.", "whoami.ipv4.akahelp.net.", "whoami.ipv6.akahelp.net.")
MYADDR = "o-o.myaddr.l.google.com."
MYIP = "myip.opendns.com."
CHAOS = "whoami.cloudflare."
ORIGIN4, ORIGIN6 = ".origin.asn.cymru.com.", ".origin6.asn.cymru.com."
KNOWN = "www.cloudflare.com."
TTL = 1  # seconds: states of a laboratory change often


@dataclass(frozen=True)
class Asked:
    at: float  # monotonic seconds
    asker: str
    server: str
    name: str  # in lower case, with the last dot
    kind: str
    ecs: str  # "203.0.113.0/24" or ""
    size: int


def _subnet(query):
    for option in query.options:
        if isinstance(option, dns.edns.ECSOption):
            return option
    return None


class DnsWorld:
    """`hosts`: name -> addresses; `delegations`: name -> (its server's name, address); `places`: address -> Place."""

    def __init__(self, namespace, hosts, delegations, place_of):
        self.hosts = {f"{name}.".lower(): list(addresses) for name, addresses in hosts.items()}
        self.delegations = {f"{zone}.": (f"{server}.", address) for zone, (server, address) in delegations.items()}
        self.place_of = place_of
        self.asked = []
        self.complaints = []
        self._selector = selectors.DefaultSelector()
        self._stopping = threading.Event()
        namespace.inside(self._listen)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def queries(self, suffix="", asker=None):
        return [a for a in list(self.asked) if a.name.endswith(suffix) and asker in (None, a.asker)]

    def close(self):
        self._stopping.set()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()

    # -- sockets

    def _listen(self):
        for server in SERVERS:
            family = socket.AF_INET6 if ":" in server else socket.AF_INET
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                one = socket.socket(family, kind)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                one.bind((server, 53))
                if kind == socket.SOCK_STREAM:
                    one.listen(16)
                self._selector.register(one, selectors.EVENT_READ, server)

    def _serve(self):
        while not self._stopping.is_set():
            for key, _ in self._selector.select(0.1):
                if key.fileobj.type == socket.SOCK_DGRAM:
                    self._datagram(key.fileobj, key.data)
                else:
                    connection, peer = key.fileobj.accept()
                    threading.Thread(target=self._stream, args=(connection, peer[0], key.data), daemon=True).start()

    def _datagram(self, one, server):
        wire, peer = one.recvfrom(4096)
        reply = self._reply(wire, peer[0], server)
        try:
            if reply:
                one.sendto(reply, peer)
        except OSError:
            pass  # the way back is cut: a state of the laboratory

    def _stream(self, connection, asker, server):
        with connection:
            connection.settimeout(5)
            try:
                while head := connection.recv(2, socket.MSG_WAITALL):
                    wire = connection.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL)
                    reply = self._reply(wire, asker, server)
                    connection.sendall(struct.pack("!H", len(reply)) + reply)
            except (OSError, struct.error):
                pass  # it has gone

    def _reply(self, wire, asker, server):
        try:
            query = dns.message.from_wire(wire)
            answer = self.answer(query, asker, server, len(wire))
            return answer.to_wire() if answer else b""
        except Exception as error:  # noqa: BLE001 - a query that nobody can read is a finding, not the end
            self.complaints.append(f"DNS {server} was asked by {asker} what it cannot answer: {error!r}")
            return b""

    # -- answers

    def answer(self, query, asker, server, size=0):
        if query.flags & dns.flags.QR or len(query.question) != 1:
            self.complaints.append(f"DNS {server}: {asker} sent no query")
            return None
        question = query.question[0]
        name, ecs = question.name.to_text().lower(), _subnet(query)
        self.asked.append(Asked(time.monotonic(), asker, server, name, dns.rdatatype.to_text(question.rdtype),
                                f"{ecs.address}/{ecs.srclen}" if ecs else "", size))
        reply = dns.message.make_response(query)
        if ecs:
            scope = dns.edns.ECSOption(ecs.address, ecs.srclen, ecs.srclen)
            reply.use_edns(0, 0, 1232, options=[scope])
        if question.rdclass == dns.rdataclass.CH:
            return self._chaos(reply, question, name, asker, server)
        if server in CLOUDFLARE:  # a resolver: what it asks for is asked by itself
            reply.flags |= dns.flags.RA
            asker, ecs = server, None
        else:
            reply.flags |= dns.flags.AA
        return self._internet(reply, question, name, asker, server, ecs)

    def _chaos(self, reply, question, name, asker, server):
        if server not in CLOUDFLARE or name != CHAOS or question.rdtype != dns.rdatatype.TXT:
            reply.set_rcode(dns.rcode.NOTIMP if server in CLOUDFLARE else dns.rcode.REFUSED)
            return reply
        reply.answer.append(dns.rrset.from_text(question.name, 0, "CH", "TXT", f'"{asker}"'))
        return reply

    def _internet(self, reply, question, name, asker, server, ecs):
        for zone, (host, address) in self.delegations.items():
            if name == zone or name.endswith(f".{zone}"):
                return self._refer(reply, zone, host, address)
        rows = self._rows(name, asker, server, ecs)
        if rows is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        for kind, text in rows or ():
            if kind == dns.rdatatype.to_text(question.rdtype):
                reply.answer.append(dns.rrset.from_text(question.name, TTL, "IN", kind, text))
        if name == ".":
            reply.additional += [dns.rrset.from_text(ROOT_NAME, TTL, "IN", _kind(each), each) for each in ROOT]
        if not reply.answer:
            reply.authority.append(dns.rrset.from_text(".", TTL, "IN", "SOA", "a.root. nobody.invalid. 1 60 60 60 1"))
        return reply

    def _refer(self, reply, zone, host, address):
        reply.flags &= ~dns.flags.AA
        reply.authority.append(dns.rrset.from_text(zone, TTL, "IN", "NS", host))
        reply.additional.append(dns.rrset.from_text(host, TTL, "IN", _kind(address), address))
        return reply

    def _rows(self, name, asker, server, ecs):
        """(type, text) of each record; [] when the name is there without any, None when it is not."""
        subnet = f"{ecs.address}/{ecs.srclen}" if ecs else ""
        if name == ".":
            return [("NS", ROOT_NAME)]
        if name == ROOT_NAME:
            return [(_kind(address), address) for address in ROOT]
        if name in AKAMAI_NAMES:
            return [("A", asker)] if ":" not in asker else []
        if name in AKAHELP_NAMES:
            rows = [("TXT", f'"ns" "{asker}"')]
            return [*rows, ("TXT", f'"ecs" "{subnet}/{ecs.srclen}"')] if ecs else rows
        if name == MYADDR:
            rows = [("TXT", f'"{asker}"')]
            return [*rows, ("TXT", f'"edns0-client-subnet {subnet}"')] if ecs else rows
        if name == MYIP:
            return [(_kind(asker), asker)] if server in OPENDNS else None
        if name.endswith((ORIGIN4, ORIGIN6)):
            return self._origin(name)
        if name in self.hosts:
            return [(_kind(address), address) for address in self.hosts[name]]
        return [] if self._is_ancestor(name) else None

    def _origin(self, name):
        labels = name.removesuffix(ORIGIN4).removesuffix(ORIGIN6).split(".")[::-1]
        try:
            if name.endswith(ORIGIN4):
                address = ipaddress.ip_address(".".join(labels))
            else:
                address = ipaddress.ip_network((bytes.fromhex("".join(labels).ljust(32, "0")), 4 * len(labels)))[0]
        except ValueError:
            return [] if self._is_ancestor(name) else None
        place = self.place_of(str(address))
        if place is None:
            return None
        network = ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False)
        return [("TXT", f'"{place.asn.removeprefix("AS")} | {network} | {place.country} | ripencc | 2017-06-30"')]

    def _is_ancestor(self, name):
        known = (ROOT_NAME, *AKAMAI_NAMES, *AKAHELP_NAMES, MYADDR, MYIP, ORIGIN4, ORIGIN6, *self.hosts, *self.delegations)
        return any(each.endswith(f".{name}") for each in known) or name.endswith((ORIGIN4, ORIGIN6))


def _kind(address):
    return "AAAA" if ":" in address else "A"


UNBOUND = """
server:
  chroot: ""
  username: ""
  pidfile: ""
  directory: "{folder}"
  use-syslog: no
  verbosity: 1
  do-daemonize: no
  num-threads: 1
  module-config: "{modules}"
  access-control: 0.0.0.0/0 allow
  access-control: ::/0 allow
  hide-identity: yes
  ip-freebind: yes
  do-not-query-localhost: no
  infra-host-ttl: 2
  infra-cache-max-rtt: 1000
  cache-max-negative-ttl: 1
  root-hints: "{folder}/hints"
{lines}
remote-control:
  control-enable: no
"""


class Resolver:
    """A real resolver: where it listens, from which addresses it asks, and to whom it tells its clients' networks."""

    def __init__(self, namespace, folder, name, listens, egress, tells=()):
        self.namespace = namespace
        self.address = listens[0]
        self.egress = egress
        self.folder = folder / f"resolver-{name}"
        self.folder.mkdir()
        lines = [f"interface: {each}" for each in listens] + [f"outgoing-interface: {each}" for each in egress]
        lines += [f"send-client-subnet: {each}" for each in tells]
        if not any(":" in each for each in egress):
            lines.append("do-ip6: no")
        (self.folder / "hints").write_text(f". 3600 NS {ROOT_NAME}\n{ROOT_NAME} 3600 A {ROOT[0]}\n", encoding="ascii")
        text = UNBOUND.format(folder=self.folder, modules="subnetcache iterator" if tells else "iterator",
                              lines="\n".join(f"  {line}" for line in lines))
        self.file = self.folder / "unbound.conf"
        self.file.write_text(text, encoding="ascii")
        self.process = None
        self.start()

    def start(self):
        """Returns when it resolves names: what a program cannot reach at its start, it leaves alone for minutes."""
        self.process = self.namespace.daemon(self.folder / "log", "unbound", "-d", "-c", self.file)
        until(self._answers, lambda: f"an answer of unbound at {self.address}:\n{(self.folder / 'log').read_text()}")

    def _answers(self):
        question = dns.message.make_query(KNOWN, "A")
        try:
            reply = self.namespace.inside(lambda: dns.query.udp(question, self.address, timeout=0.5))
        except (OSError, dns.exception.DNSException):
            return False
        return bool(reply.answer)

    def stop(self):
        self.namespace.end(self.process)
