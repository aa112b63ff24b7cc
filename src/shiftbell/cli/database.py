"""The database, ready for a command: Django set up, the tables as this version wants them.

A database that does not exist yet is made without asking. One that an older version made is left
alone until `shiftbell migrate`, since an upgrade is a moment an operator chooses and backs up for.
On SQLite all pending migrations are one transaction: a crash leaves the old tables whole, and of
two processes that start together one migrates while the other waits.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING

from shiftbell import config
from shiftbell.cli import logs
from shiftbell.errors import ShiftbellError

if TYPE_CHECKING:
    from django.db.migrations.executor import MigrationExecutor


def with_database() -> config.Settings:
    """Set Django up, make sure the tables are there, and return the settings.

    Raises ConfigError, or ShiftbellError where `shiftbell migrate` must run first.
    """
    values = set_up_django()
    executor = _executor()
    pending = _pending(executor)
    if pending and executor.loader.applied_migrations:
        raise ShiftbellError(
            "The database was made by an older version of Shiftbell.",
            hint="Stop Shiftbell, back the database up, then run `shiftbell migrate`.",
        )
    if pending:
        migrate()
    return values


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
    """Bring the tables up to date and return the names of the migrations that were applied."""
    from django.core.management import call_command
    from django.db import connection

    from shiftbell.store.transactions import write

    # SQLite ignores this pragma inside a transaction, and rebuilding tables needs it off.
    connection.disable_constraint_checking()
    try:
        with write():
            names = _pending(_executor())
            call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.enable_constraint_checking()
    return names


def _executor() -> MigrationExecutor:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    return MigrationExecutor(connection)


def _pending(executor: MigrationExecutor) -> list[str]:
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
