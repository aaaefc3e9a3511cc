"""The smallest sites that a browser will make passkeys on: one page each, on loopback, over http and https."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

#: The https sites. The first is the relying party, the second is related to it, the third is not.
HOME, RELATED, STRANGER = "shop.test", "shop-abroad.test", "elsewhere.test"
#: A subdomain of the first.
SUBDOMAIN = "login.shop.test"

_SCRIPTS = Path(__file__).parents[1] / "node" / "node_modules" / "@simplewebauthn" / "browser" / "dist" / "bundle"
_PAGE = b"<!doctype html><title>A page</title><body>A page</body>"


class Site(ThreadingHTTPServer):
    """Answers every host with the same page, `/.well-known/webauthn`, and a script that others wrote.

    Args:
        related: Origins for `/.well-known/webauthn` of `HOME`.
    """

    daemon_threads = True

    def __init__(self, *related: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.related = related
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Site:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def origin(self) -> str:
        """Its origin over http."""
        return f"http://localhost:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in the middle of a connection is no error."""


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        host = self.headers.get("host", "").partition(":")[0]
        if self.path == "/.well-known/webauthn":
            if host == HOME:
                self._answer(json.dumps({"origins": self.server.related}).encode(), "application/json")
            else:
                self.send_error(404)
        elif self.path == "/simplewebauthn.js":
            self._answer((_SCRIPTS / "index.umd.min.js").read_bytes(), "text/javascript")
        else:
            self._answer(_PAGE, "text/html")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Nobody reads it."""


def with_certificate(site: Site, folder: Path) -> str:
    """Let a site speak https as all of the names above.

    Args:
        site: Not yet started.
        folder: Where to put key and certificate.

    Returns:
        The SHA-256 of its public key in base64, by which a browser can be told to accept it.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Sites for tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(each) for each in (HOME, RELATED, STRANGER, SUBDOMAIN)]), False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "site.pem"
    path.write_bytes(private + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    # The handshake belongs into the connection's own thread: a browser opens connections that it never uses.
    site.socket = context.wrap_socket(site.socket, server_side=True, do_handshake_on_connect=False)
    spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(sha256(spki).digest()).decode()
