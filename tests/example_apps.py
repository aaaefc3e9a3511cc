"""Applications of `examples/`, loaded as modules and served on a free port of loopback."""

from __future__ import annotations

import importlib
import importlib.util
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

EXAMPLES = Path(__file__).parents[1] / "examples"


def load(folder: str, file: str = "app.py") -> ModuleType:
    """The module of an example, loaded anew: it reads its environment and makes its tables each time."""
    name = f"example_{folder}"
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / folder / file)
    if spec is None or spec.loader is None:
        raise LookupError(folder)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def package(folder: str, name: str) -> Iterator[ModuleType]:
    """The package `name` of an example, imported anew; afterwards it is as if it had never been."""
    path = str(EXAMPLES / folder)
    sys.path.insert(0, path)
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(path)
        for module in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
            del sys.modules[module]


@contextmanager
def served(app: Any, port: int = 0) -> Iterator[str]:
    """A WSGI application on a port, or on any free one; yields its origin."""
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    """A port of loopback, for an application that has to know its origin before it is served."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
