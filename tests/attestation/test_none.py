"""None: an empty map."""

from __future__ import annotations

import pytest

from attestation.ceremonies import Registration
from unlatch.attestation.statement import AttestationResult
from unlatch.codes import Code
from unlatch.terms import AttestationType


def test_an_empty_map():
    assert Registration().verify("none", {}) == AttestationResult(AttestationType.NONE)


@pytest.mark.parametrize("statement", [{"alg": -7}, {1: 1}, {"x5c": []}, [], None, b"", 0])
def test_anything_else(statement):
    Registration().malformed("none", statement, "", Code.ATTESTATION_STATEMENT)


def test_authenticator_data_without_a_credential():
    registration = Registration()
    object.__setattr__(registration.authenticator_data, "attested", None)
    with pytest.raises(Exception, match="not well-formed"):
        registration.verify("packed", {"alg": -7, "sig": b"1"})
