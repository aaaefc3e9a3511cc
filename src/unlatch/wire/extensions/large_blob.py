"""The `largeBlob` extension (section 10.1.5): a few hundred bytes kept beside a discoverable credential."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from unlatch.codes import Code
from unlatch.errors import ExtensionRefused
from unlatch.values import frozen
from unlatch.wire.extensions.reading import (
    bad_input,
    bad_output,
    binary_input,
    binary_output,
    boolean_output,
    object_input,
)


class LargeBlobSupport(StrEnum):
    """What to ask for when a credential is made; with `REQUIRED` browsers offer only authenticators that can."""

    REQUIRED = "required"
    PREFERRED = "preferred"


@frozen
class LargeBlobOutput:
    """The output of `largeBlob`. Unsigned, so a blob that matters needs a signature of its own.

    Attributes:
        supported: Whether the new credential can hold a blob; None in an assertion.
        blob: What was read; None when nothing was, whether or not it was asked for.
        written: Whether the write succeeded; None when none was asked for, or the client does not say.
    """

    supported: bool | None
    blob: bytes | None
    written: bool | None


def check_creation_input(value: Any, path: str) -> None:
    """``{support}``; a new credential has nothing to read, and is written to at a sign-in.

    Raises:
        Malformed: Anything else; browsers would answer NotSupportedError to `read` and `write`.
    """
    for name in ("read", "write"):
        if isinstance(value, dict) and name in value:
            bad_input(f"{path}.{name}", "only when signing in; a registration asks for support")
    support = object_input(value, path, ("support",)).get("support")
    if support not in tuple(LargeBlobSupport):
        bad_input(f"{path}.support", "'required' or 'preferred'")


def check_request_input(value: Any, path: str, allowed: Collection[bytes]) -> None:
    """``{read: true}`` or ``{write}``, never both; a write has exactly one credential to go to.

    Args:
        value: The input.
        path: Where it stands.
        allowed: Ids in `allowCredentials`.

    Raises:
        Malformed: Anything else; browsers would answer NotSupportedError.
    """
    if isinstance(value, dict) and "support" in value:
        bad_input(f"{path}.support", "only when registering; a sign-in reads or writes")
    blob = object_input(value, path, ("read", "write"))
    if len(blob) != 1:
        bad_input(path, "either read or write")
    if "read" in blob:
        if blob["read"] is not True:
            bad_input(f"{path}.read", "true, or left out")
        return
    binary_input(blob["write"], f"{path}.write")
    if len(allowed) != 1:
        bad_input(f"{path}.write", "needs exactly one credential in allowCredentials")


def check_output(value: Any, path: str) -> None:
    """``{supported?, blob?, written?}``.

    Raises:
        Malformed: Anything else.
    """
    if not isinstance(value, dict):
        bad_output(path, "expected an object")
    for name in ("supported", "written"):
        if name in value:
            boolean_output(value[name], f"{path}.{name}")
    if "blob" in value:
        binary_output(value["blob"], f"{path}.blob")


def read_output(value: Mapping[str, Any], path: str) -> LargeBlobOutput:
    """The typed form of a checked output."""
    blob = binary_output(value["blob"], f"{path}.blob") if "blob" in value else None
    return LargeBlobOutput(value.get("supported"), blob, value.get("written"))


def verify_output(requested: Any, output: Mapping[str, Any]) -> None:
    """A blob comes only where one was to be read, a success only where one was to be written.

    Whether a write succeeded, and whether there was a blob to read, is for the relying party to look at. A client
    that cannot do what was *required* must not make the credential at all.

    Args:
        requested: The input, of any shape.
        output: The checked output.

    Raises:
        ExtensionRefused: An answer to another question.
    """
    asked = requested if isinstance(requested, dict) else {}
    if asked.get("support") == LargeBlobSupport.REQUIRED and output.get("supported") is False:
        raise ExtensionRefused(
            Code.EXTENSION_LESS_THAN_ASKED, "extensions", expected=True, received=False, detail="largeBlob.supported"
        )
    for name, question in (("blob", "read"), ("written", "write")):
        if name in output and question not in asked:
            raise ExtensionRefused(
                Code.EXTENSION_CONTRADICTS,
                "extensions",
                expected=sorted(map(str, asked)),
                received=sorted(map(str, output)),
                detail=f"largeBlob.{name} where nothing was to be {question}",
            )
