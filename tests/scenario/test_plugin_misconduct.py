"""Plugins of the server that break the rules for plugins are told by name; what a service refuses is not."""

import re
import signal
import threading

import pytest

from harness.foreign import INSTANCE, SOURCE, Workshop
from harness.keepalive import encode, flat
from harness.places import VPN
from harness.stand_in import HANG
from harness.wait import until

WITHIN = 40  # seconds; the server looks every two

# An access check that never answers, and does not care that it is cancelled.
MUTE = r"""
#include <stdlib.h>

#include "vpn_sentinel/plugin.h"

struct config {
	const char *unused;
};

static const struct vpns_option options[] = {
	{ "unused", VPNS_TEXT(struct config, unused), 0, "", 0, 0, 0, NULL, "nothing" },
};

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	(void)host;
	(void)config;
	(void)error;
	return calloc(1, 1);
}

static int32_t check(void *state, vpns_op op, const struct vpns_auth_request *request)
{
	(void)state;
	(void)op;
	(void)request;
	return VPNS_OK;
}

static void destroy(void *state)
{
	free(state);
}

static const struct vpns_auth_ops ops = { sizeof(ops), 0, create, check, NULL, destroy, NULL };

VPNS_AUTH_PLUGIN("mute", "1.0.0", "says nothing", 0, 0, VPNS_OPTIONS(struct config, options), VPNS_NO_NEEDS, &ops);
"""

# A channel that takes every message: and says so twice, or with a status that there is not.
COURIER = r"""
#include <stdlib.h>
#include <string.h>

#include "vpn_sentinel/plugin.h"

struct config {
	const char *mode;
};

static const struct vpns_option options[] = {
	{ "mode", VPNS_TEXT(struct config, mode), 0, "twice", 0, 0, 0, NULL, "twice, odd" },
};

""" + INSTANCE + r"""
static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct instance *self = state;
	struct vpns_delivery_result result = { { sizeof(result), VPNS_KIND_NOTIFIER }, VPNS_DELIVERY_SENT, 0, "1", NULL, 0 };

	(void)alert;
	if (strcmp(self->config->mode, "odd") == 0)
		result.status = 77;
	self->host->finish(self->host, op, &result.head);
	if (strcmp(self->config->mode, "twice") == 0)
		self->host->finish(self->host, op, &result.head);
	return VPNS_OK;
}

static const struct vpns_notifier_ops ops = { sizeof(ops), 0, 0, 0, create, deliver, NULL, destroy, NULL, NULL };

VPNS_NOTIFIER_PLUGIN("courier", "1.0.0", "sends nothing", 0, 0, VPNS_OPTIONS(struct config, options), VPNS_NO_NEEDS,
	&ops);
"""


def server_with(lab, tmp_path, **more):
    """A server that tells one chat, and keeps what it knows in a file; (server, chat)."""
    telegram = lab.telegram()
    server = lab.server(store={"plugin": "sqlite", "options": {"path": tmp_path / "sentinel.db"}},
                        notifiers=[lab.notifier(telegram, name="oncall")], plugins={"path": [tmp_path / "plugins"]}, **more)
    return server, telegram


def tide(level, **more):
    return {"plugin": "tide", "name": "harbour", "interval": "1s", "options": {"level": level}, **more}


@pytest.fixture
def lying(lab, tmp_path):
    """A server one of whose probes tells a height of water that is no number."""
    Workshop(tmp_path / "workshop").build(tmp_path / "plugins" / "probes" / "tide.so", source=SOURCE)
    return server_with(lab, tmp_path, probes=[tide("high"), tide("212", name="well")])


def reload(server):
    server.write()
    before = server.program.log().count("reloaded: ")
    server.program.signal(signal.SIGHUP)
    until(lambda: server.program.log().count("reloaded: ") > before, "the configuration to be taken")


def incidents(server):
    """{id: evidence} of those that are open."""
    return {i["id"]: i["evidence"] for i in server.get("/incidents").json() if i["kind"] == "plugin_failing"}


def test_a_probe_that_lies_is_told_until_a_reload_takes_it_out(lying):
    server, telegram = lying
    server.start()
    (told,) = telegram.wait_for("^\\S+ Plugin failing", within=WITHIN)
    assert "probe harbour: broke the rules for plugins" in told.text
    assert "told facts that it did not declare, or not as it declared them" in told.text
    (evidence,) = incidents(server).values()
    assert evidence.startswith("probe harbour: ")
    server.config["probes"].pop(0)
    reload(server)
    telegram.wait_for("Plugin works again", within=WITHIN)
    assert incidents(server) == {}
    assert len(telegram.matching("plugin")) == 2, telegram.texts()


def test_over_a_restart_it_goes_on_until_the_plugin_is_gone(lying):
    server, telegram = lying
    server.start()
    telegram.wait_for("Plugin failing", within=WITHIN)
    before = incidents(server)
    server.stop()
    server.start()
    assert incidents(server) == before
    server.stop()
    server.config["probes"].pop(0)
    server.start()
    telegram.wait_for("Plugin works again", within=WITHIN)
    assert incidents(server) == {} and len(telegram.matching("plugin")) == 2, telegram.texts()


def test_a_probe_that_reaches_nobody_is_no_plugin_that_fails(lab, tmp_path):
    telegram = lab.telegram()
    service = lab.ipify("192.0.2.7")
    service.always(HANG)
    server = lab.server(notifiers=[lab.notifier(telegram)], probes=[
        {"plugin": "ipify", "interval": "1s", "timeout": "200ms", "options": {"url": service.origin}}])
    server.start()
    until(lambda: len(service.requests) >= 5, "many attempts")
    assert incidents(server) == {}
    assert telegram.matching("plugin") == []


def wait_for_text(telegram, part):
    return until(lambda: next((text for text in telegram.texts() if part in text), None),
                 lambda: f"{part!r}; came: {telegram.texts()}", within=WITHIN)


def breaches(server, name):
    found = re.search(rf'plugin_breaches_total{{[^}}]*"{name}"[^}}]*}} (\d+)', server.get("/metrics", api="").body.decode())
    return int(found[1])


def test_a_channel_that_misbehaves_is_told_while_it_delivers_and_else_as_a_channel_alone(lab, tmp_path, lying):
    server, telegram = lying
    Workshop(tmp_path / "post").build(tmp_path / "plugins" / "notifiers" / "courier.so", source=COURIER)
    server.config["notifiers"] += [{"plugin": "courier", "name": mode, "options": {"mode": mode}}
                                   for mode in ("twice", "odd")]
    probes, server.config["probes"] = server.config["probes"], []
    server.start()
    for number in range(3):
        assert server.post(encode(flat(f"client-{number}", VPN, "RO"))).status == 200
    text = wait_for_text(telegram, "notifier twice: broke the rules for plugins")
    assert "the last time it finished an operation that was not running" in text
    until(lambda: breaches(server, "odd") >= 3, "the odd one to break as many")
    server.config["probes"] = probes  # so that a look later than that is seen
    reload(server)
    wait_for_text(telegram, "probe harbour: ")
    assert sorted(text.split(":")[0] for text in incidents(server).values()) == ["notifier twice", "probe harbour"]


def ask_often(server, times):
    """So many requests at once, which nobody has to let in; their statuses."""
    found = []

    def ask():
        found.append(server.get("/status").status)

    threads = [threading.Thread(target=ask) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_an_access_check_that_never_answers_is_told_with_what_that_means(lab, tmp_path):
    Workshop(tmp_path / "workshop").build(tmp_path / "plugins" / "auth" / "mute.so", source=MUTE)
    server, telegram = server_with(lab, tmp_path)
    well = server.config["auth"]
    server.config["auth"] = [{"plugin": "mute", "control": "required", "timeout": "200ms"}, *well]
    server.config["server"]["drain_timeout"] = "500ms"
    server.start()
    assert set(ask_often(server, 16)) == {503}
    text = wait_for_text(telegram, "every request that it has to allow is refused (503)")
    assert "auth mute: broke the rules for plugins 16 times" in text
    assert "did not finish an operation that was cancelled" in text
    server.config["auth"] = well
    reload(server)
    text = wait_for_text(telegram, "auth mute: did not end when the configuration let go of it")
    assert text.splitlines()[0].endswith("Plugin failing again")
    assert server.get("/status").status == 200 and len(incidents(server)) == 1
    server.kill()  # what was given up is kept in memory, which a leak checker would not like
    server.start()
    telegram.wait_for("Plugin works again", within=WITHIN)
    assert incidents(server) == {}
