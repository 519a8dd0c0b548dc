"""Secrets are given, used and never shown."""

import base64
import json
import secrets
from pathlib import Path
from urllib.parse import quote

import pytest

from harness import telegram as bot_api
from harness.keepalive import call, encode, flat, key_headers
from harness.places import HOME, VPN
from harness.ports import Port
from harness.program import ROOT, run


def secrets_of(lab):
    return {"the API key": lab.key, "the bot token": lab.bot_token}


def shown_by_proc(program):
    """Command line and environment of the program's children, and its own command line."""
    mine, *children = program.descendants()
    texts = [Path(f"/proc/{mine}/cmdline").read_bytes()]
    for pid in children:
        texts += [Path(f"/proc/{pid}/cmdline").read_bytes(), Path(f"/proc/{pid}/environ").read_bytes()]
    return b"\n".join(texts).decode("utf-8", errors="replace")


def test_no_output_and_no_process_shows_a_secret(usual):
    usual.until_secure()
    usual.telegram.script(bot_api.RESTARTING, bot_api.BLOCKED)
    usual.client.kill()
    usual.server.wait_client(usual.id, lambda r: r["status"] == "lost", "to be lost")
    usual.client.start()
    usual.server.wait_verdict(usual.id, "secure")
    shown = {
        "the status": usual.server.get("/status").body.decode(),
        "the health": usual.server.get("/health").body.decode(),
        "the page": usual.server.get("/", api="").body.decode(),
        "a refusal": usual.server.get("/status", key="x" + usual.lab.key).body.decode(),
        "the messages": "\n".join(usual.telegram.texts()),
        "the server's process": shown_by_proc(usual.server.program),
        "the client's process": shown_by_proc(usual.client.program),
    }
    for where, text in shown.items():
        for what, secret in secrets_of(usual.lab).items():
            assert secret not in text, f"{where} shows {what}"
    # Logs are searched at the end of every scenario.


def test_a_telegram_that_cannot_be_reached_does_not_bring_the_token_into_the_log(usual):
    usual.telegram.stop()
    usual.start()
    usual.server.wait_verdict(usual.id, "secure")
    usual.server.program.wait_for_log(r"(?i)telegram|oncall")
    assert usual.lab.bot_token.split(":")[1] not in usual.server.program.log()


def test_check_prints_no_secret_even_when_the_value_is_wrong(lab, tmp_path):
    environment = {"VPN_SENTINEL_API_KEY": lab.key, "TELEGRAM_BOT_TOKEN": lab.bot_token, "TELEGRAM_CHAT_ID": "1",
                   "VPN_SENTINEL_STATE_DIR": tmp_path, "TELEGRAM_API_URL": f"ftp://{lab.bot_token}.example"}
    done = run("check", "-c", ROOT / "etc" / "server.yaml", environment=environment)
    assert done.returncode == 2
    assert lab.key not in done.stderr + done.stdout and lab.bot_token not in done.stderr + done.stdout


def test_a_key_that_somebody_tries_is_not_written_down(lab):
    server = lab.server().start()
    tried = "a-guess-that-is-nearly-right-42"
    for form in ("bearer", "x-api-key"):
        assert server.post(encode(flat("x", VPN, "RO")), form, key=tried).status == 401
    assert tried not in server.program.log()


def test_secrets_may_come_from_files(lab, tmp_path):
    (tmp_path / "key").write_text(lab.key + "\n", encoding="utf-8")
    server = lab.server()
    server.config["auth"][0]["options"]["keys"] = "${VPN_SENTINEL_API_KEY}"
    server.program.environment = {**lab.environment, "VPN_SENTINEL_API_KEY_FILE": tmp_path / "key"}
    server.start()
    assert server.get("/status").status == 200
    assert server.get("/status", key="not-the-key-0123456789").status == 401


def test_the_state_directory_is_not_for_others(usual):
    usual.until_secure()
    for role in (usual.server, usual.client):
        folder = Path(role.config["state_dir"])
        for path in [p for p in folder.rglob("*") if p.suffix != ".yaml"]:
            assert path.is_socket() or not path.stat().st_mode & 0o007, f"{path} is open to others"


def test_the_log_in_json_masks_too(usual):
    usual.server.config["log"]["format"] = "json"
    usual.until_secure()
    for line in usual.server.program.log().splitlines():
        json.loads(line)


def forms(secret):
    """How a secret may be spelt where it should not be."""
    yield secret
    yield quote(secret, safe="")
    yield quote(quote(secret, safe=""), safe="")
    yield json.dumps(secret)[1:-1]
    for before in ("", ":", "user:", "bot"):  # base64 shifts with what stands before
        encoded = base64.b64encode((before + secret).encode()).decode()
        yield encoded[4 : len(encoded) // 4 * 4 - 4]


def assert_hidden(kinds, where, data):
    """None of the secrets is in data, text or bytes, in any spelling."""
    text = data.decode("utf-8", errors="replace") if isinstance(data, bytes) else data
    for what, secret in kinds.items():
        for form in forms(secret):
            assert form not in text, f"{where} shows {what} as {form}"


def names_in_proc(program):
    """What ps shows of it: its command line, and the name of each thread."""
    tasks = Path(f"/proc/{program.process.pid}/task")
    return b"\n".join([Path(f"/proc/{program.process.pid}/cmdline").read_bytes(),
                       *[(task / "comm").read_bytes() for task in tasks.iterdir()]])


class Everything:
    """A server and a client that are given every kind of secret there is, each with bytes that get escaped."""

    def __init__(self, lab, authority):
        def odd(name):
            return f"{name}/+\"{secrets.token_hex(12)}"

        self.lab = lab
        self.kinds = {name: odd(name.split()[-1]) for name in (
            "a key of the list", "a named key of the list", "a key of a file", "a named key of a file",
            "the token of the server's ipinfo", "the token of the client's ipinfo", "a token in a wrong place")}
        self.kinds["the bot token"] = lab.bot_token
        self.url_password = f"url-{secrets.token_hex(12)}"
        self.kinds["the password of a URL"] = self.url_password
        self.kinds["the password of a proxy"] = f"proxy-{secrets.token_hex(12)}"
        self.kinds["the private key"] = (authority.folder / "server.key").read_text().splitlines()[1]
        self.file_key = self.kinds["a key of a file"]
        self.list_key = self.kinds["a key of the list"]
        keys_file = lab.folder / "keys"
        keys_file.write_text(f"# who may delete\n{self.file_key}\nboss={self.kinds['a named key of a file']}\n")
        self.telegram = lab.telegram()
        server_token, client_token = (self.kinds[f"the token of the {role}'s ipinfo"] for role in ("server", "client"))
        server_ipinfo = lab.ipinfo(HOME, token=server_token)
        self.client_ipinfo = lab.ipinfo(VPN, token=client_token)
        nowhere = Port()
        self.folder = lab.folder / "secrets"
        self.folder.mkdir()
        self.tls_port = Port()
        self.server = lab.server(
            auth=[{"plugin": "bearer", "control": "sufficient",
                   "options": {"keys": [self.list_key, f"ops={self.kinds['a named key of the list']}"]}},
                  {"plugin": "bearer", "name": "admins", "control": "sufficient",
                   "options": {"keys_file": keys_file, "roles": ["report", "read", "admin"]}}],
            notifiers=[lab.notifier(self.telegram, name="oncall"),
                       {"plugin": "telegram", "name": "unreachable",
                        "options": {"token": lab.bot_token, "chat_id": 1, "api_url": nowhere.url}}],
            probes=[{"plugin": "ipinfo", "interval": "1s", "options": {"url": server_ipinfo.url, "token": server_token}},
                    {"plugin": "ipinfo", "name": "closed", "interval": "1s",
                     "options": {"url": f"{nowhere.url}/json", "token": server_token}},
                    {"plugin": "ipinfo", "name": "userinfo", "interval": "1s",
                     "options": {"url": f"http://user:{self.url_password}@{nowhere.address}/json"}}],
            store={"plugin": "sqlite", "options": {"path": self.folder / "sentinel.db"}},
            log={"level": "debug", "file": self.folder / "server.log"})
        self.server.key = self.list_key
        self.server.config["server"]["tls"] = {"cert": authority.folder / "server.pem",
                                               "key": authority.folder / "server.key"}
        self.server.config["server"]["listen"] = [
            {"address": self.server.port.address, "serve": ["api", "health", "metrics"], "tls": False}]
        self.client = lab.client(
            self.server, log={"level": "debug", "format": "json", "file": self.folder / "client.log"},
            probes=[{"plugin": "ipinfo", "timeout": "1500ms",
                     "options": {"url": self.client_ipinfo.url, "token": client_token}}])
        proxy = f"http://user:{self.kinds['the password of a proxy']}@{nowhere.address}"
        self.server.program.environment = {**self.server.program.environment, "https_proxy": proxy, "no_proxy": ""}
        self.client.config["client"]["key"] = "${file:" + str(keys_file) + ".client}"
        Path(f"{keys_file}.client").write_text(self.file_key + "\n")


def provoke(all_, server):
    """Answers to what is right, wrong, and in the wrong place."""
    secret = all_.file_key
    url = server.url
    for form in ("bearer", "x-api-key"):
        yield server.get("/status", form, key="wrong" + secret[1:])
    yield server.get("/" + quote(secret, safe=""))
    yield server.get("/clients/" + quote(secret, safe=""))
    yield server.get(f"/status?limit={quote(secret)}")
    yield server.get(f"/status?key={quote(secret)}", "none")
    yield call(f"{url}/{quote(secret, safe='')}")
    yield call(f"{url}/", headers={"Authorization": "Basic " + base64.b64encode(f"user:{secret}".encode()).decode()})
    yield call(f"{url}/", headers={"Authorization": "Digest " + secret})
    yield call(f"{url}/api/v1/status", headers={"X-API-Key": secret, "Authorization": "Bearer other-0123456789"})
    yield server.post(b"{" + secret.encode())
    yield server.post(encode({"client_id": secret, "public_ip": VPN.ip}))
    yield server.post(encode({"client_id": "office-vpn", "public_ip": secret}))
    yield server.post(encode({"client_id": "office-vpn", secret: VPN.ip}))
    yield call(f"{url}/api/v1/clients/nobody", "DELETE", headers=key_headers(secret))
    for path in ("/", "/metrics"):
        yield server.get(path, api="")
    for path in ("/status", "/health", "/incidents", "/clients/office-vpn", "/clients/office-vpn/history"):
        yield server.get(path)


def test_no_secret_of_any_kind_is_anywhere_it_does_not_belong(lab, authority):
    all_ = Everything(lab, authority)
    server, client = all_.server, all_.client
    all_.telegram.script(bot_api.RESTARTING, bot_api.BLOCKED)
    server.start()
    client.start()
    server.wait_client("office-vpn")
    seen = {"a wrong key's answer": b""}
    for number, reply in enumerate(provoke(all_, server)):
        seen[f"answer {number} ({reply.status})"] = json.dumps(reply.headers).encode() + reply.body
    environment = {"VPN_SENTINEL_STATE_DIR": server.config["state_dir"]}
    for command in (("check", "-c", server.file), ("check", "-c", client.file), ("plugin", "list"),
                    ("plugin", "show", "bearer"), ("plugin", "show", "telegram"), ("status",), ("status", "--json"),
                    ("client", "--once", "-c", client.file), ("backup", all_.folder / "copy.db"),
                    ("status", "--url", server.url, "--key", all_.file_key + "x")):
        done = run(*command, environment=environment)
        seen[" ".join(map(str, command[:3]))] = done.stdout + done.stderr
    seen["the server's names"] = names_in_proc(server.program)
    seen["the client's names"] = names_in_proc(client.program)
    server.program.wait_for_log("unreachable")
    all_.client_ipinfo.stop()
    server.kill()
    client.program.wait_for_log("(?i)refused|cannot|closed")
    server.start()
    server.wait_client("office-vpn")
    client.stop()
    server.stop()
    audit = Path(server.config["state_dir"]) / "audit.log"
    assert '"path":"/***"' in audit.read_text() and '"path":"/api/v1/clients/***"' in audit.read_text()
    for folder in (all_.folder, Path(server.config["state_dir"]), Path(client.config["state_dir"])):
        for file in folder.rglob("*"):
            if file.is_file() and file.suffix != ".yaml":
                seen[str(file)] = file.read_bytes()
    for program in (server.program, client.program):
        seen[f"the log of {program.name}"] = program.log()
        seen[f"the output of {program.name}"] = program.output()
    seen["the messages"] = "\n".join(all_.telegram.texts())
    for where, data in seen.items():
        assert_hidden(all_.kinds, where, data)


WRONG = [
    ("a key in a map", lambda c, s: c["auth"][0]["options"].update(keys={"a": s})),
    ("a token where a number belongs", lambda c, s: c["rate_limit"].update(per="1m", requests="${SECRET}")),
    ("an unknown option", lambda c, s: c["auth"][0]["options"].update(kees=s)),
    ("a URL that is none", lambda c, s: c["probes"].append({"plugin": "ipinfo", "options": {"url": f"ftp://u:{s}@x/"}})),
    ("a role that is none", lambda c, s: c["auth"][0]["options"].update(keys=s, roles=["${SECRET}x"])),
    ("a token with a blank", lambda c, s: c["notifiers"].append(
        {"plugin": "telegram", "options": {"token": f"{s} {s}", "chat_id": 1}})),
    ("a token of a wrong form", lambda c, s: c["notifiers"].append(
        {"plugin": "telegram", "options": {"token": s, "chat_id": "x y"}})),
    ("a listener", lambda c, s: c["server"]["listen"].append({"address": "${SECRET}"})),
]


@pytest.mark.parametrize("wrong", [change for _, change in WRONG], ids=[name for name, _ in WRONG])
def test_a_wrong_configuration_is_told_without_its_secrets(lab, wrong):
    secret = f"token-{secrets.token_hex(12)}"
    server = lab.server()
    server.config["auth"][0]["options"] = {"keys": secret}
    wrong(server.config, secret)
    server.write()
    for command in ("check", "server"):
        done = run(command, "-c", server.file, environment={**lab.environment, "SECRET": secret})
        assert done.returncode in (1, 2), done.stderr
        assert_hidden({"the secret": secret}, command, done.stdout + done.stderr)
