"""What a round costs on the wire when nothing has changed: everything that the client sends and gets, both ways."""

import json

import pytest

from harness.internet import plain
from harness.vpnlab import VPN_IP, VPN_IP6, ZONE
from harness.vpnlab_roles import Cast
from harness.vpnlab_tunnels import WireGuard
from harness.wait import until

ROUNDS = 6
PACE = 3  # seconds a round
SETTLED = 4  # rounds before: dns_resolver looks closely after a start
REQUESTS_MAX, BYTES_MAX = 12, 8 * 1024

COUNTERS = """
table inet wire
delete table inet wire
table inet wire {
	counter dns { }
	chain output {
		type filter hook output priority 10;
		udp dport 53 counter name dns
	}
}
"""


class Wire:
    """What went through the tunnel's device of the client, and what it asked."""

    def __init__(self, cast):
        self.cast = cast
        cast.world.client.nft(COUNTERS)

    def rounds(self):
        text = self.cast.server.get("/metrics", api="").body.decode()
        (line,) = (line for line in text.splitlines() if line.startswith("vpn_sentinel_keepalives_total "))
        return int(float(line.split()[1]))

    def bytes(self):
        device = self.cast.world.tunnel.device
        (link,) = json.loads(self.cast.world.client.ip("-s", "-j", "link", "show", "dev", device))
        return link["stats64"]["rx"]["bytes"] + link["stats64"]["tx"]["bytes"]

    def dns(self):
        listed = json.loads(self.cast.world.client.run("nft", "-j", "list", "counters", "table", "inet", "wire"))
        return next(one["counter"]["packets"] for one in listed["nftables"] if "counter" in one)

    def http(self):
        return sum(plain(request.peer) in (VPN_IP, VPN_IP6) for _, request in self.cast.world.internet.requests)

    def now(self):
        return {"rounds": self.rounds(), "bytes": self.bytes(), "dns": self.dns(), "http": self.http()}

    def wait_rounds(self, count):
        """Until so many more keepalives have come, and a moment behind the last: no round is in the middle then."""
        target = self.rounds() + count
        until(lambda: self.rounds() >= target, f"{count} rounds", within=(count + 2) * PACE + 10)
        return self.now()


@pytest.fixture(scope="module")
def cast(tunnel_lab):
    """The probes that are shipped, asked in every round."""
    made = Cast(tunnel_lab, WireGuard(tunnel_lab.world))
    made.client.config["client"].update(interval=f"{PACE}s", dense={"for": "0s"})
    made.client.config["probes"] = [
        {"plugin": "ipify"}, {"plugin": "cloudflare_trace"}, {"plugin": "dns_witness"}, {"plugin": "tunnel"},
        {"plugin": "dns_resolver", "options": {"zone": ZONE}}]
    made.world.kill_switch()
    made.start()
    made.until_secure()
    return made


@pytest.mark.timeout(120)
def test_a_round_in_which_nothing_changed_is_cheap(cast):
    wire = Wire(cast)
    before = wire.wait_rounds(SETTLED)
    after = wire.wait_rounds(ROUNDS)
    rounds = after["rounds"] - before["rounds"]
    requests = 1 + (after["dns"] - before["dns"] + after["http"] - before["http"]) / rounds
    size = (after["bytes"] - before["bytes"]) / rounds
    print(f"a round: {requests:.1f} requests, {size:.0f} bytes with all headers of IP; "
          f"{(after['dns'] - before['dns']) / rounds:.1f} DNS, {(after['http'] - before['http']) / rounds:.1f} HTTP, 1 keepalive")
    assert requests <= REQUESTS_MAX and size <= BYTES_MAX, f"{requests:.1f} requests, {size:.0f} bytes"
    assert after["http"] - before["http"] >= rounds, "the exit is asked for in each"
    assert cast.server.client(cast.id)["verdict"] == "secure"


@pytest.mark.timeout(120)
def test_who_asks_where_exits_are_was_asked_once_and_no_more(cast):
    asked = [(host, request.path) for host, request in cast.world.internet.requests
             if host in ("ipinfo.io", "ip-api.com", "ipwho.is")]
    assert 2 <= sum(VPN_IP in path for _, path in asked) <= 3, asked
    Wire(cast).wait_rounds(3)
    later = [host for host, _ in cast.world.internet.requests if host in ("ipinfo.io", "ip-api.com", "ipwho.is")]
    assert len(later) == len(asked)
