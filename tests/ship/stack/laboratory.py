"""The compose files as they are shipped, in a laboratory: a home, the internet, a VPN's other end and Telegram."""

import json
import re
import secrets
import shutil
import subprocess
import time
from pathlib import Path

from engine import compose
from engine.client import until

ROOT = compose.ROOT
HERE = Path(__file__).parent
CHAT = 424242
INTERVAL, LOST_AFTER, ISOLATED = 2, 12, 3  # seconds
PATIENCE = 90  # seconds: two cores, and a health check a second in every container


class Laboratory:
    """up() makes all of it; close() leaves nothing behind, whatever happened."""

    def __init__(self, engine, images, folder, name):
        self.engine, self.images, self.name, self.lab_name = engine, images, name, f"{name}lab"
        self.folder = folder / "docker"
        self.files = ["compose.yaml"]
        self.bot_token = f"{secrets.randbelow(10**9) + 10**9}:{secrets.token_urlsafe(26)}"
        self.client, self.server, self.image = f"{name}-client", f"{name}-server", f"{name}-lab"
        self._stack = compose.Stack(engine, self.folder, name, HERE / "overlay.yaml")
        self._lab = compose.Stack(engine, HERE, self.lab_name, None)
        self.environment = {**self._stack.environment, "LAB": name, "LAB_IMAGE": self.image, "BOT_TOKEN": self.bot_token,
                            "CHAT": str(CHAT)}

    # -- life

    def up(self):
        self.engine.build(ROOT / "tests", self.image, "-f", HERE / "Dockerfile")
        self._keys()
        self._configure()
        self.lab("up", "-d")
        self._wait_lab()
        self._trust()
        self.compose("up", "-d")

    def close(self):
        for project in (self._stack, self._lab):
            project.close()
        self.engine.docker("rmi", "-f", self.image, check=False)

    def _keys(self):
        """Of both ends of the tunnel."""
        script = "for i in 1 2; do k=$(wg genkey); echo $k; echo $k | wg pubkey; done"
        said = self.engine.docker("run", "--rm", "--network", "none", "--entrypoint", "sh", self.image, "-c", script)
        far, far_public, self.near_key, near_public = said.stdout.split()
        self.environment.update(FAR_KEY=far, FAR_PUBLIC=far_public, NEAR_PUBLIC=near_public)

    def _configure(self):
        """What a user does: `sh prepare`, and .env filled in; and a server.yaml of one's own, for shorter times."""
        shutil.copytree(compose.DOCKER, self.folder, ignore=compose.LEFT_OUT)
        subprocess.run(["sh", "prepare"], cwd=self.folder, check=True, capture_output=True)
        self.key = (self.folder / "secrets/client/api_key").read_text(encoding="ascii").strip()
        self.put("vpn/tunnel.key", self.near_key)
        self.put("server/telegram_bot_token", self.bot_token)
        shipped = (ROOT / "etc/server.yaml").read_text(encoding="utf-8")
        for pattern, instead in ((r"(?m)^  grace: 30s\b", "  grace: 1s"),
                                 (r"(?m)^  - plugin: telegram$", r"\g<0>\n    group: { by: none }")):  # messages are counted
            shipped, found = re.subn(pattern, instead, shipped)
            assert found == 1, pattern
        self.put("server/server.yaml", shipped)
        compose.fill_in(self.folder, VPN_SERVICE_PROVIDER="laboratory", VPN_IMAGE=self.image,
                        SERVER_IMAGE=self.images["server", "slim"], CLIENT_IMAGE=self.images["client", "slim"],
                        PUBLISH_ADDRESS="127.0.0.1", PUBLISH_PORT=0, CONTAINER_CA_BUNDLE="/run/secrets/world.pem",
                        VPN_SENTINEL_SERVER_API_BASE_URL="http://203.0.113.20:5000", VPN_SENTINEL_CLIENT_ID="office",
                        VPN_SENTINEL_TUNNEL="auto", VPN_SENTINEL_TIMEOUT="4s", VPN_SENTINEL_INTERVAL=f"{INTERVAL}s",
                        VPN_SENTINEL_EXIT_WHEN_ISOLATED=f"{ISOLATED}s",
                        VPN_SENTINEL_SERVER_ALERT_THRESHOLD_MINUTES=f"{LOST_AFTER}s",
                        VPN_SENTINEL_SERVER_RATE_LIMIT_REQUESTS=1000, TELEGRAM_CHAT_ID=CHAT,
                        TELEGRAM_BOT_TOKEN=None, TELEGRAM_BOT_TOKEN_FILE="/run/secrets/telegram_bot_token")

    def put(self, name, text):
        """A secret, as prepare leaves them."""
        file = self.folder / "secrets" / name
        file.write_text(text, encoding="utf-8")
        file.chmod(0o444)

    def _trust(self):
        """The authorities of the laboratory's internet and of its Telegram, for both roles."""
        text = "".join(self.engine.docker("exec", self.lab_container(part), "cat", "/tmp/play/ca.pem").stdout
                       for part in ("internet", "telegram"))
        for role in ("server", "client"):
            self.put(f"{role}/world.pem", text)

    # -- commands

    def compose(self, *args):
        files = [word for file in (*self.files, HERE / "overlay.yaml") for word in ("-f", file)]
        return self._run([*files, *args], self.folder, self.name)

    def lab(self, *args):
        return self._run(["-f", HERE / "lab.yaml", *args], HERE, self.lab_name)

    def _run(self, args, folder, project):
        done = subprocess.run([*compose.command(), *map(str, args)], cwd=folder, text=True, errors="replace",
                              env={**self.environment, "COMPOSE_PROJECT_NAME": project}, capture_output=True, check=False,
                              timeout=300)
        assert done.returncode == 0, f"compose {args}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def play(self, container, what, check=True):
        return self.engine.docker("exec", container, "/usr/bin/python3", "-B", "/play/play.py", what, check=check)

    @property
    def vpn(self):
        """Its container, which is another one after a `down`."""
        return self.by_service(self.name, "vpn")

    def lab_container(self, part):
        return self.by_service(self.lab_name, part)

    def by_service(self, project, service):
        filters = (f"label=com.docker.compose.{key}={value}" for key, value in (("project", project), ("service", service)))
        return self.engine.docker("ps", "-aq", *(word for one in filters for word in ("--filter", one))).stdout.strip()

    def _wait_lab(self):
        for part in ("internet", "telegram", "isp", "far"):
            self.wait_health(self.lab_container(part), "healthy")

    # -- what is seen

    def wait_health(self, container, status, within=PATIENCE):
        until(lambda: self.engine.health(container) == status,
              lambda: f"{container} to be {status}\n{self.engine.log(container)[-3000:]}", within=within)

    def wait_healthy(self):
        for container in (self.vpn, self.server, self.client):
            self.wait_health(container, "healthy")

    def record(self):
        """What the server knows of the client, or None."""
        done = self.engine.docker("exec", self.server, "vpn-sentinel", "status", "--json", check=False)
        try:
            return next((one for one in json.loads(done.stdout) if one["client_id"] == "office"), None)
        except ValueError:
            return None

    def wait_record(self, accept, what, within=PATIENCE):
        seen = []

        def probe():
            seen[:] = [self.record()]
            return seen[0] if seen[0] and accept(seen[0]) else None

        try:
            return until(probe, what, within=within)
        except AssertionError as error:
            raise AssertionError(f"{error}\nis: {json.dumps(seen)}\n{self.engine.log(self.server)[-3000:]}\n"
                                        f"{self.engine.log(self.client)[-3000:]}") from None

    def until_secure(self):
        """By a report that was made from now on, with nothing open."""
        begun = time.time()
        return self.wait_record(lambda r: r["verdict"] == "secure" and not r["incidents"] and seconds(r["last_seen"]) > begun,
                                       "a secure verdict without an incident")

    def news(self, what):
        """What Telegram was told, and would not have accepted: `text`s or `complaint`s, in order."""
        lines = [json.loads(line) for line in self.engine.docker("logs", self.lab_container("telegram")).stdout.splitlines()]
        return [line[what] for line in lines if what in line]

    def wait_told(self, pattern, count=1, within=PATIENCE):
        def probe():
            found = [text for text in self.news("text") if re.search(pattern, text)]
            return found if len(found) >= count else None

        try:
            return until(probe, f"{count} messages with {pattern}", within=within)
        except AssertionError as error:
            raise AssertionError(f"{error}\ntold: {self.news('text')}") from None

    def complaints(self):
        lines = self.engine.docker("logs", self.lab_container("internet")).stdout.splitlines()
        return [json.loads(line)["complaint"] for line in lines] + self.news("complaint")


def seconds(stamp):
    return time.mktime(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
