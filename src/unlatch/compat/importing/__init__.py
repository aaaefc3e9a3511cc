"""Credentials out of the tables that other libraries' users have, into our stores: their passkeys keep working.

```python
from unlatch.compat.importing import LAYOUTS, copy, read

with old_engine.connect() as connection:
    report = copy(read(connection, LAYOUTS["flask-htmx"], rp_id="example.org"), store)
```

`unlatch import` does the same from the command line.
"""

from typing import TYPE_CHECKING, Any

from unlatch.compat.importing.copying import Report, copy
from unlatch.compat.importing.forms import HandleForm, IdForm, NotImportable
from unlatch.compat.importing.layouts import LAYOUTS, Layout
from unlatch.compat.importing.rows import attested_credential_data, make_record

if TYPE_CHECKING:
    from unlatch.compat.importing.reading import read

__all__ = [
    "LAYOUTS",
    "HandleForm",
    "IdForm",
    "Layout",
    "NotImportable",
    "Report",
    "attested_credential_data",
    "copy",
    "make_record",
    "read",
]


def __getattr__(name: str) -> Any:
    """Load what needs SQLAlchemy when it is asked for: the app for Django reads tables without it."""
    if name == "read":
        from unlatch.compat.importing.reading import read

        return read
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
