"""Where exits are. Addresses are those reserved for documentation."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Place:
    ip: str
    city: str
    region: str
    country: str
    org: str
    timezone: str

    def at(self, ip):
        """The same place behind another address."""
        return replace(self, ip=ip)

    @property
    def asn(self):
        return self.org.split()[0]


VPN = Place("198.51.100.7", "București", "București", "RO", "AS9009 M247 Europe SRL", "Europe/Bucharest")
OTHER_VPN = Place("198.51.100.99", "Zürich", "Zürich", "CH", "AS51852 Private Layer INC", "Europe/Zurich")
HOME = Place("203.0.113.20", "Toruń", "Kujawsko-Pomorskie", "PL", "AS5617 Orange Polska S.A.", "Europe/Warsaw")
