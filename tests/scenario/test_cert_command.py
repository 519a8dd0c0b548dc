"""`cert`: a CA of one's own, what it issues, and whether OpenSSL agrees."""

import re
import stat
import subprocess

import pytest

from harness.program import run


def cert(*args, code=0):
    done = run("cert", *args)
    assert done.returncode == code, done
    return done.stdout if code == 0 else done.stderr


def openssl(*args):
    return subprocess.run(["openssl", *map(str, args)], capture_output=True, text=True, check=False)


def verify(folder, file, *args):
    return openssl("verify", "-x509_strict", "-CAfile", folder / "ca.pem", *args, folder / file)


def show(file):
    """The lines of `cert show` as a dictionary."""
    return dict(re.split(r"\s+", line, maxsplit=1) for line in cert("show", file).splitlines() if line)


@pytest.fixture(params=["ecdsa", "rsa"])
def kind(request):
    return ["--rsa"] if request.param == "rsa" else []


@pytest.fixture
def ca(tmp_path):
    cert("ca", "--out", tmp_path)
    return tmp_path


def test_a_servers_certificate_passes_the_strictest_check_for_each_of_its_names(tmp_path, kind):
    cert("ca", "--out", tmp_path, *kind)
    cert("server", "--out", tmp_path, *kind, "vpn.example.net", "*.lan.example.net", "203.0.113.7", "2001:db8::1")
    for name in ("vpn.example.net", "a.lan.example.net"):
        assert verify(tmp_path, "server.pem", "-purpose", "sslserver", "-verify_hostname", name).returncode == 0, name
    for address in ("203.0.113.7", "2001:db8::1"):
        assert verify(tmp_path, "server.pem", "-purpose", "sslserver", "-verify_ip", address).returncode == 0, address
    for name in ("example.net", "b.a.lan.example.net", "203.0.113.8"):
        assert verify(tmp_path, "server.pem", "-verify_hostname", name).returncode != 0, name
    assert verify(tmp_path, "server.pem", "-purpose", "sslclient").returncode != 0
    assert verify(tmp_path, "ca.pem").returncode == 0


def test_a_clients_certificate_is_good_for_a_client_only(ca, kind):
    cert("client", "--out", ca, *kind, "office-vpn")
    assert verify(ca, "office-vpn.pem", "-purpose", "sslclient").returncode == 0
    assert verify(ca, "office-vpn.pem", "-purpose", "sslserver").returncode != 0
    assert "office-vpn" in show(ca / "office-vpn.pem")["subject"]


def test_what_the_ca_issued_cannot_issue(ca):
    cert("server", "--out", ca, "vpn.example.net")
    (ca / "second").mkdir()
    for kind in ("pem", "key"):
        (ca / "second" / f"ca.{kind}").write_bytes((ca / f"server.{kind}").read_bytes())
    assert "not the certificate of a CA" in cert("server", "--out", ca / "second", "other.example", code=1)


def test_keys_are_for_their_owner_and_certificates_for_everybody(ca):
    cert("server", "--out", ca, "vpn.example.net")
    cert("client", "--out", ca, "office-vpn")
    assert sorted(f.name for f in ca.iterdir()) == ["ca.key", "ca.pem", "office-vpn.key", "office-vpn.pem",
                                                    "server.key", "server.pem"]
    for file in ca.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == (0o600 if file.suffix == ".key" else 0o644), file


def test_nothing_that_is_there_is_replaced_unless_it_is_asked_for(ca):
    cert("server", "--out", ca, "vpn.example.net")
    before = {file.name: file.read_bytes() for file in ca.iterdir()}
    assert "never replaced" in cert("ca", "--out", ca, code=1)
    said = cert("server", "--out", ca, "vpn.example.net", code=1)
    assert "server.pem is there already" in said and "--renew" in said and "--force" in said
    (ca / "server.pem").unlink()
    assert "server.key is there already" in cert("server", "--out", ca, "vpn.example.net", code=1)
    (ca / "server.pem").write_bytes(before["server.pem"])
    assert {file.name: file.read_bytes() for file in ca.iterdir()} == before
    cert("server", "--out", ca, "--force", "vpn.example.net")
    assert (ca / "server.key").read_bytes() != before["server.key"]
    assert verify(ca, "server.pem").returncode == 0


def test_a_renewed_certificate_keeps_its_key_and_its_pin(ca):
    cert("server", "--out", ca, "vpn.example.net")
    before, key = show(ca / "server.pem"), (ca / "server.key").read_bytes()
    cert("server", "--out", ca, "--renew", "--days", "30", "vpn2.example.net")
    after = show(ca / "server.pem")
    assert after["pin"] == before["pin"] and (ca / "server.key").read_bytes() == key
    assert after["serial"] != before["serial"] and after["names"] == "vpn2.example.net"
    assert after["valid"].endswith("29 days left") or after["valid"].endswith("30 days left")
    assert "leave --renew out" in cert("client", "--out", ca, "--renew", "nobody", code=1)


def test_what_is_issued_ends_with_its_ca_at_the_latest(tmp_path):
    cert("ca", "--out", tmp_path, "--days", "10")
    assert "--days can be 9 at most" in cert("server", "--out", tmp_path, "--days", "11", "a.example", code=1)
    cert("server", "--out", tmp_path, "a.example")
    assert show(tmp_path / "server.pem")["valid"].split(" to ")[1][:20] == \
        show(tmp_path / "ca.pem")["valid"].split(" to ")[1][:20]


def test_serial_numbers_are_random(ca):
    serials = set()
    for _ in range(3):
        cert("server", "--out", ca, "--force", "a.example")
        serials.add(show(ca / "server.pem")["serial"])
    assert len(serials) == 3 and all(len(serial) == 40 for serial in serials), serials


def test_show_agrees_with_openssl(ca):
    cert("server", "--out", ca, "vpn.example.net", "203.0.113.7")
    shown = show(ca / "server.pem")
    fingerprint = openssl("x509", "-in", ca / "server.pem", "-noout", "-fingerprint", "-sha256").stdout
    assert shown["fingerprint"] == fingerprint.strip().split("=", 1)[1]
    pipeline = (f"openssl x509 -in '{ca}/server.pem' -noout -pubkey | openssl pkey -pubin -outform DER | "
                "openssl dgst -sha256 -binary | openssl enc -base64")
    pin = subprocess.run(["sh", "-c", pipeline], capture_output=True, text=True, check=True).stdout.strip()
    assert shown["pin"] == f"sha256//{pin}"
    assert shown["names"] == "vpn.example.net, 203.0.113.7" and shown["use"] == "server"
    assert shown["issuer"] == "CN=VPN Sentinel CA" and show(ca / "ca.pem")["issuer"] == "itself"


def test_show_tells_every_certificate_of_a_file_and_what_is_broken(ca):
    cert("server", "--out", ca, "vpn.example.net")
    chain = (ca / "server.pem").read_text() + (ca / "ca.pem").read_text()
    (ca / "chain.pem").write_text(chain)
    assert cert("show", ca / "chain.pem").count("fingerprint") == 2
    (ca / "cut.pem").write_text(chain[:-60])
    assert "certificate number 2" in cert("show", ca / "cut.pem", code=1)
    said = cert("show", ca / "server.key", code=1)
    assert "holds no certificate" in said and "PRIVATE" not in said
    assert "No such file" in cert("show", ca / "nothing.pem", code=1)


@pytest.mark.parametrize("name, says", [("https://a.example", "without scheme"), ("a.example:5000", "without a port"),
                                        ("203.0.113.700", "looks like an address"), ("*.net", "top-level domain"),
                                        ("bücher.example", "as DNS has it"), ("", "empty")])
def test_what_is_no_name_is_a_usage_error_and_leaves_nothing(ca, name, says):
    assert says in cert("server", "--out", ca, "ok.example", name, code=2)
    assert not (ca / "server.key").exists()


@pytest.mark.parametrize("name", ["../evil", "a b", "ca", "server", "", ".hidden", "x" * 65])
def test_a_clients_name_is_a_file_name_and_harmless(ca, name):
    assert "cannot be a client's name" in cert("client", "--out", ca, "--", name, code=2)


@pytest.mark.parametrize("days", ["0", "-1", "x", "99999999"])
def test_days_are_a_number(tmp_path, days):
    assert "--days is a number" in cert("ca", "--out", tmp_path, f"--days={days}", code=2)
    assert not list(tmp_path.iterdir())


def test_without_a_ca_it_says_how_to_get_one(tmp_path):
    assert "vpn-sentinel cert ca" in cert("server", "--out", tmp_path, "a.example", code=1)


def test_a_key_that_is_not_the_cas_is_refused(ca, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    cert("ca", "--out", other)
    (ca / "ca.key").write_bytes((other / "ca.key").read_bytes())
    assert "does not belong" in cert("server", "--out", ca, "a.example", code=1)


def test_a_folder_that_cannot_be_written_is_told(ca):
    assert "cannot make the folder" in cert("ca", "--out", ca / "ca.pem" / "below", code=1)
