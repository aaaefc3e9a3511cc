"""Credentials out of the tables that other libraries' users have, into our stores: their passkeys keep working.

```python
from unlatch.compat.importing import LAYOUTS, copy, read

with old_engine.connect() as connection:
    report = copy(read(connection, LAYOUTS["flask-htmx"], rp_id="example.org"), store)
```

`unlatch import` does the same from the command line.
"""

from unlatch.compat.importing.copying import Report, copy
from unlatch.compat.importing.layouts import LAYOUTS, Layout, read
from unlatch.compat.importing.rows import HandleForm, NotImportable, attested_credential_data, make_record

__all__ = [
    "LAYOUTS",
    "HandleForm",
    "Layout",
    "NotImportable",
    "Report",
    "attested_credential_data",
    "copy",
    "make_record",
    "read",
]
