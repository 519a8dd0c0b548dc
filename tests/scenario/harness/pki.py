"""A CA of `vpn-sentinel cert`, what it issues, and servers that show it."""

import re
import ssl

from .program import run


class Pki:
    """`ca_file` is what a client must trust; `server()` issues the pair that `context()` shows."""

    def __init__(self, folder, *names):
        self.folder = folder
        self.ca_file = folder / "ca.pem"
        self.cert = folder / "server.pem"
        self.key = folder / "server.key"
        self._cert("ca")
        self.server(*(names or ("localhost", "127.0.0.1")))

    def _cert(self, *args):
        done = run("cert", args[0], "--out", self.folder, *args[1:])
        assert done.returncode == 0, done

    def server(self, *args):
        """A new pair in place of the one before."""
        self._cert("server", "--force", *args)

    def client(self, name):
        """(certificate, key) as paths."""
        self._cert("client", name)
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    @property
    def pin(self):
        return re.search(r"^pin\s+(\S+)$", run("cert", "show", self.cert).stdout, re.MULTILINE).group(1)

    def shown(self, asks_for=None, at_most=None):
        """What a stand-in takes for its authority: asks_for is the CA of certificates that clients must have."""
        return _Shown(self, asks_for, at_most)


class _Shown:
    def __init__(self, pki, asks_for, at_most):
        self._pki = pki
        self._asks_for = asks_for
        self._at_most = at_most

    def context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._pki.cert, self._pki.key)
        if self._asks_for:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self._asks_for)
        if self._at_most:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = self._at_most
        return context
