"""`shiftbell migrate` brings the tables up to date; `shiftbell django …` is manage.py."""

from __future__ import annotations

import typer

from shiftbell.cli import database, terminal


def register(app: typer.Typer) -> None:
    """Add `migrate` and `django`."""
    app.command("migrate", rich_help_panel=terminal.SET_UP)(migrate)
    app.command(
        "django",
        rich_help_panel=terminal.SET_UP,
        add_help_option=False,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )(django)


def migrate(json: terminal.Json = False) -> None:
    """Bring the database's tables up to date; safe to repeat.

    Example: shiftbell migrate
    """
    values = database.set_up_django()
    applied = database.migrate()
    if json:
        terminal.say_json({"database": str(values.database_file), "applied": applied})
    elif applied:
        terminal.say(f"Migrated {values.database_file}: {', '.join(applied)}.")
    else:
        terminal.say(f"{values.database_file} is up to date.")


def django(context: typer.Context) -> None:
    """Run one of Django's own commands, as manage.py would.

    Example: shiftbell django shell
    """
    from django.core.management import execute_from_command_line

    database.set_up_django()
    execute_from_command_line(["shiftbell django", *context.args])
