"""Everybody arrives from one private address: it hides them, proves nothing, and is told once."""

from harness.keepalive import encode
from harness.places import HOME, VPN

GATEWAY = "172.18.0.1"


def server_behind(lab):
    """One that learns its own exit, and believes the proxy on this host."""
    ipify = lab.ipify(HOME.ip)
    server = lab.server(probes=[{"plugin": "ipify", "interval": "1s", "options": {"url": ipify.url, "family": "4"}}])
    server.config["server"]["trusted_proxies"] = ["127.0.0.1"]
    server.start()
    server.program.wait_for_log("probes: ipify")
    return server


def report(server, client_id, seq, source, **facts):
    status = "pass" if facts else "unknown"
    body = {"v": 2, "client_id": client_id, "seq": seq, "interval_seconds": 60, "nonces": [],
            "observations": [{"source": "ipify", "status": status, "facts": facts,
                              **({} if facts else {"reason": "no answer in time"})}]}
    reply = server.post(encode(body), **{"X-Forwarded-For": source})
    assert reply.status == 200, reply
    return server.client(client_id)


def test_a_private_address_that_everybody_has_in_common_is_no_side_path(lab):
    server = server_behind(lab)
    exit_ip = {"exit.ip": VPN.ip}
    assert report(server, "one", 1, GATEWAY, **exit_ip)["side_path"] == "side_path", "alone it may well be one"
    assert server.get("/health").json()["clients_hidden_by"] == ""
    assert report(server, "two", 1, GATEWAY, **exit_ip)["side_path"] in ("", None)
    assert server.get("/health").json()["clients_hidden_by"] == GATEWAY
    record = report(server, "one", 2, GATEWAY, **exit_ip)
    assert record["side_path"] in ("", None) and record["source_address"] == GATEWAY
    assert server.program.log().count("every client's keepalives come from") == 1
    assert report(server, "three", 1, "192.168.7.7", **exit_ip)["side_path"] == "side_path"
    assert server.get("/health").json()["clients_hidden_by"] == ""
    assert report(server, "one", 3, GATEWAY, **exit_ip)["side_path"] == "side_path"
