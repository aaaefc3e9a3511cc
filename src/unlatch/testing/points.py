"""The named points of a ceremony at which exactly one value may be falsified.

A response is built in stages: client data, key, authenticator data, statement or signature, attestation object,
envelope. Each stage hands its value through its point, and everything after that point is computed honestly from what
comes out. So a changed origin is hashed and signed like a true one, and only the check of the origin can object.
"""

from __future__ import annotations

from enum import StrEnum


class Point(StrEnum):
    """Where a fault may strike, and the type of value that passes there.

    Registration and authentication pass the points that make sense for them; the format-specific ones
    (``TPM_*``, ``ANDROID_*``, ...) are passed when an attestation of that format is made.
    """

    # Both ceremonies
    CLIENT_DATA = "client-data"  # dict: the members, in the order of section 5.8.1.1
    CLIENT_DATA_JSON = "client-data-json"  # bytes: hashed after this point
    RP_ID = "rp-id"  # str: what is hashed into the authenticator data
    EXTENSION_OUTPUTS = "extension-outputs"  # dict: signed outputs, by identifier
    EXTENSION_BYTES = "extension-bytes"  # bytes | None: their CBOR
    AUTHENTICATOR_DATA = "authenticator-data"  # authenticator_data.Parts
    AUTHENTICATOR_DATA_BYTES = "authenticator-data-bytes"  # bytes
    SIGNER = "signer"  # keys.KeyPair: makes the statement's or the assertion's signature
    SIGNED = "signed"  # bytes: what it signs
    SIGNATURE = "signature"  # bytes: what it made
    CLIENT_OUTPUTS = "client-outputs"  # dict: clientExtensionResults
    RESPONSE = "response"  # dict: the response in its JSON form
    BODY = "body"  # bytes: that JSON as it is sent

    # Registration
    ALGORITHM = "algorithm"  # int: the algorithm that the authenticator picks
    CREDENTIAL_ID = "credential-id"  # bytes
    KEY = "key"  # dict: the COSE_Key
    KEY_BYTES = "key-bytes"  # bytes: its CBOR
    STATEMENT = "statement"  # dict, or list in compound: attStmt
    FORMAT = "format"  # str: fmt
    ATTESTATION_OBJECT = "attestation-object"  # dict
    ATTESTATION_OBJECT_BYTES = "attestation-object-bytes"  # bytes

    # Attestation certificates
    CERTIFIED_KEY = "certified-key"  # keys.KeyPair: the key in the leaf, where a format binds it to the credential
    ISSUER = "issuer"  # certificates.Authority: signs the leaf
    LEAF = "leaf"  # certificates.Template
    CHAIN = "chain"  # list[bytes]: x5c

    # Formats
    TPM_PUBLIC_AREA = "tpm-public-area"  # statements.tpm.PublicArea
    TPM_PUBLIC_AREA_BYTES = "tpm-public-area-bytes"  # bytes
    TPM_CERTIFY_INFO = "tpm-certify-info"  # statements.tpm.CertifyInfo
    TPM_CERTIFY_INFO_BYTES = "tpm-certify-info-bytes"  # bytes
    ANDROID_DESCRIPTION = "android-key-description"  # statements.android_key.KeyDescription
    SAFETYNET_HEADER = "safetynet-header"  # dict
    SAFETYNET_PAYLOAD = "safetynet-payload"  # dict
    SAFETYNET_RESPONSE = "safetynet-response"  # bytes: the JWS
    APPLE_NONCE = "apple-nonce"  # bytes
    U2F_PUBLIC_KEY = "u2f-public-key"  # bytes: 65-byte point inside the signed data
