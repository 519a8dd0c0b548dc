"""The zone of one's own, as docs/judging.md delegates it and asks it."""

import re

import dns.zone

from blocks import block
from harness.own_zone import ask, query, zone
from harness.ports import Port
from harness.program import ROOT

PAGE = (ROOT / "docs/judging.md").read_text()


def test_the_zone_of_ones_own_answers_the_question_that_is_shown_with_who_asked(lab):
    name = re.search(r"`dig TXT\s+(\S+)`", PAGE)[1]
    port = Port()
    try:
        lab.server(zone=zone(port)).start()
        answer = ask(port, query(name, "TXT"), source="127.0.0.53")
        assert "127.0.0.53" in answer.answer[0].to_text()
    finally:
        port.close()


def test_the_zone_above_hands_the_own_zone_to_its_server():
    shown = block("docs/judging.md", "file: zone").text
    above = dns.zone.from_text(f"@ 60 IN SOA ns hostmaster 1 60 60 60 60\n@ 60 IN NS ns\nns 60 IN A 192.0.2.1\n{shown}",
                               origin="example.net.")
    own, server = (re.search(rf"`VPN_SENTINEL_{name}=(\S+)`", PAGE)[1] for name in ("ZONE", "ZONE_NS"))
    (delegated,) = above.find_rdataset(f"{own}.", "NS")
    assert delegated.target.derelativize(above.origin).to_text(omit_final_dot=True) == server
    assert above.get_rdataset(f"{server}.", "A")
