"""The few forms in which faults are written down, so that a catalogue row is one call."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from unlatch.codes import Code
from unlatch.terms import CeremonyKind
from unlatch.testing.faults.fault import Change, Fault, Need, Oddity, Rule
from unlatch.testing.points import Point

if TYPE_CHECKING:
    from unlatch.testing.scene import Scene


def fault(
    name: str,
    what: str,
    point: Point,
    change: Change,
    code: Code,
    *,
    decoder: bool = False,
    formats: Iterable[str] | None = None,
    algorithms: Iterable[int] | None = None,
    needs: Iterable[Need] = (),
    rule: Rule | None = None,
) -> Fault:
    """A row of the catalogue.

    The arguments are the fields of `Fault`, with two abbreviations: ceremony and slug in the name also name the step
    that refuses, unless `decoder` says that the decoder refuses the bytes before any step can.
    """
    ceremony, slug, _ = name.split(".", 2)
    return Fault(
        name=name,
        what=what,
        ceremony=CeremonyKind(ceremony),
        point=point,
        change=change,
        code=code,
        step=None if decoder else f"{ceremony}.{slug}",
        formats=None if formats is None else frozenset(formats),
        algorithms=None if algorithms is None else frozenset(algorithms),
        needs=frozenset(needs),
        rule=rule,
    )


def oddity(
    name: str,
    what: str,
    point: Point,
    change: Change,
    *,
    formats: Iterable[str] | None = None,
    algorithms: Iterable[int] | None = None,
    needs: Iterable[Need] = (),
) -> Oddity:
    """A row of the catalogue of oddities; arguments are the fields of `Oddity`."""
    return Oddity(
        name=name,
        what=what,
        ceremony=CeremonyKind(name.partition(".")[0]),
        point=point,
        change=change,
        formats=None if formats is None else frozenset(formats),
        algorithms=None if algorithms is None else frozenset(algorithms),
        needs=frozenset(needs),
    )


def both(suffix: str, *args: Any, **options: Any) -> tuple[Fault, Fault]:
    """The same row for registration and authentication; arguments as `fault`, the name without its ceremony."""
    return fault(f"registration.{suffix}", *args, **options), fault(f"authentication.{suffix}", *args, **options)


def misshapen(label: str, members: Iterable[str], *, formats: Iterable[str]) -> tuple[Fault, ...]:
    """What can be wrong with the shape of any statement that is a map of required members.

    Args:
        label: How names of faults call the format.
        members: Its required members.
        formats: Kinds of attestation that have this shape.
    """
    rows: tuple[tuple[str, str, Change], ...] = (
        ("empty", "The statement is empty.", to({})),
        ("array", "The statement is an array.", to([])),
        ("unknown-member", "The statement has a member that the format does not know.", put("extra", b"\x00")),
        ("integer-member", "The statement has a member that is named by a number.", put(1, b"\x00")),
        *((f"no-{each}", f"`{each}` is missing from the statement.", drop(each)) for each in members),
        *(
            (f"{each}-null", f"`{each}` is null in the statement.", put(each, None))
            for each in members
            if each != "ver"
        ),
    )
    return tuple(
        fault(
            f"registration.attestation-statement.{label}-{name}",
            what,
            Point.STATEMENT,
            change,
            Code.ATTESTATION_STATEMENT,
            decoder=True,
            formats=formats,
        )
        for name, what, change in rows
    )


def to(value: object) -> Change:
    """Replace the honest value by `value`."""
    return lambda _honest, _scene: value


def through(function: Callable[[Any], Any]) -> Change:
    """Replace the honest value by what `function` makes of it."""
    return lambda honest, _scene: function(honest)


def put(*path_and_value: Any) -> Change:
    """Set a member: ``put("response", "signature", "AA")`` writes ``value["response"]["signature"]``."""
    *path, member, value = path_and_value
    return _at_member(path, member, lambda _: value)


def edit(*path_and_function: Any) -> Change:
    """Change a member: as `put`, with a function of the honest member in last place."""
    *path, member, function = path_and_function
    return _at_member(path, member, function)


def drop(*path: Any) -> Change:
    """Remove the member that `path` leads to."""
    *outer, member = path

    def change(honest: Any, _scene: Scene) -> Any:
        def without(holder: Any) -> Any:
            return {key: value for key, value in holder.items() if key != member}

        return _descend(honest, outer, without)

    return change


def fields(**changes: Any) -> Change:
    """Set fields of a dataclass value."""
    return lambda honest, _scene: replace(honest, **changes)


def flip(octet: int, *, bit: int = 0) -> Change:
    """Flip one bit of a byte string."""

    def change(honest: bytes, _scene: Scene) -> bytes:
        changed = bytearray(honest)
        changed[octet] ^= 1 << bit
        return bytes(changed)

    return change


def append(tail: bytes) -> Change:
    """Add bytes at the end."""
    return lambda honest, _scene: honest + tail


def _at_member(path: list[Any], member: Any, function: Callable[[Any], Any]) -> Change:
    def change(honest: Any, _scene: Scene) -> Any:
        return _descend(honest, path, lambda holder: {**holder, member: function(holder.get(member))})

    return change


def _descend(value: Any, path: list[Any], function: Callable[[Any], Any]) -> Any:
    """A copy of nested dicts in which `function` has changed the one that `path` leads to."""
    if not path:
        return function(value)
    return {**value, path[0]: _descend(value[path[0]], path[1:], function)}
