"""A software authenticator, an emulated browser and a catalogue of faults, for the tests of relying parties.

Options JSON goes in, response JSON comes out, as with `navigator.credentials` in a page:

```python
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator

browser = EmulatedBrowser("https://example.org", SoftwareAuthenticator())
response = browser.create(options)                                         # honest
response = browser.create(options, fault="registration.challenge.other")   # wrong in one thing
```

Nothing here verifies: this package shares no judgement with the verifier that it helps to test.
"""

from unlatch.testing.authenticator import SoftwareAuthenticator, StoredCredential
from unlatch.testing.browser import EmulatedBrowser
from unlatch.testing.errors import ClientError
from unlatch.testing.faults.catalogue import FAULTS, ODDITIES, named
from unlatch.testing.faults.fault import Deviation, Fault, Need, Oddity, Rule
from unlatch.testing.points import Point

__all__ = [
    "FAULTS",
    "ODDITIES",
    "ClientError",
    "Deviation",
    "EmulatedBrowser",
    "Fault",
    "Need",
    "Oddity",
    "Point",
    "Rule",
    "SoftwareAuthenticator",
    "StoredCredential",
    "named",
]
