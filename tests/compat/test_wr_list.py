"""Every public name of webauthn-rp 0.0.11, from the list beside this file, works or says what to use instead (WR-4)."""

import importlib
import inspect
import json
import re
from pathlib import Path

import pytest

from unlatch.compat.webauthn_rp import errors, types

LIST = json.loads((Path(__file__).parent / "webauthn_rp_names.json").read_text("utf-8"))
#: What is gone, and what its error names instead.
GONE = {
    **{f"asn1.{name}": r"use unlatch\.attestation\.key_description" for name in LIST["modules"]["asn1"]},
    **{f"types.{name}": r"unlatch\.testing\." for name in ("EC2PrivateKey", "OKPPrivateKey", "PrivateKey")},
    **{
        f"{function}.{name}": instead
        for function, instead in {
            "attesters.attest": r"use unlatch\.Policy",
            "validators.validate": r"use unlatch\.Policy",
            "verifiers.verify": r"use unlatch\.Policy",
            "converters.jsonify": "use dicts",
            "converters.cose_key": r"use the classes \.\.\.CredentialPublicKey",
            "converters.cryptography_public_key": r"use the classes \.\.\.CredentialPublicKey",
        }.items()
        for name in ("register", "dispatch", "registry")
    },
}


def entries():
    for module, names in LIST["modules"].items():
        for name, entry in names.items():
            yield f"{module}.{name}", entry


def callables():
    """Everything with parameters: functions, classes and methods, (place, parameters)."""
    for place, entry in entries():
        if "parameters" in entry:
            yield place, entry["parameters"]
        for method, parameters in entry.get("methods", {}).items():
            yield f"{place}.{method}", parameters


def attributes():
    return [(place, name) for place, entry in entries() for name in entry.get("attributes", ())]


def members():
    return [(place, *member) for place, entry in entries() for member in entry.get("members", {}).items()]


CALLABLES = list(callables())
PARAMETERS = [(place, parameter) for place, parameters in CALLABLES for parameter in parameters if parameter != "*"]
NAMES = [
    *(place for place, entry in entries()),
    *(f"{place}.{method}" for place, entry in entries() for method in entry.get("methods", ())),
    *(f"{place}.{name}" for place, name in attributes()),
    *(f"{place}.{name}" for place, name, _ in members()),
    *(f"{place}({parameter})" for place, parameter in PARAMETERS),
]


def at(place):
    module, *path = place.split(".")
    found = importlib.import_module(f"unlatch.compat.webauthn_rp.{module}")
    for name in path:
        found = getattr(found, name)
    return found


def an_instance(place):
    """An object made with every argument by its name, and the arguments."""
    arguments = {name: object() for name in names_of(dict(CALLABLES)[place])}
    return at(place)(**arguments), arguments


def names_of(parameters):
    return [parameter.partition("=")[0] for parameter in parameters if parameter != "*"]


def test_the_list_is_whole():
    assert (LIST["package"], LIST["version"], LIST["license"]) == ("webauthn-rp", "0.0.11", "MIT")
    assert len(NAMES) == len(set(NAMES))
    assert (len(NAMES), len(GONE)) == (730, 26)
    assert set(GONE) <= set(NAMES)


@pytest.mark.parametrize("place", [place for place, _ in entries() if place not in GONE])
def test_a_name_is_there(place):
    assert at(place) is not None
    package = importlib.import_module("unlatch.compat.webauthn_rp")
    assert hasattr(package, place.split(".")[0])


@pytest.mark.parametrize("place", GONE)
def test_a_name_that_is_gone_says_what_to_use(place):
    module, name, *attribute = place.split(".")
    if not attribute:
        with pytest.raises(ImportError, match=GONE[place]):
            exec(f"from unlatch.compat.webauthn_rp.{module} import {name}")
    else:
        with pytest.raises(errors.UnimplementedError, match=GONE[place]):
            at(place)(types.EC2CredentialPublicKey)


@pytest.mark.parametrize(("place", "parameters"), CALLABLES, ids=[place for place, _ in CALLABLES])
def test_arguments_are_taken_as_before(place, parameters):
    """By name, in the same order, and without those that had a default."""
    function = at(place)
    positional = parameters[: parameters.index("*")] if "*" in parameters else parameters
    signature = inspect.signature(function)
    own = {"self": function} if "self" in signature.parameters else {}
    arguments = {name: name for name in names_of(parameters)}
    assert signature.bind(**own, **arguments).arguments == own | arguments
    required = {parameter: parameter for parameter in parameters if "=" not in parameter and parameter != "*"}
    signature.bind(**own, **required)
    in_order = names_of(positional)
    rest = {name: value for name, value in arguments.items() if name not in in_order}
    assert signature.bind(*own.values(), *in_order, **rest).arguments == own | arguments


@pytest.mark.parametrize(("place", "parameter"), [each for each in PARAMETERS if "=" in each[1]])
def test_a_default_is_as_before(place, parameter):
    name, _, default = parameter.partition("=")
    found = inspect.signature(at(place)).parameters[name].default
    assert getattr(found, "value", found) == json.loads(default)


@pytest.mark.parametrize(("place", "name"), [each for each in attributes() if ".".join(each) not in GONE])
def test_an_attribute_is_there(place, name):
    if place == "types.ExtensionIdentifier":
        outputs = types.AuthenticationExtensionsClientOutputs()
        assert all(getattr(outputs, getattr(identifier, name)) is None for identifier in types.ExtensionIdentifier)
        return
    instance, arguments = an_instance(place)
    assert getattr(instance, name) is arguments.get(name)


@pytest.mark.parametrize(("place", "name", "value"), members())
def test_a_member_has_its_value(place, name, value):
    member = at(place)[name]
    assert member.value == value
    registry = re.fullmatch(r"(.+)\.(?:Name|Value)", place)
    if registry:
        assert at(registry[1])(value) is member


@pytest.mark.parametrize(
    ("place", "base"), [(place, base) for place, entry in entries() for base in entry.get("bases", ())]
)
def test_a_class_has_its_bases(place, base):
    assert issubclass(at(place), at(f"{place.split('.')[0]}.{base}"))
