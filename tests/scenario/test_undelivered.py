"""What the channels still owed when the server ended."""

import re
import time

from harness.stand_in import HANG
from harness.wait import until


def test_what_a_channel_had_not_delivered_is_named_at_the_end(usual):
    usual.telegram.always(HANG)
    usual.start()
    until(lambda: usual.telegram.requests, "a delivery to begin")
    assert usual.server.stop() < 5
    assert re.search(r"oncall: 1 message was not delivered \(1 connected\): lost", usual.server.program.log())


def test_a_message_that_is_on_its_way_at_the_end_arrives(usual):
    def slow(_request):
        time.sleep(1)  # the reply's own delay: nothing is waited for


    usual.telegram.always(slow)
    usual.start()
    until(lambda: usual.telegram.requests, "a delivery to begin")
    assert usual.server.stop() < 4
    assert usual.telegram.matching("connected")
    assert "not delivered" not in usual.server.program.log()
