"""
What the containers of the laboratory do: `play.py isp|far|vpn|internet|telegram`, and beside them, by `docker exec`,
`play.py ready`, `play.py die` and `play.py leak`. `play.py rules` prints the
kill switch.

Addresses and services are those of the scenarios' laboratory. Bridges have no address of the host's: a network's gateway
is the container that takes that address, so nothing leaves but by the ways that are laid here.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, "/play")

from harness import internet  # noqa: E402
from harness.dns_world import SERVERS, DnsWorld, Resolver  # noqa: E402
from harness.telegram import Telegram  # noqa: E402
from harness.tls import Authority  # noqa: E402
from harness.vpnlab import (EXIT, GOOGLE_EGRESS, HOME_IP, ISP_EGRESS, KILL_SWITCH, PUBLIC_RESOLVER, VPN_EGRESS,  # noqa: E402
                            VPN_IP, ZONE_SERVER)
from harness.wait import until  # noqa: E402

VPN_GATE, SERVER_GATE, SERVER = "10.91.1.1", "10.91.2.1", "10.91.2.2"
HOME_GATE, FAR_GATE, TELEGRAM = "203.0.113.1", "198.51.100.1", "203.0.113.67"
INNER, INNER_GATE, MARK = "10.8.0.2", "10.8.0.1", "51820"
FOLDER = Path("/tmp/play")
READY, TUNNEL = FOLDER / "ready", FOLDER / "tunnel.pid"

HOME_ROUTER = f"""
table ip nat {{
	chain prerouting {{
		type nat hook prerouting priority -100;
		ip daddr {HOME_IP} tcp dport 5000 dnat to {SERVER}
	}}
	chain postrouting {{
		type nat hook postrouting priority 100;
		oifname "DEVICE" ip saddr 10.91.0.0/16 snat to {HOME_IP}
		ip saddr 10.91.0.0/16 ip daddr {SERVER} masquerade
	}}
}}
"""


class Here:
    """This container, as the scenarios' parts expect a namespace."""

    def inside(self, function):
        return function()

    def daemon(self, log, *args):
        with open(log, "ab") as out:
            return subprocess.Popen([*map(str, args)], stdin=subprocess.DEVNULL, stdout=out, stderr=out)


def run(*args, text=None, check=True):
    done = subprocess.run([*map(str, args)], input=text, capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, f"{args}: {done.stdout}{done.stderr}"
    return done.stdout


def device_of(address):
    """Where a network begins: the device that has an address of the same /24."""
    for device in json.loads(run("ip", "-j", "-4", "address")):
        for one in device["addr_info"]:
            if one["local"].rsplit(".", 1)[0] == address.rsplit(".", 1)[0]:
                return device["ifname"]
    raise AssertionError(f"no device leads to {address}")


def take(*addresses):
    for address in addresses:
        run("ip", "address", "replace", f"{address}/24", "dev", device_of(address))


def tunnel(*settings, address):
    """A WireGuard that is up, routes aside: the process."""
    process = Here().daemon(FOLDER / "tunnel.log", "env", "LOG_LEVEL=verbose", "wireguard-go", "-f", "wg0")
    until(lambda: "UAPI listener started" in (FOLDER / "tunnel.log").read_text(), "wireguard-go")
    run("wg", "set", "wg0", *settings)
    run("ip", "address", "add", f"{address}/24", "dev", "wg0")
    run("ip", "link", "set", "wg0", "up")
    return process


# -- the roles; each returns what is to be done from time to time


def isp():
    take(VPN_GATE, SERVER_GATE, ISP_EGRESS)
    run("ip", "route", "replace", "default", "via", HOME_GATE)
    run("nft", "-f", "-", text=HOME_ROUTER.replace("DEVICE", device_of(HOME_IP)))
    Resolver(Here(), FOLDER, "isp", [VPN_GATE, SERVER_GATE], [ISP_EGRESS])


def far():
    take(VPN_EGRESS)
    run("ip", "route", "replace", "default", "via", FAR_GATE)
    run("nft", "-f", "-", text=EXIT.format(exit=VPN_IP).replace('"wan"', f'"{device_of(VPN_IP)}"'))
    key = FOLDER / "key"
    key.write_text(os.environ["FAR_KEY"])
    tunnel("private-key", key, "listen-port", MARK, "peer", os.environ["NEAR_PUBLIC"], "allowed-ips", f"{INNER}/32",
           address=INNER_GATE)
    Resolver(Here(), FOLDER, "far", [INNER_GATE], [VPN_EGRESS])


def vpn():
    """What stands for a VPN container: tunnel and the provider's nameserver. The kill switch is there before."""
    process = tunnel("private-key", "/run/secrets/tunnel.key", "fwmark", MARK, "peer", os.environ["FAR_PUBLIC"],
                     "endpoint", f"{VPN_IP}:{MARK}", "persistent-keepalive", "1", "allowed-ips", "0.0.0.0/0",
                     address=INNER)
    TUNNEL.write_text(str(process.pid))
    Path("/etc/resolv.conf").write_text(f"nameserver {INNER_GATE}\n")
    run("ip", "route", "add", "default", "dev", "wg0", "table", MARK)
    run("ip", "rule", "add", "not", "fwmark", MARK, "table", MARK)
    run("ip", "rule", "add", "table", "main", "suppress_prefixlength", "0")
    until(lambda: run("wg", "show", "wg0", "latest-handshakes").split()[1:] not in ([], ["0"]), "a handshake", within=60)


def world():
    take(HOME_GATE, FAR_GATE)
    for one in {*SERVERS, *internet.WEB, internet.WEB6, PUBLIC_RESOLVER, GOOGLE_EGRESS}:
        run("ip", "address", "add", f"{one}/{128 if ':' in one else 32}", "dev", "lo")
    authority = internet.authority(FOLDER)
    web = internet.Internet(Here(), authority)
    hosts = {**internet.HOSTS, "api.telegram.org": (TELEGRAM,), ZONE_SERVER: (HOME_IP,)}
    names = DnsWorld(Here(), hosts, {}, internet.place_of)
    return lambda: [{"complaint": each} for each in (*web.complaints, *names.complaints)]


def telegram():
    """Its messages are lines of this container's log."""
    chat = Telegram(os.environ["BOT_TOKEN"], int(os.environ["CHAT"]))
    chat.stop()
    door = internet.Internet(Here(), Authority(FOLDER, names=("api.telegram.org",)))
    door.answers["api.telegram.org"] = chat.take
    run("ip", "route", "replace", "default", "via", HOME_GATE)
    numbers = set()

    def news():
        fresh = [one for one in chat.messages if one.number not in numbers]  # one that is edited is the same message
        numbers.update(one.number for one in fresh)
        return [*({"text": one.text} for one in fresh), *({"complaint": each} for each in (*chat.complaints, *door.complaints))]

    return news


# -- beside them


def rules():
    """The kill switch, on standard output."""
    print(KILL_SWITCH.format(tunnel="wg0", endpoint=VPN_IP, ports=MARK, more=""))


def ready():
    sys.exit(0 if READY.exists() and (not TUNNEL.exists() or Path("/sys/class/net/wg0").exists()) else 1)


def die():
    """The tunnel is gone, the container stays, as does its kill switch."""
    os.kill(int(TUNNEL.read_text()), signal.SIGKILL)


def leak():
    """What careless VPN software leaves behind: no tunnel, no kill switch, and the home's nameserver."""
    run("nft", "delete", "table", "inet", "killswitch")
    Path("/etc/resolv.conf").write_text(f"nameserver {VPN_GATE}\n")
    die()


def main(role):
    if role in BESIDE:
        return BESIDE[role]()
    shutil.rmtree(FOLDER, ignore_errors=True)  # of the container's life before
    FOLDER.mkdir()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    news = {"isp": isp, "far": far, "vpn": vpn, "internet": world, "telegram": telegram}[role]() or list
    READY.touch()
    told = set()
    while True:
        for each in news():
            line = json.dumps(each)
            if "text" in each or line not in told:
                print(line, flush=True)
            told.add(line)
        time.sleep(0.1)


BESIDE = {"rules": rules, "ready": ready, "die": die, "leak": leak}

if __name__ == "__main__":
    main(sys.argv[1])
