"""A mail server on loopback (aiosmtpd), strict about what a message may look like."""

import asyncio
import email
import email.policy
import re
import socket
import threading

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from .wait import until

USER, PASSWORD = "sentinel", "pass phrase: ü"
STARTTLS, IMPLICIT, PLAIN = "starttls", "tls", "none"


class Message:
    def __init__(self, envelope):
        self.sender = envelope.mail_from
        self.recipients = list(envelope.rcpt_tos)
        self.raw = envelope.original_content
        self.parsed = email.message_from_bytes(self.raw, policy=email.policy.default)

    @property
    def subject(self):
        return str(self.parsed["Subject"])

    @property
    def text(self):
        return self.parsed.get_content()

    def faults(self):
        if re.search(rb"(?<!\r)\n|\r(?!\n)", self.raw):
            yield "a line does not end with CRLF"
        if any(len(line) > 78 for line in self.raw.split(b"\r\n")):
            yield "a line is longer than 78 bytes"
        if any(byte > 126 for byte in self.raw):
            yield "a byte is no ASCII"
        if self.parsed.defects:
            yield f"{self.parsed.defects}"
        for name in ("Date", "From", "To", "Subject", "Message-ID", "List-Id", "Auto-Submitted", "MIME-Version"):
            if len(self.parsed.get_all(name, [])) != 1:
                yield f"{len(self.parsed.get_all(name, []))} headers {name}"
        if "Bcc" in self.parsed:
            yield "a header that nobody wrote"


class Mail:
    """
    `answers` maps a command (MAIL, RCPT, DATA) to what is said instead of 250; `hang` keeps it silent; `cut` ends
    the connection once a message is there, without a word about it.
    """

    def __init__(self, authority, security=STARTTLS, login=True, certificates=None):
        self.security = security
        self.login = login
        self.messages = []
        self.complaints = []
        self.answers = {}
        self.hang = False
        self.cut = False
        self.logins = 0
        self._tls = (certificates or authority).context()
        self._held = socket.socket()
        self._held.bind(("127.0.0.1", 0))
        self.port = self._held.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._server = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._started = threading.Event()
        self._thread.start()
        assert self._started.wait(10)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(self._loop.create_server(
            self._protocol, sock=self._held, ssl=self._tls if self.security == IMPLICIT else None))
        self._started.set()
        self._loop.run_forever()

    def _protocol(self):
        starttls = self.security == STARTTLS
        return SMTP(self, hostname="mail.test", loop=self._loop, tls_context=self._tls if starttls else None,
                    require_starttls=starttls, auth_required=self.login, auth_require_tls=starttls,
                    authenticator=self._authenticate)

    def _authenticate(self, _server, _session, _envelope, _mechanism, data):
        self.logins += 1
        good = data == LoginPassword(USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)

    async def _say(self, command, usual):
        while self.hang:
            await asyncio.sleep(0.02)
        return self.answers.get(command, usual)

    # pylint: disable=invalid-name,unused-argument
    async def handle_MAIL(self, server, session, envelope, address, options):
        answer = await self._say("MAIL", "250 OK")
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = await self._say(f"RCPT {address}", await self._say("RCPT", "250 OK"))
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        if self.cut:
            server.transport.abort()
            return "421 never said"
        answer = await self._say("DATA", "250 OK")
        if answer.startswith("250"):
            message = Message(envelope)
            self.complaints += [f"mail: {fault}: {message.raw!r}" for fault in message.faults()]
            self.messages.append(message)
        return answer

    def matching(self, part):
        return [m for m in list(self.messages) if part.lower() in (m.subject + m.text).lower()]

    def wait_for(self, part, count=1, within=15):
        until(lambda: len(self.matching(part)) >= count,
              lambda: f"mail about {part}; came {[m.subject for m in self.messages]}", within=within)
        return self.matching(part)

    def stop(self):
        def end():
            self._server.close()
            self._loop.stop()

        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(end)
            self._thread.join(10)
            self._held.close()
