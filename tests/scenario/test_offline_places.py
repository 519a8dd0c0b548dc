"""Places from databases on this machine: nobody is asked, and a file that is missing or replaced stops nothing."""

import os
import shutil
from pathlib import Path

import pytest

from harness.places import HOME, VPN

DATABASES = Path(__file__).parents[1] / "plugins" / "fixtures" / "mmdb"


class World:
    """A server whose only source of places are databases in a folder of its own, and a client that tells its address."""

    def __init__(self, lab):
        self.folder = lab.folder / "databases"
        self.folder.mkdir()
        self.server = lab.server(
            probes=[self.ipify(lab.ipify(HOME.ip))],
            locate={"quorum": 1, "sources": [{"plugin": "mmdb", "options": {
                "city": self.folder / "city.mmdb", "asn": self.folder / "asn.mmdb"}}]})
        self.client = lab.client(self.server, probes=[self.ipify(lab.ipify(VPN.ip))])

    @staticmethod
    def ipify(stand_in):
        return {"plugin": "ipify", "timeout": "800ms", "options": {"url": stand_in.url, "url6": stand_in.url, "family": "4"}}

    def put(self, fixture, name=None):
        """As the tools that fetch databases do: beside it, then renamed."""
        shutil.copy(DATABASES / fixture, self.folder / "fresh")
        os.rename(self.folder / "fresh", self.folder / (name or fixture))

    def start(self):
        self.server.start()
        self.client.start()

    def located(self, country):
        return self.server.wait_client("office-vpn", lambda r: r["country"] == country, f"to be in {country}")


@pytest.fixture
def world(lab):
    return World(lab)


def test_databases_tell_the_place_and_the_network(world):
    world.put("city.mmdb")
    world.put("asn.mmdb")
    world.start()
    record = world.located(VPN.country)
    assert record["facts"]["exit.asn"]["value"] == "AS9009" and record["facts"]["exit.asn"]["source"] == "located"
    assert record["city"] == VPN.city
    assert record["verdicts"]["tunnel"]["verdict"] == "secure"


def test_one_file_that_is_missing_leaves_what_the_other_knows(world):
    world.put("country4.mmdb", "city.mmdb")
    world.start()
    assert world.located("DE")["facts"]["exit.ip"]["value"] == VPN.ip
    assert "option asn" in world.server.program.log()
