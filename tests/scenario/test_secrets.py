"""Secrets are given, used and never shown."""

import json
from pathlib import Path

from harness import telegram as bot_api
from harness.keepalive import flat, encode
from harness.places import VPN
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
