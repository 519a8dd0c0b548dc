"""Real tunnels between the client and the VPN's server: WireGuard (wireguard-go) and OpenVPN."""

import os
import signal
from pathlib import Path

from .vpnlab import VPN_IP
from .vpnlab_netns import address, command, wait_for_words
from .wait import until

MARK = "51820"  # of what WireGuard sends itself, as wg-quick does


class WireGuard:
    """Routed as wg-quick does it: a mark, a table of its own, and the ordinary table without its default."""

    gateway, gateway6, inner, inner6 = "10.8.0.1", "fd08::1", "10.8.0.2", "fd08::2"

    def __init__(self, world):
        self.world = world
        # The control sockets of all namespaces share /run/wireguard.
        self.device = f"wg{os.getpid()}c"
        self.far = f"wg{os.getpid()}s"
        self.process = self.far_process = None
        self.keys = {side: command("wg", "genkey").strip() for side in ("client", "server")}
        self.public = {side: command("wg", "pubkey", input=key).strip() for side, key in self.keys.items()}

    def listen(self):
        server = self.world.vpnserver
        self.far_process = self._start(server, self.far, "server", "listen-port", MARK, "peer", self.public["client"],
                                       "allowed-ips", f"{self.inner}/32,{self.inner6}/128")
        address(server, self.far, f"{self.gateway}/24", f"{self.gateway6}/64")
        server.ip("link", "set", self.far, "up")

    def connect(self):
        client = self.world.client
        self.process = self._start(client, self.device, "client", "fwmark", MARK, "peer", self.public["server"],
                                   "endpoint", f"{VPN_IP}:{MARK}", "persistent-keepalive", "1",
                                   "allowed-ips", "0.0.0.0/0,::/0")
        address(client, self.device, f"{self.inner}/24", f"{self.inner6}/64")
        client.ip("link", "set", self.device, "up")
        client.sysctl(net__ipv4__conf__all__src_valid_mark=1)
        client.nameservers(self.gateway)  # before the routes, as wg-quick does: no name is asked at home over the tunnel
        for family in ("-4", "-6"):
            client.ip(family, "route", "replace", "default", "dev", self.device, "table", MARK)
            client.ip(family, "rule", "delete", "table", MARK, check=False)
            client.ip(family, "rule", "delete", "table", "main", "suppress_prefixlength", "0", check=False)
            client.ip(family, "rule", "add", "not", "fwmark", MARK, "table", MARK)
            client.ip(family, "rule", "add", "table", "main", "suppress_prefixlength", "0")
        until(lambda: self.handshake() > 0, "a handshake of WireGuard")

    def _start(self, namespace, device, side, *settings):
        log = self.world.folder / f"wireguard-{side}.log"
        log.write_text("")
        process = namespace.daemon(log, "env", "LOG_LEVEL=verbose", "wireguard-go", "-f", device)
        # Nobody asks it before: wg deletes a socket that is there and does not listen yet.
        wait_for_words(process, "UAPI listener started")
        key = self.world.folder / f"wireguard-{side}.key"
        key.write_text(self.keys[side])
        command("wg", "set", device, "private-key", key, *settings)
        return process

    def handshake(self):
        """When the last one was, in seconds of the wall clock; 0: never."""
        said = command("wg", "show", self.device, "latest-handshakes", check=False).split()
        return int(said[1]) if len(said) == 2 else 0

    def die(self):
        """Its process is killed; the device and all routes over it go with it."""
        self.world.client.end(self.process, signal.SIGKILL)
        Path(f"/run/wireguard/{self.device}.sock").unlink(missing_ok=True)
        until(lambda: self.device not in self.world.client.ip("-br", "link"), "the tunnel's device to go")

    def fall_silent(self):
        """The other end is gone, this one does not know."""
        self.world.vpnserver.end(self.far_process, signal.SIGKILL)
        Path(f"/run/wireguard/{self.far}.sock").unlink(missing_ok=True)


class OpenVpn:
    """TLS with certificates that know each other, and routes pushed by the server."""

    gateway, inner, device, far = "10.9.0.1", "10.9.0.2", "tun0", "tun0"

    def __init__(self, world):
        self.world = world
        self.folder = world.folder / "openvpn"
        self.folder.mkdir()
        self.process = self.far_process = None
        self.fingerprints = {side: self._certify(side) for side in ("client", "server")}

    def _certify(self, side):
        key, certificate = self.folder / f"{side}.key", self.folder / f"{side}.pem"
        command("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", f"/CN={side}", "-keyout", key, "-out", certificate)
        said = command("openssl", "x509", "-in", certificate, "-noout", "-fingerprint", "-sha256")
        return said.strip().split("=", 1)[1]

    def _start(self, namespace, side, other, *options):
        log = self.folder / f"{side}.log"
        log.write_text("")
        return namespace.daemon(
            log, "openvpn", "--dev", self.device, "--dev-type", "tun", "--proto", "udp", "--disable-dco", "--verb", "3",
            "--key", self.folder / f"{side}.key", "--cert", self.folder / f"{side}.pem",
            "--peer-fingerprint", self.fingerprints[other], *options)

    def listen(self):
        self.far_process = self._start(
            self.world.vpnserver, "server", "client", "--server", "10.9.0.0", "255.255.255.0", "--topology", "subnet",
            "--server-ipv6", "fd09::/64", "--port", "1194", "--dh", "none", "--keepalive", "1", "5",
            "--push", "redirect-gateway def1 ipv6")
        wait_for_words(self.far_process, "Initialization Sequence Completed")

    def connect(self):
        self.process = self._start(
            self.world.client, "client", "server", "--client", "--remote", VPN_IP, "1194", "--nobind",
            "--connect-retry", "1", "1", "--script-security", "2", "--up", self._up())
        wait_for_words(self.process, "Initialization Sequence Completed", within=20)

    def _up(self):
        """A script that makes the other end's nameserver this one's, before the routes are set."""
        script = self.folder / "up"
        script.write_text(f"#!/bin/sh\nprintf 'nameserver {self.gateway}\\noptions timeout:1 attempts:1\\n'"
                          f" >'{self.world.client.resolv_conf}'\n")
        script.chmod(0o755)
        return script

    def die(self):
        """It is killed: its device goes, and all routes over it."""
        self.world.client.end(self.process, signal.SIGKILL)
        until(lambda: self.device not in self.world.client.ip("-br", "link"), "the tunnel's device to go")
        self.world.client.ip("route", "delete", VPN_IP, check=False)  # what it had put there for itself
