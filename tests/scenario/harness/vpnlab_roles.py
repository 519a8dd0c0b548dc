"""The programs under test in a laboratory: the server in the home, the client behind its tunnel."""

import datetime
import secrets
import time

import pytest

from .lab import CHAT
from .roles import Client, Server
from .telegram import Telegram
from .vpnlab import HOME_IP, PORT, SERVER_LAN, SERVER_URL, SIDE_URL, ZONE, ZONE_SERVER, World
from .vpnlab_netns import why_not
from .wait import until

INTERVAL = 2  # seconds
LOST_AFTER = 5
MONITOR = {"interval": f"{INTERVAL}s", "grace": "1s", "lost_after": f"{LOST_AFTER}s"}


class LabServer(Server):
    """The server, listening in the home; its API is asked from where it stands."""

    def __init__(self, lab, name="server", **more):
        self.namespace = lab.world.server
        listen = [{"address": f"0.0.0.0:{PORT}", "serve": ["api", "health", "metrics"]}]
        super().__init__(lab, name, listen=listen, **{
            "monitor": dict(MONITOR), **more})
        self.config["store"] = {"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}}
        self.port.close()
        self.program.wrapper = self.namespace.wrapper()

    @property
    def url(self):
        return f"http://{SERVER_LAN}:{PORT}"

    def get(self, path, **options):
        return self.namespace.inside(lambda: super(LabServer, self).get(path, **options))

    def post(self, body, **options):
        return self.namespace.inside(lambda: super(LabServer, self).post(body, **options))

    def wait_incident(self, client_id, kind, **options):
        """The open incident of that kind."""

        def probe():
            record = self.client(client_id)
            return next((one for one in record["incidents"] if one["kind"] == kind), None) if record else None

        return until(probe, lambda: f"an incident {kind}; is: {self.client(client_id)}\n{self.program.log()[-6000:]}",
                     **options)


class LabClient(Client):
    def __init__(self, lab, name="client", url=SERVER_URL, probes=(), namespace=None, **more):
        super().__init__(lab, name, probes=probes, **more)
        self.namespace = namespace or lab.world.client
        self.config["client"].update(server=url, interval=f"{INTERVAL}s")
        self.program.wrapper = self.namespace.wrapper()


class VpnLab:
    """One laboratory and the programs in it; the shape that roles expect of a lab."""

    def __init__(self, folder):
        self.folder = folder
        self.key = f"key-{secrets.token_hex(16)}"
        self.bot_token = f"{secrets.randbelow(10**9) + 10**9}:{secrets.token_urlsafe(26)}"
        self.programs = []
        self.world = World(folder)
        self.environment = {"SSL_CERT_FILE": self.world.authority.ca_file}
        # Its own door stays shut: people are reached over the home's line, as everything is.
        self.telegram = Telegram(self.bot_token, CHAT)
        self.telegram.stop()
        self.world.internet.answers["api.telegram.org"] = self.telegram.take

    def close(self):
        for program in self.programs:
            program.clean_up()
        self.world.close()

    def faults(self):
        for program in self.programs:
            if program.findings():
                yield f"a sanitizer complained about {program.name}:\n{program.findings()}"
            said = program.log() + program.output()
            for what, secret in (("the API key", self.key), ("the bot token", self.bot_token)):
                if secret in said:
                    yield f"{program.name} printed {what}"
        yield from (f"nobody would have answered this: {each}" for each in self.world.complaints())
        yield from (f"Telegram would not have accepted this: {each}" for each in self.telegram.complaints)


def laboratory(folder):
    """What a fixture yields: a laboratory whose faults fail the test at its end."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    made = VpnLab(folder)
    yield made
    made.close()
    faults = list(made.faults())
    assert not faults, "\n".join(faults)


__all__ = ["SIDE_URL", "LabClient", "LabServer", "VpnLab", "laboratory"]


def probe(plugin, **options):
    """A probe that is asked every round."""
    return {"plugin": plugin, "interval": f"{INTERVAL}s", "timeout": "1800ms", "options": options}


class Cast:
    """The usual cast of a laboratory: one server, one client behind `tunnel`, one chat. Change `config` before start()."""

    def __init__(self, lab, tunnel, client_id="office-vpn"):
        self.lab, self.world, self.id = lab, lab.world, client_id
        self.world.use(tunnel)
        self.server = LabServer(
            lab, probes=[probe("cloudflare_trace", family="4"), probe("ipify")],
            zone={"name": ZONE, "ns": ZONE_SERVER, "listen": ["0.0.0.0:53"], "address": [HOME_IP]},
            locate={"sources": [{"plugin": "ipinfo"}, {"plugin": "ip_api"}, {"plugin": "ipwhois"}]},
            notifiers=[{"plugin": "telegram", "name": "oncall", "options": {"token": lab.bot_token, "chat_id": CHAT}}])
        self.client = self.another_client("client", client_id)

    def another_client(self, name, client_id):
        return LabClient(self.lab, name, client_id=client_id,
                         probes=[probe("cloudflare_trace", family="4"), probe("ipify"), probe("tunnel"),
                                 probe("dns_resolver", zone=ZONE), probe("dns_witness")])

    def start(self):
        self.server.start()
        self.client.start()
        until(lambda: self.server.client(self.id), lambda: f"a first keepalive\n{self.client.program.log()}")
        return self

    def until_secure(self, within=25):
        """Its record, once a report that was made from now on is secure and nothing is open."""
        begun = time.time()
        return self.server.wait_client(
            self.id, lambda r: r["verdict"] == "secure" and not r["incidents"] and seconds(r["last_seen"]) > begun,
            "to be secure without an incident", within=within)

    def open_kinds(self):
        return {one["kind"] for one in self.server.client(self.id)["incidents"]}

    # -- what became of a chapter of its life

    def history(self):
        """Everything that was told of it, the oldest first."""
        reply = self.server.get(f"/clients/{self.id}/history")
        assert reply.status == 200, reply
        return reply.json()[::-1]

    def chapter(self, expected=None):
        """From here on: its transitions, and how long what is wrong has been so. What comes back soon is the same
        incident, so one that ended lately is given the time to be another."""

        def rested():
            ends = [seconds(one["at"]) for one in self.history()
                    if one["kind"] == expected and one["transition"] == "resolved"]
            return not ends or time.time() > ends[-1] + 3 * INTERVAL + 0.5

        until(rested, f"{expected} to be over for good")
        return Chapter(self)


class Chapter:
    """A fault and its end: break something, `broken()`; mend it, `healed()`; then look at what was told."""

    def __init__(self, cast):
        self.cast = cast
        self.known = {one["id"] for one in cast.history()}
        self.begun = self.mended = time.time()
        self.first_request = len(cast.world.internet.requests)

    def requests(self, *hosts):
        """What the internet was asked since, by whomever."""
        return [request for host, request in self.cast.world.internet.requests[self.first_request:]
                if not hosts or host in hosts]

    def broken(self):
        self.begun = time.time()

    def lasts(self):
        """What is broken stays so for some rounds, so that its duration is worth measuring."""
        until(lambda: time.time() > self.begun + 5 * INTERVAL, "the fault to last")

    def healed(self):
        """The cause is gone: waits until the client is well again."""
        self.mended = time.time()
        return self.cast.until_secure()

    def transitions(self, *changes):
        """(kind, transition) of all that was told since, in order; of some changes only, when named."""
        return [one for one in self.cast.history() if one["id"] not in self.known
                and (not changes or one["transition"] in changes)]

    def opened(self):
        return [one["kind"] for one in self.transitions("opened")]

    def resolved(self, kind):
        """The one transition that ended the one incident of that kind, with the right duration."""
        (over,) = until(lambda: [one for one in self.transitions("resolved") if one["kind"] == kind],
                        lambda: f"{kind} to be resolved; was told: {self.transitions()}")
        lasted, really = over["duration_ms"] / 1000, self.mended - self.begun
        slack = 3 * INTERVAL  # evidence comes once a round, some only with a second look, and machines are busy
        assert really - slack <= lasted <= really + slack, f"{lasted:.1f} s instead of {really:.1f}: {over}"
        return over

    def messages(self, pattern):
        return [m.text for m in self.cast.lab.telegram.matching(pattern)]


def seconds(stamp):
    return datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()
