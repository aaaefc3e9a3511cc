"""The functions of pg-webauthn, as methods, on the databases that serve more than one program (PG-7 to PG-11)."""

import pytest

from compat.pg_readme import follow_the_readme


@pytest.mark.parametrize(
    "engine",
    [
        pytest.param("postgresql_engine", marks=pytest.mark.needs("postgresql")),
        pytest.param("mariadb_engine", marks=pytest.mark.needs("mariadb")),
    ],
)
def test_the_readme(engine, request):
    follow_the_readme(request.getfixturevalue(engine))
