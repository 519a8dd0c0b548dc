"""The client's wall clock jumps while the server is away: a report of then is as old as it is."""

import json
from datetime import datetime

import pytest

from harness.ipinfo import Ipinfo
from harness.places import HOME, VPN
from harness.sink import Sink
from harness.wait import until
from harness.wallclock import WallClock

DAY = 24 * 3600
OUTAGE = 30  # seconds; longer than any outage here, shorter than any jump
ID = "office-vpn"
all_jumps = pytest.mark.parametrize("jump", [DAY, -DAY, 3653 * DAY], ids=["a day ahead", "a day back", "ten years ahead"])


def when(text):
    return datetime.fromisoformat(text).timestamp()


class Outage:
    """A client with a clock of its own, whose probe sees it at `place`. Over plain HTTP: certificates have dates."""

    def __init__(self, lab, server_url, place):
        self.ipinfo = Ipinfo(place)
        lab.stand_ins.append(self.ipinfo)
        self.clock = WallClock(lab.folder / "client-clock")
        self.client = lab.client(
            None, probes=[{"plugin": "ipinfo", "timeout": "800ms", "options": {"url": self.ipinfo.url}}],
            client={"server": server_url, "key": lab.key, "id": ID, "interval": "1s", "timeout": "2s"})
        program = self.client.program
        program.environment = {**program.environment, **self.clock.environment}

    def rounds(self, count):
        """So many more have begun."""
        enough = len(self.ipinfo.requests) + count
        until(lambda: len(self.ipinfo.requests) >= enough, f"{count} rounds")

    def spooled(self):
        file = self.client.config["state_dir"] / "spool.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def pass_by(self, jump):
        """Reports of before the jump and of after it wait."""
        until(lambda: len(self.spooled()) >= 2, "two reports to wait")
        self.clock.jump(jump)
        self.rounds(3)


@all_jumps
def test_late_reports_say_how_old_they_are_and_not_how_far_the_clock_jumped(lab, jump):
    sink = Sink(lab.key)
    lab.stand_ins.append(sink)
    outage = Outage(lab, sink.url, VPN)
    outage.client.start()
    sink.wait_reports(1)
    sink.stop()
    before = len(sink.reports)
    outage.pass_by(jump)
    sink.start()

    def late():
        return [r for r in sink.reports[before:] if r.get("late")]

    until(lambda: len(late()) >= 4, lambda: f"four late reports; came {sink.reports[before:]}")
    for report in late():
        age = when(report["timestamp"]) - when(report["observed_at"])
        assert 0 < age < OUTAGE, report
        seen = [when(o["observed_at"]) for o in report["observations"] if "observed_at" in o]
        assert seen and all(0 <= when(report["observed_at"]) - at < 2 for at in seen), report
    times = [when(r["observed_at"]) for r in late()]
    assert times == sorted(times) and times[-1] - times[0] < OUTAGE


def test_an_incident_is_not_stretched_by_a_jump_of_the_clients_clock(lab):
    ipinfo = Ipinfo(HOME)
    lab.stand_ins.append(ipinfo)
    server = lab.server(
        store={"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}},
        probes=[{"plugin": "ipinfo", "interval": "1s", "timeout": "2s", "options": {"url": ipinfo.url}}])
    server.start()
    outage = Outage(lab, server.url, HOME)
    outage.client.start()
    server.wait_verdict(ID, "leak")
    server.stop()
    outage.pass_by(DAY)
    server.start()
    outage.client.program.wait_for_log(r"\d+ reports? delivered late")
    outage.ipinfo.place = VPN
    server.wait_client(ID, lambda record: record["incidents"] == [], "to be well again")
    history = server.get(f"/clients/{ID}/history").json()
    (over,) = [t for t in history if (t["kind"], t["transition"]) == ("bypass", "resolved")]
    assert 0 < over["duration_ms"] / 1000 < OUTAGE, over
