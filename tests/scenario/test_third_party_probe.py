"""A plugin from outside the tree works without touching the program."""

import hashlib

from harness.foreign import Workshop
from harness.program import binary, run


def fingerprint(path):
    return path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest()


def use(client, folder):
    client.config["plugins"] = {"path": [folder]}
    client.config["probes"].append({"plugin": "tide", "name": "harbour", "options": {"level": "187"}})


def test_its_fact_arrives_in_the_status_and_the_program_was_not_rebuilt(usual, tmp_path):
    before = fingerprint(binary())
    Workshop(tmp_path / "workshop").build(tmp_path / "plugins" / "probes" / "tide.so")
    use(usual.client, tmp_path / "plugins")
    usual.start()
    record = usual.server.wait_client(usual.id, lambda r: "tide.level_cm" in r["facts"], "to tell the tide")
    fact = record["facts"]["tide.level_cm"]
    assert (str(fact["value"]), fact["source"]) == ("187", "harbour")
    assert usual.server.wait_verdict(usual.id, "secure")["public_ip"] != "unknown"
    assert fingerprint(binary()) == before


def test_a_value_that_is_not_of_the_declared_type_is_dropped_with_a_sentence(usual, tmp_path):
    Workshop(tmp_path / "workshop").build(tmp_path / "plugins" / "probes" / "tide.so")
    use(usual.client, tmp_path / "plugins")
    usual.client.config["probes"][-1]["options"]["level"] = "high"
    usual.start()
    usual.client.program.wait_for_log("tide.level_cm")
    assert "tide.level_cm" not in usual.server.wait_verdict(usual.id, "secure")["facts"]


def test_the_directory_may_also_come_from_the_environment(lab, tmp_path):
    Workshop(tmp_path / "workshop").build(tmp_path / "plugins" / "probes" / "tide.so")
    listed = run("plugin", "list", environment={"VPN_SENTINEL_PLUGIN_PATH": tmp_path / "plugins"})
    assert listed.returncode == 0
    (line,) = [line for line in listed.stdout.splitlines() if "tide" in line]
    assert "1.2.3" in line and "probe" in line


def test_show_tells_options_facts_and_summary(lab, tmp_path):
    Workshop(tmp_path / "workshop").build(tmp_path / "plugins" / "probes" / "tide.so")
    shown = run("plugin", "show", "tide", environment={"VPN_SENTINEL_PLUGIN_PATH": tmp_path / "plugins"})
    assert shown.returncode == 0, shown.stderr
    for word in ("tide", "1.2.3", "how high the sea stands", "level", "212", "what to tell", "tide.level_cm",
                 "height of the water"):
        assert word in shown.stdout
