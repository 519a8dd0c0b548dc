"""The stand-ins by themselves: what a scenario proves is worth no more than they are."""

import http.client
import json
import os
import socket
import ssl
import time
import urllib.error
import urllib.request
from types import SimpleNamespace

import pytest

from harness import ipinfo as ipinfo_service
from harness import telegram as bot_api
from harness.ifconfig_co import IfconfigCo
from harness.ip_api import IpApi
from harness.ipify import Ipify
from harness.ipinfo import Ipinfo
from harness.ipwhois import Ipwhois
from harness.lab import Lab
from harness.places import VPN
from harness.ports import Port
from harness.program import Program, clean_environment
from harness.stand_in import HANG, RESET, Answer
from harness.telegram import Telegram
from harness.telegram_html import ParseError, parse, utf16_units
from harness.trace import Trace
from harness.wait import holds, until
from harness.yaml import dump

TOKEN = "1234567890:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
CHAT = 77


def fetch(url, authority, method="GET", body=None, headers=None, timeout=5):
    """(status, headers, body) of one request; any status is an answer."""
    request = urllib.request.Request(url, body, headers or {}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                         urllib.request.HTTPSHandler(context=authority.client_context()))
    try:
        with opener.open(request, timeout=timeout) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.fixture
def service(authority):
    """make(class, ...) starts a stand-in that ends with the test."""
    made = []

    def make(kind, *args, **options):
        made.append(kind(*args, authority=authority, **options))
        return made[-1]

    yield make
    for stand_in in made:
        stand_in.stop()


# -- spoiled answers


def test_a_stand_in_is_trusted_only_by_those_who_know_its_authority(service):
    ipinfo = service(Ipinfo, VPN)
    with pytest.raises(urllib.error.URLError) as failure:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(ipinfo.url, timeout=5)
    assert isinstance(failure.value.reason, ssl.SSLCertVerificationError)


def test_a_silent_connection_does_not_hold_up_the_others(service, authority):
    ipinfo = service(Ipinfo, VPN)
    with socket.create_connection(("127.0.0.1", ipinfo.port)):
        assert fetch(ipinfo.url, authority)[0] == 200


def test_a_hanging_answer_ends_in_the_callers_timeout(service, authority):
    ipinfo = service(Ipinfo, VPN)
    ipinfo.script(HANG)
    with pytest.raises(TimeoutError):
        fetch(ipinfo.url, authority, timeout=0.3)


def test_a_reset_is_seen_as_one(service, authority):
    ipinfo = service(Ipinfo, VPN)
    ipinfo.script(RESET)
    with pytest.raises(ConnectionResetError):
        fetch(ipinfo.url, authority)


def test_a_truncated_body_is_seen_as_one(service, authority):
    ipinfo = service(Ipinfo, VPN)
    ipinfo.script(ipinfo.truncated())
    with pytest.raises(http.client.IncompleteRead):
        fetch(ipinfo.url, authority)


def test_a_slow_answer_arrives_whole(service, authority):
    ipinfo = service(Ipinfo, VPN)
    ipinfo.script(Answer(200, b"x" * 20, {}, "slow"))
    begun = time.monotonic()
    assert fetch(ipinfo.url, authority)[2] == b"x" * 20
    assert time.monotonic() - begun > 0.2


def test_a_stopped_stand_in_refuses_and_comes_back_on_its_port(service, authority):
    ipinfo = service(Ipinfo, VPN)
    port = ipinfo.port
    ipinfo.stop()
    with pytest.raises(urllib.error.URLError) as failure:
        fetch(ipinfo.url, authority)
    assert isinstance(failure.value.reason, ConnectionRefusedError)
    ipinfo.start()
    assert ipinfo.port == port and fetch(ipinfo.url, authority)[0] == 200


def test_stopping_ends_kept_alive_connections_and_hanging_answers(service, authority):
    ipinfo = service(Ipinfo, VPN)
    connection = http.client.HTTPSConnection("127.0.0.1", ipinfo.port, context=authority.client_context(), timeout=5)
    connection.request("GET", "/json")
    connection.getresponse().read()
    ipinfo.stop()
    with pytest.raises((http.client.HTTPException, OSError)):
        connection.request("GET", "/json")
        connection.getresponse()


def test_the_script_comes_before_the_ordinary_answers_and_every_request_is_recorded(service, authority):
    ipinfo = service(Ipinfo, VPN)
    ipinfo.script(ipinfo_service.LIMITED, ipinfo_service.BROKEN)
    assert [fetch(ipinfo.url, authority)[0] for _ in range(3)] == [429, 500, 200]
    ipinfo.always(ipinfo_service.FORBIDDEN)
    assert fetch(ipinfo.url, authority)[0] == 403
    ipinfo.always(None)
    assert fetch(ipinfo.url, authority)[0] == 200
    assert [r.path for r in ipinfo.requests] == ["/json"] * 5
    assert ipinfo.requests[0].headers["user-agent"].startswith("Python-urllib")


# -- ipinfo and trace


def test_ipinfo_tells_the_callers_place_exactly(service, authority):
    status, headers, body = fetch(service(Ipinfo, VPN).url, authority)
    assert status == 200 and headers["Content-Type"].startswith("application/json")
    said = json.loads(body)
    assert (said["ip"], said["city"], said["org"]) == (VPN.ip, "București", "AS9009 M247 Europe SRL")


def test_ipinfo_tells_about_another_address(service, authority):
    ipinfo = service(Ipinfo, VPN)
    assert json.loads(fetch(f"{ipinfo.origin}/192.0.2.1/json", authority)[2])["ip"] == "192.0.2.1"
    assert json.loads(fetch(f"{ipinfo.origin}/127.0.0.1/json", authority)[2])["bogon"] is True


@pytest.mark.parametrize("headers, query, expected", [
    ({}, "", 200), ({"Authorization": "Bearer good"}, "", 200), ({}, "?token=good", 200),
    ({"Authorization": "Bearer bad"}, "", 401), ({}, "?token=bad", 401),
])
def test_ipinfo_accepts_only_its_token(service, authority, headers, query, expected):
    ipinfo = service(Ipinfo, VPN, token="good")
    assert fetch(ipinfo.url + query, authority, headers=headers)[0] == expected
    assert ipinfo.complaints == []


@pytest.mark.parametrize("path, method", [("/", "GET"), ("/nonsense/json", "GET"), ("/json", "POST"), ("/json/x", "GET")])
def test_ipinfo_complains_about_what_it_does_not_serve(service, authority, path, method):
    ipinfo = service(Ipinfo, VPN)
    assert fetch(ipinfo.origin + path, authority, method, b"" if method == "POST" else None)[0] == 404
    assert len(ipinfo.complaints) == 1


def test_ipify_tells_an_address_without_a_line_break(service, authority):
    ipify = service(Ipify, VPN.ip)
    assert fetch(ipify.url, authority)[2] == VPN.ip.encode()
    assert fetch(f"{ipify.url}/json", authority)[0] == 404
    assert len(ipify.complaints) == 1


def test_ip_api_counts_and_complains_of_those_who_go_on(authority):
    ip_api = IpApi(VPN, left=2)
    try:
        status, headers, body = fetch(f"{ip_api.url}?fields=status,query,hosting", authority)
        assert (status, headers["X-Rl"], json.loads(body)) == (
            200, "1", {"status": "success", "query": VPN.ip, "hosting": True})
        assert json.loads(fetch(f"{ip_api.url}/127.0.0.1", authority)[2])["status"] == "fail"
        assert ip_api.complaints == []
        status, headers, body = fetch(ip_api.url, authority)
        assert (status, headers["X-Rl"], body) == (429, "0", b"") and len(ip_api.complaints) == 1
        fetch(f"{ip_api.url}?fields=continent,nothing", authority)
        assert any("nothing" in complaint for complaint in ip_api.complaints)
    finally:
        ip_api.stop()


def test_ipwhois_fails_with_200_and_complains_of_haste(service, authority):
    ipwhois = service(Ipwhois, VPN)
    status, _, body = fetch(f"{ipwhois.url}127.0.0.1", authority)
    assert status == 200 and json.loads(body) == {"ip": "127.0.0.1", "success": False, "message": "Reserved range"}
    assert ipwhois.complaints == []
    assert json.loads(fetch(ipwhois.url, authority)[2])["connection"]["asn"] == 9009
    assert len(ipwhois.complaints) == 1


def test_ifconfig_co_writes_128_bits_and_complains_of_a_second_request_a_minute(service, authority):
    ifconfig = service(IfconfigCo, VPN.at("2001:db8::1"))
    body = json.loads(fetch(ifconfig.url, authority)[2])
    assert body["ip_decimal"] == 42540766411282592856903984951653826561 and body["asn"] == "AS9009"
    assert ifconfig.complaints == []
    assert fetch(f"{ifconfig.url}?ip=x", authority)[0] == 400
    assert len(ifconfig.complaints) == 1


def test_trace_has_the_fields_of_the_real_one(service, authority):
    trace = service(Trace, VPN.ip, "RO")
    status, headers, body = fetch(trace.url, authority, headers={"User-Agent": "probe/1"})
    rows = dict(line.split("=", 1) for line in body.decode().splitlines())
    assert status == 200 and headers["Content-Type"] == "text/plain"
    assert (rows["ip"], rows["loc"], rows["colo"], rows["uag"]) == (VPN.ip, "RO", "OTP", "probe/1")
    assert float(rows["ts"]) == pytest.approx(time.time(), abs=5)
    assert fetch(f"{trace.origin}/elsewhere", authority)[0] == 404
    assert trace.complaints == ["GET /elsewhere: not a path of this service"]


# -- telegram


@pytest.fixture
def telegram(service):
    return service(Telegram, TOKEN, CHAT)


def send(telegram, authority, token=TOKEN, raw=None, content_type="application/json", **body):
    """(status, parsed body, headers) of a sendMessage."""
    body = {"chat_id": CHAT, "text": "hello", "parse_mode": "HTML", **body}
    status, headers, answer = fetch(f"{telegram.url}/bot{token}/sendMessage", authority, "POST",
                                    raw or json.dumps(body).encode(), {"Content-Type": content_type})
    return status, json.loads(answer), headers


def test_telegram_takes_a_good_message_and_keeps_what_people_see(telegram, authority):
    status, answer, _ = send(telegram, authority, text="<b>A &lt; B</b>\nță &amp; co",
                             link_preview_options={"is_disabled": True}, disable_notification=True)
    assert status == 200 and answer["ok"] and answer["result"]["message_id"] == 1
    (message,) = telegram.messages
    assert message.text == "A < B\nță & co" and message.title == "A < B" and message.silent
    assert telegram.complaints == []


@pytest.mark.parametrize("token, status, description", [
    ("nonsense", 404, "Not Found"),
    (TOKEN[:-1] + "X", 401, "Unauthorized"),
])
def test_telegram_knows_its_token(telegram, authority, token, status, description):
    got, answer, _ = send(telegram, authority, token=token)
    assert (got, answer["error_code"], answer["description"]) == (status, status, description)
    assert telegram.messages == [] and len(telegram.complaints) == 1


@pytest.mark.parametrize("body, description", [
    ({"chat_id": 78}, "chat not found"),
    ({"chat_id": "nobody"}, "chat not found"),
    ({"text": ""}, "message text is empty"),
    ({"text": "<b> </b>"}, "message text is empty"),
    ({"text": "x" * 4097}, "message is too long"),
    ({"text": "\U0001f512" * 2049}, "message is too long"),
    ({"text": "<b>x"}, "can't parse entities: Can't find end tag"),
    ({"text": "x</b>"}, "can't parse entities: Unexpected end tag"),
    ({"text": "<b><i>x</b></i>"}, "can't parse entities: Unmatched end tag"),
    ({"text": "<script>x</script>"}, 'can\'t parse entities: Unsupported start tag "script"'),
    ({"text": "a < b"}, "can't parse entities"),
    ({"text": "AT&T"}, "can't parse entities: Bare ampersand at byte offset 2"),
    ({"text": "&apos;"}, "can't parse entities: Unsupported entity"),
    ({"parse_mode": "Markdownish"}, "unsupported parse_mode"),
])
def test_telegram_refuses_what_the_real_one_refuses(telegram, authority, body, description):
    status, answer, _ = send(telegram, authority, **body)
    assert status == 400 and answer["description"].startswith("Bad Request: ") and description in answer["description"]
    assert telegram.messages == [] and telegram.complaints


@pytest.mark.parametrize("body", [{"text": "x" * 4096}, {"text": "<b>" + "x" * 4096 + "</b>"}, {"chat_id": str(CHAT)},
                                  {"text": "a < b & c", "parse_mode": ""}, {"text": '<a href="https://x.y/">z</a>'}])
def test_telegram_takes_what_the_real_one_takes(telegram, authority, body):
    assert send(telegram, authority, **body)[0] == 200
    assert len(telegram.messages) == 1


@pytest.mark.parametrize("options, complaint", [
    ({"nonsense": 1}, "sendMessage has no parameter nonsense"),
    ({"disable_notification": "yes"}, "disable_notification is a str"),
])
def test_telegram_complains_about_parameters_that_do_not_exist(telegram, authority, options, complaint):
    send(telegram, authority, **options)
    assert any(complaint in c for c in telegram.complaints)


def test_telegram_takes_only_json(telegram, authority):
    assert send(telegram, authority, raw=b"chat_id=77&text=x", content_type="application/x-www-form-urlencoded")[0] == 400
    assert send(telegram, authority, raw=b'{"chat_id":')[0] == 400
    assert telegram.messages == []


def test_telegram_closes_a_chat_for_as_long_as_it_said(telegram, authority):
    telegram.script(telegram.too_many(1))
    status, answer, headers = send(telegram, authority)
    assert status == 429 and answer["parameters"]["retry_after"] == 1 and headers["Retry-After"] == "1"
    assert answer["description"] == "Too Many Requests: retry after 1"
    assert send(telegram, authority)[0] == 429
    assert any("before retry_after was over" in c for c in telegram.complaints)
    until(lambda: send(telegram, authority)[0] == 200, "the chat to open again", within=5)


def test_telegram_can_enforce_its_pace(telegram, authority):
    telegram.pace = True
    assert [send(telegram, authority)[0] for _ in range(4)] == [200, 200, 200, 429]


def test_telegram_lets_a_group_have_twenty_messages_a_minute(telegram, authority):
    telegram.pace = True
    telegram.chats.add(-77)
    telegram.has_had(-77, 19, seconds_ago=30)
    assert send(telegram, authority, chat_id=-77)[0] == 200
    status, answer, _ = send(telegram, authority, chat_id=-77)
    assert status == 429 and 20 <= answer["parameters"]["retry_after"] <= 30


def test_telegram_moves_a_chat(telegram, authority):
    telegram.migrate(CHAT, -1001234567890)
    status, answer, _ = send(telegram, authority)
    assert status == 400 and answer["parameters"]["migrate_to_chat_id"] == -1001234567890
    assert send(telegram, authority, chat_id=-1001234567890)[0] == 200


@pytest.mark.parametrize("answer, status", [(bot_api.BLOCKED, 403), (bot_api.RESTARTING, 500),
                                            (bot_api.UNAUTHORIZED, 401), (bot_api.NOT_FOUND, 404)])
def test_telegram_fails_as_scripted(telegram, authority, answer, status):
    telegram.script(answer)
    got, body, _ = send(telegram, authority)
    assert got == status and body["ok"] is False and body["error_code"] == status


def test_text_is_counted_in_utf16_units():
    assert utf16_units("a\U0001f512ț") == 4


@pytest.mark.parametrize("html, seen", [("&#65;&#x42;", "AB"), ("<i>x</i><i>y</i>", "xy"), ("", "")])
def test_html_is_decoded(html, seen):
    assert parse(html) == seen


@pytest.mark.parametrize("html", ["<b", "<>", "</>", "<b =>x</b>", "&", "&;", "<B>x</B>"])
def test_broken_html_is_refused(html):
    with pytest.raises(ParseError):
        parse(html)


# -- small tools


def test_a_kept_port_refuses_until_somebody_listens():
    port = Port()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((port.host, port.number), timeout=1)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((port.host, port.number))
        listener.listen()
        socket.create_connection((port.host, port.number), timeout=1).close()
    port.close()


def test_yaml_is_written_in_blocks_with_quoted_scalars():
    assert dump({"a": {"b": ["x", {"c": 1, "d": [True]}], "e": []}, "f": None}) == (
        'a:\n  b:\n    - "x"\n    - c: "1"\n      d:\n        - yes\n  e: []\nf: ""\n')


def test_waiting_in_vain_says_for_what():
    with pytest.raises(AssertionError, match="in vain for: the moon"):
        until(lambda: False, "the moon", within=0.05)
    with pytest.raises(AssertionError, match="did not stay true"):
        holds(lambda: False, "peace", during=0.05)


def test_programs_see_nothing_of_the_testers_environment(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://192.0.2.1:1")
    monkeypatch.setenv("VPN_SENTINEL_API_KEY", "mine")
    environment = clean_environment({"X": 1})
    assert environment["X"] == "1" and not {"https_proxy", "VPN_SENTINEL_API_KEY"} & set(environment)


# -- what holds at the end of every scenario


@pytest.mark.parametrize("said, fault", [
    ("{key}", "printed the API key"),
    ("url /bot{bot_token}/x", "printed the bot token"),
    ("==7==ERROR: AddressSanitizer: heap-use-after-free", "a sanitizer complained"),
    ("a.c:1:2: runtime error: signed integer overflow", "a sanitizer complained"),
    ("==7==ERROR: LeakSanitizer: detected memory leaks", "a sanitizer complained"),
    ("all is well", None),
])
def test_a_secret_or_a_finding_in_a_log_fails_the_scenario(tmp_path, authority, said, fault):
    lab = Lab(tmp_path, authority)
    program = Program("talker", [], tmp_path)
    lab.programs.append(program)
    program.err_file.write_text(said.format(key=lab.key, bot_token=lab.bot_token), encoding="utf-8")
    faults = list(lab.faults())
    assert [fault in f for f in faults] == [True] if fault else faults == []


def test_a_complaint_fails_the_scenario_unless_it_was_expected(tmp_path, authority):
    lab = Lab(tmp_path, authority)
    ipinfo = lab.ipinfo(VPN)
    fetch(f"{ipinfo.origin}/elsewhere", authority)
    lab.close()
    assert len(list(lab.faults())) == 1
    lab.expected_complaints.append("not a path of this service")
    assert list(lab.faults()) == []


def test_connections_of_a_process_are_seen_with_their_peers(tmp_path):
    program = Program("me", [], tmp_path)
    program.process = SimpleNamespace(pid=os.getpid())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        with socket.create_connection(address) as outgoing:
            assert address in program.connected_to()
            assert outgoing.getsockname() not in program.connected_to(), "what came in is not counted"
