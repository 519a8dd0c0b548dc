"""Alerts by mail, through a real mail server: encryption, logins, threads, refusals, and texts that mean harm."""

import pytest

from harness import keepalive
from harness.certificates import Unbelievable
from harness.mail import IMPLICIT, PASSWORD, PLAIN, STARTTLS, USER, Mail
from harness.places import HOME, VPN
from harness.wait import holds, until

HOSTILE = {"<b>&amp;{{7*7}}%s%n": "<b>&amp;{{7*7}}%s%n", "evil\U0001f525 東京": "evil\U0001f525 東京",
           "x\r\nBcc: evil@example.net\r\n\r\n.\r\n": "x", "y" * 200: "y" * 60, "🔥é" * 170: "🔥é" * 15,
           ".\n.\n" * 200: "."}


class World:
    """A server that tells by mail, and perhaps in a chat too."""

    def __init__(self, lab, security=STARTTLS, login=None, trusted=True, certificates=None, security_wanted=None, also=(),
                 **options):
        login = security != PLAIN if login is None else login
        self.mail = lab._kept(Mail(lab.authority, security, login, certificates))
        user = {"user": USER, "password": PASSWORD} if login else {}
        ca_file = {"ca_file": lab.authority.ca_file} if trusted else {}
        self.server = lab.server(
            monitor={"interval": "1h", "home": {"addresses": [HOME.ip]}, "lost_after": "9h"},
            notifiers=[{"plugin": "email", "name": "post", "timeout": "2s", "options": {
                "host": "localhost", "port": self.mail.port, "security": security_wanted or security, **user, **ca_file,
                "from": "VPN Sentinel <sentinel@vpn.example>", "to": ["anna@example.org", "ben@example.org"], **options}}, *also])
        self.server.start()

    def until_error(self, part):
        until(lambda: part in (self.channel()["last_error"] or ""), lambda: self.channel())

    def report(self, client, place):
        reply = self.server.post(keepalive.encode(keepalive.flat(client, place, place.country)))
        assert reply.status == 200, reply

    def channel(self):
        return self.server.get("/health").json()["channels"][0]


@pytest.mark.parametrize("security", [STARTTLS, IMPLICIT])
def test_an_incident_is_one_thread_over_an_encrypted_connection(lab, security):
    world = World(lab, security, login=security == STARTTLS)
    world.report("office", HOME)
    (opened,) = world.mail.wait_for("bypass")
    assert (opened.sender, opened.recipients) == ("sentinel@vpn.example", ["anna@example.org", "ben@example.org"])
    assert opened.subject.startswith("[VPN Sentinel] ") and "office" in opened.text
    assert opened.parsed["Auto-Submitted"] == "auto-generated" and "In-Reply-To" not in opened.parsed
    world.report("office", VPN)
    (over,) = world.mail.wait_for("bypass is over")
    assert over.parsed["In-Reply-To"] == opened.parsed["Message-ID"] == over.parsed["References"]
    assert over.parsed["Message-ID"] != opened.parsed["Message-ID"]
    assert PASSWORD not in world.server.program.log()


def test_texts_that_mean_harm_are_shown_as_they_are(lab):
    world = World(lab, PLAIN, subject_prefix="é" * 50)
    for number, (city, shown) in enumerate(HOSTILE.items()):
        place = VPN.__class__(**{**vars(VPN), "city": city})
        world.report(f"c{number}", place)
        (message,) = world.mail.wait_for(f"c{number}")
        assert shown in message.text and "Bcc" not in message.parsed, message.text


@pytest.mark.parametrize("security", [STARTTLS, IMPLICIT])
def test_a_certificate_that_is_not_to_be_trusted_is_named_and_nothing_is_said(lab, security):
    world = World(lab, security, login=security == STARTTLS, trusted=False)
    world.report("office", VPN)
    until(lambda: "certificate" in world.channel()["last_error"], lambda: world.channel())
    assert world.mail.messages == [] and world.channel()["queued"] == 1


@pytest.mark.parametrize("kind", Unbelievable.KINDS)
def test_a_server_that_is_not_to_be_believed_gets_no_password(lab, kind):
    world = World(lab, certificates=Unbelievable(lab.authority, lab.folder / "bad", kind))
    world.report("office", VPN)
    world.until_error("its certificate is not to be trusted")
    assert world.mail.messages == [] and world.mail.logins == 0


def test_a_server_without_encryption_gets_neither_password_nor_message(lab):
    world = World(lab, PLAIN, security_wanted=STARTTLS, user=USER, password=PASSWORD)
    world.report("office", VPN)
    world.until_error("offers no encryption")
    assert world.mail.messages == [] and world.mail.logins == 0


def test_a_server_that_ends_in_the_middle_gets_the_message_later(lab):
    world = World(lab)
    world.mail.cut = True
    world.report("office", VPN)
    until(lambda: world.channel()["last_error"], lambda: world.channel())
    world.mail.cut = False
    world.mail.wait_for("office", within=30)


def test_a_wrong_password_is_told_with_the_servers_words_and_reported_elsewhere(lab):
    chat = lab.telegram()
    world = World(lab, password="something-else-entirely", also=[lab.notifier(chat, name="chat")])
    world.report("office", VPN)
    (report,) = chat.wait_for("channel broken")
    assert "post" in report.text and "535" in report.text
    assert "something-else-entirely" not in report.text + world.server.program.log()
    assert world.mail.messages == []


def test_one_recipient_who_is_put_off_gets_it_later_and_the_other_only_once(lab):
    world = World(lab)
    world.mail.answers["RCPT ben@example.org"] = "450 4.2.0 greylisted"
    world.report("office", VPN)
    world.mail.wait_for("office")
    until(lambda: "greylisted" in world.channel()["last_error"], lambda: world.channel())
    world.mail.answers.clear()
    first, second = world.mail.wait_for("office", count=2, within=30)
    assert (first.recipients, second.recipients) == (["anna@example.org"], ["ben@example.org"])
    assert first.parsed["Message-ID"] == second.parsed["Message-ID"]


def test_a_full_server_is_tried_again(lab):
    world = World(lab)
    world.mail.answers["MAIL"] = "452 4.3.1 no space"
    world.report("office", VPN)
    until(lambda: "452 4.3.1 no space" in world.channel()["last_error"], lambda: world.channel())
    world.mail.answers.clear()
    world.mail.wait_for("office", within=30)


def test_a_server_that_hangs_holds_up_no_keepalive_and_gets_the_message_later(lab):
    world = World(lab)
    world.mail.hang = True
    world.report("office", VPN)
    until(lambda: world.channel()["queued"] == 1, "a message to wait")
    for _ in range(20):
        world.report("office", VPN)
    until(lambda: "timed out" in world.channel()["last_error"], lambda: world.channel())
    world.mail.hang = False
    world.mail.wait_for("office", within=30)
    holds(lambda: len(world.mail.matching("office")) == 1, lambda: world.mail.matching("office"), during=1)


def test_a_server_with_a_hanging_delivery_ends_in_time(lab):
    world = World(lab)
    world.mail.hang = True
    world.report("office", VPN)
    until(lambda: world.channel()["queued"] == 1, "a message to wait")
    world.server.stop()
    world.mail.hang = False
