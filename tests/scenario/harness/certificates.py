"""Server certificates of every kind, written as a careful administrator, or a careless one, would."""

import os
import ssl
import subprocess


class Certificates:
    """
    Pairs of the lab's authority. `cert` and `key` are the two files a server reads; `install(pair)` puts a
    pair there, each file by a rename.
    """

    KEYS = {"ecdsa": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "rsa": ["-newkey", "rsa:2048"]}

    def __init__(self, authority, folder):
        self.authority = authority
        self.folder = folder
        self.folder.mkdir()
        self.cert = self.folder / "cert.pem"
        self.key = self.folder / "key.pem"
        self._serial = 0x1000

    def make(self, kind="ecdsa", days=90, name="localhost"):
        """(certificate, key, serial) as texts; the serial as tools print it."""
        self._serial += 1
        self._run("req", *self.KEYS[kind], "-nodes", "-keyout", "new.key", "-out", "new.csr", "-subj", "/CN=localhost")
        address = ",IP:127.0.0.1" if name == "localhost" else ""
        (self.folder / "san").write_text(f"subjectAltName=DNS:{name}{address}\nbasicConstraints=CA:FALSE\n")
        self._run("x509", "-req", "-in", "new.csr", "-CA", self.authority.ca_file,
                  "-CAkey", self.authority.folder / "ca.key", "-set_serial", str(self._serial), "-out", "new.pem",
                  "-days", str(days), "-extfile", "san")
        return ((self.folder / "new.pem").read_text(), (self.folder / "new.key").read_text(), f"{self._serial:04X}")

    def install(self, pair):
        self.put(self.key, pair[1])
        self.put(self.cert, pair[0])
        return pair

    def put(self, path, text):
        beside = path.with_suffix(".next")
        beside.write_text(text)
        beside.chmod(0o600)
        os.replace(beside, path)

    def client(self, version=None):
        """A context that trusts the authority only, and takes an end without a goodbye for an error."""
        context = ssl.create_default_context(cafile=self.authority.ca_file)
        context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
        if version:
            context.minimum_version = context.maximum_version = version
        return context

    def _run(self, *args):
        done = subprocess.run(["openssl", *map(str, args)], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"openssl {args[0]}: {done.stderr}"


class Unbelievable:
    """A server's certificate that nobody may believe, with `context()` as an authority has it."""

    KINDS = {"expired": "localhost", "other name": "elsewhere.example"}

    def __init__(self, authority, folder, kind):
        pairs = Certificates(authority, folder)
        pairs.install(pairs.make(days=-1 if kind == "expired" else 2, name=self.KINDS[kind]))
        self.cert, self.key = pairs.cert, pairs.key

    def context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        return context


def serial_of(connection):
    """Of the certificate that the other end of an encrypted connection showed."""
    return connection.getpeercert()["serialNumber"]
