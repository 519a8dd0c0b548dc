"""Rounds closer together after the start and after a change; and what the first report after an outage says."""

import time

from harness.places import OTHER_VPN, VPN
from harness.sink import Sink
from harness.stand_in import Answer
from harness.wait import holds, until


class Watched:
    """A client with one probe and a stand-in of its server, whose reports carry the time they came."""

    def __init__(self, lab, interval, dense):
        self.sink = Sink(lab.key)
        lab.stand_ins.append(self.sink)
        self.ipinfo = lab.ipinfo(VPN)
        self.client = lab.client(self.sink, probes=[
            {"plugin": "ipinfo", "timeout": "900ms", "options": {"url": self.ipinfo.url}}])
        self.client.config["client"].update(interval=interval, dense=dense)
        self.program = self.client.program

    def came(self):
        return [request.at for request in self.sink.requests]

    def quiet(self, seconds):
        """Until no report came for so long."""
        until(lambda: self.came() and time.monotonic() - self.came()[-1] > seconds, "the dense rounds to end")


def outage_facts(report):
    for observation in report["observations"]:
        if observation["source"] == "client":
            return observation["facts"]
    return {}


def test_the_start_is_looked_at_closely_and_the_usual_interval_is_stated(lab):
    watched = Watched(lab, "60s", {"interval": "1s", "for": "3s"})
    watched.client.start()
    reports = watched.sink.wait_reports(3)
    assert {report["interval_seconds"] for report in reports} == {60}
    watched.quiet(2.5)
    assert 3 <= len(watched.sink.reports) <= 5
    holds(lambda: len(watched.sink.reports) <= 5, "nothing more to come for a minute", during=1.5)


def test_a_new_exit_is_looked_at_closely(lab):
    watched = Watched(lab, "5s", {"interval": "1s", "for": "3s"})
    watched.client.start()
    watched.quiet(3)
    assert "not what it was" not in watched.program.log()
    before = len(watched.sink.reports)
    watched.ipinfo.place = OTHER_VPN
    watched.program.wait_for_log("the tunnel is not what it was a round ago: a round every 1s for 3s")
    watched.sink.wait_reports(before + 3)
    gaps = [b - a for a, b in zip(watched.came()[before:], watched.came()[before + 1 :])]
    assert min(gaps) < 2.5, gaps


def test_a_service_that_fails_is_no_change(lab):
    watched = Watched(lab, "1s", {"interval": "1s", "for": "2s"})
    watched.client.start()
    watched.sink.wait_reports(2)
    watched.ipinfo.always(Answer(500))
    watched.sink.wait_reports(len(watched.sink.reports) + 2)
    watched.ipinfo.always(None)
    watched.sink.wait_reports(len(watched.sink.reports) + 2)
    assert "not what it was" not in watched.program.log()


def test_without_it_the_interval_is_all_there_is(lab):
    watched = Watched(lab, "60s", {"interval": "1s", "for": "0s"})
    watched.client.start()
    watched.sink.wait_reports(1)
    holds(lambda: len(watched.sink.reports) == 1, "a single report", during=2)


def test_the_first_report_after_an_outage_says_why_and_how_long(lab):
    watched = Watched(lab, "1s", {"interval": "1s", "for": "0s"})
    watched.client.start()
    watched.sink.wait_reports(2)
    assert outage_facts(watched.sink.reports[-1]) == {}
    watched.sink.always(Answer(500))
    begun = time.monotonic()
    tried = len(watched.sink.requests)
    until(lambda: len(watched.sink.requests) >= tried + 4, "some reports to fail")
    count = len(watched.sink.reports)
    watched.sink.always(None)
    back = watched.sink.wait_reports(count + 1)[-1]
    lasted = time.monotonic() - begun
    facts = outage_facts(back)
    assert "late" not in back
    assert facts["outage.cause"] == "server_unreachable"  # its own probe reached the internet all the while
    text = facts["outage.duration"]
    seconds = int(text[:-2]) / 1000 if text.endswith("ms") else int(text[:-1])
    assert 1 <= seconds <= lasted + 2
    until(lambda: any(not r.get("late") and not outage_facts(r) for r in watched.sink.reports[count + 1 :]),
          "a report of after the outage that says nothing of it")
