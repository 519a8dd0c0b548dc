"""The server and the client with the short intervals of tests."""

from . import yaml
from .keepalive import call, key_headers
from .ports import Port
from .program import Program
from .wait import until

# Seconds. A client is late after INTERVAL + GRACE and lost after LOST_AFTER.
INTERVAL = 1
LOST_AFTER = 3
MONITOR = {"interval": "1s", "grace": "500ms", "lost_after": f"{LOST_AFTER}s"}
API = "/api/v1"


def drop_unset(config):
    return {key: value for key, value in config.items() if value is not None}


def each_alone(config):
    """Tests count messages: channels tell many as one only where a test says so."""
    notifiers = config.get("notifiers")
    if not isinstance(notifiers, list):
        return config
    return {**config, "notifiers": [{"group": {"by": "none"}, **one} if isinstance(one, dict) else one
                                    for one in notifiers]}


class Role:
    """A program with a configuration file of its own. Change `config` before start()."""

    def __init__(self, lab, name, role, config):
        self.lab = lab
        self.config = config
        self.folder = lab.folder / name
        self.folder.mkdir()
        self.file = self.folder / f"{role}.yaml"
        self.program = Program(name, [role, "-c", self.file], lab.folder, lab.environment)
        lab.programs.append(self.program)

    def write(self):
        self.file.write_text(yaml.dump(each_alone(drop_unset(self.config))), encoding="utf-8")
        return self.file

    def stop(self, **options):
        return self.program.stop(**options)

    def kill(self):
        self.program.kill()


class Server(Role):
    def __init__(self, lab, name="server", listen=None, auth=None, probes=(), notifiers=(), **more):
        self.port = Port()
        self.key = lab.key
        config = {
            "state_dir": lab.folder / name,
            "server": {"listen": listen or [{"address": self.port.address, "serve": ["api", "health", "metrics"]}]},
            "rate_limit": {"requests": 1000000, "per": "1m"},
            "monitor": dict(MONITOR),
            "auth": auth or [{"plugin": "bearer", "control": "sufficient", "options": {"keys": lab.key}}],
            "store": {"plugin": "memory"},
            "notifiers": list(notifiers),
            "probes": list(probes),
            "log": {"level": "debug"},
            **more,
        }
        super().__init__(lab, name, "server", config)

    @property
    def url(self):
        return self.port.url

    def start(self, ready=True):
        self.write()
        self.program.start()
        if ready:
            self.wait_ready()
        return self

    def wait_ready(self):
        until(self.healthy, lambda: f"{self.program.name} to be healthy\n{self.program.log()}")

    def healthy(self):
        assert self.program.alive(), f"{self.program.name} ended\n{self.program.log()}"
        try:
            return self.get("/health", form="none", api="").status == 200
        except OSError:
            return False

    # -- its API

    def get(self, path, form="bearer", api=API, key=None):
        return call(f"{self.url}{api}{path}", headers=key_headers(key or self.key, form))

    def post(self, body, form="bearer", key=None, api=API, **headers):
        headers = {"Content-Type": "application/json", **key_headers(key or self.key, form), **headers}
        return call(f"{self.url}{api}/keepalive", "POST", body, headers)

    def status(self):
        """{client_id: record}"""
        reply = self.get("/status")
        assert reply.status == 200, reply
        return {record["client_id"]: record for record in reply.json()}

    def client(self, client_id):
        return self.status().get(client_id)

    def wait_client(self, client_id, accept=lambda record: True, what="to be known", **options):
        """Its record, once accept(record) is true."""

        def probe():
            record = self.client(client_id)
            return record if record and accept(record) else None

        return until(probe, lambda: f"{client_id} {what}; is: {self.client(client_id)}\n{self.program.log()}",
                     **options)

    def wait_verdict(self, client_id, verdict, **options):
        return self.wait_client(client_id, lambda r: r["verdict"] == verdict, f"to be {verdict}", **options)


class Client(Role):
    def __init__(self, lab, name="client", server=None, client_id="office-vpn", probes=(), **more):
        self.client_id = client_id
        section = {"server": server.url if server else "", "key": lab.key, "id": client_id,
                   "interval": f"{INTERVAL}s", "timeout": "2s"}
        config = {"state_dir": lab.folder / name, "client": section, "probes": list(probes),
                  "log": {"level": "debug"}, **more}
        super().__init__(lab, name, "client", config)

    def start(self):
        self.write()
        self.program.start()
        return self
