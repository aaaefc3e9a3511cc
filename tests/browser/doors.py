"""The applications of `examples/doors`, running: in threads of this process, Django in one of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import uvicorn
from werkzeug.serving import make_server

import unlatch
from running import wait_for_answer

FOLDER = Path(__file__).parents[2] / "examples" / "doors"

#: Makes the tables of a Django project and serves it; Linux ends it with its parent, so that no server is left over.
PROGRAM = """
import ctypes, importlib, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
importlib.import_module(sys.argv[1])
import django
from django.core.management import call_command
django.setup()
call_command("migrate", verbosity=0)
call_command("runserver", sys.argv[2], use_reloader=False)
"""


@contextmanager
def flask_shop(folder: Path) -> Iterator[str]:
    """The Flask application; its address."""
    port = free_port()
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


def fastapi_club(folder: Path) -> AbstractContextManager[str]:
    """The FastAPI application; its address."""
    return _asgi("fastapi_app", folder)


def starlette_circle(folder: Path) -> AbstractContextManager[str]:
    """The Starlette application; its address."""
    return _asgi("starlette_app", folder)


@contextmanager
def _asgi(name: str, folder: Path) -> Iterator[str]:
    port = free_port()
    app = _loaded(name, "localhost:8000", port, folder).app
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


@contextmanager
def django_guild(folder: Path) -> Iterator[str]:
    """The Django application, in a process of its own: Django has one configuration a process. Its address."""
    port = free_port()
    source = (FOLDER / "django_app.py").read_text().replace("localhost:8000", f"localhost:{port}")
    source = source.replace('"document_root": "static"', f'"document_root": "{FOLDER}/static"')
    (folder / "django_app.py").write_text(source)
    with django_project("django_app", folder, port) as url:
        yield url


@contextmanager
def django_project(module: str, folder: Path, port: int) -> Iterator[str]:
    """A project with its settings in a module, served until the end of the block; its address."""
    source = str(Path(unlatch.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": source, "DJANGO_SETTINGS_MODULE": module}
    command = [sys.executable, "-c", PROGRAM, module, f"localhost:{port}"]
    path = folder / "log"
    with (
        path.open("wb") as log,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            wait_for_answer(f"http://localhost:{port}/webauthn/session", process=process, log=path)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()


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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


DOORS = {"flask": flask_shop, "fastapi": fastapi_club, "starlette": starlette_circle, "django": django_guild}
PICTURES = os.environ.get("UNLATCH_PICTURES")
