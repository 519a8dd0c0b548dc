"""Killed at any step between evidence and message, the server tells everything, and nothing twice unmarked."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest

from harness.database import OUTBOX, Database
from harness.lab import Lab
from harness.mortal import Mortal
from harness.program import ROOT
from harness.story import COMBINED, MONITOR, SHORT_STEPS, Story

ALL = os.environ.get("VPN_SENTINEL_TEST_ALL") == "1"
AT_ONCE = 8  # servers side by side; they wait most of the time

# Each point with the last count at which a story kills there. The names are those in core/.
POINTS = {
    "report_parsed": 14, "tracker_fed": 14, "unit_committing": 28, "store_committing": 28, "store_committed": 28,
    "unit_committed": 28, "answering": 12, "answered": 12, "lost_detected": 1, "delivery_begin": 8,
    "delivery_recorded": 8, "delivery_sent": 8, "row_deleting": 8,
}
# Those a story does not come by. Others' business: test_opening.py, test_damage.py, test_bot_kills.py for commands;
# test_noise.py for silences, acknowledgments and groups, test_reminders.py for reminders.
ELSEWHERE = {"refusal_storing", "combining", "record_restoring", "store_rewritten", "command_marking", "command_marked",
             "command_done", "silence_storing", "held_telling", "ack_storing", "group_sent", "group_settling",
             "reminder_storing", "reminder_stored"}
# Passed for the first time before anything has been sent.
BEFORE_SENDING = {"report_parsed", "tracker_fed", "unit_committing", "store_committing", "store_committed",
                  "unit_committed", "answering", "answered", "delivery_begin"}
# A message is on its way, or has come and its row is not yet deleted: only here it may come twice. Where a
# commit is under way it may be that of such a row.
WINDOW = {"delivery_sent", "row_deleting", "unit_committing", "store_committing"}
# Killed here, a message is marked: that its attempt begins is stored, and nothing later is.
MARKED = WINDOW | {"delivery_recorded", "store_committed", "unit_committed"}


def every_count(point):
    return range(1, POINTS[point] + 1)


def full_plans():
    """Every point at every count, a second kill at another point each."""
    singles = [f"{point}:{count}" for point in POINTS for count in every_count(point)]
    names = list(POINTS)
    seconds = [f"{name}:{min(count, POINTS[name])}" for count in (1, 2, 3, 4) for name in names]
    yield from ([f"{point}:1"] for point in POINTS)
    yield from ([first, seconds[i % len(seconds)]] for i, first in enumerate(singles))


def short_plans():
    """Every point, alone at its first time and once more with company."""
    names = list(POINTS)
    yield from ([f"{point}:1"] for point in names)
    for i, point in enumerate(names):
        other = names[(i + 5) % len(names)]
        yield [f"{point}:{min(3, POINTS[point])}", f"{other}:1"]


class Run:
    """One story under one plan of kills, in a world of its own."""

    def __init__(self, folder, authority, plan, paced):
        folder.mkdir()
        self.plan = plan
        self.lab = Lab(folder, authority)
        self.database = folder / "sentinel.db"
        self.telegram = self.lab.telegram()
        server = self.lab.server(
            monitor=MONITOR, notifiers=[self.lab.notifier(self.telegram, name="oncall")],
            store={"plugin": "sqlite", "options": {"path": self.database}})
        self.mortal = Mortal(server, plan)
        # With one kill nothing but what it hits may be under way.
        self.story = Story(server, self.telegram, self.mortal.call, paced=paced or len(plan) == 1)
        self.counts = {}
        self.fault = ""

    def live(self):
        try:
            self.mortal.start()
            self.story.tell()
            clean = self.mortal.end() == 0
            self.counts = self.story.judge(self.mortal.kills)
            self._check_marks()
            self._check_database(clean)
        except AssertionError as error:
            self.fault = str(error)
        finally:
            self.lab.close()
        self.fault = self.fault or "\n".join(self.lab.faults())
        return self

    def _check_marks(self):
        """What nobody had tried to send is no possible duplicate."""
        (first, *rest) = self.plan
        point, count = first.split(":")
        if rest:
            return
        if point not in MARKED or (count == "1" and point in BEFORE_SENDING):
            assert self.counts["marks"] == 0, "a message is marked that nobody can have had"
        if point not in WINDOW or (count == "1" and point in BEFORE_SENDING):
            assert self.counts["duplicates"] == 0, "a message came twice that was told and stored"
        assert self.counts["marks"] <= 1

    def _check_database(self, clean):
        database = Database(self.database)
        assert database.integrity == "ok"
        assert not clean or not database.table(OUTBOX), "something is left to send"

    def report(self):
        log = "\n".join(self.lab.programs[0].log().splitlines()[-60:])
        return f"--- plan {self.plan}, killed at {[f for _, f in self.mortal.kills]}: {self.fault}\n{log}"


def test_a_server_killed_while_a_refusal_is_stored_marks_at_most_that_message(lab):
    """The store may still say that the attempt was under way; of the others nothing was."""
    telegram, mortal, story = a_world(lab, ["refusal_storing:1"])
    telegram.script(telegram.too_many(1))
    lab.expected_complaints.append("sent before retry_after was over")  # the wish died with the server
    mortal.start()
    story.tell()
    counts = story.judge(mortal.kills)
    assert len(mortal.kills) == 1 and counts["duplicates"] == 0 and counts["marks"] <= 1


def test_a_server_killed_while_it_makes_one_message_of_two_sends_one_unmarked(lab):
    telegram, mortal, story = a_world(lab, ["combining:1"])
    mortal.start()
    story.live_step(SHORT_STEPS[0])
    story.wait(lambda: "Connected" in story.told() and story.health()["channels"][0]["queued"] == 0, "the first message")
    telegram.stop()
    story.live_step(SHORT_STEPS[1])
    story.wait(lambda: story.health()["channels"][0]["state"] == "retrying", "an attempt to fail")
    story.live_step(SHORT_STEPS[2])
    telegram.start()
    story.wait_told()
    counts = story.judge(mortal.kills)
    assert len(mortal.kills) == 1 and counts["duplicates"] == 0 and counts["marks"] == 0
    assert [COMBINED in message.text for headline, _, message in story.messages() if headline == "VPN bypass is over"] == [True]


def a_world(lab, plan):
    telegram = lab.telegram()
    server = lab.server(
        monitor=MONITOR, notifiers=[lab.notifier(telegram, name="oncall")],
        store={"plugin": "sqlite", "options": {"path": lab.folder / "sentinel.db"}})
    mortal = Mortal(server, plan)
    return telegram, mortal, Story(server, telegram, mortal.call, steps=SHORT_STEPS, paced=False)


def test_every_fault_point_of_the_core_is_in_the_matrix():
    sources = chain(ROOT.glob("core/**/*.c"), ROOT.glob("core/**/*.h"))
    named = set(chain.from_iterable(re.findall(r'VS_FAULT\("(\w+)"\)', path.read_text()) for path in sources))
    assert named == set(POINTS) | ELSEWHERE


@pytest.mark.timeout(800)
def test_a_server_killed_anywhere_tells_everything_and_marks_what_may_come_twice(tmp_path, authority, capsys):
    plans = list(full_plans() if ALL else short_plans())
    runs = [Run(tmp_path / str(i), authority, plan, paced=i % 2 == 1) for i, plan in enumerate(plans)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = list(pool.map(Run.live, runs))
    killed = [fault for run in runs for _, fault in run.mortal.kills]
    totals = {name: sum(run.counts.get(name, 0) for run in runs) for name in ("messages", "duplicates", "marks")}
    with capsys.disabled():
        print(f"\ncrash matrix: {len(runs)} stories, {len(killed)} kills, {totals['messages']} messages read, "
              f"{totals['duplicates']} twice, {totals['marks']} marked")
        print("  " + ", ".join(f"{point} {sum(f.startswith(point + ':') for f in killed)}" for point in POINTS))
    broken = [run.report() for run in runs if run.fault]
    assert not broken, f"{len(broken)} of {len(runs)} stories\n" + "\n".join(broken[:5])
    assert {fault.split(":")[0] for fault in killed} == set(POINTS), "a point was never met"
    assert len(killed) >= (200 if ALL else 30)
