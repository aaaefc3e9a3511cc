"""Frozen values that are cheap to make.

A frozen dataclass sets each field through `object.__setattr__`, which costs three times as much as an assignment; a
ceremony makes eight values with seventy fields, a tenth of its time. `cheap` gives such a class an `__init__` that
assigns to a draft, an object of a twin class with the same slots and without the lock, and locks it by giving it its
real class. What is made is exactly what the dataclass would have made.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

_Value = TypeVar("_Value", bound=type)

_BECOME = object.__dict__["__class__"].__set__


def cheap(cls: _Value) -> _Value:
    """Make instances of a frozen, slotted dataclass cheap to make; above ``@dataclass(frozen=True, slots=True)``.

    The class is final: a subclass has to be a dataclass of its own.

    Raises:
        TypeError: The class is not a dataclass, has no slots of its own, or a field that `__init__` does not set.
    """
    names = [field.name for field in fields(cls)]
    if tuple(names) != cls.__dict__.get("__slots__") or not all(field.init for field in fields(cls)):
        raise TypeError(f"{cls.__name__} is not a dataclass with slots, all set by its __init__")
    scope: dict[str, Any] = {
        "_become": _BECOME,
        "_draft": type(cls.__name__, (), {"__slots__": tuple(names)}),
        "_final": cls,
        "_missing": MISSING,
    }
    positional = [_parameter(field, scope) for field in fields(cls) if not field.kw_only]
    keyword_only = [_parameter(field, scope) for field in fields(cls) if field.kw_only]
    lines = [
        f"def __init__({', '.join(['self', *positional, *(['*'] if keyword_only else []), *keyword_only])}):",
        "_become(self, _draft)",
        *(f"self.{field.name} = {_value(field)}" for field in fields(cls)),
        "self.__class__ = _final",
        *(["self.__post_init__()"] if hasattr(cls, "__post_init__") else []),
    ]
    exec("\n    ".join(lines), scope)  # noqa: S102 - written from field names, as dataclasses writes its own
    made = scope["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__annotations__ = cls.__dict__["__init__"].__annotations__
    type.__setattr__(cls, "__init__", made)
    return cls


def _parameter(field: Field[Any], scope: dict[str, Any]) -> str:
    """One parameter of the `__init__`, its default put into `scope`."""
    if field.default is not MISSING:
        scope[f"_default_{field.name}"] = field.default
        return f"{field.name}=_default_{field.name}"
    if field.default_factory is not MISSING:
        scope[f"_make_{field.name}"] = field.default_factory
        return f"{field.name}=_missing"
    return field.name


def _value(field: Field[Any]) -> str:
    """What the field is set to."""
    if field.default_factory is MISSING:
        return field.name
    return f"_make_{field.name}() if {field.name} is _missing else {field.name}"
