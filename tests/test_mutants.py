"""What `make mutants` lets pass without a listing: the wording of a sentence, and the case of a codec's name."""

import importlib.util
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("mutants_script", ROOT / "scripts" / "mutants.py")
mutants = sys.modules[SPEC.name] = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(mutants)

SENTENCE = '    raise Malformed(Code.DER, path, "a surplus element")'


@pytest.mark.parametrize(
    ("before", "after", "passes"),
    [
        (SENTENCE, SENTENCE.replace("a surplus element", "XXa surplus elementXX"), True),
        (SENTENCE, SENTENCE.replace("a surplus element", "A SURPLUS ELEMENT"), True),
        (SENTENCE, SENTENCE.replace('"a surplus element"', "None"), True),
        (SENTENCE, SENTENCE.replace('"a surplus element"', ""), True),
        (SENTENCE.replace('"a s', 'f"{path} s'), SENTENCE.replace('"a surplus element"', "None"), True),
        ('    raise ValueError("a b")', "    raise ValueError(None)", True),
        ('    raise Malformed(Code.DER, "", "a b")', '    raise Malformed(Code.DER, "", "XXa bXX")', True),
        ('    raise Malformed(Code.DER, "", "a b")', '    raise Malformed(Code.DER, None, "a b")', False),
        ('    raise Refused(step, detail="a b")', "    raise Refused(step, )", True),
        ('        detail="a b",\n    ).during(x)', "    ).during(x)", True),
        ('        "a b",', '        "XXa bXX",', True),
        ('        "ab",', '        "XXabXX",', False),
        ('        f"a {b}"\n        f"c d"', "        None", True),
        ('        f"a {b}"\n        f"c d"', '        f"a {b}"\n        f"XXc dXX"', True),
        ('        "a b", "c"', '        None, "c"', False),
        ('        Code.DER, path, "a b"', '        Code.DER, path, "A B"', True),
        ('        bad_input(path, "an a")', '        bad_input(path, "XXan aXX")', True),
        ('        bad_input(path, "an a")', '        bad_input(None, "an a")', False),
        ('        Code.DER, path, "a b"\n    ) from None', "        Code.DER, path, ) from None", True),
        ('        Code.DER, path, "a b"\n    ) from None', '        Code.DER, "a b"\n    ) from None', False),
        (SENTENCE, SENTENCE.replace("Code.DER", "None"), False),
        (SENTENCE, SENTENCE.replace("path", "None"), False),
        ('    if name == "a b":', '    if name == "XXa bXX":', False),
        ('    return not_refused(1, "a b")', '    return not_refused(2, "a b")', False),
    ],
)
def test_prose(before, after, passes):
    lines = [f"-{line}" for line in before.splitlines()] + [f"+{line}" for line in after.splitlines()]
    assert mutants.changes_only_prose(lines) is passes


@pytest.mark.parametrize(
    ("before", "after", "passes"),
    [
        ('x.encode("utf-8")', 'x.encode("UTF-8")', True),
        ('x.decode("ascii")', 'x.decode("ASCII")', True),
        ('x.encode("utf-8")', "x.encode(None)", False),
        ('x.encode("utf-8")', 'x.encode("XXutf-8XX")', False),
        ('x == "utf-8"', 'x == "UTF-8"', False),
        ('x.decode("utf-8") == "a"', 'x.decode("utf-8") == "A"', False),
    ],
)
def test_codecs(before, after, passes):
    assert mutants.changes_only_a_codec_name([f"-{before}", f"+{after}"]) is passes


@pytest.mark.parametrize(
    ("before", "after", "passes"),
    [
        ('return cast("A", key)', "return cast(None, key)", True),
        ('x = cast("dict[str, int]", key)', "x = cast(None, key)", True),
        ('x = cast("dict[str, int]", key)', 'x = cast("XXdict[str, int]XX", key)', True),
        ('x = cast("dict[str, int]", key)', 'x = cast("dict[str, int]", None)', False),
        ('return cast("A", key)', 'return cast("A", None)', False),
        ("return cat(1, key)", "return cat(2, key)", False),
    ],
)
def test_casts(before, after, passes):
    assert mutants.changes_only_a_cast([f"-{before}", f"+{after}"]) is passes


@pytest.mark.parametrize(
    ("before", "after", "passes"),
    [
        ('int.from_bytes(x, "big")', "int.from_bytes(x, )", True),
        ('int.from_bytes(x, "big", signed=True)', "int.from_bytes(x, signed=True)", True),
        ('x.to_bytes(2, "big") + y.to_bytes(2, "big")', 'x.to_bytes(2, "big") + y.to_bytes(2, )', True),
        ('int.from_bytes(x, "big", signed=True)', 'int.from_bytes(x, "big", )', False),
        ('int.from_bytes(x, "big")', 'int.from_bytes("big")', False),
        ('int.from_bytes(x, "big")', 'int.from_bytes(x, "XXbigXX")', False),
        ('int.from_bytes(x, "little")', "int.from_bytes(x, )", False),
    ],
)
def test_byte_orders(before, after, passes):
    assert mutants.changes_only_a_default([f"-{before}", f"+{after}"]) is passes


def test_a_literal_whose_changes_nobody_sees():
    def listed(after):
        mutant = mutants.Mutant("unlatch.a.x_b__mutmut_1", ('-    f(x, "", 1)', f"+    {after}"), "")
        return mutants.listing(mutant, {'""  ->  *': "read by nobody"})

    assert listed("f(x, None, 1)") == listed('f(x, "XXXX", 1)') == '""  ->  *'
    assert listed('f(x, "", 2)') is listed('f(None, "", 1)') is None


def test_the_list_is_of_parts_and_gives_reasons():
    listed = tomllib.loads(mutants.ALLOWED.read_text())
    assert listed.keys() <= mutants.PARTS.keys()
    for part in listed.values():
        for function, changes in part.items():
            assert function.startswith("unlatch.")
            assert all("  ->  " in change and len(reason.split()) > 3 for change, reason in changes.items())


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("unlatch.wire.der.x_read__mutmut_3", "unlatch.wire.der.read"),
        ("unlatch.wire.der.x__long_length__mutmut_12", "unlatch.wire.der._long_length"),
        ("unlatch.wire.der.xǁCursorǁnext__mutmut_1", "unlatch.wire.der.Cursor.next"),
        ("unlatch.wire.der.xǁCursorǁ__init____mutmut_1", "unlatch.wire.der.Cursor.__init__"),
    ],
)
def test_a_mutant_is_listed_by_function_and_change(name, function):
    before = ["def x_read__mutmut_orig(data):", "    return data[ 0]"]
    after = ["def x_read__mutmut_3(data):", "    return data[ 1]"]
    mutant = mutants.Mutant(name, mutants.difference(before, after), "")
    assert mutant.function == function
    assert mutant.change == "return data[ 0]  ->  return data[ 1]"


def test_every_test_that_a_part_runs_is_there():
    for _, tests in mutants.PARTS.values():
        assert all((ROOT / "tests" / test).exists() for test in tests)
