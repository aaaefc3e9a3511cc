"""Values that are cheap to make are exactly the dataclasses that they stand on."""

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest

from unlatch import Authentication, CredentialRecord, Registration
from unlatch.values import cheap


@cheap
@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 2
    tags: list[str] = field(default_factory=list)
    name: str = field(default="", kw_only=True)


@cheap
@dataclass(frozen=True, slots=True)
class Even:
    number: int

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError("odd")


def test_it_is_made_as_the_dataclass_would() -> None:
    assert repr(Point(1)) == "Point(x=1, y=2, tags=[], name='')"
    assert repr(Point(1, 3, ["a"], name="n")) == "Point(x=1, y=3, tags=['a'], name='n')"
    assert Point(x=1) == Point(1)
    assert Point(1) != Point(2)
    assert type(Point(1)) is Point


def test_each_has_its_own_default() -> None:
    assert Point(1).tags is not Point(1).tags


@pytest.mark.parametrize("arguments", [(), (1, 2, [], "n"), (1, 2, [], 4, 5)])
def test_wrong_arguments_are_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError, match="__init__"):
        Point(*arguments)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("name", ["x", "other"])
def test_it_is_locked(name: str) -> None:
    point = Point(1)
    with pytest.raises((FrozenInstanceError, TypeError)):
        setattr(point, name, 5)
    assert point == Point(1)


def test_it_survives_copy_pickle_and_replace() -> None:
    point = Point(1, tags=["a"])
    assert copy.deepcopy(point) == point
    assert pickle.loads(pickle.dumps(point)) == point
    assert replace(point, y=9) == Point(1, 9, ["a"])


def test_the_check_after_init_runs_on_the_finished_value() -> None:
    assert Even(2).number == 2
    with pytest.raises(ValueError, match="odd"):
        Even(1)


def test_what_it_cannot_serve_is_refused() -> None:
    @dataclass(frozen=True)
    class WithoutSlots:
        x: int

    @dataclass(frozen=True, slots=True)
    class Computed:
        x: int = field(init=False)

    for unsuitable in (WithoutSlots, Computed):
        with pytest.raises(TypeError, match="not a dataclass with slots"):
            cheap(unsuitable)


@pytest.mark.parametrize("kind", [CredentialRecord, Registration, Authentication])
def test_values_of_the_ceremonies_are_made_so(kind: type) -> None:
    assert kind.__init__.__code__.co_filename == "<string>"
    assert tuple(kind.__init__.__code__.co_varnames[1:]) == tuple(item.name for item in fields(kind))
