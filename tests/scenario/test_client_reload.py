"""SIGHUP of the client: another configuration, and no keepalive lost for it."""

import copy
import json
import os
import re
import signal
import subprocess

import pytest

from harness.foreign import SOURCE, Workshop
from harness.places import HOME, VPN
from harness.sink import Sink
from harness.stand_in import Answer
from harness.wait import until


class Reloading:
    """A client with one probe, and a stand-in of its server."""

    def __init__(self, lab):
        self.lab = lab
        self.sink = self.sink_of(lab.key)
        self.ipinfo = lab.ipinfo(VPN)
        self.client = lab.client(self.sink, probes=[self.probe("ipinfo", self.ipinfo)])
        self.section = self.client.config["client"]
        self.program = self.client.program

    def sink_of(self, key):
        sink = Sink(key)
        self.lab.stand_ins.append(sink)
        return sink

    @staticmethod
    def probe(name, stand_in):
        return {"plugin": "ipinfo", "name": name, "timeout": "2s", "options": {"url": stand_in.url}}

    def start(self):
        self.client.start()
        self.sink.wait_reports(1)
        return self

    def reload(self, says="reloaded: "):
        """Waits for the line that says what became of it, and returns that."""
        before = len(self.program.log())
        self.client.write()
        return self.hang_up(says, before)

    def hang_up(self, says, before=None):
        before = len(self.program.log()) if before is None else before
        self.program.signal(signal.SIGHUP)
        until(lambda: re.search(says, self.program.log()[before:]),
              lambda: f"{says!r} in the log:\n{self.program.log()[before:]}")
        return self.program.log()[before:]

    def status(self):
        socket = self.client.config["state_dir"] / "client.sock"
        done = subprocess.run(["curl", "-sS", "--unix-socket", socket, "http://localhost/status"], capture_output=True,
                              text=True, check=True)
        return json.loads(done.stdout)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.program.process.pid}/fd"))


@pytest.fixture
def reloading(lab):
    return Reloading(lab)


def seqs(sink):
    return [report["seq"] for report in sink.reports]


def facts(report):
    return {o["source"]: o.get("facts", {}) for o in report["observations"]}


def test_a_file_that_says_the_same_changes_nothing(reloading):
    reloading.start()
    for _ in range(2):
        assert "reloaded: nothing changed" in reloading.reload()
    assert reloading.status()["configuration"]["generation"] == 3


def test_how_large_the_log_gets_is_told_as_a_change(reloading):
    reloading.start()
    reloading.client.config["log"] = {**reloading.client.config.get("log", {}), "max_size": "1MiB"}
    assert "reloaded: log" in reloading.reload()


def test_thirty_reloads_lose_no_keepalive_and_leak_nothing(reloading):
    """Probes come and go, the interval and the tags change, a keepalive goes out each second."""
    second = reloading.lab.ipinfo(HOME)
    reloading.start()
    reloading.reload()
    before = reloading.descriptors()
    for turn in range(30):
        reloading.client.config["probes"] = [reloading.probe("ipinfo", reloading.ipinfo)] + (
            [reloading.probe("another", second)] if turn % 2 else [])
        reloading.section["tags"] = [f"turn-{turn}"]
        reloading.section["interval"] = "1s" if turn % 3 else "1100ms"
        reloading.reload()
        reloading.sink.wait_reports(turn // 2 + 2)
    last = len(reloading.sink.reports)
    reloading.sink.wait_reports(last + 2)
    numbers = seqs(reloading.sink)
    assert numbers == list(range(1, len(numbers) + 1)), numbers
    assert not any(report.get("late") for report in reloading.sink.reports)
    assert reloading.sink.reports[-1]["tags"] == ["turn-29"]
    assert set(facts(reloading.sink.reports[-1])) == {"ipinfo", "another"}
    until(lambda: reloading.descriptors() <= before + 3, lambda: f"{reloading.descriptors()} of {before} descriptors")
    log = reloading.program.log()
    assert "leak" not in log and "abandoned" not in log
    assert reloading.client.stop() < 2


def test_another_server_and_key_get_what_comes_next(reloading):
    other = reloading.sink_of("another-key-of-16-chars")
    reloading.start()
    reloading.section.update(server=other.url, key="another-key-of-16-chars")
    said = reloading.reload()
    assert "reloaded: server; key\n" in said and "another-key" not in reloading.program.log()
    other.wait_reports(2)
    sent = seqs(reloading.sink) + seqs(other)
    assert sent == list(range(1, len(sent) + 1)), sent
    assert reloading.status()["server"] == other.url


def test_a_keepalive_on_its_way_arrives_where_it_was_sent_to(reloading):
    other = reloading.sink_of(reloading.lab.key)
    reloading.start()
    slow = Answer.json({"status": "ok"})
    slow.delay = 1
    asked = len(reloading.sink.requests)
    reloading.sink.script(slow)
    until(lambda: len(reloading.sink.requests) > asked, "the slow keepalive to be under way")
    reloading.section["server"] = other.url
    reloading.reload()
    other.wait_reports(1)
    bodies = [json.loads(request.body)["seq"] for request in reloading.sink.requests]
    sent = bodies + seqs(other)
    assert sorted(set(sent)) == list(range(1, max(sent) + 1)), sent
    assert "no report gets through" not in reloading.program.log()


def test_what_an_outage_left_goes_to_the_new_server(reloading):
    other = reloading.sink_of(reloading.lab.key)
    reloading.start()
    reloading.sink.stop()
    until(lambda: reloading.status()["uplink"]["spooled"] >= 2, "reports to be spooled")
    reloading.section["server"] = other.url
    reloading.reload()
    until(lambda: reloading.status()["uplink"]["spooled"] == 0, "the spool to be delivered")
    sent = sorted(seqs(reloading.sink) + seqs(other))
    assert sent == list(range(1, len(sent) + 1)), sent
    assert any(report.get("late") for report in other.reports)


def test_a_wrong_key_can_be_put_right(reloading):
    reloading.lab.expected_complaints.append("without the key")
    reloading.sink.always(Answer.json({"error": "bad_credentials"}, 401))
    right, reloading.section["key"] = reloading.section["key"], "wrong-key-of-16-chars"
    reloading.client.start()
    reloading.program.wait_for_log("it answered 401")
    reloading.sink.always(None)
    reloading.section["key"] = right
    assert "reloaded: key" in reloading.reload()
    reloading.program.wait_for_log("server reachable again")


def test_a_bad_file_is_refused_with_all_errors_and_the_old_one_stays(reloading):
    reloading.start()
    good = copy.deepcopy(reloading.client.config)
    reloading.section.update(interval="never", pin="no-pin", tags=["a b\tc"], id="somebody-else", surplus=1)
    reloading.client.config["probes"] = [{"plugin": "no_such_probe"},
                                         {"plugin": "ipinfo", "options": {"url": "ftp://x", "colour": "red"}}]
    said = reloading.reload("the new configuration is refused, and the old one stays")
    for error in ("'interval'", "'pin' must be", "client.tags", "the client's id cannot change", "surplus",
                  "no_such_probe.so", "colour"):
        assert error in said, (error, said)
    assert re.search(r"client\.yaml:\d+:\d+: error: .*surplus", said)
    count = len(reloading.sink.reports)
    reports = reloading.sink.wait_reports(count + 2)
    assert set(facts(reports[-1])) == {"ipinfo"} and seqs(reloading.sink) == list(range(1, len(seqs(reloading.sink)) + 1))
    assert reloading.status()["configuration"]["generation"] == 1 and reloading.status()["configuration"]["refused_at"]
    reloading.client.config = good
    reloading.section = good["client"]
    assert "nothing changed" in reloading.reload()
    assert "refused_at" not in reloading.status()["configuration"]


@pytest.mark.parametrize("text", ["client: [", "", "\0"])
def test_what_is_no_configuration_is_refused(reloading, text):
    reloading.start()
    reloading.client.file.write_text(text)
    reloading.hang_up("the new configuration is refused")
    reloading.sink.wait_reports(len(reloading.sink.reports) + 1)


def test_a_file_that_is_gone_is_refused(reloading):
    reloading.start()
    reloading.client.file.unlink()
    assert "No such file" in reloading.hang_up("the new configuration is refused")
    reloading.sink.wait_reports(len(reloading.sink.reports) + 1)


def test_who_it_is_and_where_it_remembers_cannot_change(reloading, tmp_path):
    reloading.start()
    reloading.client.config["state_dir"] = tmp_path / "elsewhere"
    assert "'state_dir' cannot change while the client runs" in reloading.reload("refused, and the old one stays")
    assert not (tmp_path / "elsewhere").exists()


def test_an_unchanged_probe_remembers_that_it_was_asked_for_patience(reloading):
    """A reload is no way around a service's limit; other options are another question."""
    limited = Answer.json({"error": {"message": "too many"}}, 429)
    limited.headers["Retry-After"] = "600"
    reloading.ipinfo.always(limited)
    reloading.start()
    asked = len(reloading.ipinfo.requests)
    reloading.section["tags"] = ["a"]
    reloading.reload()
    reloading.sink.wait_reports(len(reloading.sink.reports) + 2)
    assert len(reloading.ipinfo.requests) == asked
    reloading.ipinfo.always(None)
    reloading.client.config["probes"][0]["options"]["token"] = "a-token-0123456789"
    reloading.ipinfo.token = "a-token-0123456789"
    assert "probes ~ipinfo" in reloading.reload()
    until(lambda: facts(reloading.sink.reports[-1]).get("ipinfo"), "facts by the new probe")


def test_a_reload_waits_for_the_end_of_a_round(reloading):
    hanging = Answer(200, b"", {})
    hanging.manner = "hang"
    reloading.section["interval"] = "3s"
    reloading.start()
    asked = len(reloading.ipinfo.requests)
    reloading.ipinfo.script(hanging)
    until(lambda: len(reloading.ipinfo.requests) > asked, "a probe to hang")
    reloading.client.config["probes"] = []
    assert "probes -ipinfo" in reloading.reload()
    # The report of the round that was under way may still be on its way when the reload is told.
    until(lambda: facts(reloading.sink.reports[-1]) == {}, "a round without probes")
    numbers = seqs(reloading.sink)
    assert numbers == list(range(1, len(numbers) + 1)), "the round under way was reported"
    assert facts(reloading.sink.reports[-2]) == {"ipinfo": {}}, "with the probe that hung"


EXCLUSIVE = SOURCE.replace('"how high the sea stands", 0, 0,', '"how high the sea stands", VPNS_PLUGIN_EXCLUSIVE, 0,')


def test_a_probe_that_cannot_run_twice_keeps_its_options(reloading, tmp_path):
    """Make before break would make two of it; unchanged it goes on, and gone it may come back."""
    assert EXCLUSIVE != SOURCE
    Workshop(tmp_path / "workshop").build(tmp_path / "plugins" / "probes" / "tide.so", source=EXCLUSIVE)
    tide = {"plugin": "tide", "options": {"level": "187"}}
    reloading.client.config["plugins"] = {"path": [tmp_path / "plugins"]}
    reloading.client.config["probes"].append(tide)
    reloading.start()
    tide["options"]["level"] = "188"
    assert "the probe 'tide' cannot run twice" in reloading.reload("the new configuration is refused")
    tide["options"]["level"] = "187"
    reloading.section["tags"] = ["a"]
    assert "reloaded: tags\n" in reloading.reload()
    reloading.client.config["probes"].pop()
    assert "probes -tide" in reloading.reload()
    tide["options"]["level"] = "188"
    reloading.client.config["probes"].append(tide)
    assert "probes +tide" in reloading.reload()
    until(lambda: facts(reloading.sink.reports[-1]).get("tide") == {"tide.level_cm": 188}, "the new options")


WEDGED = SOURCE.replace("self->host->finish(self->host, op, &result.head);",
                        "(void)op;\n\t(void)result;")


def test_a_probe_that_does_not_end_is_abandoned_by_name_and_holds_nothing_up(reloading, tmp_path):
    assert WEDGED != SOURCE
    Workshop(tmp_path / "workshop").build(tmp_path / "plugins" / "probes" / "tide.so", source=WEDGED)
    reloading.client.config["plugins"] = {"path": [tmp_path / "plugins"]}
    reloading.client.config["probes"].append({"plugin": "tide", "timeout": "300ms"})
    # What such a plugin holds is kept on purpose: it may still write there.
    reloading.program.environment = {**reloading.program.environment, "ASAN_OPTIONS": "detect_leaks=0"}
    reloading.start()
    reloading.client.config["probes"].pop()
    assert "probes -tide" in reloading.reload()
    reloading.program.wait_for_log(r"\[tide\] did not end within .*abandoned")
    reloading.sink.wait_reports(len(reloading.sink.reports) + 2)
    numbers = seqs(reloading.sink)
    assert numbers == list(range(1, len(numbers) + 1)), numbers
    assert reloading.client.stop() < 2


def test_a_plugin_file_that_was_replaced_is_loaded_anew(reloading, tmp_path):
    file = tmp_path / "plugins" / "probes" / "tide.so"
    workshop = Workshop(tmp_path / "workshop")
    workshop.build(file)
    reloading.client.config["plugins"] = {"path": [tmp_path / "plugins"]}
    reloading.client.config["probes"].append({"plugin": "tide"})
    reloading.start()
    workshop.build(tmp_path / "next.so", source=SOURCE.replace('"212"', '"213"'))
    (tmp_path / "next.so").replace(file)
    assert "probes ~tide" in reloading.reload()
    until(lambda: facts(reloading.sink.reports[-1]).get("tide") == {"tide.level_cm": 213}, "the new plugin's fact")


def test_a_shorter_interval_counts_at_once(reloading):
    reloading.section["interval"] = "1h"
    reloading.start()
    reloading.section["interval"] = "1s"
    assert "reloaded: interval" in reloading.reload()
    reloading.sink.wait_reports(3)


def test_denser_rounds_count_at_once(reloading):
    reloading.section["interval"] = "1h"
    reloading.section["dense"] = {"interval": "30m", "for": "1h"}
    reloading.start()
    reloading.section["dense"] = {"interval": "1s", "for": "1h"}
    assert re.search("reloaded: dense$", reloading.reload(), re.MULTILINE)
    reloading.sink.wait_reports(3)


def test_the_log_level_changes(reloading):
    reloading.start()
    reloading.client.config["log"] = {"level": "error"}
    reloading.client.write()
    reloading.program.signal(signal.SIGHUP)
    until(lambda: reloading.status()["configuration"]["generation"] == 2, "the reload")
    size = len(reloading.program.log())
    reloading.sink.wait_reports(len(reloading.sink.reports) + 1)
    assert len(reloading.program.log()) == size


def test_many_hangups_at_once_are_harmless(reloading):
    reloading.start()
    for _ in range(50):
        reloading.program.signal(signal.SIGHUP)
    reloading.sink.wait_reports(len(reloading.sink.reports) + 1)
    reloading.program.signal(signal.SIGHUP)
    reloading.program.signal(signal.SIGTERM)
    assert reloading.program.wait() == 0


def test_a_hangup_right_at_the_start_ends_nothing(reloading):
    reloading.client.write()
    reloading.program.start()
    until(lambda: caught(reloading.program.process.pid, signal.SIGHUP), "the signal to be caught or held")
    reloading.program.signal(signal.SIGHUP)
    reloading.program.wait_for_log("reloaded: nothing changed")


def caught(pid, number):
    """Whether the process has a handler for the signal, or holds it back."""
    text = open(f"/proc/{pid}/status").read()
    masks = [int(re.search(rf"^{name}:\s+(\w+)$", text, re.MULTILINE).group(1), 16) for name in ("SigBlk", "SigCgt")]
    return any(mask >> (number - 1) & 1 for mask in masks)
