"""Where exits are: asked of several sources, once, within their budgets, and never at the cost of a keepalive."""

import json
import signal
import time

from harness.ipinfo import LIMITED
from harness.keepalive import encode
from harness.places import HOME, VPN
from harness.stand_in import Answer
from harness.wait import holds, until


class Atlas:
    """What a database knows: the places of some addresses, and everything else where VPN is."""

    def __init__(self, own=HOME, **places):
        self.own = own
        self.places = {HOME.ip: HOME, VPN.ip: VPN}

    ip = property(lambda self: self.own.ip)

    def at(self, ip):
        return self.places.get(ip, VPN).at(ip)


class World:
    """A server that asks three sources, and a client that tells nothing but addresses."""

    def __init__(self, lab, budget=None, **server):
        self.lab = lab
        self.atlas = Atlas()
        self.ipinfo, self.ip_api, self.ipwhois = self.sources = (
            lab.ipinfo(self.atlas), lab.ip_api(self.atlas, left=10**6), lab.ipwhois(self.atlas))
        self.home, self.exit = lab.ipify(HOME.ip), lab.ipify(VPN.ip)
        self.trace = lab.trace(VPN.ip, VPN.country)
        self.telegram = lab.telegram()
        self.budget = budget or {}
        self.server = lab.server(
            probes=[self.ipify(self.home, interval="1s")], notifiers=[lab.notifier(self.telegram)],
            locate=self.locate(), store={"plugin": "sqlite", "options": {"path": lab.folder / "places.db"}}, **server)
        self.client = lab.client(self.server, probes=[self.ipify(self.exit), {
            "plugin": "cloudflare_trace", "timeout": "800ms", "options": {"url": self.trace.url}}])

    @staticmethod
    def ipify(stand_in, **more):
        return {"plugin": "ipify", "timeout": "800ms", "options": {"url": stand_in.url, "family": "4"}, **more}

    def locate(self, **more):
        names = ("ipinfo", "ip_api", "ipwhois")
        return {"sources": [{"plugin": name, "timeout": "1s", "options": {"url": stand_in.url}, **self.budget}
                            for name, stand_in in zip(names, self.sources)], **more}

    def start(self):
        self.server.start()
        self.client.start()
        return self

    def asked(self, address):
        """How often each source was asked about it."""
        return [sum(address in r.path for r in s.requests) for s in self.sources]

    def health(self):
        return self.server.get("/health").json()["locate"]

    def wait_located(self):
        return self.server.wait_client("office-vpn", lambda r: r["country"] == VPN.country, "to be located")


def report(client_id, seq, address):
    facts = {"exit.ip": address}
    return encode({"v": 2, "client_id": client_id, "seq": seq, "interval_seconds": 60, "nonces": [],
                   "observations": [{"source": "ipify", "status": "pass", "facts": facts}]})


def test_two_sources_that_agree_tell_where_an_exit_is_and_nobody_else_is_asked(lab):
    world = World(lab).start()
    record = world.wait_located()
    fact = record["facts"]["exit.asn"]
    assert fact["value"] == "AS9009" and fact["source"] == "located"
    assert record["facts"]["exit.ip"]["source"] == "ipify"
    world.server.wait_verdict("office-vpn", "secure")
    until(lambda: sum(world.asked(HOME.ip)) == 2, "the server's own exit to be asked for")
    assert sum(world.asked(VPN.ip)) == 2
    holds(lambda: sum(len(s.requests) for s in world.sources) == 4, "a question too many", during=3)
    assert world.health()["places"] == 2 and world.health()["waiting"] == 0


def test_what_was_found_out_is_known_after_a_restart_and_after_a_kill(lab):
    world = World(lab).start()
    world.wait_located()
    until(lambda: sum(len(s.requests) for s in world.sources) == 4, "both to be asked for")
    until(lambda: world.health()["places"] == 2, "both to be known")
    world.server.stop()
    for how in (world.server.kill, world.server.stop):
        world.server.start()
        assert world.health()["places"] == 2
        seen = world.server.client("office-vpn")["last_seen"]
        record = world.server.wait_client("office-vpn", lambda r: r["last_seen"] > seen, "to report again")
        assert record["country"] == VPN.country and record["facts"]["exit.asn"]["value"] == "AS9009"
        how()
    assert sum(len(s.requests) for s in world.sources) == 4


def test_a_source_that_disagrees_is_outvoted_by_a_third(lab):
    world = World(lab)
    body = {"status": "success", "country": "Germany", "countryCode": "DE", "as": "AS9009 M247 Europe SRL",
            "query": VPN.ip, "hosting": True}
    world.ip_api.always(Answer.json(body, X_Rl="40", X_Ttl="60"))
    world.start()
    record = world.wait_located()
    assert record["facts"]["exit.country"]["value"] == "RO"
    assert min(world.asked(VPN.ip)) == 1, "the third was asked, since two differ"
    why = world.server.get("/clients/office-vpn/why")
    assert why.status == 200 and "ip_api DE" in json.dumps(why.json())


def test_refusals_of_all_sources_alarm_nobody_and_keep_within_the_budget(lab):
    world = World(lab, budget={"budget": {"requests": 10, "per": "30s"}})
    limited = Answer(429, LIMITED.body, {**LIMITED.headers, "Retry-After": "1"})
    for source in world.sources:
        source.always(limited)
    world.start()
    begun = len(world.telegram.messages)
    world.server.wait_client("office-vpn")
    seq = 0
    exits = [f"198.51.100.{n}" for n in range(20, 90)]  # each of them is wanted

    def another():
        nonlocal seq
        reply = world.server.post(report(f"client-{seq}", 1, exits[seq]))
        assert reply.status == 200 and reply.json()["verdicts"]["tunnel"]["verdict"] != "leak"
        seq += 1
        return seq == len(exits)

    while not another():
        time.sleep(0.2)  # so that they are spread over a stretch, as rounds are
    for source in world.sources:
        times = [r.at for r in source.requests]
        assert times, "it was asked"
        for at in times:
            assert sum(at <= other < at + 30 for other in times) <= 10
    record = world.server.client("office-vpn")
    assert record["status"] == "alive" and record["incidents"] == []
    assert not [t for t in world.telegram.texts()[begun:] if "connected" not in t.lower()]
    assert world.health()["waiting"] > 0


def test_one_source_that_refuses_rests_alone_also_after_a_restart(lab):
    world = World(lab)
    world.ipinfo.always(LIMITED)
    world.start()
    world.wait_located()
    until(lambda: world.server.get("/health").json()["locate"]["places"] == 2, "both places")
    asked = len(world.ipinfo.requests)
    assert asked == 1
    state = {s["name"]: s["state"] for s in world.health()["sources"]}
    assert state == {"ipinfo": "resting", "ip_api": "ok", "ipwhois": "ok"} or state["ipinfo"] == "resting"
    world.server.stop()
    world.server.start()
    reply = world.server.post(report("another", 1, "198.51.100.77"))
    assert reply.status == 200
    until(lambda: "198.51.100.77" in str([r.path for r in world.ipwhois.requests]), "the others to be asked")
    assert len(world.ipinfo.requests) == asked


def test_sources_may_change_while_the_server_runs(lab):
    world = World(lab).start()
    world.wait_located()
    world.server.config["locate"] = world.locate(quorum=1)
    world.server.config["locate"]["sources"] = world.server.config["locate"]["sources"][2:]
    world.server.write()
    world.server.program.signal(signal.SIGHUP)
    world.server.program.wait_for_log("reloaded:")
    asked = len(world.ipinfo.requests)
    world.server.post(report("another", 1, "198.51.100.77"))
    world.server.wait_client("another")
    until(lambda: world.asked("198.51.100.77") == [0, 0, 1], "the one that is left to be asked")
    world.server.config["locate"] = {"by": "off"}
    world.server.write()
    world.server.program.signal(signal.SIGHUP)
    until(lambda: world.health()["state"] == "off", "nobody to be asked")
    world.server.post(report("third", 1, "198.51.100.78"))
    holds(lambda: world.asked("198.51.100.78") == [0, 0, 0], "somebody asked", during=2)
    assert len(world.ipinfo.requests) == asked


def test_a_client_that_asks_itself_reports_where_it_is_and_the_server_asks_nobody(lab):
    world = World(lab)
    world.server.config["locate"]["by"] = "client"
    world.client.config["locate"] = world.locate(by="client")
    world.start()
    record = world.wait_located()
    assert record["facts"]["exit.asn"]["source"] == "located" and record["facts"]["exit.asn"]["value"] == "AS9009"
    assert world.health()["state"] == "off"
    assert sum(world.asked(VPN.ip)) == 2 and sum(world.asked(HOME.ip)) == 0
    world.client.stop()
    world.client.start()
    seen = world.server.client("office-vpn")["last_seen"]
    record = world.server.wait_client("office-vpn", lambda r: r["last_seen"] > seen, "to report again")
    assert record["country"] == VPN.country, "it remembers"
    assert sum(len(s.requests) for s in world.sources) == 2


def test_a_server_that_asks_leaves_out_what_clients_tell_themselves(lab):
    world = World(lab)
    world.client.config["locate"] = world.locate(by="client")
    world.server.config["locate"]["sources"] = [
        {"plugin": "ipwhois", "options": {"url": world.ipwhois.url}}, {"plugin": "ip_api", "options": {"url": world.ip_api.url}}]
    world.client.config["locate"]["sources"] = [{"plugin": "ipinfo", "options": {"url": world.ipinfo.url}}]
    world.client.config["locate"]["quorum"] = 1
    world.start()
    world.wait_located()
    until(lambda: world.health()["places"] == 2, "both to be known, the exit since it was told without at first")
    world.server.stop()
    world.server.config["store"] = {"plugin": "memory"}  # it knows nothing any more; the client does
    lab.expected_complaints.append("more than one request a second")  # it does not even know that it just asked
    before = world.asked(VPN.ip)
    world.server.start()
    world.wait_located()
    until(lambda: world.health()["places"] == 1, "the server's own exit to be known")
    holds(lambda: world.asked(VPN.ip) == before, "asked for what the client tells", during=2)


def test_metrics_count_questions_and_hits(lab):
    world = World(lab).start()
    world.wait_located()
    text = world.server.get("/metrics", api="").body.decode()
    values = {line.split(" ")[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line[:1] != "#"}
    assert values["vpn_sentinel_locate_questions_total"] >= 2
    assert values["vpn_sentinel_located_total"] >= 1
    assert values["vpn_sentinel_locate_hits_total"] >= 1
    assert values["vpn_sentinel_places"] >= 1
    assert 'vpn_sentinel_locate_source_asked_total{source="ipinfo"}' in values
