"""The interface of webauthn-rp over the checks of this library: change the import lines, keep the rest.

```python
from unlatch.compat.webauthn_rp.backends import CredentialsBackend
from unlatch.compat.webauthn_rp.builders import CredentialCreationOptionsBuilder
from unlatch.compat.webauthn_rp.registrars import CredentialsRegistrar
```

docs/from-webauthn-rp.md says what is different.
"""

from unlatch.compat.webauthn_rp import (
    asn1,
    attesters,
    backends,
    builders,
    constants,
    converters,
    errors,
    parsers,
    registrars,
    types,
    utils,
    validators,
    verifiers,
)

__all__ = [
    "asn1",
    "attesters",
    "backends",
    "builders",
    "constants",
    "converters",
    "errors",
    "parsers",
    "registrars",
    "types",
    "utils",
    "validators",
    "verifiers",
]

#: The version whose interface this is.
__version__ = "0.0.11"
