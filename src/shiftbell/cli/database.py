"""The database, ready for a command: Django set up, the tables as this version wants them.

A database that does not exist yet is made without asking. One that an older version made is left
alone until `shiftbell migrate`, since an upgrade is a moment an operator chooses and backs up for.
One that a newer version or another program made is never touched.
On SQLite all pending migrations are one transaction: a crash leaves the old tables whole, and of
two processes that start together one migrates while the other waits.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING

from shiftbell import config
from shiftbell.cli import logs
from shiftbell.errors import ConfigError, ShiftbellError
from shiftbell.rules import whose_hours

if TYPE_CHECKING:
    from django.db.migrations.executor import MigrationExecutor


def with_database() -> config.Settings:
    """Set Django up, make sure the tables are there, and return the settings.

    Raises ConfigError, or ShiftbellError where `shiftbell migrate` must run first.
    """
    values = set_up_django()
    executor = _executor_for_ours()
    pending = _pending(executor)
    if pending and executor.loader.applied_migrations:
        raise ShiftbellError(
            "The database was made by an older version of Shiftbell.",
            hint="Stop Shiftbell, back the database up, then run `shiftbell migrate`.",
        )
    if pending:
        migrate()
    return values


def with_ringcentral() -> config.Settings:
    """Do the same for a command that speaks to RingCentral, once all it needs is there."""
    values = config.settings()
    config.require_ringcentral(values)
    config.senders(values)
    window = (values.send_from, values.send_until)
    whose_hours.require_hours(window, by_state=values.quiet_hours_by_state)
    logs.set_up(values)
    return with_database()


def with_senders(values: config.Settings, now: datetime) -> None:
    """Make sure there is a sender to queue texts for; a first `serve` makes them otherwise.

    Raises ConfigError where RingCentral's settings are missing, since nothing could ever leave.
    """
    from shiftbell.store.models import Sender
    from shiftbell.store.senders import sync_senders

    config.require_ringcentral(values)
    if not Sender.objects.filter(active=True).exists():
        sync_senders(config.senders(values), now)


def set_up_django() -> config.Settings:
    """Set Django up for this process and return the settings; the database is not touched."""
    import django
    from django.apps import apps

    values = config.settings()
    if not apps.ready:
        logs.set_up(values)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shiftbell.django_settings")
        django.setup()
    return values


def migrate() -> list[str]:
    """Bring the tables up to date and return the names of the migrations that were applied.

    Raises ConfigError or ShiftbellError where the database is not ours, or not ours any more.
    """
    from django.core.management import call_command
    from django.db import connection

    from shiftbell.store.transactions import write

    _executor_for_ours()
    # SQLite ignores this pragma inside a transaction, and rebuilding tables needs it off.
    connection.disable_constraint_checking()
    try:
        with write():
            names = _pending(_executor())
            call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.enable_constraint_checking()
    return names


def try_to_write() -> None:
    """Write what stands there already, so that a database that cannot be written is found now.

    Raises django.db.DatabaseError.
    """
    from django.db import connection

    from shiftbell.store.transactions import write

    # BEGIN IMMEDIATE alone does not tell: SQLite begins to read where it may not write.
    with write(), connection.cursor() as cursor:
        cursor.execute("PRAGMA user_version = 0")


def _executor_for_ours() -> MigrationExecutor:
    """Return the executor of a database that is empty or that this version may use."""
    from django.db import connection

    # The tables first: another process that makes ours makes all of them in one step.
    tables = connection.introspection.table_names()
    executor = _executor()
    applied, known = (
        {name for app, name in migrations if app == "shiftbell"}
        for migrations in (executor.loader.applied_migrations, executor.loader.disk_migrations)
    )
    file = config.settings().database_file
    if tables and not applied:
        raise ConfigError(
            f"DATABASE_URL: {file} holds tables of another program.",
            hint="Name a file of Shiftbell's own; it is made where there is none.",
        )
    # An older name that is not known was merged into another since.
    if max(applied, default="") > max(known):
        raise ShiftbellError(
            f"The database {file} was made by a newer version of Shiftbell.",
            hint="Install that version, or put back the backup from before it.",
        )
    return executor


def _executor() -> MigrationExecutor:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    return MigrationExecutor(connection)


def _pending(executor: MigrationExecutor) -> list[str]:
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
