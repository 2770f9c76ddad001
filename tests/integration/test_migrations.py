"""Every database gets the shape that the tables say, on both kinds, and can go back."""

import importlib
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, inspect, text

from services.chassis.migrations import configuration, migrate, revisions
from services.chassis.tables import ChassisTable

SERVICES = sorted(
    path.parent.name for path in (Path(__file__).parents[2] / "services").glob("*/store*")
)


def metadata_of(service: str) -> list[MetaData]:
    """Returns the metadata of a service's own tables and of the chassis's."""
    store = importlib.import_module(f"services.{service}.store")
    if hasattr(store, "__path__"):  # a package keeps its tables in a file of their own
        store = importlib.import_module(f"services.{service}.store.tables")
    own = {
        id(value.metadata): value.metadata
        for value in vars(store).values()
        if isinstance(getattr(value, "metadata", None), MetaData)
        and value.metadata.tables
        and value.metadata is not ChassisTable.metadata
    }
    return [ChassisTable.metadata, *own.values()]


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_make_the_tables(any_database_url: str, service: str) -> None:
    migrate(any_database_url, service)
    migrate(any_database_url, service)  # a second start changes nothing

    engine = create_engine(any_database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        # Alembic takes several; its type says one.
        differences = compare_metadata(context, metadata_of(service))  # type: ignore[arg-type]
        known = set(context.get_current_heads())
    engine.dispose()

    assert [d for d in differences if not _is_version_table(d)] == []
    assert known == set(revisions(service))


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_can_be_undone(any_database_url: str, service: str) -> None:
    migrate(any_database_url, service)

    engine = create_engine(any_database_url)
    with engine.begin() as connection:
        config = configuration(service)
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        left = set(inspect(connection).get_table_names()) - {"alembic_version"}
    engine.dispose()

    assert left == set()


def test_a_database_of_a_newer_version_is_refused(database_url: str) -> None:
    migrate(database_url, "ingest")
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE alembic_version SET version_num = 'from_the_future'"
                " WHERE version_num LIKE 'ingest%'"
            )
        )
    engine.dispose()

    with pytest.raises(SystemExit, match="newer version"):
        migrate(database_url, "ingest")


def _is_version_table(difference: object) -> bool:
    return "alembic_version" in str(difference)
