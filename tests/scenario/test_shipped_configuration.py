"""The two files in etc/ run with nothing but environment variables, as the README says."""

from harness.lab import CHAT
from harness.places import HOME, VPN
from harness.keepalive import call, key_headers
from harness.ports import Port
from harness.program import ROOT, Program, run
from harness.wait import until


class Pair:
    """A server and a client from etc/, driven by the environment alone."""

    def __init__(self, lab, server=None, client=None):
        self.lab = lab
        self.port = Port()
        self.server = self._program("server", {
            "VPN_SENTINEL_SERVER_API_PORT": self.port.number, "VPN_SENTINEL_SERVER_RATE_LIMIT_REQUESTS": 10000,
            **(server or {})})
        self.client = self._program("client", {
            "VPN_SENTINEL_URL": self.port.url, "VPN_SENTINEL_CLIENT_ID": "office-vpn", "VPN_SENTINEL_INTERVAL": 1,
            "VPN_SENTINEL_DNS": "no",  # no name server here tells who asked
            **(client or {})})

    def _program(self, role, environment):
        state = self.lab.folder / f"state-{role}"
        state.mkdir()
        program = Program(role, [role, "-c", ROOT / "etc" / f"{role}.yaml"], self.lab.folder, {
            **self.lab.environment, "VPN_SENTINEL_API_KEY": self.lab.key, "VPN_SENTINEL_STATE_DIR": state, **environment})
        self.lab.programs.append(program)
        return program

    def start(self):
        self.server.start()
        until(self._healthy, lambda: f"a healthy server\n{self.server.log()}")
        self.client.start()
        return self

    def _healthy(self):
        assert self.server.alive(), self.server.log()
        try:
            return call(f"{self.port.url}/health").status == 200
        except OSError:
            return False

    def record(self):
        (record,) = call(f"{self.port.url}/api/v1/status", headers=key_headers(self.lab.key)).json() or [None]
        return record


def test_a_server_and_a_client_run_from_the_environment(lab):
    client_ipinfo, trace, server_ipinfo, telegram = (
        lab.ipinfo(VPN), lab.trace(VPN.ip, VPN.country), lab.ipinfo(HOME), lab.telegram())
    pair = Pair(lab, server={"IPINFO_URL": server_ipinfo.url, "TELEGRAM_API_URL": telegram.url,
                             "TELEGRAM_BOT_TOKEN": lab.bot_token, "TELEGRAM_CHAT_ID": CHAT},
                client={"IPINFO_URL": client_ipinfo.url, "CLOUDFLARE_TRACE_URL": trace.url}).start()
    record = until(lambda: (r := pair.record()) and r["verdict"] == "secure" and r, "to be secure")
    assert (record["client_id"], record["public_ip"], record["dns_location"]) == ("office-vpn", VPN.ip, "RO")
    telegram.wait_for("connected")


def test_a_restart_forgets_no_client(lab):
    nowhere = Port().url
    pair = Pair(lab, server={"IPINFO_URL": f"{nowhere}/json"},
                client={"IPINFO_URL": f"{nowhere}/json", "CLOUDFLARE_TRACE_URL": f"{nowhere}/cdn-cgi/trace"}).start()
    until(pair.record, "to be registered")
    pair.client.stop()
    pair.server.stop()
    pair.server.start()
    until(pair._healthy, "a healthy server")
    assert pair.record()["client_id"] == "office-vpn"
    assert (lab.folder / "state-server" / "sentinel.db").exists()


def test_without_internet_the_server_is_healthy_and_the_client_registered_with_unknown_facts(lab):
    nowhere = Port().url
    pair = Pair(lab, server={"IPINFO_URL": f"{nowhere}/json"},
                client={"IPINFO_URL": f"{nowhere}/json", "CLOUDFLARE_TRACE_URL": f"{nowhere}/cdn-cgi/trace"}).start()
    record = until(pair.record, "to be registered")
    assert record["verdict"] == "unknown" and record["public_ip"] == "unknown"
    assert "refused" in str(record["verdicts"]).lower() or "connect" in str(record["verdicts"]).lower()
    assert run("healthcheck", "--url", pair.port.url).returncode == 0


def test_every_variable_also_works_as_a_file(lab):
    telegram = lab.telegram()
    for name, text in (("key", lab.key), ("token", lab.bot_token), ("chat", str(CHAT))):
        (lab.folder / name).write_text(text + "\n", encoding="utf-8")
    nowhere = Port().url
    pair = Pair(lab, server={"IPINFO_URL": f"{nowhere}/json", "TELEGRAM_API_URL": telegram.url,
                             "VPN_SENTINEL_API_KEY": "", "VPN_SENTINEL_API_KEY_FILE": lab.folder / "key",
                             "TELEGRAM_BOT_TOKEN_FILE": lab.folder / "token", "TELEGRAM_CHAT_ID_FILE": lab.folder / "chat"},
                client={"IPINFO_URL": f"{nowhere}/json", "CLOUDFLARE_TRACE_URL": f"{nowhere}/x",
                        "VPN_SENTINEL_API_KEY": "", "VPN_SENTINEL_API_KEY_FILE": lab.folder / "key"}).start()
    until(pair.record, "to be registered")
    telegram.wait_for("connected")


def test_the_seeds_other_variables_do_what_they_say(lab):
    nowhere = Port().url
    pair = Pair(lab, server={"IPINFO_URL": f"{nowhere}/json", "VPN_SENTINEL_API_PATH": "/watch",
                             "VPN_SENTINEL_SERVER_ALLOWED_IPS": "127.0.0.0/8", "VPN_SENTINEL_SERVER_ALERT_THRESHOLD_MINUTES": "1",
                             "DNS_LEAK_TOLERANCE": "CH,AS9009", "VPN_SENTINEL_SERVER_RATE_LIMIT_REQUESTS": "7"},
                client={"IPINFO_URL": f"{nowhere}/json", "CLOUDFLARE_TRACE_URL": f"{nowhere}/x",
                        "VPN_SENTINEL_API_PATH": "/watch"}).start()
    pair.client.wait_for_log("office-vpn")
    reply = call(f"{pair.port.url}/watch/status", headers=key_headers(lab.key))
    assert reply.status in (200, 429) and reply.headers["x-ratelimit-limit"] == "7"
    assert call(f"{pair.port.url}/watch/status").status in (401, 429)


def test_a_channel_that_is_set_by_half_is_off_and_warned_of(lab):
    """A bot's token without a chat is most likely forgotten, and nothing at all is not."""
    for given, said in (({}, "INFO  [server] notifier telegram is off, because it has no token, chat_id\n"),
                        ({"TELEGRAM_BOT_TOKEN": lab.bot_token},
                         "WARN  [server] notifier telegram is off, because it has no chat_id, though something of it is set\n")):
        state = lab.folder / f"half-{len(given)}"
        state.mkdir()
        server = Program("server", ["server", "-c", ROOT / "etc/server.yaml"], lab.folder, {
            **lab.environment, "VPN_SENTINEL_API_KEY": lab.key, "VPN_SENTINEL_STATE_DIR": state,
            "VPN_SENTINEL_SERVER_API_PORT": Port().number, **given})
        lab.programs.append(server)
        server.start()
        until(lambda one=server, text=said: text in one.log(), lambda one=server: f"what is off\n{one.log()}")
        server.stop()
