"""`vpn-sentinel check`, and the configuration the project ships."""

import re

import pytest

from harness.program import ROOT, run

# Six mistakes of six kinds, and where each stands (line, column, a word of its sentence).
SIX = """\
server:
  listen:
    - address: "127.0.0.1:5000"
      serve: [api, helth]
monitor:
  intervall: 5m
  grace: soon
  grace: 30s
auth:
  - plugin: bearer
    options: { keys: "${NO_SUCH_VARIABLE_AT_ALL}" }
probes:
  - { plugin: weather_oracle }
"""
EXPECTED = [
    (4, r"health.*'helth'"),
    (6, r"'intervall'.*'interval'"),
    (7, r"soon"),
    (8, r"grace"),
    (11, r"NO_SUCH_VARIABLE_AT_ALL"),
    (13, r"weather_oracle"),
]


def positions(text, name):
    """(line, column, sentence) of every error of the file."""
    return [(int(line), int(column), said) for line, column, said in
            re.findall(rf"{re.escape(name)}:(\d+):(\d+): error: (.*)", text)]


def test_six_mistakes_are_reported_in_one_run_each_with_its_place(tmp_path):
    file = tmp_path / "server.yaml"
    file.write_text(SIX, encoding="utf-8")
    done = run("check", "-c", file)
    assert done.returncode == 2
    found = positions(done.stderr + done.stdout, str(file))
    for line, pattern in EXPECTED:
        assert any(at == line and column > 1 and re.search(pattern, said) for at, column, said in found), \
            f"nothing like {pattern!r} in line {line}:\n{done.stderr}"
    assert len(found) == len(EXPECTED), done.stderr


@pytest.mark.parametrize("role", ["server", "client"])
def test_the_same_mistakes_keep_a_role_from_starting(tmp_path, role):
    file = tmp_path / f"{role}.yaml"
    file.write_text("nonsense: [1, 2\n", encoding="utf-8")
    done = run(role, "-c", file)
    assert done.returncode == 2
    assert positions(done.stderr, str(file)), done.stderr


def test_a_file_that_is_not_there_is_named(tmp_path):
    done = run("check", "-c", tmp_path / "nowhere.yaml")
    assert done.returncode == 2 and "nowhere.yaml" in done.stderr


@pytest.mark.parametrize("role", ["server", "client"])
def test_the_shipped_configuration_is_good_with_a_key_alone(role, tmp_path):
    environment = {"VPN_SENTINEL_API_KEY": "a-key-of-decent-length", "VPN_SENTINEL_STATE_DIR": tmp_path,
                   "VPN_SENTINEL_SERVER_API_BASE_URL": "http://127.0.0.1:5000"}
    done = run("check", "-c", ROOT / "etc" / f"{role}.yaml", environment=environment)
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr


def test_the_shipped_configuration_without_a_key_says_which_variable_to_set():
    done = run("check", "-c", ROOT / "etc" / "server.yaml")
    assert done.returncode == 2 and "VPN_SENTINEL_API_KEY" in done.stderr


def test_a_name_and_its_file_together_are_an_error(tmp_path):
    (tmp_path / "key").write_text("from-the-file-0123456789\n", encoding="utf-8")
    environment = {"VPN_SENTINEL_API_KEY": "a-key-of-decent-length", "VPN_SENTINEL_API_KEY_FILE": tmp_path / "key",
                   "VPN_SENTINEL_STATE_DIR": tmp_path}
    done = run("check", "-c", ROOT / "etc" / "server.yaml", environment=environment)
    assert done.returncode == 2 and "VPN_SENTINEL_API_KEY_FILE" in done.stderr
    assert "a-key-of-decent-length" not in done.stderr and "from-the-file" not in done.stderr


def test_a_misspelt_variable_is_warned_about_with_the_right_name(tmp_path):
    environment = {"VPN_SENTINEL_API_KEY": "a-key-of-decent-length", "VPN_SENTINEL_INTERVALL": "5",
                   "VPN_SENTINEL_STATE_DIR": tmp_path, "VPN_SENTINEL_URL": "http://127.0.0.1:5000"}
    done = run("check", "-c", ROOT / "etc" / "client.yaml", environment=environment)
    assert done.returncode == 0, done.stderr
    assert re.search(r"VPN_SENTINEL_INTERVALL .*did you mean VPN_SENTINEL_INTERVAL\?", done.stderr)


def test_an_obsolete_variable_is_warned_about_with_the_reason(tmp_path):
    environment = {"VPN_SENTINEL_API_KEY": "a-key-of-decent-length", "VPN_SENTINEL_HEALTH_MONITOR": "true",
                   "VPN_SENTINEL_STATE_DIR": tmp_path, "VPN_SENTINEL_URL": "http://127.0.0.1:5000"}
    done = run("check", "-c", ROOT / "etc" / "client.yaml", environment=environment)
    assert done.returncode == 0 and "VPN_SENTINEL_HEALTH_MONITOR" in done.stderr


def test_a_certificate_that_is_not_there_is_an_error_and_no_plain_text(tmp_path):
    environment = {"VPN_SENTINEL_API_KEY": "a-key-of-decent-length", "VPN_SENTINEL_STATE_DIR": tmp_path,
                   "VPN_SENTINEL_TLS_CERT_PATH": tmp_path / "cert.pem", "VPN_SENTINEL_TLS_KEY_PATH": tmp_path / "key.pem"}
    done = run("check", "-c", ROOT / "etc" / "server.yaml", environment=environment)
    assert done.returncode == 2 and f"the certificate: cannot open {tmp_path}/cert.pem" in done.stderr, done.stderr


def test_a_port_that_is_none_is_an_error_and_no_crash():
    environment = {"VPN_SENTINEL_API_KEY": "a-key-of-decent-length", "VPN_SENTINEL_SERVER_API_PORT": "99999"}
    done = run("check", ROOT / "etc" / "server.yaml", environment=environment)
    assert done.returncode == 2, done.stderr
    assert "a port is from 0 to 65535, not 99999" in done.stderr


def test_every_bad_entry_of_the_allowed_addresses_is_named():
    environment = {"VPN_SENTINEL_API_KEY": "a-key-of-decent-length", "VPN_SENTINEL_SERVER_ALLOWED_IPS": "here, 10.0.0.1/8"}
    done = run("check", ROOT / "etc" / "server.yaml", environment=environment)
    assert done.returncode == 2
    assert re.search(r"server.yaml:\d+:\d+: error: auth 'cidr' .*\"here\".*\"10.0.0.1/8\"", done.stderr), done.stderr


def test_a_short_key_is_warned_about():
    done = run("check", ROOT / "etc" / "server.yaml", environment={"VPN_SENTINEL_API_KEY": "guessme"})
    assert done.returncode == 0
    assert "shorter than 16 characters" in done.stderr and "guessme" not in done.stderr
