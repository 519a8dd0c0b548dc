"""ifconfig.co: echoip, one request a minute from one address."""

import ipaddress
import time

from .stand_in import Answer, StandIn

NOT_FOUND = Answer.json({"status": 404, "error": "404 page not found"}, 404)


class IfconfigCo(StandIn):
    """`place` is where the caller seems to be; without a `database` only the address is told."""

    def __init__(self, place, authority=None, database=True):
        self.place = place
        self.database = database
        self._last = None  # monotonic
        super().__init__(authority)

    @property
    def url(self):
        return f"{self.origin}/json"

    def inspect(self, request):
        if request.method != "GET":
            yield "only GET is served"
        if request.path != "/json":
            yield "not a path of this service"
        if set(request.query) - {"ip"}:
            yield "takes no such parameter"
        if self._last is not None and request.at - self._last < 59:
            yield "more than one request a minute"
        self._last = time.monotonic()

    def answer(self, request):
        if request.path != "/json":
            return NOT_FOUND
        query = (request.query.get("ip") or [self.place.ip])[0]
        try:
            address = ipaddress.ip_address(query)
        except ValueError:
            return Answer.json({"status": 400, "error": f"could not parse IP: {query}"}, 400)
        return Answer.json(self._body(self.place.at(str(address)), int(address)))

    def _body(self, place, number):
        """An address of IPv6 is a number of 128 bits."""
        least = {"ip": place.ip, "ip_decimal": number, "country_eu": False}
        if not self.database:
            return least
        asn, name = place.org.split(" ", 1)
        return {**least, "country": place.country, "country_iso": place.country, "region_name": place.region,
                "region_code": "B", "zip_code": "010011", "city": place.city, "latitude": 44.4, "longitude": 26.1,
                "time_zone": place.timezone, "asn": asn, "asn_org": name, "hostname": "exit.example",
                "user_agent": {"product": "vpn-sentinel", "version": "1.0.0", "raw_value": "vpn-sentinel/1.0.0"}}
