"""Requests and metrics that READMEs name are answered and told."""

import re

import pytest

from harness.keepalive import call, key_headers
from harness.program import ROOT
from lint_readme import markdown_files

TEXTS = {str(path): (ROOT / path).read_text(encoding="utf-8") for path in markdown_files(ROOT)}
REQUEST = re.compile(r"`(GET|POST|DELETE) (/|\{api\}/?[^`\s]*|/(?:api/v1|health|metrics)[^`\s]*)`")


def requests():
    found = {(method, path.replace("{api}", "/api/v1").replace("{id}", "ID")) for text in TEXTS.values() for method, path in REQUEST.findall(text)}
    assert len(found) > 12, found
    return sorted(found)


@pytest.fixture(scope="module")
def server(shared_lab):
    return shared_lab.server().start()


@pytest.mark.parametrize("method, path", requests())
def test_a_request_that_is_named_exists(server, method, path):
    answer = call(server.url + path.replace("ID", "an-id"), "OPTIONS", headers=key_headers(server.key))
    assert method in answer.headers.get("allow", "").split(", "), answer


@pytest.mark.parametrize("method, path", [("GET", "/api/v1/nothing"), ("DELETE", "/api/v1/status"), ("POST", "/metrics")])
def test_a_request_that_does_not_exist_is_told_apart(server, method, path):
    answer = call(server.url + path, "OPTIONS", headers=key_headers(server.key))
    assert method not in answer.headers.get("allow", "").split(", "), answer


def metrics():
    found = {(path, name) for path, text in TEXTS.items() for name in re.findall(r"\bvpn_sentinel_([a-z_]+)\b(?![/.(])", text)}
    return sorted((path, name) for path, name in found if name not in ("client", "plugin", "server", "testkit", "sdk"))


@pytest.mark.parametrize("path, name", metrics())
def test_a_metric_that_is_named_is_told(server, path, name):
    said = call(f"{server.url}/metrics", headers=key_headers(server.key)).body.decode()
    rows = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "core/server").glob("metrics*.[ch]"))
    assert f"# TYPE vpn_sentinel_{name} " in said or f'"{name}"' in rows, path
