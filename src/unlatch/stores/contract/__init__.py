"""What every store must pass: two classes of tests, to be inherited by the tests of a store.

```python
import pytest
from unlatch.stores.contract import CeremonyStoreContract, CredentialStoreContract, blocking

class TestMyCredentials(CredentialStoreContract):
    @pytest.fixture
    def store(self):
        return MyCredentials(...)                   # empty, and safe to use from several threads

class TestMyAsyncCredentials(CredentialStoreContract):
    @pytest.fixture
    def store(self):
        with blocking() as block:
            yield block(lambda: MyAsyncCredentials(...))
```

The classes need nothing but the fixture `store`; any runner that passes it as an argument will do. They stand here
and not in `unlatch.testing`, because that package knows none of the values that a store keeps.
"""

from unlatch.stores.contract.ceremonies import CeremonyStoreContract
from unlatch.stores.contract.credentials import CredentialStoreContract
from unlatch.stores.contract.running import at_once, blocking
from unlatch.stores.contract.samples import NOW, full_record, sample_record, sample_state

__all__ = [
    "NOW",
    "CeremonyStoreContract",
    "CredentialStoreContract",
    "at_once",
    "blocking",
    "full_record",
    "sample_record",
    "sample_state",
]
