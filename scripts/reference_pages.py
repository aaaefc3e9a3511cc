"""Reference pages made from docstrings and options: the policy, the command line, the public names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import click

import unlatch
from unlatch.cli.commands import unlatch as program
from unlatch.server.settings import Settings

#: The values that an application configures, in the order in which they are met.
CONFIGURED = ("RelyingParty", "Policy", "AttestationPolicy", "StatementRules", "TrustAnchors", "Revocation")

#: Heading -> public names of that kind; the test of the pages sees that none is forgotten.
NAMES = {
    "The relying party": ("RelyingParty", "Policy", "Passkeys", "AsyncPasskeys", "KeyCache"),
    "Ceremonies": ("CeremonyState", "Registration", "Authentication", "CredentialRecord"),
    "What the browser gets": ("CreationOptions", "RequestOptions", "UserEntity", "CredentialDescriptor"),
    "What the browser answers": ("RegistrationResponse", "AuthenticationResponse"),
    "Extensions": ("RegistrationInputs", "AuthenticationInputs", "PrfValues"),
    "Attestation": (
        "AttestationPolicy",
        "StatementRules",
        "TrustAnchors",
        "AnchorSelection",
        "Revocation",
        "AttestationVerdict",
    ),
    "Words": (
        "Attachment",
        "AttestationConveyance",
        "AttestationType",
        "BackupChange",
        "CeremonyKind",
        "Hint",
        "Mediation",
        "ResidentKey",
        "SignCountVerdict",
        "Transport",
        "TrustVerdict",
        "UserVerification",
    ),
    "Errors": (
        "UnlatchError",
        "Malformed",
        "Refused",
        "ClientDataRefused",
        "AuthenticatorDataRefused",
        "AttestationRefused",
        "CredentialRefused",
        "ExtensionRefused",
        "CeremonyRefused",
        "Misconfigured",
        "Unavailable",
        "Code",
    ),
}
#: Modules that are public as they stand, beside the names above.
MODULES = (
    "unlatch.judgement",
    "unlatch.finders",
    "unlatch.payments",
    "unlatch.signals",
    "unlatch.well_known",
    "unlatch.decoys",
    "unlatch.client_errors",
    "unlatch.stores.protocols",
    "unlatch.stores.memory",
    "unlatch.stores.sqlalchemy",
    "unlatch.stores.redis",
    "unlatch.stores.sealed",
    "unlatch.stores.contract",
    "unlatch.testing",
)


def attributes(docstring: str) -> dict[str, str]:
    """What the section *Attributes* of a docstring says: name -> text in one line."""
    _, _, section = docstring.partition("Attributes:\n")
    found: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        if not line.strip():
            break
        if match := re.match(r" {4,8}(\w+): (.*)", line):
            name, text = match.groups()
            found[name] = text
        else:
            found[name] += " " + line.strip()
    return found


def policy() -> Iterator[str]:
    """The page of all that can be configured in the library."""
    yield "# Policies"
    yield ""
    yield "Every field of the values that an application configures, with its default. Made from the docstrings."
    yield "Which to choose is in [How to choose a policy](../how-to/choose-a-policy.md)."
    for title in CONFIGURED:
        kind: Any = getattr(unlatch, title)
        yield from ("", f"## {title}", "", (kind.__doc__ or "").strip().splitlines()[0], "")
        yield from ("| field | default | what it decides |", "|---|---|---|")
        for name, text in attributes(kind.__doc__ or "").items():
            default = _default(kind, name).replace("|", r"\|")
            yield f"| `{name}` | {default} | {_code(text)} |"


def _default(kind: Any, name: str) -> str:
    field = getattr(kind, "__value_fields__", {}).get(name)
    if field is None:
        return ""
    if field.factory is not None:
        return f"`{type(field.factory()).__name__}()`"
    if isinstance(field.default, frozenset):
        return ", ".join(f"`{each}`" for each in sorted(map(str, field.default)))
    if isinstance(field.default, (str, int, float, bool, tuple, type(None))):
        return f"`{_plain(field.default)!r}`"
    return "required" if type(field.default) is object else f"`{type(field.default).__name__}()`"


def _plain(value: Any) -> Any:
    """An enumeration member as the text or number that may be given in its place."""
    if isinstance(value, tuple):
        return tuple(_plain(each) for each in value)
    return value.value if hasattr(value, "value") else value


def _code(text: str) -> str:
    return text.replace("``", "`").replace("|", r"\|")


def command_line() -> Iterator[str]:
    """The page of all commands and options."""
    yield "# The command line"
    yield ""
    yield "Every command and option, as `--help` tells them."
    yield from _command(program, ("unlatch",))


def commands(command: click.Command, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command and all below it, with their names."""
    yield names, command
    if isinstance(command, click.Group):
        for name, below in sorted(command.commands.items()):
            yield from commands(below, (*names, name))


def _command(command: click.Command, names: tuple[str, ...]) -> Iterator[str]:
    contexts: dict[tuple[str, ...], click.Context] = {}
    for path, each in commands(command, names):
        # As a call makes it, settings of the groups above included: click keeps the help option that it makes first.
        told = {**each.context_settings, "max_content_width": 100}
        contexts[path] = click.Context(each, parent=contexts.get(path[:-1]), info_name=path[-1], **told)
        text = each.get_help(contexts[path])
        yield from ("", f"## `{' '.join(path)}`", "", "```text", *text.rstrip().splitlines(), "```")


def settings() -> Iterator[str]:
    """The page of what the server can be told."""
    yield "# Settings of the server"
    yield ""
    yield "What `unlatch serve` decides with; options and variables are on [the command line](command-line.md)."
    yield from ("", "| setting | what it is |", "|---|---|")
    for name, text in attributes(Settings.__doc__ or "").items():
        yield f"| `{name}` | {_code(text)} |"


def names() -> Iterator[str]:
    """The page of the public names; the site fills in their docstrings."""
    yield "# Public names"
    yield ""
    yield "What `import unlatch` offers, and the modules beside it. Everything else may change without notice."
    for title, listed in NAMES.items():
        yield from ("", f"## {title}")
        for name in listed:
            home = getattr(unlatch, name).__module__
            yield from ("", f"::: {home}.{name}")
    yield from ("", "## Modules")
    for module in MODULES:
        yield from ("", f"::: {module}")
