"""Cloudflare's /cdn-cgi/trace: key=value lines about the HTTP client."""

import time

from .stand_in import Answer, StandIn

PATH = "/cdn-cgi/trace"


class Trace(StandIn):
    """`ip` and `country` are the caller's as this service sees them."""

    def __init__(self, ip, country, authority=None, colo="OTP"):
        self.ip = ip
        self.country = country
        self.colo = colo
        super().__init__(authority)

    @property
    def url(self):
        return f"{self.origin}{PATH}"

    def body(self, agent=""):
        rows = {"fl": "80f417", "h": f"127.0.0.1:{self.port}", "ip": self.ip, "ts": f"{time.time():.3f}",
                "visit_scheme": "https", "uag": agent, "colo": self.colo, "sliver": "none", "http": "http/1.1",
                "loc": self.country, "tls": "TLSv1.3", "sni": "plaintext", "warp": "off", "gateway": "off",
                "rbi": "off", "kex": "X25519MLKEM768"}
        return "".join(f"{key}={value}\n" for key, value in rows.items())

    def truncated(self):
        return Answer(200, self.body().encode(), {"Content-Type": "text/plain"}, "truncate")

    def inspect(self, request):
        if request.method != "GET":
            yield "only GET is served"
        if request.path != PATH:
            yield "not a path of this service"
        if request.query:
            yield "takes no query"

    def answer(self, request):
        if request.path != PATH:
            return Answer.text("error code: 1000", 404)
        return Answer.text(self.body(request.headers.get("user-agent", "")))
