"""etc/examples: Nagios and Icinga by exit codes, log shipping by rsyslog."""

import json
import os
import re
import shutil
import subprocess
from datetime import datetime

import pytest

from harness.pki import Pki
from harness.places import VPN
from harness.ports import Port
from harness.program import ROOT, binary, clean_environment
from harness.sink import Sink
from harness.stand_in import Answer, StandIn
from harness.wait import until

FOLDER = ROOT / "etc/examples"
SCRIPT = FOLDER / "nagios/check_vpn_sentinel.sh"
LINES = dict(re.findall(r"command_name +(\w+)\n\s*command_line +(.*)", (FOLDER / "nagios/vpn-sentinel.cfg").read_text()))


def check(name, argument, more="", environment=None):
    """A command line of the example, as Nagios runs it."""
    line = LINES[name].replace("/usr/lib/nagios/plugins/check_vpn_sentinel.sh", str(SCRIPT))
    done = subprocess.run(["/bin/sh", "-c", line.replace("$ARG1$", str(argument)) + more], capture_output=True, text=True,
                          env=clean_environment({"VPN_SENTINEL": binary(), **(environment or {})}), timeout=40,
                          check=False)
    assert done.stdout.count("\n") == 1 and "|" not in done.stdout and done.stderr == "", done
    return done.returncode, done.stdout


@pytest.mark.parametrize("verdict, code", [("secure", 0), ("exposed", 1), ("leak", 2), ("unknown", 3)])
def test_the_exit_is_checked_by_its_verdict(lab, verdict, code):
    sink = Sink(lab.key, verdict=verdict)
    lab.stand_ins.append(sink)
    file = lab.client(sink, probes=[{"plugin": "ipinfo", "options": {"url": lab.ipinfo(VPN).url}}]).write()
    got, said = check("check_vpn_sentinel_exit", file, environment=lab.environment)
    assert got == code and said.startswith(f"VPN: {verdict}"), said
    assert len(sink.reports) == 1


def test_a_configuration_that_is_not_there_is_unknown(tmp_path):
    code, said = check("check_vpn_sentinel_exit", tmp_path / "nowhere.yaml")
    assert code == 3 and "nowhere.yaml" in said


def test_a_program_that_is_not_there_is_unknown():
    assert check("check_vpn_sentinel_exit", "x", environment={"VPN_SENTINEL": "/nowhere"})[0] == 3


def test_a_server_that_is_well_is_0_and_one_that_is_gone_is_2(lab):
    server = lab.server().start()
    assert check("check_vpn_sentinel_server", server.url) == (0, "VPN Sentinel: healthy\n")
    server.stop()
    code, said = check("check_vpn_sentinel_server", server.url)
    assert code == 2 and "no answer" in said


def test_a_server_over_tls_is_asked_with_its_ca(lab, tmp_path):
    pki, port = Pki(tmp_path), Port()
    server = lab.server()
    server.config["server"]["listen"][0]["tls"] = False
    server.config["server"]["listen"].append({"address": port.address, "serve": ["health"]})
    server.config["server"]["tls"] = {"cert": str(pki.cert), "key": str(pki.key)}
    server.start()
    url = f"https://localhost:{port.number}/"
    assert check("check_vpn_sentinel_server", url, f" {pki.ca_file}")[0] == 0
    assert check("check_vpn_sentinel_server", url)[0] == 2


class Page(StandIn):
    def answer(self, request):
        return Answer(404)


@pytest.mark.parametrize("answer, code", [
    (Answer.json({}, 200), 3), (Answer.text("<html>|</html>"), 3), (Answer(body=b'{"status":"degraded"}\n'), 1),
    (Answer(503, b'{"status":"failing"}\n'), 2), (Answer(503, b'{"status":"starting"}\n'), 2)])
def test_the_answers_of_a_server_have_their_codes(lab, answer, code):
    page = Page()
    lab.stand_ins.append(page)
    page.always(answer)
    assert check("check_vpn_sentinel_server", page.origin)[0] == code


def test_each_condition_that_a_server_can_be_in_is_known_to_the_check():
    conditions = re.findall(r'X\(\w+, "(\w+)", (\d+)\)', (ROOT / "core/server/condition.h").read_text())
    assert dict(conditions) == {"healthy": "200", "starting": "503", "degraded": "200", "failing": "503"}


def test_usage_is_told_with_3():
    done = subprocess.run([SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 3 and done.stdout.startswith("usage: ")


def logging_server(lab, file):
    """A server whose key is so short that it warns."""
    return lab.server(auth=[{"plugin": "bearer", "control": "sufficient", "options": {"keys": "a|b-short"}}],
                      log={"level": "debug", "format": "json", "file": str(file)}).start()


def test_the_json_log_has_the_fields_that_the_readme_names(lab, tmp_path):
    file = tmp_path / "server.log"
    server = logging_server(lab, file)
    server.stop()  # by then every line is in the file
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(lines) > 3 and "warn" in {line["level"] for line in lines}
    for line in lines:
        assert set(line) == {"time", "level", "area", "message"}
        assert line["level"] in ("error", "warn", "info", "debug")
        datetime.fromisoformat(line["time"].replace("Z", "+00:00"))


def test_rsyslog_ships_problems_as_the_example_says(lab, tmp_path):
    daemon = shutil.which("rsyslogd", path=f"{os.environ['PATH']}:/usr/sbin")
    if daemon is None:
        pytest.skip("rsyslogd (rsyslog) is not installed")
    log, problems, conf = tmp_path / "server.log", tmp_path / "problems.log", tmp_path / "rsyslog.conf"
    text = (FOLDER / "rsyslog/vpn-sentinel.conf").read_text()
    text = text.replace("/var/log/vpn-sentinel/server.log", str(log)).replace("/var/log/vpn-sentinel-problems.log", str(problems))
    conf.write_text(f'global(workDirectory="{tmp_path}")\n{text}')
    server = logging_server(lab, log)
    process = subprocess.Popen([daemon, "-n", "-i", tmp_path / "pid", "-f", conf], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        until(lambda: problems.exists() and problems.read_text().endswith("\n"), "a problem to be shipped")
    finally:
        process.terminate()
        process.wait(20)
    server.stop()
    warned = [json.loads(line) for line in log.read_text().splitlines() if '"level":"warn"' in line]
    wanted = [f"{one['time']} {one['level']} {one['area']}: {one['message']}" for one in warned]
    assert problems.read_text().splitlines() == wanted[:len(problems.read_text().splitlines())] and wanted
