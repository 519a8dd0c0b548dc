"""ipinfo.io: GET /json about the caller, GET /<address>/json about anybody."""

import ipaddress

from .stand_in import Answer, StandIn

LIMIT_TEXT = ("You've hit the daily limit for the unauthenticated API.  Create an API access token by signing up to "
              "get 50k req/month.")
LIMITED = Answer.json({"status": 429, "error": {"title": "Rate limit exceeded", "message": LIMIT_TEXT}}, 429)
LIMITED_OLD = Answer(429, b"Rate limit exceeded. Subscribe to a paid plan to increase your usage limits at "
                          b"http://ipinfo.io/pricing, or contact us via http://ipinfo.io/contact",
                     {"Content-Type": "text/html"})
FORBIDDEN = Answer.json({"status": 403, "error": {"title": "Forbidden", "message": "Access denied."}}, 403)
BAD_TOKEN = Answer.json({"status": 401, "error": {"title": "Unauthorized", "message": "The token is not valid."}}, 401)
BROKEN = Answer(500, b"<html>Internal Server Error</html>", {"Content-Type": "text/html"})


def body_of(place):
    """What the service says about a place without a token."""
    return {"ip": place.ip, "city": place.city, "region": place.region, "country": place.country,
            "loc": "44.4323,26.1063", "org": place.org, "postal": "010011", "timezone": place.timezone,
            "readme": "https://ipinfo.io/missingauth"}


class Ipinfo(StandIn):
    """`place` is where the caller seems to be; `token`, when set, is the only one that is accepted."""

    def __init__(self, place, authority=None, token=None):
        self.place = place
        self.token = token
        super().__init__(authority)

    @property
    def url(self):
        return f"{self.origin}/json"

    def truncated(self):
        answer = Answer.json(body_of(self.place))
        answer.manner = "truncate"
        return answer

    def inspect(self, request):
        if request.method != "GET":
            yield "only GET is served"
        if request.body:
            yield "a GET with a body"
        if "user-agent" not in request.headers:
            yield "no User-Agent"
        if self._address(request) is None:
            yield "not a path of this service"

    def answer(self, request):
        given = request.headers.get("authorization", "").removeprefix("Bearer ") or (request.query.get("token") or [""])[0]
        if given and given != self.token:
            return BAD_TOKEN
        address = self._address(request)
        if address is None or request.method != "GET":
            return Answer.json({"status": 404, "error": {"title": "Wrong ip",
                                                         "message": "Please provide a valid IP address"}}, 404)
        if address and ipaddress.ip_address(address).is_loopback:
            return Answer.json({"ip": address, "bogon": True})
        return Answer.json(body_of(self.place.at(address) if address else self.place))

    @staticmethod
    def _address(request):
        """"" for the caller's own, the address asked about, or None for no path of ours."""
        if request.path == "/json":
            return ""
        parts = request.path.strip("/").split("/")
        if len(parts) != 2 or parts[1] != "json":
            return None
        try:
            return str(ipaddress.ip_address(parts[0]))
        except ValueError:
            return None
