"""docs/api.md: members, facts and errors are those of the sources; what it shows is taken and answered."""

import json
import re

from blocks import block, rows
from harness.keepalive import encode, flat
from harness.places import VPN
from harness.program import ROOT
from harness.typed import typed
from harness.wait import until

MODEL = ROOT / "core/model"


def listed(file, row):
    """The groups of each row of an X-macro."""
    return re.findall(row, (ROOT / file).read_text(encoding="utf-8"))


def test_the_members_are_those_that_are_read():
    read = re.findall(r'\b(?:vs_member|take)_\w+\((?:report, )?body, "(\w+)"', (MODEL / "report_parse.c").read_text(encoding="utf-8"))
    assert sorted(cells[0].strip("`") for cells in rows("docs/api.md", "table: members")) == sorted(set(read))


def test_the_facts_are_those_that_the_rules_know():
    types = dict(listed("core/model/fact.h", r'X\((\w+), \d+, "([^"]+)"\)'))
    facts = listed("core/model/fact.h", r'X\(\w+, "([\w.]+)", (\w+),[\s\\]*"([^"]+)"\)')
    assert len(facts) > 50
    assert rows("docs/api.md", "table: facts") == [[f"`{name}`", types[sort], text] for name, sort, text in facts]


def test_the_errors_are_those_that_are_answered():
    row = r'X\(\w+, (\d+), "(\w+)",[\s\\]*"([^"]+)"\)'
    errors = listed("core/server/problem.h", row) + listed("core/net/http_problem.h", row)
    shown = rows("docs/api.md", "table: errors")
    assert sorted(shown) == sorted([status, f"`{code}`", title] for status, code, title in errors)
    assert [cells[0] for cells in shown] == sorted(cells[0] for cells in shown)


def shape(value):
    """What a JSON value is made of; of objects with other members than ours, those of the first."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    return type(value).__name__


def test_the_report_is_taken_and_answered_as_shown(lab):
    server = lab.server().start()
    report = json.loads(block("docs/api.md", "file: report").text)
    reply = server.post(encode(report))
    assert reply.status == 200, reply
    answer, shown = reply.json(), json.loads(block("docs/api.md", "output: answer").text)
    assert sorted(answer["verdicts"]) == sorted(["tunnel", "dns", "ipv6", "policy", "killswitch"])
    answer["verdicts"] = {"tunnel": answer["verdicts"]["tunnel"]}
    assert shape(answer) == shape(shown)
    assert answer["interval_seconds"] == report["interval_seconds"]
    assert answer["verdicts"]["tunnel"]["evidence"].startswith(shown["verdicts"]["tunnel"]["evidence"].removesuffix("..."))
    known = server.client("office-vpn")
    assert known["tags"] == ["production"] and known["facts"]["exit.ip"]["value"] == "198.51.100.7"
    assert known["failures"] == {"cloudflare_trace": known["failures"]["cloudflare_trace"]}


def names(table):
    """Those of the first column."""
    return {name for cells in table for name in re.findall(r"`(\w+)`", cells[0])}


def test_the_record_of_a_client_and_its_incidents_have_the_members_that_are_listed(lab):
    record, told = names(rows("docs/api.md", "table: record")), names(rows("docs/api.md", "table: incident"))
    server = lab.server().start()
    server.post(encode(flat("office-vpn", VPN, "RO")))
    (lost,) = until(lambda: server.client("office-vpn")["incidents"], "the client to be lost")
    assert set(server.client("office-vpn")) == record
    typed(f"vpn-sentinel ack {lost['id']} -m mine", lab.folder, {"VPN_SENTINEL_STATE_DIR": server.config["state_dir"]})
    (listed_one,) = server.get("/incidents").json()
    assert set(lost) < set(listed_one) <= told
    # What stands in some alone, the sources write.
    sources = "".join((ROOT / file).read_text(encoding="utf-8") for file in ("core/model/incident.c", "core/server/api_told.c"))
    assert [name for name in told - set(listed_one) if f'"{name}"' not in sources] == []


def test_the_words_for_the_way_and_the_life_of_a_client_are_those_of_the_sources():
    said = {name: cell for names, cell in rows("docs/api.md", "table: record") for name in re.findall(r"`(\w+)`", names)}
    life = re.findall(r'"(\w+)"', re.search(r"VS_LIVENESS_ROWS\(X\)(.*)", (MODEL / "client.h").read_text(encoding="utf-8"))[1])
    assert re.findall(r"`(\w+)`", said["status"]) == life
    ways = listed("core/model/verdict.h", r'X\(\w+, "(\w+)", "(?:from|over) ')
    assert re.findall(r"`(\w+)`", said["side_path"]) == ways


def test_what_only_the_server_can_know_is_not_taken_from_a_client(lab):
    server = lab.server().start()
    report = json.loads(block("docs/api.md", "file: report").text)
    report["observations"][0]["facts"].update({"zone.resolvers": "192.0.2.9", "canary.ip": "192.0.2.9"})
    server.post(encode(report))
    known = server.client("office-vpn") or {"facts": {}}
    assert not {"zone.resolvers", "canary.ip"} & set(known["facts"])


def test_the_requests_that_are_shown_are_answered(lab):
    auth = [{"plugin": "bearer", "control": "sufficient", "options": {"keys": lab.key, "roles": ["report", "read", "operate"]}}]
    server = lab.server(auth=auth).start()
    for shown in (block("docs/api.md", "run: pages"), block("docs/api.md", "run: silence")):
        done = typed(shown.text.replace("http://localhost:5000", server.url), lab.folder, {"KEY": lab.key})
    assert '"new kernel"' in done.stdout
