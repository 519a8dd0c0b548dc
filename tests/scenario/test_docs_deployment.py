"""The reverse proxy of docs/deployment.md, before a real server: it sees who asks, and forged headers count for nothing."""

import http.client
import os
import re
import shutil
import ssl
import subprocess

import pytest

from blocks import block
from harness.audit import Audit
from harness.keepalive import encode, flat, key_headers
from harness.places import VPN
from harness.ports import Port
from harness.roles import API
from harness.typed import typed
from harness.wait import until

NGINX = next((path for path in ("/usr/sbin/nginx", shutil.which("nginx")) if path and os.access(path, os.X_OK)), None)


@pytest.fixture
def proxied(lab):
    """A server behind an nginx that has the page's configuration; the nginx's port."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    server = lab.server()
    server.config["server"].update(trusted_proxies=["127.0.0.1"], proxy_header="x-forwarded-for")
    server.start()
    typed("vpn-sentinel cert ca && vpn-sentinel cert server vpn.example.net localhost", lab.folder)
    port = Port()
    text = block("docs/deployment.md", "file: nginx").text
    for old, new in {"listen 443": f"listen {port.address}", "/etc/nginx": str(lab.folder), "http://127.0.0.1:5000": server.url}.items():
        assert old in text
        text = text.replace(old, new)
    folders = "".join(f"\t{sort}_temp_path {lab.folder}/{sort};\n" for sort in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (lab.folder / "nginx.conf").write_text(f"daemon off;\nmaster_process off;\npid {lab.folder}/nginx.pid;\nerror_log stderr;\n"
                                           f"events {{}}\nhttp {{\n\taccess_log off;\n{folders}{text}}}\n")
    port.close()
    with open(lab.folder / "nginx.err", "wb") as err:
        program = subprocess.Popen([NGINX, "-e", "stderr", "-c", lab.folder / "nginx.conf"], stderr=err)
    try:
        until(lambda: answers(lab, port), lambda: (lab.folder / "nginx.err").read_text())
        yield server, port
    finally:
        program.terminate()
        program.wait(10)


def request(lab, port, method, path, body=None, headers=None, source="127.0.0.1"):
    trust = ssl.create_default_context(cafile=lab.folder / "ca.pem")
    connection = http.client.HTTPSConnection("localhost", port.number, timeout=10, context=trust, source_address=(source, 0))
    try:
        connection.request(method, path, body, headers or {})
        return connection.getresponse().status
    finally:
        connection.close()


def answers(lab, port):
    try:
        return request(lab, port, "GET", "/health") == 200
    except OSError:
        return False


def test_the_proxy_tells_who_asks_and_strangers_cannot_pretend(lab, proxied):
    server, port = proxied
    forged = {**key_headers(lab.key), "Content-Type": "application/json", "X-Forwarded-For": "192.0.2.66"}
    assert request(lab, port, "POST", f"{API}/keepalive", encode(flat("office-vpn", VPN, "RO")), forged, source="127.0.0.9") == 200
    audit = Audit(server.config["state_dir"] / "audit.log")
    until(lambda: [entry for entry in audit.requests() if entry["method"] == "POST"], "the audit log")
    (entry,) = [entry for entry in audit.requests() if entry["method"] == "POST"]
    assert (entry["address"], entry["proxy"]) == ("127.0.0.9", "127.0.0.1")
    assert not re.search("192.0.2.66", audit.text())
