"""`doctor`: what works and what does not, a line each with a remedy; and what services said, kept for tests."""

import json
import shutil
import socket
import subprocess
import time
from email.utils import formatdate

import pytest

from harness import ipinfo as ipinfo_service
from harness.ipify import Ipify6
from harness.pki import Pki
from harness.places import HOME, VPN
from harness.ports import Port
from harness.program import binary, clean_environment, run
from harness.stand_in import HANG
from harness.tls import Authority


def doctor(role, *more):
    return run("doctor", "-c", role.write(), *more, environment=role.lab.environment)


def findings(role, *more):
    """{what: {state, detail, remedy}}, of which some may come more than once: the last one counts."""
    done = doctor(role, "--json", *more)
    assert done.returncode in (0, 1), done
    said = json.loads(done.stdout)
    assert said["ok"] == (done.returncode == 0) == all(f["state"] != "fail" for f in said["findings"]), said
    return {finding["what"]: finding for finding in said["findings"]}


def probe(stand_in, plugin, **options):
    if plugin == "ipify":
        options = {"url6": stand_in.url, **options}  # nothing but stand-ins is to be looked for
    return {"plugin": plugin, "timeout": "2s", "options": {"url": stand_in.url, **options}}


@pytest.fixture
def well(lab):
    """A server that runs, and a client beside it that does not yet; everything that they need is there."""
    server = lab.server(probes=[probe(lab.ipinfo(HOME), "ipinfo")]).start()
    client = lab.client(server, probes=[probe(lab.ipinfo(VPN), "ipinfo"), probe(lab.ipify(VPN.ip), "ipify", family="4"),
                                        probe(lab.trace(VPN.ip, VPN.country), "cloudflare_trace")])
    return client, server


def test_where_everything_works_every_line_says_so(well):
    client, server = well
    done = doctor(client)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    for part in ("ok       configuration", "ok       state directory", "ok       probe ipinfo", "ok       probe ipify",
                 "ok       exit                    198.51.100.7, told by 3 of 3 probes", "ok       server reached",
                 "ok       key                     accepted", "ok       clock of the server"):
        assert any(line.startswith(part) for line in lines), (part, done.stdout)
    assert " 0 fail" in lines[-1]
    assert server.status() == {}  # no report was sent


def test_the_server_is_looked_at_as_well(lab, well):
    _, server = well
    found = findings(server)
    assert found["server"]["state"] == "ok" and "healthy" in found["server"]["detail"]
    assert found["probe ipinfo"]["state"] == "ok"
    assert found["exit"]["detail"].startswith(HOME.ip)


def test_the_role_is_that_of_the_file_unless_another_is_named(lab, well):
    client, server = well
    assert json.loads(doctor(server, "--json").stdout)["role"] == "server"
    assert json.loads(doctor(client, "--json").stdout)["role"] == "client"
    done = doctor(client, "--json", "--role", "server")
    assert json.loads(done.stdout)["role"] == "server" and done.returncode == 1


def test_sources_of_places_are_asked_about_our_exit(lab, well):
    client, server = well
    sources = [lab.ip_api(HOME), lab.ipwhois(HOME), lab.ifconfig_co(HOME)]
    server.config["locate"] = {"by": "server", "sources": [
        {"plugin": name, "options": {"url": stand_in.url}}
        for name, stand_in in zip(("ip_api", "ipwhois", "ifconfig_co"), sources)]}
    found = findings(server)
    for name in ("ip_api", "ipwhois", "ifconfig_co"):
        assert found[f"source {name}"]["state"] == "ok", found
    assert HOME.ip in sources[0].requests[0].path
    client.config["locate"] = server.config["locate"]
    assert not any(what.startswith("source") for what in findings(client)), "the server asks, not the client"


@pytest.mark.parametrize("answer, remedy", [
    (ipinfo_service.LIMITED, "token"), (ipinfo_service.BAD_TOKEN, "token"), (ipinfo_service.BROKEN, "others"),
    (HANG, "tunnel")], ids=["limited", "unauthorized", "broken", "silent"])
def test_a_provider_that_gives_nothing_is_named_with_a_remedy(lab, well, answer, remedy):
    client, _ = well
    stand_in = lab.ipinfo(VPN)
    stand_in.always(answer)
    client.config["probes"][0] = {"plugin": "ipinfo", "timeout": "500ms", "options": {"url": stand_in.url}}
    found = findings(client)
    assert found["probe ipinfo"]["state"] in ("unknown", "fail")
    assert remedy in found["probe ipinfo"]["remedy"]
    assert found["exit"]["state"] == "ok", "the others tell it"


def test_without_any_witness_it_fails(lab, well):
    client, _ = well
    for entry in client.config["probes"]:
        entry["options"]["url"] = "http://127.0.0.1:1/x"
    found = findings(client)
    assert found["exit"]["state"] == "fail" and "none of 3" in found["exit"]["detail"]
    assert found["probe ipify"]["state"] == "unknown"


def test_a_probe_that_looks_for_something_else_is_no_witness_of_the_exit(well):
    client, _ = well
    client.config["probes"].append({"plugin": "tunnel", "timeout": "2s"})
    found = findings(client)
    assert found["probe tunnel"]["state"] in ("ok", "warn", "fail", "unknown")
    assert found["exit"]["detail"].endswith("told by 3 of 3 probes")


NO_NETWORK = ["unshare", "--user", "--map-root-user", "--net"]


def _namespaces_work():
    return shutil.which("unshare") and subprocess.run([*NO_NETWORK, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _namespaces_work(), reason="network namespaces are not allowed here")
def test_in_a_namespace_that_lost_its_network_the_routes_are_the_first_to_fail(lab, well):
    client, _ = well
    command = [*NO_NETWORK, binary(), "doctor", "-c", client.write(), "--json"]
    done = subprocess.run(command, env=clean_environment(lab.environment), capture_output=True, text=True, timeout=30,
                          check=False)
    failed = [finding for finding in json.loads(done.stdout)["findings"] if finding["state"] == "fail"]
    assert done.returncode == 1 and failed[0]["what"] == "routes"
    assert failed[0]["detail"] == "IPv4 none, IPv6 none" and "ip link" in failed[0]["remedy"]
    assert {"exit", "server reached"} <= {finding["what"] for finding in failed}


def test_a_server_that_is_not_there_is_told(well):
    client, server = well
    server.stop()
    found = findings(client)
    assert found["server reached"]["state"] == "fail" and "refused" in found["server reached"]["detail"].lower()
    assert "key" not in found


def test_a_wrong_key_is_told_and_never_shown(well):
    client, _ = well
    client.config["client"]["key"] = "wrong-key-0123456789"
    done = doctor(client)
    assert done.returncode == 1 and "HTTP 401" in done.stdout
    assert "wrong-key" not in done.stdout + done.stderr


def test_a_wrong_api_path_is_told(well):
    client, _ = well
    client.config["client"]["api_path"] = "/elsewhere"
    assert "/elsewhere" in findings(client)["key"]["detail"]


def test_a_certificate_of_somebody_else_is_told_with_its_dates(lab, well, tmp_path):
    client, _ = well
    (tmp_path / "strange").mkdir()
    peer = ipinfo_service.Ipinfo(VPN, Authority(tmp_path / "strange"))  # any service that speaks TLS will do
    try:
        client.config["client"]["server"] = peer.origin
        found = findings(client)
        assert found["server reached"]["state"] == "fail" and "CA" in found["server reached"]["remedy"]
        assert found["server certificate"]["detail"].startswith("TLSv1.3")
    finally:
        peer.stop()


@pytest.fixture
def pki(tmp_path):
    (tmp_path / "pki").mkdir()
    return Pki(tmp_path / "pki")


def test_an_encrypted_server_is_told_with_its_certificate(lab, well, pki):
    client, server = well
    server.stop()
    port = Port()
    section = server.config["server"]
    section["listen"][0]["tls"] = False
    section["listen"].append({"address": port.address, "serve": ["api", "health"]})
    section["tls"] = {"cert": pki.cert, "key": pki.key}
    server.start()
    client.config["client"].update(server=f"https://127.0.0.1:{port.number}", ca=pki.ca_file)
    found = findings(client)
    assert found["server reached"]["state"] == found["key"]["state"] == "ok", found
    assert "server TLS" not in found
    assert found["server certificate"]["state"] == "ok"
    assert "for localhost, 127.0.0.1" in found["server certificate"]["detail"]
    assert findings(server)["certificate"]["state"] == "ok"
    client.config["client"].update(insecure=True)
    assert "NOT VERIFIED" in findings(client)["server TLS"]["detail"]


def test_a_server_that_wants_a_certificate_is_told_with_its_own(lab, well, pki):
    client, _ = well
    peer = ipinfo_service.Ipinfo(VPN, pki.shown(asks_for=pki.ca_file))
    try:
        client.config["client"].update(server=peer.origin, ca=pki.ca_file)
        found = findings(client)
        assert found["server reached"]["state"] == "fail" and "client.cert" in found["server reached"]["remedy"]
        assert found["server certificate"]["state"] == "ok", found
    finally:
        peer.stop()


def test_a_certificate_that_cannot_be_looked_at_is_unknown(well):
    client, _ = well
    client.config["client"]["server"] = "https://127.0.0.1:1"
    assert findings(client)["server certificate"]["state"] == "unknown"


def test_a_certificate_that_soon_ends_is_told_on_both_sides(lab, well, pki):
    client, server = well
    pki.server("--days", "2", "localhost", "127.0.0.1")
    server.config["server"]["tls"] = {"cert": pki.cert, "key": pki.key}
    assert findings(server)["certificate"]["state"] == "warn"
    peer = ipinfo_service.Ipinfo(VPN, pki.shown())
    try:
        client.config["client"].update(server=peer.origin, ca=pki.ca_file)
        found = findings(client)
        assert found["server certificate"]["state"] == "warn" and "renew" in found["server certificate"]["remedy"]
        assert found["server reached"]["detail"] == "127.0.0.1 answers HTTP 404 to /health"
    finally:
        peer.stop()


def test_a_clock_that_is_wrong_is_told(lab, well):
    client, _ = well
    for seconds, state in ((-3600, "fail"), (30, "warn"), (0, "ok")):
        stand_ins = [lab.ipify(VPN.ip), lab.ipify(VPN.ip)]
        for stand_in in stand_ins:
            stand_in.always(_dated(stand_in, seconds))
        client.config["probes"] = [{**probe(stand_in, "ipify", family="4"), "name": f"ipify{n}"}
                                   for n, stand_in in enumerate(stand_ins)]
        assert findings(client)["clock"]["state"] == state, seconds


def test_one_service_alone_is_not_believed_about_the_clock(lab, well):
    client, _ = well
    stand_in = lab.ipify(VPN.ip)
    stand_in.always(_dated(stand_in, -3600))
    client.config["probes"] = [probe(stand_in, "ipify", family="4")]
    clock = findings(client)["clock"]
    assert clock["state"] == "warn" and "ahead of the one service" in clock["detail"]


def _dated(stand_in, seconds):
    def answer(request):
        said = stand_in.answer(request)
        said.headers["Date"] = formatdate(time.time() + seconds, usegmt=True)
        return said

    return answer


def test_a_state_directory_that_cannot_be_written_is_told(lab, well):
    client, _ = well
    client.config["state_dir"] = lab.folder / "nowhere" / "at-all"
    found = findings(client)
    assert found["state directory"]["state"] == "fail" and "nowhere" in found["state directory"]["detail"]


def test_a_configuration_with_mistakes_is_one_line_and_the_rest_is_tried(well):
    client, _ = well
    client.config["client"]["intervall"] = "5s"
    found = findings(client)
    assert found["configuration"]["state"] == "fail" and "intervall" in found["configuration"]["detail"]
    assert found["configuration"]["detail"].startswith("1 error: ")
    assert "check" in found["configuration"]["remedy"]
    assert found["probe ipify"]["state"] == "ok"


def test_the_host_of_the_heartbeat_needs_an_address_as_well(lab, well):
    _, server = well
    server.config["heartbeat"] = {"url": "http://nowhere.invalid/ping"}
    names = findings(server)["names"]
    assert names["state"] == "warn" and "nowhere.invalid" in names["detail"]


def test_usage_mistakes_are_2(well, tmp_path):
    client, _ = well
    assert doctor(client, "--role", "judge").returncode == 2
    assert doctor(client, "--mask-addresses").returncode == 2
    done = run("doctor", "-c", tmp_path / "missing.yaml")
    assert done.returncode == 1 and "fail     configuration" in done.stdout, done


def _ipv6_works():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def test_what_services_said_is_recorded_without_secrets(lab, well, tmp_path):
    client, _ = well
    secret = "tok3n-0123456789"
    stand_in = lab.ipinfo(VPN, token=secret)
    client.config["probes"][0]["options"] = {"url": f"{stand_in.url}?x=secret-in-the-url", "token": secret}
    done = doctor(client, "--record", tmp_path / "captures")
    assert done.returncode == 0, done.stdout + done.stderr
    files = {path.name: path.read_text() for path in (tmp_path / "captures").iterdir()}
    assert set(files) == {"ipinfo-probe.json", "ipify-probe.json", "cloudflare_trace-probe.json"}
    for text in files.values():
        assert secret not in text and "secret-in-the-url" not in text and lab.key not in text
    capture = json.loads(files["ipinfo-probe.json"])
    assert capture["format"] == "vpn-sentinel capture 1" and capture["plugin"] == "ipinfo" and capture["verb"] == "probe"
    assert capture["result"]["status"] == "pass" and capture["result"]["facts"]["exit.ip"] == VPN.ip
    exchange, = capture["exchanges"]
    assert exchange["status"] == 200 and exchange["url"] == stand_in.url
    assert json.loads(exchange["body"])["city"] == VPN.city
    assert set(exchange["headers"]) <= {"Content-Type", "Date"}


def test_addresses_can_be_masked_everywhere(lab, well, tmp_path):
    client, server = well
    place = VPN.at("93.184.216.34")
    stand_ins = [lab.ipinfo(place), lab.ifconfig_co(place)]
    client.config["probes"] = [probe(stand_ins[0], "ipinfo"), probe(stand_ins[1], "ifconfig_co")]
    assert doctor(client, "--record", tmp_path / "captures", "--mask-addresses").returncode == 0
    for name in ("ipinfo-probe.json", "ifconfig_co-probe.json"):
        text = (tmp_path / "captures" / name).read_text()
        assert "93.184.216.34" not in text and "1572395042" not in text and "127.0.0.1" not in text
        facts = json.loads(text)["result"]["facts"]
        assert json.loads(json.loads(text)["exchanges"][0]["body"])["ip"] == facts["exit.ip"] != place.ip


def test_a_folder_that_cannot_be_made_is_told(well, tmp_path):
    client, _ = well
    (tmp_path / "file").write_text("")
    done = doctor(client, "--record", tmp_path / "file" / "captures")
    assert done.returncode == 1 and "something else" in done.stderr, done
    assert "give --record a folder that can be written" in done.stderr


@pytest.mark.skipif(not _ipv6_works(), reason="this machine has no loopback address of IPv6")
def test_both_families_are_recorded_in_the_order_of_the_questions(lab, well, tmp_path):
    client, _ = well
    six = Ipify6("2001:db8:9::7")
    try:
        four = lab.ipify(VPN.ip)
        four.script(_late(four))
        client.config["probes"] = [probe(four, "ipify", url6=six.url)]
        assert doctor(client, "--record", tmp_path / "captures").returncode == 0
        capture = json.loads((tmp_path / "captures" / "ipify-probe.json").read_text())
        assert [exchange["body"] for exchange in capture["exchanges"]] == [VPN.ip, "2001:db8:9::7"]
        assert capture["result"]["facts"]["ipv6.reachable"] == "true"
    finally:
        six.stop()


def _late(stand_in):
    def answer(request):
        said = stand_in.answer(request)
        said.delay = 0.3
        return said

    return answer
