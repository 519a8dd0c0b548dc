"""Whom the client believes: the CA, the name, the dates, the pin; and what it says when it does not."""

import json
import ssl
import subprocess

import pytest

from harness.pki import Pki
from harness.ports import Port
from harness.program import run
from harness.sink import Sink
from harness.wallclock import WallClock

YEAR = 365 * 24 * 3600
OTHER_PIN = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


@pytest.fixture
def pki(tmp_path):
    folder = tmp_path / "pki"
    folder.mkdir()
    return Pki(folder)


@pytest.fixture
def other(tmp_path):
    """Another CA of the same name, as everybody makes them."""
    folder = tmp_path / "other"
    folder.mkdir()
    return Pki(folder)


class Looker:
    """`client --once` against a stand-in of the server that shows what `pki` has."""

    def __init__(self, lab, shown, name="client"):
        self.lab = lab
        self.sink = Sink(lab.key, shown)
        lab.stand_ins.append(self.sink)
        self.client = lab.client(self.sink, name=name)
        self.section = self.client.config["client"]
        self.environment = dict(lab.environment)

    def look(self, *more, **section):
        self.section.update(section)
        return run("client", "-c", self.client.write(), "--once", *more, environment=self.environment)

    def refused(self, **section):
        """What it says to a server that it does not believe, which has got nothing."""
        done = self.look(**section)
        assert done.returncode == 3 and self.sink.reports == [], done
        (line,) = [line for line in done.stdout.splitlines() if line.startswith("verdict ")]
        return line

    def taken(self, **section):
        done = self.look(**section)
        assert done.returncode == 0 and len(self.sink.reports) == 1, done
        return done


@pytest.fixture
def looker(lab, pki):
    return Looker(lab, pki.shown())


def test_the_ca_that_issued_it_is_enough(looker, pki):
    done = looker.taken(ca=pki.ca_file)
    assert "WARNING" not in done.stdout and done.stderr == ""


def test_an_unknown_ca_is_named_with_the_remedy(looker):
    said = looker.refused()
    assert 'it was issued by "CN=VPN Sentinel CA", who is not trusted here' in said
    assert "VPN_SENTINEL_TLS_CERT_PATH" in said and "somebody else answers in the server's place" in said


def test_another_ca_of_the_same_name_is_no_help(looker, other):
    said = looker.refused(ca=other.ca_file)
    assert "certificate is not trusted" in said


def test_the_system_store_is_what_counts_without_a_ca(looker, pki):
    looker.environment["SSL_CERT_FILE"] = pki.ca_file
    looker.taken()


def test_another_name_is_refused_with_the_names_that_it_has(lab, pki):
    pki.server("vpn.example.net", "203.0.113.7")
    said = Looker(lab, pki.shown()).refused(ca=pki.ca_file)
    assert "it is for vpn.example.net, 203.0.113.7, and not for 127.0.0.1" in said
    assert "VPN_SENTINEL_SERVER_API_BASE_URL" in said


def test_a_self_signed_one_is_called_so_and_can_be_trusted_itself(lab, pki):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                    pki.key, "-out", pki.cert, "-days", "2", "-subj", "/CN=my server", "-addext",
                    "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    looker = Looker(lab, pki.shown())
    said = looker.refused()
    assert 'it is self-signed ("CN=my server")' in said and "copy of that very certificate" in said
    looker.taken(ca=pki.cert)


def test_the_pinned_key_is_taken_and_another_one_is_not(looker, pki):
    said = looker.refused(ca=pki.ca_file, pin=OTHER_PIN)
    assert f"its key is {pki.pin}, which is none of the pinned ones" in said and "VPN_SENTINEL_TLS_PIN" in said
    looker.taken(pin=pki.pin)


def test_one_of_several_pins_is_enough(looker, pki):
    looker.taken(ca=pki.ca_file, pin=f"{OTHER_PIN}; {pki.pin}")


def test_a_pin_does_not_replace_the_ca_or_the_name(lab, looker, pki):
    assert "who is not trusted here" in looker.refused(pin=pki.pin)
    pki.server("vpn.example.net")
    assert "not for 127.0.0.1" in Looker(lab, pki.shown(), "again").refused(ca=pki.ca_file, pin=pki.pin)


def test_insecure_is_said_in_every_output(looker):
    done = looker.taken(insecure="yes")
    assert "WARNING  THE SERVER'S CERTIFICATE IS NOT VERIFIED" in done.stdout
    done = looker.look("--json")
    assert "CERTIFICATE IS NOT VERIFIED" in json.loads(done.stdout)["warning"]


def test_a_pin_counts_even_when_nothing_else_does(looker, pki):
    assert "none of the pinned ones" in looker.refused(insecure="yes", pin=OTHER_PIN)
    assert "only the pinned key is verified" in looker.taken(pin=pki.pin).stdout


def test_insecure_is_said_at_the_start_and_in_the_status(looker):
    looker.section["insecure"] = "yes"
    looker.client.start().program.wait_for_log("THE SERVER'S CERTIFICATE IS NOT VERIFIED")
    looker.sink.wait_reports(1)
    curl = subprocess.run(["curl", "-sS", "--unix-socket", looker.client.config["state_dir"] / "client.sock",
                           "http://localhost/status"], capture_output=True, text=True, check=True)
    assert "NOT VERIFIED" in json.loads(curl.stdout)["warning"]


@pytest.mark.parametrize("years, says", [(-1, "is not valid before"), (5, "it expired at"),
                                         (20, "expired at")])
def test_a_clock_that_is_wrong_is_thought_of(looker, pki, tmp_path, years, says):
    clock = WallClock(tmp_path / "clock")
    clock.jump(years * YEAR)
    looker.environment.update(clock.environment)
    said = looker.refused(ca=pki.ca_file)
    assert says in said and "the clock of this host shows" in said and "clock" in said.rsplit(":", 1)[1]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_server_of_old_versions_only_is_refused(lab, pki):
    said = Looker(lab, pki.shown(at_most=ssl.TLSVersion.TLSv1_1)).refused(ca=pki.ca_file)
    assert "no version of TLS that both sides speak" in said and "TLS 1.2 or 1.3" in said


def test_https_to_a_plain_server_says_so(lab):
    looker = Looker(lab, None)
    said = looker.refused(server=looker.sink.url.replace("http://", "https://"))
    assert "the peer does not speak TLS" in said and "use http://" in said


def test_http_to_a_tls_server_says_so(looker):
    said = looker.refused(server=looker.sink.url.replace("https://", "http://"))
    assert "https://" in said


def test_a_server_that_asks_for_a_certificate_gets_the_clients(lab, pki, other):
    certificate, key = pki.client("office-vpn")
    looker = Looker(lab, pki.shown(asks_for=pki.ca_file))
    said = looker.refused(ca=pki.ca_file)
    assert "wants a certificate of ours" in said and "VPN_SENTINEL_TLS_CLIENT_CERT_PATH" in said
    foreign = other.client("office-vpn")
    assert "wants a certificate of ours" in looker.refused(cert=foreign[0], cert_key=foreign[1])
    looker.taken(cert=certificate, cert_key=key)


def test_a_certificate_with_another_key_is_our_own_fault_and_said_so(lab, pki):
    certificate, _key = pki.client("office-vpn")
    looker = Looker(lab, pki.shown(asks_for=pki.ca_file))
    done = looker.look(ca=pki.ca_file, cert=certificate, cert_key=pki.key)
    assert done.returncode == 3 and "does not belong to the certificate" in done.stderr and looker.sink.requests == []
    checked = run("check", looker.client.file)
    assert checked.returncode == 2 and "client.yaml:" in checked.stderr, checked
    assert "does not belong to the certificate" in checked.stderr + checked.stdout


def test_a_ca_file_that_is_none_is_refused_before_anything_is_sent(looker, pki):
    done = looker.look(ca=pki.key)
    assert done.returncode == 3 and "holds no certificate in PEM" in done.stderr and looker.sink.requests == []
    checked = run("check", looker.client.file)
    assert checked.returncode == 2 and "holds no certificate in PEM" in checked.stderr + checked.stdout


# -- the whole loop: cert, server, client


class Loop:
    def __init__(self, lab, pki):
        self.server = lab.server()
        self.port = Port()
        section = self.server.config["server"]
        section["listen"][0]["tls"] = False
        section["listen"].append({"address": self.port.address, "serve": ["api", "health"]})
        section["tls"] = {"cert": pki.cert, "key": pki.key}
        self.server.start()
        self.client = lab.client(self.server)
        self.section = self.client.config["client"]
        self.section["server"] = self.url = f"https://127.0.0.1:{self.port.number}"


@pytest.fixture
def loop(lab, pki):
    return Loop(lab, pki)


@pytest.mark.parametrize("how", ["ca", "ca and pin", "insecure", "insecure and pin"])
def test_our_own_server_is_believed_with(loop, pki, how):
    if "ca" in how.split():
        loop.section["ca"] = pki.ca_file
    if "pin" in how:
        loop.section["pin"] = f"{OTHER_PIN};{pki.pin}"
    if "insecure" in how:
        loop.section["insecure"] = "yes"
    loop.client.start()
    loop.server.wait_client(loop.client.client_id)
    assert ("NOT VERIFIED" in loop.client.program.log()) == (how == "insecure")


@pytest.mark.parametrize("how, says", [("nothing", "not trusted here"), ("wrong ca", "not trusted"),
                                       ("wrong pin", "none of the pinned ones"),
                                       ("wrong pin, insecure", "none of the pinned ones"),
                                       ("plain http", "use https://")])
def test_our_own_server_is_not_believed_with(loop, pki, other, how, says):
    loop.section["ca"] = None if how == "nothing" else other.ca_file if how == "wrong ca" else pki.ca_file
    if "pin" in how:
        loop.section["pin"] = OTHER_PIN
    if "insecure" in how:
        loop.section["insecure"] = "yes"
    if how == "plain http":
        loop.section["server"] = loop.url.replace("https", "http")
    loop.section = {key: value for key, value in loop.section.items() if value is not None}
    loop.client.config["client"] = loop.section
    loop.client.start()
    loop.client.program.wait_for_log(f"no report gets through to .*{says}")
    loop.client.stop()
    assert loop.server.status() == {}
    spooled = loop.client.config["state_dir"] / "spool.jsonl"
    assert spooled.read_text().count("\n") >= 1, "the report is kept for better times"


def test_a_server_whose_key_was_renewed_keeps_its_pin(loop, pki):
    loop.section.update(ca=pki.ca_file, pin=pki.pin)
    before = pki.pin
    assert run("cert", "server", "--out", pki.folder, "--renew", "127.0.0.1").returncode == 0
    assert pki.pin == before
    loop.client.start()
    loop.server.wait_client(loop.client.client_id)


def test_healthcheck_and_status_ask_over_tls(loop, pki, lab):
    trusting = {"VPN_SENTINEL_TLS_CERT_PATH": pki.ca_file}
    for more, environment in ((["--ca", pki.ca_file], {}), ([], trusting), (["--pin", pki.pin], trusting),
                              (["--insecure"], {})):
        done = run("healthcheck", "--url", loop.url, *more, environment=environment)
        assert done.returncode == 0 and done.stdout == "healthy\n", done
        done = run("status", "--url", loop.url, "--key", lab.key, *more, environment=environment)
        assert done.returncode == 0, done
    for command in ("healthcheck", "status"):
        done = run(command, "--url", loop.url)
        assert done.returncode == 1 and "not trusted here: give the file of the CA" in done.stderr, done
        done = run(command, "--url", loop.url, "--ca", pki.ca_file, "--pin", OTHER_PIN)
        assert done.returncode == 1 and "pinned" in done.stderr, done


def test_healthcheck_in_the_servers_own_environment_needs_no_ca(loop, pki):
    done = run("healthcheck", environment={"VPN_SENTINEL_STATE_DIR": loop.server.config["state_dir"]})
    assert done.returncode == 0 and done.stdout == "healthy\n", done
    done = run("healthcheck", "--url", loop.url, environment={"VPN_SENTINEL_TLS_CERT_PATH": pki.cert})
    assert done.returncode == 0, done
