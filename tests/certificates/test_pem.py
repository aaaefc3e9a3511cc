"""PEM or DER: what configuration gives, and where it is wrong."""

from __future__ import annotations

import base64

import pytest

from unlatch.codes import Code
from unlatch.crypto.pem import decode_pem
from unlatch.errors import Malformed

DER = b"\x30\x03abc"


def block(label: str = "CERTIFICATE", data: bytes = DER) -> str:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(data).decode()}-----END {label}-----\n"


def test_what_is_read():
    assert decode_pem(DER, "CERTIFICATE", "") == [DER]
    several = f"a word \udc80 before\n{block()}{block('X509 CRL', b'other')}{block(data=b'more' * 30)}"
    assert decode_pem(several, "CERTIFICATE", "") == [DER, b"more" * 30]
    assert decode_pem(several.encode("utf-8", "replace"), "X509 CRL", "") == [b"other"]


@pytest.mark.parametrize(
    ("item", "detail"),
    [
        (5, "int where"),
        ("", "neither DER nor a PEM block CERTIFICATE"),
        (b"\x31\x00", "neither"),
        (block("X509 CRL"), "neither"),
        (block().replace("MA", "M!"), "not base64"),
        (block().replace("MA", "=MA"), "not base64"),
        (block() + block().replace("MA", "M"), "not base64"),
    ],
)
def test_what_is_neither(item, detail):
    with pytest.raises(Malformed) as caught:
        decode_pem(item, "CERTIFICATE", "anchors[0]")
    assert (caught.value.code, caught.value.path) == (Code.CERTIFICATE, "anchors[0]")
    assert detail in caught.value.detail
