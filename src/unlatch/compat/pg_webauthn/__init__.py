"""The functions of pg-webauthn as methods, over any database that SQLAlchemy reaches, with the checks of this library.

```python
webauthn = PgWebAuthn(engine, RelyingParty(id="example.org"))
webauthn.init_credential(challenge=challenge, user_name="ada", user_id=handle, ...)  # {"publicKey": ...}
```
"""

from unlatch.compat.pg_webauthn.functions import PgWebAuthn
from unlatch.compat.pg_webauthn.tables import challenges, metadata, users

__all__ = ["PgWebAuthn", "challenges", "metadata", "users"]
