"""What the tunnel does, and what people are told about it."""

from harness.lab import Usual
from harness.places import HOME, OTHER_VPN, VPN
from harness.roles import INTERVAL
from harness.stand_in import Answer
from harness.wait import holds

QUIET = 2.5 * INTERVAL  # long enough for a repetition to show


def go_home(usual):
    """The tunnel is gone and traffic leaves as the server's does."""
    usual.client_trace.ip, usual.client_trace.country = HOME.ip, HOME.country
    usual.client_ipinfo.place = HOME


def go_to(usual, place):
    usual.client_trace.ip, usual.client_trace.country = place.ip, place.country
    usual.client_ipinfo.place = place


def test_a_client_behind_the_vpn_is_secure_and_announced_once(usual):
    record = usual.until_secure()
    assert record["status"] == "alive"
    assert (record["public_ip"], record["country"], record["city"]) == (VPN.ip, "RO", "București")
    assert record["dns_location"] == "RO"
    assert record["verdicts"]["tunnel"]["verdict"] == "secure" and VPN.ip in record["verdicts"]["tunnel"]["evidence"]
    assert record["verdicts"]["dns"]["verdict"] == "secure"
    assert record["incidents"] == []
    assert record["facts"]["exit.asn"]["source"] == "ipinfo" and "9009" in record["facts"]["exit.asn"]["value"]
    holds(lambda: len(usual.telegram.messages) == 1, usual.telegram.texts, during=QUIET)
    (message,) = usual.telegram.messages
    assert usual.id in message.text and VPN.ip in message.text and "București" in message.text


def test_the_status_never_calls_a_side_path_proof(usual):
    record = usual.until_secure()
    assert record["source_address"] == "127.0.0.1"
    assert record["side_path"]
    assert record["verdicts"]["tunnel"]["confidence"] != "high"


def test_another_dns_country_is_one_warning_after_two_rounds(usual):
    usual.until_secure()
    usual.client_trace.country = "CH"
    asked = len(usual.client_trace.requests)
    (warning,) = usual.telegram.wait_for("dns leak")
    assert len(usual.client_trace.requests) >= asked + 2
    assert "CH" in warning.text and "RO" in warning.text and usual.id in warning.text
    record = usual.server.wait_verdict(usual.id, "leak")
    assert record["verdicts"]["dns"]["verdict"] == "leak" and record["verdicts"]["tunnel"]["verdict"] == "secure"
    assert [i["kind"] for i in record["incidents"]] == ["dns_leak"]
    holds(lambda: len(usual.telegram.messages) == 2, usual.telegram.texts, during=QUIET)

    usual.client_trace.country = VPN.country
    usual.telegram.wait_for("dns leak is over")
    assert usual.server.wait_verdict(usual.id, "secure")["incidents"] == []
    holds(lambda: len(usual.telegram.messages) == 3, usual.telegram.texts, during=QUIET)


def test_one_odd_dns_answer_is_no_warning(usual):
    usual.until_secure()
    odd = usual.client_trace.body().replace("loc=RO", "loc=CH")
    usual.client_trace.script(Answer.text(odd))
    usual.server.wait_verdict(usual.id, "leak")
    usual.server.wait_verdict(usual.id, "secure")
    holds(lambda: len(usual.telegram.messages) == 1, usual.telegram.texts, during=QUIET)


def test_an_exit_equal_to_the_servers_is_one_critical_alert_at_once(usual):
    usual.until_secure()
    asked = len(usual.client_ipinfo.requests)
    go_home(usual)
    (alert,) = usual.telegram.wait_for("bypass")
    assert len(usual.client_ipinfo.requests) <= asked + 3, "one round is enough"
    assert HOME.ip in alert.text and usual.id in alert.text
    record = usual.server.wait_verdict(usual.id, "leak")
    assert record["verdicts"]["tunnel"] == {**record["verdicts"]["tunnel"], "verdict": "leak", "confidence": "high"}
    (incident,) = [i for i in record["incidents"] if i["kind"] == "bypass"]
    assert incident["severity"] == "critical"
    holds(lambda: len(usual.telegram.matching("bypass")) == 1, usual.telegram.texts, during=QUIET)

    go_to(usual, VPN)
    usual.server.wait_verdict(usual.id, "secure")
    usual.telegram.wait_for("bypass is over")
    assert usual.server.client(usual.id)["incidents"] == []


def test_a_client_that_starts_outside_the_tunnel_is_never_called_secure(lab):
    usual = Usual(lab)
    go_home(usual)
    usual.start()
    usual.telegram.wait_for("bypass")
    (connected,) = usual.telegram.wait_for("connected")
    assert "secure" not in connected.text.lower()
    assert usual.server.client(usual.id)["verdict"] == "leak"


def test_a_new_exit_is_one_notice_with_both_addresses(usual):
    usual.until_secure()
    go_to(usual, OTHER_VPN)
    (notice,) = usual.telegram.wait_for("exit changed")
    assert OTHER_VPN.ip in notice.text and VPN.ip in notice.text and "Zürich" in notice.text
    usual.server.wait_client(usual.id, lambda r: r["public_ip"] == OTHER_VPN.ip, "to have moved")
    holds(lambda: len(usual.telegram.messages) == 2, usual.telegram.texts, during=QUIET)


def test_every_program_contacts_only_what_it_was_told_to(usual):
    usual.until_secure()
    seen = {name: {r.path for r in stand_in.requests} for name, stand_in in (
        ("client ipinfo", usual.client_ipinfo), ("trace", usual.client_trace), ("server ipinfo", usual.server_ipinfo),
        ("telegram", usual.telegram))}
    assert seen == {"client ipinfo": {"/json"}, "trace": {"/cdn-cgi/trace"}, "server ipinfo": {"/json"},
                    "telegram": {f"/bot{usual.lab.bot_token}/sendMessage"}}
    for role, allowed in (
        (usual.client, {usual.client_ipinfo.port, usual.client_trace.port, usual.server.port.number}),
        (usual.server, {usual.server_ipinfo.port, usual.telegram.port})):
        peers = role.program.connected_to()
        assert peers <= {("127.0.0.1", port) for port in allowed}, f"{role.program.name} is connected to {peers}"
