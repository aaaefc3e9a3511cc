"""What other relying parties refuse of honest ceremonies, row by row; `docs/explanation/interop.md` has each reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from recordings import Case

_RECENT = {-9, -51, -52, -19, -53}
_ML_DSA = {-48, -49, -50}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One judge refuses what we accept.

    Attributes:
        judge: Its name.
        reason: Why, as in the document.
        message: Regular expression for what it says.
        concerns: Which cases.
        always: False where it depends on the machine whether it refuses.
    """

    judge: str
    reason: str
    message: str
    concerns: Callable[[Case], bool]
    always: bool = True


def _uses(*algorithms: int) -> Callable[[Case], bool]:
    return lambda case: bool({case.algorithm, case.signed_with}.intersection(algorithms))


def _is(*attestations: str) -> Callable[[Case], bool]:
    return lambda case: case.attestation in attestations


def _android_without_root(case: Case) -> bool:
    return case.attestation == "android-key" and not case.root_in_chain


DISAGREEMENTS = (
    Disagreement(
        "py_webauthn",
        "it does not know ES384, ES256K, Ed448 and the fully specified algorithms of RFC 9864",
        r"Unsupported credential public key alg|Unrecognized EC2 signature alg|Unsupported public key",
        # A certificate's Ed25519 key it does verify, whatever the algorithm is called.
        lambda case: case.algorithm in {-35, -47} | _RECENT or case.signed_with in {-35, -47} | _RECENT - {-19},
    ),
    Disagreement("py_webauthn", "it has no compound", r'Unsupported attestation type "compound"', _is("compound")),
    Disagreement(
        "py_webauthn",
        "it takes the last certificate of an android-key chain for the root, which need not be there",
        r"Certificate chain could not be validated",
        _android_without_root,
    ),
    Disagreement(
        "python-fido2",
        "it does not know RS384, RS512, PS384 and PS512",
        r"not supported|Wrong algorithm of public key",
        _uses(-258, -259, -38, -39),
    ),
    Disagreement(
        "python-fido2",
        "it verifies neither android-key nor compound",
        r'Attestation format "(android-key|compound)" is not supported',
        _is("android-key", "compound"),
    ),
    Disagreement(
        "SimpleWebAuthn",
        "it does not know ES256K, Ed448 and the fully specified algorithms of RFC 9864",
        r"COSE crv value of 8|Could not map COSE alg value|invalid alg|unexpected namedCurve 1\.3\.132\.0\.10",
        _uses(-47, *_RECENT),
    ),
    Disagreement(
        "SimpleWebAuthn",
        "ML-DSA needs a node whose WebCrypto has it; node 20 has not",
        r"does not support use of ML-DSA",
        _uses(*_ML_DSA),
        always=False,
    ),
    Disagreement(
        "SimpleWebAuthn",
        "it reads no P-521 and no Ed25519 keys from certificates",
        r"unexpected namedCurve 1\.3\.132\.0\.35|unexpected algorithm ID 1\.3\.101\.112",
        lambda case: case.signed_with in {-36, -8} or (case.attestation == "android-key" and case.algorithm == -36),
    ),
    Disagreement(
        "SimpleWebAuthn",
        "it verifies every RSA key of a certificate with PKCS #1 v1.5, also where the algorithm is PS256",
        r"not verified",
        lambda case: case.signed_with in {-37, -38, -39},
    ),
    Disagreement(
        "SimpleWebAuthn",
        "it wants the root inside an android-key chain, where it need not be",
        r"x5c root certificate was not a known root certificate",
        _android_without_root,
    ),
    Disagreement(
        "SimpleWebAuthn",
        "it compares the android-key certificate with the credential as an EC point, so RSA keys never match",
        r"Credential public key does not equal leaf cert public key",
        lambda case: case.attestation == "android-key" and case.algorithm in {-257, -258, -259, -37, -38, -39},
    ),
    Disagreement("SimpleWebAuthn", "it has no compound", r"Unsupported Attestation Format: compound", _is("compound")),
)


def about(judge: str, case: Case) -> tuple[Disagreement, ...]:
    """The rows that say that this judge refuses this case."""
    return tuple(row for row in DISAGREEMENTS if row.judge == judge and row.concerns(case))
