"""
The web of a laboratory's internet: every service on the real name, address and port, over HTTPS where the real one is,
and each answers by the address that asks it. So the programs under test run with the addresses they are shipped with.
"""

import ipaddress
import json
import socket
import threading
import time
from collections import Counter

from .ipinfo import body_of
from .places import HOME, VPN, Place
from .stand_in import Answer, StandIn, _Server
from .tls import Authority

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
HOSTING = {VPN.asn, OTHER.asn}
COUNTRIES = {"RO": "Romania", "PL": "Poland", "CH": "Switzerland", "AU": "Australia", "US": "United States"}
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


class Internet:
    """`answers[host]` is answer(request) -> Answer; tests change them, or limit all geolocation at once."""

    def __init__(self, namespace, tls):
        self.requests = []  # (host, Request)
        self.complaints = []
        self.answers = {"api.ipify.org": self._ipify, "api6.ipify.org": self._ipify, "api64.ipify.org": self._ipify,
                        "ipinfo.io": self._ipinfo, "v6.ipinfo.io": self._ipinfo, "ip-api.com": self._ip_api,
                        "ipwho.is": self._ipwhois, "ifconfig.co": self._ifconfig_co,
                        "www.cloudflare.com": self._trace, **{host: self._trace for host in LITERAL}}
        self.broken = {}  # host -> Answer, before anything else
        self.doors = [_Door(self, namespace, 443, tls.context()), _Door(self, namespace, 80, None)]

    def close(self):
        for door in self.doors:
            door.stop()

    def serve(self, host, answer):
        self.answers[host] = answer

    def asked(self, *hosts):
        """The requests to the hosts, or all."""
        return [request for host, request in list(self.requests) if not hosts or host in hosts]

    def counts(self):
        return Counter(host for host, _ in list(self.requests))

    # -- what the doors call

    def take(self, request, encrypted):
        host = request.headers.get("host", "").strip("[]").lower()
        self.requests.append((host, request))
        if host not in self.answers:
            self.complaints.append(f"nobody is called {host!r} here: {request.method} {request.path}")
            return Answer.text("no such host", 404)
        if encrypted == (host in ONLY_PLAIN):
            self.complaints.append(f"{host} was asked {'with' if encrypted else 'without'} TLS")
            return Answer.text("wrong port", 403)
        if host in self.broken:
            return self.broken[host]
        if request.method != "GET" and host != "api.telegram.org":
            self.complaints.append(f"{host} was asked by {request.method}")
            return Answer.text("method not allowed", 405)
        return self.answers[host](request)

    # -- the services

    def _ipify(self, request):
        if request.query.get("format") == ["json"]:
            return Answer.json({"ip": request.peer})
        return Answer.text(request.peer)

    def _trace(self, request):
        if request.path != "/cdn-cgi/trace":
            return Answer.text("error code: 1000", 404)
        place = place_of(request.peer)
        rows = {"fl": "80f417", "h": request.headers["host"], "ip": request.peer, "ts": f"{time.time():.3f}",
                "visit_scheme": "https", "uag": request.headers.get("user-agent", ""), "colo": "OTP",
                "sliver": "none", "http": "http/1.1", "loc": place.country if place else "XX", "tls": "TLSv1.3",
                "sni": "plaintext", "warp": "off", "gateway": "off", "rbi": "off", "kex": "X25519MLKEM768"}
        return Answer.text("".join(f"{key}={value}\n" for key, value in rows.items()))

    def _about(self, text, own):
        """The place of the address that a path names, the asker's when it names none, or None."""
        try:
            return place_of(str(ipaddress.ip_address(text)) if text else own)
        except ValueError:
            return None

    def _ipinfo(self, request):
        place = self._about(request.path.removesuffix("json").strip("/"), request.peer)
        return Answer.json(body_of(place)) if place else Answer.json({"ip": request.peer, "bogon": True})

    def _ip_api(self, request):
        place = self._about(request.path.removeprefix("/json").strip("/"), request.peer)
        headers = {"X_Rl": "40", "X_Ttl": "60"}
        if place is None:
            return Answer.json({"status": "fail", "message": "reserved range", "query": request.peer}, **headers)
        row = {"status": "success", "country": COUNTRIES[place.country], "countryCode": place.country, "region": "X",
               "regionName": place.region, "city": place.city, "zip": "", "lat": 1.0, "lon": 2.0,
               "timezone": place.timezone, "isp": place.org.split(" ", 1)[1], "org": place.org.split(" ", 1)[1],
               "as": place.org, "asname": place.asn, "mobile": False, "proxy": False,
               "hosting": place.asn in HOSTING, "query": place.ip}
        wanted = (request.query.get("fields") or [",".join(row)])[0].split(",")
        return Answer.json({key: value for key, value in row.items() if key in wanted}, **headers)

    def _ipwhois(self, request):
        place = self._about(request.path.strip("/"), request.peer)
        if place is None:
            return Answer.json({"ip": request.peer, "success": False, "message": "Reserved range"})
        name = place.org.split(" ", 1)[1]
        return Answer.json({
            "ip": place.ip, "success": True, "type": "IPv6" if ":" in place.ip else "IPv4",
            "country": COUNTRIES[place.country], "country_code": place.country, "region": place.region,
            "city": place.city, "latitude": 1.0, "longitude": 2.0, "is_eu": True,
            "connection": {"asn": int(place.asn.removeprefix("AS")), "org": name, "isp": name, "domain": "example.net"},
            "timezone": {"id": place.timezone, "abbr": "CET", "is_dst": False, "offset": 3600, "utc": "+01:00"}})

    def _ifconfig_co(self, request):
        place = self._about((request.query.get("ip") or [""])[0], request.peer)
        if request.path != "/json" or place is None:
            return Answer.text(json.dumps({"status": 404, "error": "404 page not found"}), 404)
        return Answer.json({"ip": place.ip, "ip_decimal": int(ipaddress.ip_address(place.ip)),
                            "country": COUNTRIES[place.country], "country_iso": place.country, "country_eu": True,
                            "region_name": place.region, "city": place.city, "time_zone": place.timezone,
                            "asn": place.asn, "asn_org": place.org.split(" ", 1)[1]})
