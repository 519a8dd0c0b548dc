"""ip-api.com: plain HTTP, 45 requests a minute, and a ban for those who do not listen to X-Rl."""

import ipaddress
import threading
import time

from .stand_in import Answer, StandIn

FIELDS = {"status", "message", "continent", "continentCode", "country", "countryCode", "region", "regionName", "city",
          "district", "zip", "lat", "lon", "timezone", "offset", "currency", "isp", "org", "as", "asname", "reverse",
          "mobile", "proxy", "hosting", "query"}
USUAL = FIELDS - {"continent", "continentCode", "district", "offset", "currency", "asname", "reverse", "mobile", "proxy",
                  "hosting", "message"}
LIMITED = Answer(429, b"", {"X-Rl": "0", "X-Ttl": "60"})


class IpApi(StandIn):
    """`place` is where the caller seems to be; `left` requests remain for the next `ttl` seconds."""

    def __init__(self, place, left=45, ttl=60, hosting=True):
        self.place = place
        self.left = left
        self.ttl = ttl
        self.hosting = hosting
        self._until = None  # monotonic: when the count begins anew
        self._counting = threading.Lock()
        super().__init__()  # the free service has no HTTPS

    @property
    def url(self):
        return f"{self.origin}/json"

    def inspect(self, request):
        if request.method != "GET":
            yield "only GET is served"
        if self._address(request) is None:
            yield "not a path of this service"
        if self._fields(request) - FIELDS:
            yield f"no such fields: {self._fields(request) - FIELDS}"
        if self.left <= 0 and self._until and time.monotonic() < self._until:
            yield "asked although X-Rl was 0"

    def answer(self, request):
        headers = self._count()
        if headers is None:
            return LIMITED
        address = self._address(request)
        if address is None:
            return Answer.text("404 page not found", 404)
        query = address or self.place.ip
        if ipaddress.ip_address(query).is_loopback or ipaddress.ip_address(query) in ipaddress.ip_network("192.168.0.0/16"):
            body = {"status": "fail", "message": "reserved range", "query": query}
        else:
            body = self._body(self.place.at(query))
        wanted = self._fields(request) or USUAL
        answer = Answer.json({name: value for name, value in body.items() if name in wanted})
        answer.headers.update(headers)
        return answer

    def _count(self):
        """The two headers, or None when nothing is left."""
        with self._counting:
            now = time.monotonic()
            if self._until is None or now >= self._until:
                self._until = now + self.ttl
            elif self.left <= 0:
                return None
            self.left -= 1
            return {"X-Rl": str(max(self.left, 0)), "X-Ttl": str(int(self._until - now))}

    def _body(self, place):
        return {"status": "success", "country": place.country, "countryCode": place.country, "region": "B",
                "regionName": place.region, "city": place.city, "zip": "010011", "lat": 44.4, "lon": 26.1,
                "timezone": place.timezone, "isp": place.org.split(" ", 1)[1], "org": place.org.split(" ", 1)[1],
                "as": place.org, "hosting": self.hosting, "query": place.ip}

    @staticmethod
    def _fields(request):
        return {name for text in request.query.get("fields", []) for name in text.split(",")}

    @staticmethod
    def _address(request):
        """"" for the caller's own, the address asked about, or None for no path of ours."""
        parts = request.path.strip("/").split("/")
        if parts[0] != "json" or len(parts) > 2:
            return None
        if len(parts) == 1:
            return ""
        try:
            return str(ipaddress.ip_address(parts[1]))
        except ValueError:
            return None
