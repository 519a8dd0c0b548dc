"""
One scenario's world: a folder, secrets of its own, the stand-ins and the programs. At the end
everything is stopped and what must hold in every scenario is checked.
"""

import secrets

from .ifconfig_co import IfconfigCo
from .ip_api import IpApi
from .ipify import Ipify
from .ipinfo import Ipinfo
from .ipwhois import Ipwhois
from .places import HOME, VPN
from .roles import Client, Server
from .telegram import Telegram
from .trace import Trace

CHAT = 424242


class Lab:
    def __init__(self, folder, authority):
        self.folder = folder
        self.authority = authority
        self.key = f"key-{secrets.token_hex(16)}"
        self.bot_token = f"{secrets.randbelow(10**9) + 10**9}:{secrets.token_urlsafe(26)}"
        self.environment = {"SSL_CERT_FILE": authority.ca_file}
        self.stand_ins = []
        self.programs = []
        self.expected_complaints = []

    # -- making things

    def ipinfo(self, place, **options):
        return self._kept(Ipinfo(place, self.authority, **options))

    def trace(self, ip, country, **options):
        return self._kept(Trace(ip, country, self.authority, **options))

    def ipify(self, ip):
        return self._kept(Ipify(ip, self.authority))

    def ip_api(self, place, **options):
        return self._kept(IpApi(place, **options))

    def ipwhois(self, place):
        return self._kept(Ipwhois(place, self.authority))

    def ifconfig_co(self, place, **options):
        return self._kept(IfconfigCo(place, self.authority, **options))

    def telegram(self, chat_id=CHAT, encrypted=True):
        return self._kept(Telegram(self.bot_token, chat_id, self.authority if encrypted else None))

    def server(self, **options):
        return Server(self, **options)

    def client(self, server, **options):
        return Client(self, server=server, **options)

    def _kept(self, stand_in):
        self.stand_ins.append(stand_in)
        return stand_in

    def notifier(self, telegram, chat_id=CHAT, **more):
        """The configuration of a telegram notifier that talks to the stand-in."""
        return {"plugin": "telegram", **more,
                "options": {"token": self.bot_token, "chat_id": chat_id, "api_url": telegram.url}}

    # -- the end

    def close(self):
        for program in self.programs:
            program.clean_up()
        for stand_in in self.stand_ins:
            stand_in.stop()

    def faults(self):
        """What is wrong in any scenario, as sentences."""
        for program in self.programs:
            if program.findings():
                yield f"a sanitizer complained about {program.name}:\n{program.findings()}"
            said = program.log() + program.output()
            for what, secret in (("the API key", self.key), ("the bot token", self.bot_token)):
                if secret in said:
                    yield f"{program.name} printed {what}"
        complaints = [c for s in self.stand_ins for c in s.complaints]
        for complaint in complaints:
            if not any(expected in complaint for expected in self.expected_complaints):
                yield f"a service would not have accepted this: {complaint}"


class Usual:
    """
    The cast of most scenarios: a client whose ipinfo and trace say it sits at VPN, a server whose
    own ipinfo says it sits at HOME, and one Telegram chat. Nothing runs until start().
    """

    def __init__(self, lab, client_id="office-vpn"):
        self.lab = lab
        self.client_ipinfo = lab.ipinfo(VPN)
        self.client_trace = lab.trace(VPN.ip, VPN.country)
        self.server_ipinfo = lab.ipinfo(HOME)
        self.telegram = lab.telegram()
        self.server = lab.server(
            probes=[{"plugin": "ipinfo", "interval": "1s", "timeout": "2s", "options": {"url": self.server_ipinfo.url}}],
            notifiers=[lab.notifier(self.telegram, name="oncall")])
        self.client = lab.client(
            self.server, client_id=client_id,
            probes=[{"plugin": "ipinfo", "timeout": "1500ms", "options": {"url": self.client_ipinfo.url}},
                    {"plugin": "cloudflare_trace", "timeout": "1500ms", "options": {"url": self.client_trace.url}}])
        self.id = client_id

    def start(self):
        self.server.start()
        self.client.start()
        return self

    def until_secure(self):
        """Runs until the client is known, secure and announced."""
        self.start()
        record = self.server.wait_verdict(self.id, "secure")
        self.telegram.wait_for("connected")
        return record
