"""Every Wycheproof vector through our own verifier, key decoding included.

Each group's public key is written as the COSE_Key that an authenticator would send, read by `decode_key`, and asked
about each signature. Wycheproof's answers are followed, with these decisions:

- `acceptable` occurs three times, for PKCS #1 v1.5 signatures whose DigestInfo lacks the NULL parameter. RFC 8017
  section 8.2.2 has verifiers compare with the one encoding that signers make, so they are refused.
- A key that cannot be a credential's is refused where it is read, whatever its signatures are worth; the groups in
  which that happens are listed below with the reason, and nothing else may be refused there.
- Vectors of ML-DSA with a context string are answered without it: COSE signatures (RFC 9964) have the empty context.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from unlatch.codes import Code
from unlatch.crypto.signatures import load_stored_key
from unlatch.errors import Malformed
from unlatch.wire import cbor
from unlatch.wire.cose import decode_key

FOLDER = Path(__file__).parent / "vectors" / "wycheproof"


@dataclass(frozen=True, slots=True)
class Suite:
    """One file of vectors: the algorithm that it is for, and how many vectors there are."""

    file: str
    algorithm: int
    vectors: int


SUITES = (
    Suite("ecdsa_secp256r1_sha256_test.json", -7, 484),
    Suite("ecdsa_secp256r1_sha256_test.json", -9, 484),
    Suite("ecdsa_secp384r1_sha384_test.json", -35, 504),
    Suite("ecdsa_secp384r1_sha384_test.json", -51, 504),
    Suite("ecdsa_secp521r1_sha512_test.json", -36, 542),
    Suite("ecdsa_secp521r1_sha512_test.json", -52, 542),
    Suite("ecdsa_secp256k1_sha256_test.json", -47, 476),
    Suite("ed25519_test.json", -8, 151),
    Suite("ed25519_test.json", -19, 151),
    Suite("ed448_test.json", -53, 87),
    Suite("mldsa_44_verify_test.json", -48, 180),
    Suite("rsa_pss_2048_sha256_mgf1_32_test.json", -37, 108),
    Suite("rsa_signature_2048_sha256_test.json", -257, 259),
    Suite("rsa_signature_2048_sha384_test.json", -258, 258),
    Suite("rsa_signature_2048_sha512_test.json", -259, 259),
)

#: (file, index of the group) of keys that no credential may have, and the code that says why.
REFUSED_KEYS: dict[tuple[str, int], Code] = {
    ("mldsa_44_verify_test.json", 1): Code.KEY_LENGTH,  # one byte short
    ("mldsa_44_verify_test.json", 2): Code.KEY_LENGTH,  # one byte long
    ("mldsa_44_verify_test.json", 24): Code.KEY_LENGTH,  # one byte long
    ("mldsa_44_verify_test.json", 25): Code.KEY_LENGTH,  # one byte short
}

#: The `acceptable` vectors by their comment, and how many there are.
ACCEPTABLE_REFUSED = {"Missing NULL in the ASN encoding": 3}


def load(file: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / file).read_text())
    return content


def cose_key(algorithm: int, group: dict[str, Any]) -> bytes:
    """The group's key as an authenticator writes it."""
    public = group["publicKey"]
    kind = group["type"]
    if kind == "EcdsaVerify":
        point = bytes.fromhex(public["uncompressed"])
        size = (public["keySize"] + 7) // 8
        assert len(point) == 1 + 2 * size
        crv = {"secp256r1": 1, "secp384r1": 2, "secp521r1": 3, "secp256k1": 8}[public["curve"]]
        return cbor.encode({1: 2, 3: algorithm, -1: crv, -2: point[1 : 1 + size], -3: point[1 + size :]})
    if kind == "EddsaVerify":
        crv = {"edwards25519": 6, "edwards448": 7}[public["curve"]]
        return cbor.encode({1: 1, 3: algorithm, -1: crv, -2: bytes.fromhex(public["pk"])})
    if kind == "MlDsaVerify":
        return cbor.encode({1: 7, 3: algorithm, -1: bytes.fromhex(public)})
    assert kind in ("RsassaPkcs1Verify", "RsassaPssVerify")
    modulus, exponent = (bytes.fromhex(public[name]).lstrip(b"\0") for name in ("modulus", "publicExponent"))
    return cbor.encode({1: 3, 3: algorithm, -1: modulus, -2: exponent})


def expected(test: dict[str, Any]) -> bool:
    """Wycheproof's answer, with our decisions."""
    if test["result"] == "acceptable":
        assert test["comment"] in ACCEPTABLE_REFUSED
        return False
    if test.get("ctx"):
        return False
    return bool(test["result"] == "valid")


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: f"{suite.file.removesuffix('_test.json')}{suite.algorithm}")
def test_every_vector(suite: Suite) -> None:
    content = load(suite.file)
    judged = 0
    wrong: list[str] = []
    for index, group in enumerate(content["testGroups"]):
        encoded = cose_key(suite.algorithm, group)
        reason = REFUSED_KEYS.get((suite.file, index))
        if reason is not None:
            for read in (decode_key, load_stored_key):
                with pytest.raises(Malformed) as caught:
                    read(encoded, "key")
                assert caught.value.code is reason
            assert all(test["result"] == "invalid" for test in group["tests"])
            judged += len(group["tests"])
            continue
        key = load_stored_key(encoded, "key")
        for test in group["tests"]:
            judged += 1
            answer = key.verifies(bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
            if answer is not expected(test):
                wrong.append(f"{test['tcId']} {test['comment']!r}: {answer}, Wycheproof says {test['result']}")
    assert wrong == []
    assert judged == content["numberOfTests"] == suite.vectors


def test_no_file_is_left_out() -> None:
    assert {suite.file for suite in SUITES} == {path.name for path in FOLDER.glob("*.json")}


def test_acceptable_vectors_are_those_that_we_decided_about() -> None:
    seen = Counter(
        test["comment"]
        for file in {suite.file for suite in SUITES}
        for group in load(file)["testGroups"]
        for test in group["tests"]
        if test["result"] == "acceptable"
    )
    assert seen == ACCEPTABLE_REFUSED
