"""Options that say where a server keeps things: the same for every command that goes there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

if TYPE_CHECKING:
    from unlatch.server.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


class Places(TypedDict):
    """The values of the options."""

    data: Path | None
    database: str | None
    redis: str | None
    ceremonies: str | None
    seal_keys_file: Path | None


_OPTIONS = (
    click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder of the SQLite file and of the keys that seal ceremonies. Default: $UNLATCH_DATA, or your "
        "account's folder for application data.",
    ),
    click.option(
        "--database",
        metavar="URL",
        envvar="UNLATCH_DATABASE",
        show_envvar=True,
        help="Database: postgresql://user:password@host/name, mariadb://..., mysql://..., or sqlite:////path. "
        "Default: a SQLite file in the data folder. Other users see command lines: better put a URL with a password "
        "into the environment.",
    ),
    click.option(
        "--redis",
        metavar="URL",
        envvar="UNLATCH_REDIS",
        show_envvar=True,
        help="Redis for ceremonies under way: redis://:password@host:6379/0, rediss://..., unix://..., or "
        "redis+cluster://host:6379. Default: none is used.",
    ),
    click.option(
        "--ceremonies",
        metavar="sealed|database|redis",
        envvar="UNLATCH_CEREMONIES",
        show_envvar=True,
        help="Where ceremonies under way are kept: with the page, encrypted (sealed), as rows, or in Redis. "
        "Default: redis with --redis, else sealed.",
    ),
    click.option(
        "--seal-keys-file",
        type=click.Path(dir_okay=False, path_type=Path),
        envvar="UNLATCH_SEAL_KEYS_FILE",
        show_envvar=True,
        help="Keys that seal ceremonies, base64url of 32 random bytes each, one a line, newest first; the same for "
        "all servers of a site. Or put them into $UNLATCH_SEAL_KEYS. Default: a key in the data folder, which is made.",
    ),
)


def place_options(command: F) -> F:
    """Give a command the options `--data`, `--database`, `--redis`, `--ceremonies` and `--seal-keys-file`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def settings_at(places: Places, **others: Any) -> Settings:
    """The settings of a server that keeps things there.

    Args:
        places: The values of the options.
        others: Further fields of `Settings`.

    Raises:
        Misconfigured: The options do not go together, or a key cannot be used.
    """
    import os

    from unlatch.server.seal_keys import given_keys
    from unlatch.server.settings import Settings, ceremony_keeping, default_data_folder

    return Settings(
        data=places["data"] or default_data_folder(),
        database=places["database"] or None,
        redis=places["redis"] or None,
        ceremonies=ceremony_keeping(places["ceremonies"] or None, redis=places["redis"] or None),
        seal_keys=given_keys(places["seal_keys_file"], os.environ),
        **others,
    )
