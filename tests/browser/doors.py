"""The applications of `examples/doors`, running in threads of this process, and a tab on their page."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import uvicorn
from werkzeug.serving import make_server

FOLDER = Path(__file__).parents[2] / "examples" / "doors"


@contextmanager
def flask_shop(folder: Path) -> Iterator[str]:
    """The Flask application; its address."""
    port = _free_port()
    app = _loaded("flask_app", "localhost:5000", port, folder).app
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        with app.app_context():
            app.extensions["sqlalchemy"].engine.dispose()


@contextmanager
def fastapi_club(folder: Path) -> Iterator[str]:
    """The FastAPI application; its address."""
    port = _free_port()
    app = _loaded("fastapi_app", "localhost:8000", port, folder).app
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the application did not start")
            thread.join(0.02)
        yield f"http://localhost:{port}"
    finally:
        server.should_exit = True
        thread.join()


def _loaded(name: str, address: str, port: int, folder: Path) -> Any:
    """An application, with its database in a folder of its own and its address on a free port."""
    path = FOLDER / f"{name}.py"
    source = path.read_text().replace(address, f"localhost:{port}")
    source = source.replace("sqlite:///", f"sqlite:///{folder}/").replace('engine("', f'engine("{folder}/')
    source = source.replace('directory="static"', f'directory="{FOLDER}/static"')
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    exec(compile(source, str(path), "exec", dont_inherit=True), module.__dict__)
    return SimpleNamespace(app=module.app)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


DOORS = {"flask": flask_shop, "fastapi": fastapi_club}
PICTURES = os.environ.get("UNLATCH_PICTURES")
