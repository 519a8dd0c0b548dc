"""api.ipify.org and api6.ipify.org: the caller's address and nothing else, without a line break."""

import socket

from .stand_in import Answer, StandIn, _Server


class Ipify(StandIn):
    """`ip` is where the caller seems to come from."""

    def __init__(self, ip, authority=None):
        self.ip = ip
        super().__init__(authority)

    @property
    def url(self):
        return self.origin

    def inspect(self, request):
        if request.method != "GET":
            yield "only GET is served"
        if request.path != "/":
            yield "not a path of this service"
        if set(request.query) - {"format", "callback"}:
            yield "takes no such parameter"

    def answer(self, request):
        if request.path != "/":
            return Answer.text("Not Found", 404)
        if request.query.get("format") == ["json"]:
            return Answer.json({"ip": self.ip})
        return Answer.text(self.ip)


class _Server6(_Server):
    address_family = socket.AF_INET6
    host = "::1"


class Ipify6(Ipify):
    """The same on the loopback address of IPv6."""

    listener = _Server6

    @property
    def origin(self):
        return super().origin.replace("127.0.0.1", "[::1]")
