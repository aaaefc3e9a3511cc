"""`python -m passwordless`: the migrations, then the server. `python -m passwordless migrate`: only the former."""

import logging
import os
import sys
from pathlib import Path

from waitress import serve

from passwordless import DEFAULTS, create_app, migrate


def settings() -> dict[str, str]:
    """Of the file `.env`, and of the environment, which wins."""
    path = Path(".env")
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    pairs = [line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")]
    known = {*DEFAULTS, "SECRET_KEY"}
    return {name: value for name, value in [*pairs, *os.environ.items()] if name in known}


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    app = create_app(**settings())
    migrate(app)
    if sys.argv[1:] != ["migrate"]:
        # Behind a proxy all clients have its address, but for what it writes into a header; nobody else may write that.
        proxy = app.config["TRUSTED_PROXY"]
        trust = {"trusted_proxy": proxy, "trusted_proxy_headers": {"x-forwarded-for"}} if proxy else {}
        serve(app, listen=os.environ.get("LISTEN", "127.0.0.1:5000"), **trust)
