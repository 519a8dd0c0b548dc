"""
The web of a laboratory's internet: every service on the real name, address and port, over HTTPS where the real one is,
and each answers by the address that asks it. So the programs under test run with the addresses they are shipped with.
"""

import ipaddress
import socket
import threading

from .ifconfig_co import IfconfigCo
from .ip_api import IpApi
from .ipify import Ipify
from .ipinfo import Ipinfo
from .ipwhois import Ipwhois
from .places import HOME, VPN, Place
from .stand_in import Answer, StandIn, _Server
from .tls import Authority
from .trace import Trace

WEB = ("104.26.12.205", "2606:4700:20::681a:cd")  # where every name leads
WEB6 = "2606:4700:20::681a:ce"  # of names without IPv4
LITERAL = ("1.1.1.1", "2606:4700:4700::1111")  # Cloudflare is also asked by address
HOSTS = {
    "api.ipify.org": (WEB[0],), "api6.ipify.org": (WEB6,), "api64.ipify.org": WEB,
    "www.cloudflare.com": WEB, "ipinfo.io": (WEB[0],), "v6.ipinfo.io": (WEB6,), "ip-api.com": (WEB[0],),
    "ipwho.is": (WEB[0],), "ifconfig.co": WEB, "api.telegram.org": (WEB[0],)}
ONLY_PLAIN = {"ip-api.com"}  # the free service has no HTTPS

OTHER = Place("198.51.100.199", "Zürich", "Zürich", "CH", "AS51852 Private Layer INC", "Europe/Zurich")
CLOUD = Place("1.1.1.1", "Brisbane", "Queensland", "AU", "AS13335 Cloudflare, Inc.", "Australia/Brisbane")
GOOGLE = Place("8.8.8.8", "Mountain View", "California", "US", "AS15169 Google LLC", "America/Los_Angeles")
NETWORKS = [(ipaddress.ip_network(prefix), place) for prefix, place in (
    ("198.51.100.128/25", OTHER), ("198.51.100.0/24", VPN), ("203.0.113.0/24", HOME), ("2001:db8:9::/48", VPN),
    ("2001:db8:20::/48", HOME), ("1.1.1.0/24", CLOUD), ("8.8.8.0/24", GOOGLE), ("74.125.0.0/16", GOOGLE))]
LIMITED = Answer.json({"status": 429, "error": {"title": "Rate limit exceeded", "message": "Too many."}}, 429)


def place_of(address):
    """Where an address is, as a Place behind that very address, or None."""
    parsed = ipaddress.ip_address(address)
    for network, place in NETWORKS:
        if parsed.version == network.version and parsed in network:
            return place.at(address)
    return None


def plain(peer):
    """An address without the IPv6 dress of an IPv4 one."""
    return peer.removeprefix("::ffff:")


def authority(folder):
    return Authority(folder, names=("localhost", *sorted(set(HOSTS) - ONLY_PLAIN)), addresses=LITERAL)


class _Listener(_Server):
    """Both families on one port, with sockets of the namespace they were made in."""

    address_family = socket.AF_INET6
    host = "::"

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def finish_request(self, request, client_address):
        super().finish_request(request, (plain(client_address[0]), *client_address[1:]))


class _Door(StandIn):
    """A port of the internet; what comes in is answered by the service that the Host header names."""

    def __init__(self, internet, namespace, port, context):
        self.internet = internet
        self.namespace = namespace
        self.number = port
        self.context = context
        super().__init__()

    def start(self):
        self._context = self.context
        self.port = self.number
        self.stopping.clear()
        self._server = self.namespace.inside(lambda: _Listener(self, self._context))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def take(self, request):
        with self._lock:
            return self.internet.take(request, self.context is not None)


class _Played:
    """Before a stand-in's class: it has no door of its own, and answers about whoever stands at the door."""

    def start(self):
        self.port = 443

    def stop(self):
        pass

    def turn_to(self, place):
        self.place = place
        self.ip, self.country = place.ip, place.country
        self.hosting = place.asn != HOME.asn


def _played(service, name):
    return type(name, (_Played, service), {})


_Ipify, _Ipinfo, _Trace = _played(Ipify, "_Ipify"), _played(Ipinfo, "_Ipinfo"), _played(Trace, "_Trace")
_IpApi, _Ipwhois, _IfconfigCo = _played(IpApi, "_IpApi"), _played(Ipwhois, "_Ipwhois"), _played(IfconfigCo, "_IfconfigCo")
SERVICES = {
    **dict.fromkeys(("api.ipify.org", "api6.ipify.org", "api64.ipify.org"), lambda place: _Ipify(place.ip)),
    **dict.fromkeys(("ipinfo.io", "v6.ipinfo.io"), _Ipinfo),
    **dict.fromkeys(("www.cloudflare.com", *LITERAL), lambda place: _Trace(place.ip, place.country)),
    "ip-api.com": _IpApi, "ipwho.is": _Ipwhois, "ifconfig.co": _IfconfigCo}


def _subject(request):
    """The address that a request asks about: one it names, or the asker's own."""
    for text in (*request.path.split("/"), *request.query.get("ip", [])):
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            pass
    return request.peer


class Internet:
    """`answers[host]` replaces a service, `broken[host]` is what it answers instead; both may change at any time."""

    def __init__(self, namespace, tls):
        self.requests = []  # (host, Request)
        self.answers = {}
        self.broken = {}
        self.expected_complaints = []
        self._complaints = []
        self._players = {}  # (host, asker): limits are counted for each asker
        self.doors = [_Door(self, namespace, 443, tls.context()), _Door(self, namespace, 80, None)]

    def close(self):
        for door in self.doors:
            door.stop()

    @property
    def complaints(self):
        said = self._complaints + [f"{host}: {complaint}" for (host, _), player in self._players.items()
                                   for complaint in player.complaints]
        return [one for one in said if not any(expected in one for expected in self.expected_complaints)]

    def asked(self, *hosts):
        """The requests to the hosts so far."""
        return [request for host, request in list(self.requests) if host in hosts]

    # -- what the doors call

    def take(self, request, encrypted):
        host = request.headers.get("host", "").strip("[]").lower()
        self.requests.append((host, request))
        if host in self.answers:
            return self.answers[host](request)
        if host not in SERVICES:
            return self._refuse(f"nobody is called {host!r} here: {request.method} {request.path}")
        if encrypted == (host in ONLY_PLAIN):
            return self._refuse(f"{host} was asked {'with' if encrypted else 'without'} TLS")
        place = place_of(_subject(request))
        if place is None or place_of(request.peer) is None:
            return self._refuse(f"{host} was asked by or about nobody known: {request.peer} {request.path}")
        player = self._players.get((host, request.peer))
        if player is None:
            player = self._players[(host, request.peer)] = SERVICES[host](place)
        player.turn_to(place)
        player.always(self.broken.get(host))
        return player.take(request)

    def _refuse(self, complaint):
        self._complaints.append(complaint)
        return Answer.text("not here", 404)
