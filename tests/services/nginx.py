"""A private nginx, with the configuration of the guide."""

from __future__ import annotations

import re
import signal
import socket
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from parts import path_of
from services.private import Server, folder_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "several-machines.md"

_AROUND = """\
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{site}
}}
"""


@contextmanager
def nginx(port: int, upstreams: Sequence[int]) -> Iterator[Server]:
    """Start nginx on a port of this machine, before servers on other ports of it."""
    site = site_of_guide(port, upstreams)
    with folder_for("nginx", None) as folder:
        configuration = folder / "nginx.conf"
        configuration.write_text(_AROUND.format(folder=folder, site=site))
        command = [path_of("nginx"), "-p", str(folder), "-c", str(configuration), "-e", str(folder / "error.log")]
        server = Server(folder, command, None, signal.SIGTERM, lambda: _answers(port))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def site_of_guide(port: int, upstreams: Sequence[int]) -> str:
    """The guide's site, here: on a plain port instead of TLS with certificates, and with these servers."""
    (text,) = re.findall(r"```nginx\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    servers = "".join(f"    server 127.0.0.1:{each} max_fails=1 fail_timeout=1s;\n" for each in upstreams)
    text, replaced = re.subn(r"(?:    server 10\..*;\n)+", servers, text)
    text, listens = re.subn(r"listen 443 ssl;", f"listen 127.0.0.1:{port};", text)
    text, certificates = re.subn(r"    ssl_certificate.*;\n", "", text)
    if (replaced, listens, certificates) != (1, 1, 2):
        raise ValueError(f"the guide's configuration has changed: {replaced}, {listens}, {certificates}")
    return text


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
