"""The programs under test in a laboratory: the server in the home, the client behind its tunnel."""

import secrets

import pytest

from .lab import CHAT
from .roles import Client, Server
from .telegram import Telegram
from .vpnlab import PORT, SERVER_LAN, SERVER_URL, SIDE_URL, World
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
        super().__init__(lab, name, listen=listen, **{"monitor": dict(MONITOR), **more})
        self.port.close()
        self.program.wrapper = self.namespace.wrapper()

    @property
    def url(self):
        return f"http://{SERVER_LAN}:{PORT}"

    def get(self, path, **options):
        return self.namespace.inside(lambda: super(LabServer, self).get(path, **options))

    def post(self, body, **options):
        return self.namespace.inside(lambda: super(LabServer, self).post(body, **options))

    # -- what people would see

    def incidents(self, client_id, kind=None):
        """All incidents that were ever opened for the client, the first one first."""
        reply = self.get(f"/clients/{client_id}/incidents")
        assert reply.status == 200, reply
        found = reply.json()
        return [one for one in found if kind in (None, one["kind"])]

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
        self.world.internet.serve("api.telegram.org", self.telegram.take)

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
        print(f"skipped: {reason}")
        pytest.skip(reason)
    made = VpnLab(folder)
    yield made
    made.close()
    faults = list(made.faults())
    assert not faults, "\n".join(faults)


__all__ = ["SIDE_URL", "LabClient", "LabServer", "VpnLab", "laboratory"]


class Cast:
    """The usual cast of a laboratory: one server, one client behind `tunnel`, one chat."""

    def __init__(self, lab, tunnel, client_id="office-vpn"):
        self.lab, self.world, self.id = lab, lab.world, client_id
        self.world.use(tunnel)
        self.server = LabServer(lab, probes=[
            {"plugin": "cloudflare_trace", "interval": f"{INTERVAL}s", "timeout": "2s", "options": {"family": "4"}},
            {"plugin": "ipinfo", "interval": f"{INTERVAL}s", "timeout": "2s"}], notifiers=[
                {"plugin": "telegram", "name": "oncall", "options": {"token": lab.bot_token, "chat_id": CHAT}}])
        self.client = LabClient(lab, client_id=client_id, probes=[
            {"plugin": "cloudflare_trace", "timeout": "1500ms", "options": {"family": "4"}},
            {"plugin": "ipinfo", "timeout": "1500ms"}])

    def start(self):
        self.server.start()
        self.client.start()
        return self

    def until_secure(self):
        return self.server.wait_client(self.id, lambda r: r["verdict"] == "secure" and not r["incidents"],
                                       "to be secure without an incident", within=25)

    def incident_kinds(self):
        return {one["kind"] for one in self.server.client(self.id)["incidents"]}
