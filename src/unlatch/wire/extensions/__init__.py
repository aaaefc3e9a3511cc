"""WebAuthn and CTAP extensions: typed inputs for the options, typed outputs from the responses.

`inputs` is what a relying party asks, `outputs` what came back; `rules` says which ceremony takes which input, and
`shapes` what an output looks like. The other modules are the families that need more than a line: `prf`,
`large_blob`, `app_id`, `credential_protection`, `user_verification_methods`.

Client outputs are JSON and unsigned; authenticator outputs are CBOR inside the authenticator data and signed. They
are kept apart everywhere. The key of an input is not always the identifier of its output:
`credentialProtectionPolicy` comes back as `credProtect`. Extensions that are not known here pass through untouched.
"""
