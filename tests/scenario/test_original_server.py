"""This client reports to the server of the Python original, which understands it; and the Python client does."""

import re
import sys
from dataclasses import replace

import pytest

from harness.original import Original
from harness.places import VPN
from harness.program import ROOT, run
from harness.stand_in import Answer
from harness.wait import until

sys.path.insert(0, str(ROOT / "sdk/clients/python"))

from vpn_sentinel_client import Client, Refused, Report  # noqa: E402

PLACE = replace(VPN, city="Cluj-Napoca", region="Cluj")  # the original knows ASCII alone


@pytest.fixture
def original(lab):
    made = Original(lab.key)
    lab.stand_ins.append(made)
    return made


def client_of(lab, original, **more):
    ipinfo, trace = lab.ipinfo(PLACE), lab.trace(PLACE.ip, PLACE.country)
    return lab.client(original, probes=[{"plugin": "ipinfo", "options": {"url": ipinfo.url}},
                                        {"plugin": "cloudflare_trace", "options": {"url": trace.url}}], **more)


def test_it_finds_everything_where_it_looks_for_it(lab, original):
    client_of(lab, original).start()
    original.wait_keepalives(2)
    record = original.clients["office-vpn"]
    version = run("version").stdout.split()[1]
    assert record == {"ip": PLACE.ip, "country": "RO", "city": "Cluj-Napoca", "region": "Cluj",
                      "provider": "AS9009 M247 Europe SRL", "timezone": "Europe/Bucharest", "dns_loc": "RO",
                      "dns_colo": record["dns_colo"], "client_version": version}
    assert record["dns_colo"] not in ("Unknown", "unknown")


def test_its_short_answer_is_taken_for_what_it_is(lab, original):
    client = client_of(lab, original).start()
    original.wait_keepalives(3)
    client.stop()
    assert not re.search(r" (WARN|ERROR) ", client.program.log()), client.program.log()


def test_once_reports_and_says_that_nobody_judged(lab, original):
    file = client_of(lab, original).write()
    done = run("client", "--once", "-c", file, environment=lab.environment)
    assert done.returncode == 3 and "the server took the report but judged nothing" in done.stdout, done
    assert list(original.clients) == ["office-vpn"]


@pytest.mark.parametrize("answer, says", [
    (Answer.json({"error": "Authentication failed", "message": "Invalid API key"}, 403), "Invalid API key"),
    (Answer.json({"error": "Internal server error"}, 500), "Internal server error"),
    (Answer.json({"error": "Rate limit exceeded", "message": "Too many requests. Please try again later."}, 429),
     "Too many requests")])
def test_its_refusals_are_told_in_its_words_and_it_is_tried_again(lab, original, answer, says):
    original.always(answer)
    client = client_of(lab, original).start()
    client.program.wait_for_log(says)
    original.always(None)
    until(lambda: "office-vpn" in original.clients, "the report, once it is taken again")


def test_the_python_client_reads_its_status(lab, original):
    sentinel = Client(original.url, key=lab.key)
    sentinel.keepalive(Report("laptop", public_ip=PLACE.ip, country="RO", provider=PLACE.org, dns_location="RO"))
    (shown,) = sentinel.status()
    assert (shown.client_id, shown.public_ip, shown.country, shown.verdict) == ("laptop", PLACE.ip, "RO", "unknown")
    assert shown.raw["provider"] == PLACE.org
    with pytest.raises(Refused, match="Invalid API key"):
        Client(original.url, key="another-key-altogether").status()
