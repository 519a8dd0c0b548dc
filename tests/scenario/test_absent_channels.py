"""A channel leaves the configuration, perhaps by mistake: nothing that it owes is lost in silence."""

import pytest

from harness import keepalive
from harness.database import OUTBOX, TOLD, Database
from harness.places import HOME, VPN
from harness.wait import until


class World:
    """Two chats, one of which can be taken out of the configuration."""

    def __init__(self, lab):
        self.file = lab.folder / "sentinel.db"
        self.oncall = lab.telegram()
        self.pager = lab.telegram(chat_id=99)
        self.both = [lab.notifier(self.oncall, name="oncall"), lab.notifier(self.pager, chat_id=99, name="pager")]
        self.server = lab.server(monitor={"interval": "1h", "home": {"addresses": [HOME.ip]}, "lost_after": "9h"},
                                 store={"plugin": "sqlite", "options": {"path": self.file}}, notifiers=self.both)
        self.server.start()

    def report(self, client, place):
        reply = self.server.post(keepalive.encode(keepalive.flat(client, place, place.country)))
        assert reply.status == 200 and reply.json()["durable"], reply

    def restart(self, notifiers, end="stop"):
        getattr(self.server, end)()
        self.server.config["notifiers"] = notifiers
        self.server.start()

    def rows(self, table):
        return len(Database(self.file).table(table))


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_channel_that_is_missing_at_one_start_sends_at_the_next_what_it_owed(lab, end):
    world = World(lab)
    world.report("office", HOME)
    world.pager.wait_for("VPN bypass")
    world.oncall.wait_for("VPN bypass")
    until(lambda: world.rows(OUTBOX) == 0 and world.rows(TOLD) == 2, "both to be stored as told")
    world.pager.stop()
    world.report("later", VPN)
    world.oncall.wait_for("Connected: later")
    until(lambda: world.rows(OUTBOX) == 1, "one message to wait")

    world.restart(world.both[:1], end)
    assert "pager: 1 message waits for this channel, which is not configured any more" in world.server.program.log_since_start()
    assert (world.rows(OUTBOX), world.rows(TOLD)) == (1, 2)

    world.pager.start()
    world.restart(world.both, end)
    world.pager.wait_for("Connected: later", within=30)
    world.report("office", VPN)
    world.pager.wait_for("VPN bypass is over: office", within=30)
    world.oncall.wait_for("VPN bypass is over: office")
    assert len(world.oncall.matching("later")) == 1 and len(world.pager.matching("later")) == 1
    until(lambda: world.rows(OUTBOX) == 0 and world.rows(TOLD) == 0, "nothing to be left")
