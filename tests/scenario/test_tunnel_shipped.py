"""The two files in etc/ in a real tunnel, with the services' real names and ports, and environment variables only."""

import pytest

from harness.lab import CHAT
from harness.program import ROOT
from harness.vpnlab import SERVER_URL, VPN_EGRESS, VPN_IP, VPN_IP6, ZONE, ZONE_SERVER
from harness.vpnlab_roles import Cast
from harness.vpnlab_tunnels import WireGuard

EACH_ROUND = {"api.ipify.org", "api6.ipify.org", "www.cloudflare.com"}
ONCE = {"ipinfo.io", "ip-api.com"}  # once for each address that is new
ON_DISAGREEMENT = {"ipwho.is"}


@pytest.fixture(scope="module")
def cast(tunnel_lab):
    made = Cast(tunnel_lab, WireGuard(tunnel_lab.world))
    for role, more in (
        (made.server, {"VPN_SENTINEL_ZONE": ZONE, "VPN_SENTINEL_ZONE_NS": ZONE_SERVER,
                       "VPN_SENTINEL_SERVER_RATE_LIMIT_REQUESTS": 10000,
                       "TELEGRAM_BOT_TOKEN": tunnel_lab.bot_token, "TELEGRAM_CHAT_ID": CHAT}),
        (made.client, {"VPN_SENTINEL_URL": SERVER_URL, "VPN_SENTINEL_CLIENT_ID": made.id,
                       "VPN_SENTINEL_ZONE": ZONE, "VPN_SENTINEL_INTERVAL": 2})):
        role.program.environment = {**tunnel_lab.environment, "VPN_SENTINEL_API_KEY": tunnel_lab.key,
                                    "VPN_SENTINEL_STATE_DIR": role.folder, **more}
        role.program.args = [role.program.args[0], "-c", str(ROOT / "etc" / f"{role.program.args[0]}.yaml")]
    made.world.kill_switch()
    return made.start()


def test_every_question_has_an_answer(cast):
    record = cast.until_secure()
    said = {question: answer["verdict"] for question, answer in record["verdicts"].items()}
    assert said == {"tunnel": "secure", "dns": "secure", "ipv6": "secure", "policy": "not_checked",
                    "killswitch": "not_checked"}, record["verdicts"]
    facts = {name: fact["value"] for name, fact in record["facts"].items()}
    assert (facts["exit.ip"], facts["exit6.ip"], facts["exit.country"]) == (VPN_IP, VPN_IP6, "RO")
    assert facts["dns.resolvers"] == VPN_EGRESS and facts["zone.resolvers"] == VPN_EGRESS


def test_nobody_is_asked_but_whom_the_files_name(cast):
    cast.until_secure()
    asked = {host for host, _ in cast.world.internet.requests} - {"api.telegram.org"}
    assert EACH_ROUND | ONCE <= asked <= EACH_ROUND | ONCE | ON_DISAGREEMENT
    for host in ONCE:
        subjects = [request.path for request in cast.world.internet.asked(host)]
        assert len(subjects) == len(set(subjects)), f"{host} was asked twice about one address: {subjects}"


def test_people_are_told_that_it_is_there(cast):
    (message,) = cast.lab.telegram.wait_for("connected")
    assert VPN_IP in message.text and cast.id in message.text
