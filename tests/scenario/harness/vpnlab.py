"""
A laboratory in five network namespaces, with real tunnels, real resolvers and the built programs.

    client --LAN--+                            the client: tunnel, kill switch, resolv.conf
                  +-- isp ------+              the router of the home: NAT, the provider's resolver
    server --LAN--+             |
                               inet            stand-ins of the outside services, answering by the asker's address
                                |
                            vpnserver          the other end of the tunnel: exit, NAT, the VPN's resolver

The server stands in the home, as most do: its own exit is the one that the client must not have. Clients reach it by
the home's public address, through the tunnel and beside it. Nothing is connected to the machine's own network.
"""

from . import internet, vpnlab_netns
from .dns_world import ROOT, SERVERS, DnsWorld, Resolver
from .vpnlab_netns import Netns, address, wire

HOME_IP, VPN_IP = "203.0.113.20", "198.51.100.7"
OTHER_IP, STRANGE_IP = "198.51.100.199", "198.51.100.200"  # further exits of the VPN
HOME_IP6, VPN_IP6 = "2001:db8:20:1::10", "2001:db8:9::7"  # in the home without NAT: the client's own
SERVER_EXITS = {HOME_IP, "2001:db8:20:1::20"}
ISP_EGRESS, VPN_EGRESS, GOOGLE_EGRESS = "203.0.113.53", "198.51.100.8", "74.125.18.5"
ISP_RESOLVER, PUBLIC_RESOLVER = "192.168.1.1", "8.8.8.8"
SERVER_LAN, CLIENT_LAN, PORT = "192.168.1.20", "192.168.1.10", 5000
SERVER_URL = f"http://{HOME_IP}:{PORT}"
SIDE_URL = f"http://{SERVER_LAN}:{PORT}"
ZONE, ZONE_SERVER = "leak.example.net", "sentinel.example.net"
ENDPOINT_PORTS = (51820, 1194)

ROUTER = f"""
table ip nat {{
	chain prerouting {{
		type nat hook prerouting priority -100;
		ip daddr {HOME_IP} tcp dport {{ {PORT}, 53 }} dnat to {SERVER_LAN}
		ip daddr {HOME_IP} udp dport 53 dnat to {SERVER_LAN}
	}}
	chain output {{
		type nat hook output priority -100;
		ip daddr {HOME_IP} tcp dport {{ {PORT}, 53 }} dnat to {SERVER_LAN}
		ip daddr {HOME_IP} udp dport 53 dnat to {SERVER_LAN}
	}}
	chain postrouting {{
		type nat hook postrouting priority 100;
		oifname "wan" ip saddr 192.168.1.0/24 snat to {HOME_IP}
		oifname "lan" ip saddr 192.168.1.0/24 ip daddr {SERVER_LAN} masquerade
	}}
}}
"""

EXIT = """
table ip nat
delete table ip nat
table ip nat {{
	chain postrouting {{
		type nat hook postrouting priority 100;
		oifname "wan" ip saddr 10.0.0.0/8 snat to {exit}
	}}
}}
"""

EXIT6 = f"""
table ip6 nat {{
	chain postrouting {{
		type nat hook postrouting priority 100;
		oifname "wan" ip6 saddr fd00::/8 snat to {VPN_IP6}
	}}
}}
"""

KILL_SWITCH = """
table inet killswitch
delete table inet killswitch
table inet killswitch {{
	chain output {{
		type filter hook output priority 0; policy drop;
		oifname {{ "lo", "{tunnel}" }} accept
		ip daddr {endpoint} udp dport {{ {ports} }} accept
		icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit }} accept
		{more}
	}}
}}
"""


class World:
    """The five namespaces and what stands in them. close() removes everything, whatever happened."""

    def __init__(self, folder):
        self.folder = folder
        self.namespaces = []
        self.parts = []
        vpnlab_netns.sweep()
        try:
            self._build()
        except BaseException:
            self.close()
            raise

    def close(self):
        for part in reversed(self.parts):
            part.close()
        for namespace in self.namespaces:
            namespace.close()

    def _netns(self, role):
        made = Netns(role)
        self.namespaces.append(made)
        return made

    def _build(self):
        self.client, self.server = self._netns("client"), self._netns("server")
        self.isp, self.vpnserver, self.inet = self._netns("isp"), self._netns("vpnserver"), self._netns("inet")
        self._wires()
        self._routes()
        self._services()
        self.tunnel = None
        self.client.nameservers(ISP_RESOLVER)
        self.server.nameservers(ISP_RESOLVER)

    def _wires(self):
        self.isp.ip("link", "add", "lan", "type", "bridge", "mcast_snooping", "0")
        self.isp.ip("link", "set", "lan", "up")
        for namespace, port in ((self.client, "to-client"), (self.server, "to-server")):
            wire(namespace, "eth0", self.isp, port)
            self.isp.ip("link", "set", port, "master", "lan")
        wire(self.isp, "wan", self.inet, "home")
        wire(self.vpnserver, "wan", self.inet, "vpn")
        for namespace in (self.isp, self.vpnserver, self.inet):
            namespace.sysctl(net__ipv4__ip_forward=1, net__ipv6__conf__all__forwarding=1)
        address(self.server, "eth0", f"{SERVER_LAN}/24", "2001:db8:20:1::20/64")
        address(self.isp, "lan", f"{ISP_RESOLVER}/24", "2001:db8:20:1::1/64")
        address(self.isp, "wan", f"{HOME_IP}/24", f"{ISP_EGRESS}/24", "2001:db8:20:ff::2/64")
        address(self.vpnserver, "wan", f"{VPN_IP}/24", f"{VPN_EGRESS}/24", f"{OTHER_IP}/24", f"{STRANGE_IP}/24",
                f"{VPN_IP6}/64")
        address(self.inet, "home", "203.0.113.1/24", "2001:db8:20:ff::1/64")
        address(self.inet, "vpn", "198.51.100.1/24", "2001:db8:9::1/64")
        inside = {*SERVERS, *internet.WEB, internet.WEB6, PUBLIC_RESOLVER, GOOGLE_EGRESS}
        address(self.inet, "lo", *(f"{each}/{128 if ':' in each else 32}" for each in sorted(inside)))

    def _routes(self):
        self._plug_client()
        for namespace, gateway, gateway6 in (
            (self.server, ISP_RESOLVER, "2001:db8:20:1::1"),
            (self.isp, "203.0.113.1", "2001:db8:20:ff::1"), (self.vpnserver, "198.51.100.1", "2001:db8:9::1")):
            namespace.ip("route", "add", "default", "via", gateway)
            namespace.ip("-6", "route", "add", "default", "via", gateway6)
        self.inet.ip("-6", "route", "add", "2001:db8:20::/56", "via", "2001:db8:20:ff::2")
        self.isp.ip("route", "add", "unreachable", "10.0.0.0/8")
        self.isp.nft(ROUTER)
        self.vpnserver.nft(EXIT.format(exit=VPN_IP))
        self.vpnserver.nft(EXIT6)

    def _plug_client(self):
        address(self.client, "eth0", f"{CLIENT_LAN}/24", f"{HOME_IP6}/64")
        self.client.ip("link", "set", "eth0", "up")
        self.client.ip("route", "add", "default", "via", ISP_RESOLVER)
        self.client.ip("-6", "route", "add", "default", "via", "2001:db8:20:1::1")

    def _services(self):
        self.authority_folder = self.folder / "authority"
        self.authority_folder.mkdir()
        self.authority = internet.authority(self.authority_folder)
        self.internet = self._kept(internet.Internet(self.inet, self.authority))
        self.dns = self._kept(DnsWorld(self.inet, {**internet.HOSTS, ZONE_SERVER: (HOME_IP,)},
                                       {ZONE: (ZONE_SERVER, HOME_IP)}, internet.place_of))
        self.isp_resolver = Resolver(self.isp, self.folder, "isp", [ISP_RESOLVER], [ISP_EGRESS])
        self.public_resolver = Resolver(self.inet, self.folder, "public", [PUBLIC_RESOLVER], [GOOGLE_EGRESS],
                                        tells=[ROOT[0], HOME_IP])

    def _kept(self, part):
        self.parts.append(part)
        return part

    # -- what tests change

    def use(self, tunnel):
        """Brings the tunnel up, with the provider's resolver in resolv.conf."""
        self.tunnel = tunnel
        tunnel.listen()
        self.vpn_resolver = Resolver(self.vpnserver, self.folder, "vpn", [tunnel.gateway], [VPN_EGRESS])
        self.connect()

    def connect(self):
        self.tunnel.connect()

    def disconnect(self, restore_dns=False):
        """The tunnel dies. What managed it may put the provider's nameserver back."""
        self.tunnel.die()
        if restore_dns:
            self.client.nameservers(ISP_RESOLVER)

    def kill_switch(self, *more):
        """Nothing leaves but through the tunnel; `more` are further nft rules of what may."""
        self.client.nft(KILL_SWITCH.format(tunnel=self.tunnel.device, endpoint=VPN_IP, more="\n\t\t".join(more),
                                           ports=", ".join(map(str, ENDPOINT_PORTS))))

    def no_kill_switch(self):
        self.client.nft("table inet killswitch\ndelete table inet killswitch\n")

    def exit_at(self, exit):
        """What goes through the tunnel leaves it by this address, kept connections too: so they end."""
        self.vpnserver.nft(EXIT.format(exit=exit))
        self.vpnserver.forget_connections()

    def cut_home(self, cut=True):
        """The home's line to the internet: for the server as for the client."""
        self.isp.ip("link", "set", "wan", "down" if cut else "up")
        if not cut:  # routes go with the link
            self.isp.ip("address", "replace", "2001:db8:20:ff::2/64", "dev", "wan", "nodad")
            self.isp.ip("route", "replace", "default", "via", "203.0.113.1")
            self.isp.ip("-6", "route", "replace", "default", "via", "2001:db8:20:ff::1")

    def ipv6_beside(self, beside=True):
        """A rule before the tunnel's sends IPv6 to the home's router."""
        self.client.ip("-6", "rule", "add" if beside else "delete", "priority", "100", "table", "main")

    def cut_home_ipv6(self, cut=True):
        """The router takes IPv6 from the home and loses it."""
        if cut:
            self.isp.nft('table ip6 lost { chain forward { type filter hook forward priority 0; '
                         'iifname "lan" drop; }; }\n')
        else:
            self.isp.nft("delete table ip6 lost\n")

    def take_devices(self):
        """What a restart of the VPN's container leaves a neighbour in its network: lo, and nothing else."""
        self.tunnel.die()
        self.client.ip("link", "set", "eth0", "netns", self.inet.name)

    def return_devices(self):
        self.inet.ip("link", "set", "eth0", "netns", self.client.name)
        self._plug_client()
        self.connect()

    def complaints(self):
        return [*self.internet.complaints, *self.dns.complaints]
