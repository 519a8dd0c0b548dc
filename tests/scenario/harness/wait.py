"""Waiting for something to become true, with a sentence when it does not."""

import time

# Sanitizers and a busy machine make everything slower; waits end as soon as they can.
PATIENCE = 15.0
STEP = 0.02


def until(probe, what, within=PATIENCE):
    """The first true value of probe(); fails after `within` seconds saying what was waited for."""
    deadline = time.monotonic() + within
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within:g} s in vain for: {what() if callable(what) else what}")
        time.sleep(STEP)


def holds(probe, what, during):
    """Fails as soon as probe() is not true within `during` seconds: for things that must not happen."""
    deadline = time.monotonic() + during
    while time.monotonic() < deadline:
        assert probe(), f"did not stay true for {during:g} s: {what() if callable(what) else what}"
        time.sleep(STEP)
