"""ipwho.is: one request a second; failures come with HTTP 200."""

import ipaddress
import time

from .stand_in import Answer, StandIn


class Ipwhois(StandIn):
    """`place` is where the caller seems to be."""

    def __init__(self, place, authority=None):
        self.place = place
        self._last = None  # monotonic
        super().__init__(authority)

    @property
    def url(self):
        return f"{self.origin}/"

    def inspect(self, request):
        if request.method != "GET":
            yield "only GET is served"
        if request.path.count("/") > 1:
            yield "not a path of this service"
        # The pace is kept by the clock of the sender; what travels may be squeezed together a little.
        if self._last is not None and request.at - self._last < 0.9:
            yield "more than one request a second"
        self._last = time.monotonic()

    def answer(self, request):
        query = request.path.strip("/") or self.place.ip
        try:
            address = ipaddress.ip_address(query)
        except ValueError:
            return Answer.json({"ip": query, "success": False, "message": "Invalid IP address"})
        if address.is_loopback:
            return Answer.json({"ip": query, "success": False, "message": "Reserved range"})
        return Answer.json(self._body(self.place.at(str(address))))

    @staticmethod
    def _body(place):
        number, name = place.org.split(" ", 1)
        return {"ip": place.ip, "success": True, "type": "IPv6" if ":" in place.ip else "IPv4", "continent": "Europe",
                "continent_code": "EU", "country": place.country, "country_code": place.country,
                "region": place.region, "region_code": "B", "city": place.city, "latitude": 44.4, "longitude": 26.1,
                "is_eu": True, "postal": "010011", "calling_code": "40", "capital": "Bucharest", "borders": "BG,HU",
                "flag": {"img": "https://cdn.ipwhois.io/flags/ro.svg", "emoji": "x"},
                "connection": {"asn": int(number.removeprefix("AS")), "org": name, "isp": name, "domain": "example.net"},
                "timezone": {"id": place.timezone, "abbr": "EET", "is_dst": False, "offset": 7200, "utc": "+02:00"}}
