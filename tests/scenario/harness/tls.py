"""A throw-away certificate authority and one server certificate, made by the openssl tool."""

import ssl
import subprocess
from pathlib import Path


class Authority:
    """`ca_file` is what programs must trust; `context()` is what stand-ins serve with."""

    def __init__(self, folder, names=("localhost",), addresses=()):
        self.folder = Path(folder)
        self.subjects = [*(f"DNS:{name}" for name in names), *(f"IP:{each}" for each in ("127.0.0.1", "::1", *addresses))]
        self.ca_file = self.folder / "ca.pem"
        self._key = self.folder / "server.key"
        self._cert = self.folder / "server.pem"
        self._make_ca()
        self._make_server()

    def _openssl(self, *args):
        done = subprocess.run(["openssl", *args], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"openssl {args[0]}: {done.stderr}"

    def _make_ca(self):
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                      "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=throw-away CA",
                      "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")

    def _make_server(self):
        (self.folder / "san").write_text(f"subjectAltName={','.join(self.subjects)}\n"
                                         "extendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n")
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                      "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
        self._openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                      "-out", "server.pem", "-days", "2", "-extfile", "san")

    def context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._cert, self._key)
        return context

    def client_context(self):
        return ssl.create_default_context(cafile=self.ca_file)
