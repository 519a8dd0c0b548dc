"""The shell client of sdk/clients/shell, by the variables that its README names."""

import re
import shutil
import subprocess

import pytest

from blocks import block
from harness.pki import Pki
from harness.places import VPN
from harness.ports import Port
from harness.program import ROOT, clean_environment
from harness.sink import Sink
from harness.stand_in import Answer

FOLDER = ROOT / "sdk/clients/shell"
SCRIPT = FOLDER / "keepalive.sh"


class Shell:
    """Runs the script in a world where a trace tells the exit."""

    def __init__(self, lab, url):
        self.trace = lab.trace(VPN.ip, VPN.country)
        self.environment = {"VPN_SENTINEL_SERVER_API_BASE_URL": url, "VPN_SENTINEL_API_KEY": lab.key,
                            "VPN_SENTINEL_CLIENT_ID": "router", "CLOUDFLARE_TRACE_URL": self.trace.url,
                            "SSL_CERT_FILE": lab.authority.ca_file, "VPN_SENTINEL_TIMEOUT": 20}

    def run(self, command=SCRIPT, cwd=None, **changes):
        environment = {name: value for name, value in {**self.environment, **changes}.items() if value is not None}
        return subprocess.run(["/bin/sh", "-c", str(command)], env=clean_environment(environment), cwd=cwd,
                              capture_output=True, text=True, timeout=50, check=False)


@pytest.fixture
def sink(lab):
    made = Sink(lab.key)
    lab.stand_ins.append(made)
    return made


def test_a_keepalive_is_taken_by_the_server(lab):
    server = lab.server().start()
    done = Shell(lab, server.url).run()
    assert done.returncode == 0 and '"status":"ok"' in done.stdout, done
    record = server.client("router")
    assert (record["public_ip"], record["country"], record["status"]) == (VPN.ip, "RO", "alive")


def test_the_example_of_its_readme_works_as_it_stands(lab, tmp_path):
    pki, port = Pki(tmp_path), Port()
    server = lab.server()
    server.config["server"]["listen"][0]["tls"] = False
    server.config["server"]["listen"].append({"address": port.address, "serve": ["api"]})
    server.config["server"]["tls"] = {"cert": str(pki.cert), "key": str(pki.key)}
    server.start()
    (tmp_path / "key").write_text(f"{lab.key}\n")
    shutil.copy(SCRIPT, tmp_path)
    example = block("sdk/clients/shell/README.md", "run: example").text.replace("https://vpn.example.net:5000", f"https://localhost:{port.number}")
    shell = Shell(lab, None)
    done = shell.run(example, cwd=tmp_path, VPN_SENTINEL_API_KEY=None)
    assert done.returncode == 0, done
    assert server.client("router")["country"] == "RO"
    assert shell.run(example, cwd=tmp_path, VPN_SENTINEL_API_KEY=None, VPN_SENTINEL_TLS_PIN=pki.pin).returncode == 0
    other = f"sha256//{'A' * 43}="
    assert shell.run(example, cwd=tmp_path, VPN_SENTINEL_API_KEY=None, VPN_SENTINEL_TLS_PIN=other).returncode == 90


def test_the_line_for_cron_is_one_and_keeps_quiet(lab):
    line = block("sdk/clients/shell/README.md", "file: crontab").text
    *times, command = line.strip().split(" ", 5)
    assert len(times) == 5 and all(re.fullmatch(r"\*|\*/\d+|\d+", time) for time in times), times
    server = lab.server().start()
    done = Shell(lab, server.url).run(command.replace("/usr/local/bin/keepalive.sh", str(SCRIPT)))
    assert done.returncode == 0 and done.stdout == done.stderr == "", done
    assert server.client("router")["country"] == "RO"


def test_an_address_that_cannot_be_asked_is_unknown_and_the_keepalive_goes_out(lab, sink):
    shell = Shell(lab, sink.url)
    shell.trace.always(Answer(503))
    assert shell.run().returncode == 0
    assert sink.reports == [{"client_id": "router", "public_ip": "unknown", "country": "unknown"}]


def test_a_hostile_trace_cannot_write_into_the_report(lab, sink):
    shell = Shell(lab, sink.url)
    shell.trace.always(Answer.text('ip=1.2.3.4","client_id":"other\nloc=RO"x\nip=$(id)\n'))
    assert shell.run().returncode == 0
    assert sink.reports == [{"client_id": "router", "public_ip": "unknown", "country": "unknown"}]


def test_a_server_that_asks_to_come_later_is_asked_again(lab, sink):
    sink.script(Answer.json({}, 503, Retry_After="1"))
    assert Shell(lab, sink.url).run().returncode == 0
    assert len(sink.reports) == 1 and len(sink.requests) == 2


def test_a_refusal_is_shown_with_the_servers_reason(lab):
    server = lab.server().start()
    done = Shell(lab, server.url).run(VPN_SENTINEL_API_KEY="another-key-than-the-servers")
    assert done.returncode == 22 and "bad_credentials" in done.stdout


@pytest.mark.parametrize("change, says", [
    ({"VPN_SENTINEL_SERVER_API_BASE_URL": None}, "VPN_SENTINEL_SERVER_API_BASE_URL"),
    ({"VPN_SENTINEL_API_KEY": None}, "VPN_SENTINEL_API_KEY"),
    ({"VPN_SENTINEL_API_KEY": "two\nlines"}, "the key"),
    ({"VPN_SENTINEL_CLIENT_ID": 'a","x":"b'}, "VPN_SENTINEL_CLIENT_ID")])
def test_a_mistake_is_told_with_its_variable_before_anything_is_sent(lab, sink, change, says):
    done = Shell(lab, sink.url).run(**change)
    assert done.returncode == 2 and says in done.stderr
    assert sink.requests == []


def test_the_key_stands_in_no_argument(lab, sink, tmp_path):
    spy = tmp_path / "curl"
    spy.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {tmp_path}/arguments\nexec {shutil.which("curl")} "$@"\n')
    spy.chmod(0o755)
    assert Shell(lab, sink.url).run(PATH=f"{tmp_path}:/usr/bin:/bin").returncode == 0
    seen = (tmp_path / "arguments").read_text()
    assert "keepalive" in seen and lab.key not in seen


def test_it_is_short_and_shellcheck_finds_nothing():
    assert len(SCRIPT.read_text().splitlines()) <= 32
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed")
    done = subprocess.run(["shellcheck", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
