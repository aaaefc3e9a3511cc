"""The migrations make the tables that the code expects."""

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from unlatch.server.engines import open_database_file
from unlatch.server.migrate import configuration, upgrade
from unlatch.server.schema import metadata


def test_the_migrations_lead_to_the_tables_of_the_code(tmp_path):
    engine = open_database_file(tmp_path)
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    upgrade(engine)
    engine.dispose()


def test_everything_of_a_person_goes_with_the_person():
    for table in metadata.sorted_tables:
        if "user_handle" in table.columns:
            (key,) = table.foreign_key_constraints
            assert key.referred_table.name == "users"
            assert key.ondelete == "CASCADE"


def test_the_migrations_can_be_taken_back(tmp_path):
    engine = open_database_file(tmp_path)
    upgrade(engine)
    with engine.begin() as connection:
        command.downgrade(configuration(connection), "base")
    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()
