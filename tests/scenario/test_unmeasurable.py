"""When nothing can be measured that is said, and no more than that."""

import re

import pytest

from harness import ipinfo as ipinfo_service
from harness.stand_in import HANG, RESET, Answer
from harness.wait import holds

NOT_JSON = Answer.text("<html>Please log in to the hotel network</html>")

# What spoils both services: name -> (what they answer, a word of the reason that people read).
SPOILED = {
    "limited": (ipinfo_service.LIMITED, "429|limit"),
    "forbidden": (ipinfo_service.FORBIDDEN, "403|refus|forbid"),
    "broken": (ipinfo_service.BROKEN, "500"),
    "hanging": (HANG, "time"),
    "dripping": (Answer(200, b" " * 1000, {"Content-Type": "text/plain"}, "slow"), "time"),
    "reset": (RESET, "reset|closed|connection|broke|truncat"),
    "truncated": (None, "truncat|closed|incomplete|ended"),
    "refused": (None, "refused|connect"),
    "captive": (NOT_JSON, "not|no "),
}


def spoil(stand_in, how):
    if how == "refused":
        stand_in.stop()
    elif how == "truncated":
        stand_in.always(stand_in.truncated())
    else:
        stand_in.always(SPOILED[how][0])


def evidence(record):
    """Everything the record says about why."""
    return " ".join(v.get("evidence") or "" for v in record["verdicts"].values())


@pytest.mark.parametrize("how", SPOILED)
def test_keepalives_flow_and_facts_are_unknown_with_the_reason(usual, how):
    for stand_in in (usual.client_ipinfo, usual.client_trace):
        spoil(stand_in, how)
    usual.start()
    first = usual.server.wait_client(usual.id)
    assert first["verdict"] == "unknown" and first["public_ip"] == "unknown" and first["country"] == "unknown"
    assert first["verdicts"]["tunnel"]["verdict"] == "unknown"
    assert re.search(SPOILED[how][1], evidence(first), re.IGNORECASE), evidence(first)
    later = usual.server.wait_client(usual.id, lambda r: r["last_seen"] > first["last_seen"], "to go on reporting")
    assert later["status"] == "alive" and later["verdict"] == "unknown" and later["incidents"] == []
    holds(lambda: not usual.telegram.matching("bypass|leak|lost"), usual.telegram.texts, during=1)


def test_facts_that_can_no_longer_be_measured_open_no_incident(usual):
    usual.until_secure()
    for stand_in in (usual.client_ipinfo, usual.client_trace):
        stand_in.always(ipinfo_service.BROKEN)
    usual.server.wait_verdict(usual.id, "unknown")
    holds(lambda: len(usual.telegram.messages) == 1, usual.telegram.texts, during=2.5)
    for stand_in in (usual.client_ipinfo, usual.client_trace):
        stand_in.always(None)
    usual.server.wait_verdict(usual.id, "secure")


def test_one_service_is_enough_to_know_the_exit(usual):
    usual.client_ipinfo.stop()
    usual.start()
    record = usual.server.wait_client(usual.id, lambda r: r["verdicts"]["tunnel"]["verdict"] == "secure",
                                      "to be judged by the trace alone")
    assert record["verdicts"]["dns"]["verdict"] == "unknown", "without exit.country there is nothing to compare with"


def test_a_server_that_does_not_know_its_own_exit_says_so(usual):
    usual.server_ipinfo.always(ipinfo_service.BROKEN)
    usual.start()
    record = usual.server.wait_client(usual.id)
    assert record["public_ip"] != "unknown"
    assert record["verdicts"]["tunnel"]["verdict"] == "unknown"
    assert "server" in record["verdicts"]["tunnel"]["evidence"]
