"""`client --once`: one look, an exit code that monitoring systems understand."""

import json

import pytest

from harness import ipinfo as ipinfo_service
from harness.places import HOME
from harness.program import run
from harness.sink import Sink
from harness.wait import until


def once(client, *more):
    return run("client", "-c", client.write(), "--once", *more, environment=client.lab.environment)


def server_knows_home(usual):
    usual.server.start()
    until(lambda: len(usual.server_ipinfo.requests) >= 2, "the server to know its own exit")


def test_secure_is_0_and_the_facts_are_printed(usual):
    server_knows_home(usual)
    done = once(usual.client)
    assert done.returncode == 0, done
    assert "secure" in done.stdout and "198.51.100.7" in done.stdout and "București" in done.stdout
    assert usual.server.client(usual.id)["verdict"] == "secure"


def test_a_leak_is_2(usual):
    server_knows_home(usual)
    usual.client_ipinfo.place = HOME
    usual.client_trace.ip, usual.client_trace.country = HOME.ip, HOME.country
    done = once(usual.client)
    assert done.returncode == 2 and "leak" in done.stdout, done


def test_unknown_is_3_with_the_reason(usual):
    server_knows_home(usual)
    for stand_in in (usual.client_ipinfo, usual.client_trace):
        stand_in.always(ipinfo_service.BROKEN)
    done = once(usual.client)
    assert done.returncode == 3 and "unknown" in done.stdout and "500" in done.stdout, done


def test_a_server_that_is_not_there_is_3_and_says_so(usual):
    done = once(usual.client)
    assert done.returncode == 3, done
    assert "refused" in (done.stdout + done.stderr).lower()


def test_a_wrong_key_is_3_and_says_so(usual):
    server_knows_home(usual)
    usual.client.config["client"]["key"] = "not-the-key-0123456789"
    done = once(usual.client)
    assert done.returncode == 3 and "401" in done.stdout + done.stderr, done
    assert usual.server.status() == {}


@pytest.mark.parametrize("verdict, code", [("secure", 0), ("third_party", 1), ("exposed", 1), ("violation", 2),
                                           ("leak", 2), ("down", 2), ("unknown", 3)])
def test_the_code_follows_the_servers_verdict(lab, usual, verdict, code):
    sink = Sink(lab.key, verdict=verdict)
    lab.stand_ins.append(sink)
    usual.client.config["client"]["server"] = sink.url
    assert once(usual.client).returncode == code
    assert len(sink.reports) == 1


def test_it_can_be_read_by_machines(usual):
    server_knows_home(usual)
    done = once(usual.client, "--json")
    assert done.returncode == 0, done
    assert json.loads(done.stdout)["verdict"] == "secure"


@pytest.mark.parametrize("arguments", [("client", "--once", "--nonsense"), ("client", "--once", "-c", "/nowhere.yaml")])
def test_wrong_usage_and_configuration_are_3(arguments):
    done = run(*arguments)
    assert done.returncode == 3 and done.stderr, done
