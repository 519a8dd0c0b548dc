"""The Python client of sdk/clients/python: keepalives, status, whom it trusts, when it tries again."""

import importlib.util
import re
import shutil
import ssl
import subprocess
import sys
import time

import pytest

from blocks import block
from harness.pki import Pki
from harness.places import VPN
from harness.ports import Port
from harness.program import ROOT, clean_environment
from harness.sink import Sink
from harness.stand_in import HANG, RESET, Answer

FOLDER = ROOT / "sdk/clients/python"
sys.path.insert(0, str(FOLDER))

from vpn_sentinel_client import Client, Refused, Report, Unreachable, Untrusted  # noqa: E402
from vpn_sentinel_client.transport import pin_of  # noqa: E402

REPORT = Report("laptop", public_ip=VPN.ip, country=VPN.country, city=VPN.city, provider=VPN.org, dns_location="RO",
                client_version="7.0")


class Pauses(list):
    """Waits for nothing, and notes for how long it should have."""

    def __call__(self, seconds):
        self.append(seconds)


@pytest.fixture
def sink(lab):
    made = Sink(lab.key)
    lab.stand_ins.append(made)
    return made


def client_of(sink, **options):
    pauses = Pauses()
    made = Client(sink.url, key=sink.key, **{"timeout": 10, "pause": pauses, **options})
    return made, pauses


# -- against the built server


def test_a_keepalive_is_taken_and_stands_in_the_status(lab):
    server = lab.server().start()
    sentinel = Client(server.url, key=lab.key)
    answer = sentinel.keepalive(REPORT)
    assert answer.interval == 1.0 and answer.raw["status"] == "ok" and answer.verdict == "unknown"
    (shown,) = sentinel.status()
    assert (shown.client_id, shown.status, shown.public_ip, shown.country) == ("laptop", "alive", VPN.ip, "RO")
    assert shown.raw["city"] == VPN.city and shown.raw["client_version"] == "7.0"
    assert sentinel.client("laptop").raw["dns_location"] == "RO"


def test_what_was_not_measured_is_unknown(lab):
    server = lab.server().start()
    sentinel = Client(server.url, key=lab.key)
    sentinel.keepalive(Report("bare"))
    assert sentinel.client("bare").public_ip == "unknown" == sentinel.client("bare").country


def test_a_refusal_has_its_status_its_code_and_no_key(lab):
    server = lab.server().start()
    with pytest.raises(Refused) as refused:
        Client(server.url, key="another-key-than-the-servers").keepalive(REPORT)
    assert (refused.value.status, refused.value.code) == (401, "bad_credentials")
    with pytest.raises(Refused) as refused:
        Client(server.url, key=lab.key).client("nobody")
    assert refused.value.code == "client_not_found" and lab.key not in repr(refused.value)


def test_a_key_in_a_file_is_read_anew_for_each_request(lab, tmp_path):
    server = lab.server().start()
    file = tmp_path / "key"
    file.write_text("not-the-key-of-this-server\n")
    sentinel = Client(server.url, key_file=file)
    with pytest.raises(Refused):
        sentinel.status()
    file.write_text(f"{lab.key}\n")
    assert sentinel.status() == []


# -- whom it trusts


@pytest.fixture
def pki(tmp_path):
    return Pki(tmp_path)


def secured(lab, pki):
    port = Port()
    server = lab.server()
    server.config["server"]["listen"][0]["tls"] = False
    server.config["server"]["listen"].append({"address": port.address, "serve": ["api"]})
    server.config["server"]["tls"] = {"cert": str(pki.cert), "key": str(pki.key)}
    server.start()
    return f"https://localhost:{port.number}"


def test_it_speaks_tls_by_a_ca_and_by_a_pin(lab, pki):
    url = secured(lab, pki)
    ca = str(pki.ca_file)
    assert Client(url, key=lab.key, ca_file=ca).status() == []
    assert Client(url, key=lab.key, ca_file=ca, pin=f"sha256//{'A' * 43}=;{pki.pin}").status() == []


def test_a_certificate_that_nobody_vouches_for_never_sees_the_key(lab, pki):
    sink = Sink(lab.key, pki.shown())
    lab.stand_ins.append(sink)
    sentinel, pauses = client_of(sink)
    with pytest.raises(Untrusted):
        sentinel.keepalive(REPORT)
    assert sink.requests == [] and pauses == []


def test_another_key_than_the_pinned_one_never_sees_the_key(lab, pki):
    sink = Sink(lab.key, pki.shown())
    lab.stand_ins.append(sink)
    sentinel, pauses = client_of(sink, ca_file=str(pki.ca_file), pin=f"sha256//{'A' * 43}=")
    with pytest.raises(Untrusted):
        sentinel.keepalive(REPORT)
    assert sink.requests == [] and pauses == []


def test_a_pin_is_that_of_cert_show_and_of_the_openssl_tool(pki):
    der = ssl.PEM_cert_to_DER_cert(re.search(r"-----BEGIN.*?END CERTIFICATE-----", pki.cert.read_text(), re.S)[0])
    assert pin_of(der) == pki.pin


# -- when it tries again


def test_it_comes_again_after_the_time_that_the_server_asks_for(sink):
    sentinel, pauses = client_of(sink)
    sink.script(Answer.json({"error": "rate_limited"}, 429, Retry_After="7"),
                Answer.json({}, 503, Retry_After=time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 40))))
    assert sentinel.keepalive(REPORT).verdict == "secure"
    assert pauses[0] == 7 and 30 < pauses[1] <= 40


def test_a_wait_that_is_too_long_is_cut(sink):
    sentinel, pauses = client_of(sink, longest_wait=5)
    sink.script(Answer.json({}, 429, Retry_After="86400"))
    sentinel.keepalive(REPORT)
    assert pauses == [5]


@pytest.mark.parametrize("wish", ["-3", "soon", "1e9", "²", ""])
def test_a_wish_that_cannot_be_read_is_none(sink, wish):
    sentinel, pauses = client_of(sink)
    answer = Answer.json({}, 503)
    answer.headers["Retry-After"] = wish.encode().decode("latin-1")
    sink.script(answer)
    sentinel.keepalive(REPORT)
    assert 0.5 <= pauses[0] <= 1


def test_broken_connections_are_tried_again_and_at_last_told(sink):
    sentinel, pauses = client_of(sink)
    sink.script(RESET, Answer.json({"status": "ok"}, manner="truncate"))
    assert sentinel.keepalive(REPORT).verdict == "secure"
    assert len(pauses) == 2
    sink.always(RESET)
    with pytest.raises(Unreachable):
        sentinel.keepalive(REPORT)


def test_a_refusal_for_good_is_not_tried_again(sink):
    sentinel, pauses = client_of(sink)
    sink.script(Answer.json({"error": "bad_report", "detail": "no"}, 400))
    with pytest.raises(Refused, match="400: no"):
        sentinel.keepalive(REPORT)
    assert pauses == [] and len(sink.requests) == 1


def test_a_redirection_is_not_followed(sink):
    sentinel, _ = client_of(sink)
    sink.script(Answer(302, b"", {"Location": sink.url + "/elsewhere"}))
    with pytest.raises(Refused):
        sentinel.keepalive(REPORT)
    assert len(sink.requests) == 1


@pytest.mark.parametrize("answer", [HANG, Answer(body=b"x" * 4000, manner="slow")])
def test_the_timeout_is_for_the_whole_try(sink, answer):
    sentinel, _ = client_of(sink, timeout=0.5, attempts=1)
    sink.always(answer)
    begun = time.monotonic()
    with pytest.raises(Unreachable, match=r"within 0\.5 s"):
        sentinel.keepalive(REPORT)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("said", [b"<html>log in</html>", b"[]", b'{"status":"error"}', b"[" * 100000, b"\xff"])
def test_something_else_than_a_server_is_told(sink, said):
    sentinel, _ = client_of(sink)
    sink.always(Answer(body=said))
    with pytest.raises(Unreachable, match="something else"):
        sentinel.keepalive(REPORT)


def test_nobody_there_is_told_with_the_place():
    port = Port()
    try:
        with pytest.raises(Unreachable, match=str(port.number)):
            Client(port.url, key="k" * 20, attempts=1).status()
    finally:
        port.close()


def test_the_originals_server_is_understood(sink):
    sentinel, _ = client_of(sink)
    sink.script(Answer.json({"message": "Keepalive received", "server_time": "2026-11-23T00:15:06+00:00", "status": "ok"}))
    answer = sentinel.keepalive(REPORT)
    assert (answer.verdict, answer.interval, answer.durable) == ("unknown", None, False)


# -- mistakes


@pytest.mark.parametrize("wrong", [
    {"url": "vpn.example.net"}, {"url": "ftp://vpn.example.net"}, {"url": "http://h:99999"}, {"url": "http://a@h"},
    {"key": None}, {"key": ""}, {"key": "two\r\nlines"}, {"key": "schlüssel"}, {"key_file": "key"}, {"attempts": 0},
    {"timeout": 0}, {"pin": "sha256//x"}, {"url": "https://h", "pin": "md5"}, {"url": "https://h", "ca_file": "/nowhere"}])
def test_a_mistake_in_an_argument_is_told_at_once(wrong):
    arguments = {"url": "http://127.0.0.1:1", "key": "a-key", **wrong}
    with pytest.raises(ValueError):
        Client(arguments.pop("url"), **arguments)


# -- what its README shows


def test_the_example_of_its_readme_prints_what_is_shown(lab, pki, tmp_path):
    example = block("sdk/clients/python/README.md", "run: example").text
    shown = block("sdk/clients/python/README.md", "output: example").text
    url = secured(lab, pki)
    (tmp_path / "key").write_text(lab.key)
    done = subprocess.run([sys.executable, "-c", example.replace("https://vpn.example.net:5000", url)], cwd=tmp_path,
                          env=clean_environment({"PYTHONPATH": FOLDER, "PYTHONDONTWRITEBYTECODE": 1}),
                          capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == shown and not done.stderr


@pytest.mark.skipif(any(importlib.util.find_spec(name) is None for name in ("pip", "setuptools", "wheel")),
                    reason="pip, setuptools or wheel (python3-pip, python3-wheel) is not installed")
def test_it_is_installed_as_its_readme_says(tmp_path):
    shutil.copytree(FOLDER, tmp_path / "sdk/clients/python")
    command = block("sdk/clients/python/README.md", "run: install").text.replace("pip", f"{sys.executable} -m pip", 1)
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, timeout=50, check=False,
                          env=clean_environment({"PIP_TARGET": tmp_path / "site", "PIP_NO_INDEX": 1, "HOME": tmp_path,
                                                 "PIP_NO_BUILD_ISOLATION": 0}))  # setuptools is that of this machine
    assert done.returncode == 0, done.stdout + done.stderr
    imported = subprocess.run([sys.executable, "-c", "import vpn_sentinel_client as c; print(c.__file__)"], cwd=tmp_path,
                              env=clean_environment({"PYTHONPATH": tmp_path / "site"}), capture_output=True, text=True, check=True)
    assert imported.stdout.startswith(f"{tmp_path}/site/")
    assert (tmp_path / "site/vpn_sentinel_client/py.typed").exists()


@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy (python3-mypy) is not installed")
def test_its_types_are_those_it_says(tmp_path):
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path, "vpn_sentinel_client"],
                          cwd=FOLDER, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stdout
